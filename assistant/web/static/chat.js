// The chat's page: what Gradio draws is made fit for screen readers, and the conversation outlives
// a reload. The modules add the sources, their previews, and what can be done with an answer.

import {
  closeConversations, forget, mountConversations, remember, resume,
} from "./conversations.js";
import { fillFromAddress, mountKeys } from "./keys.js";
import { turn } from "./look.js";
import { button, focusQuestion, mountVoice, text, type } from "./page.js";
import { close, mountPanel, refresh } from "./panel.js";
import { isPending, mountPending, settle, takeUp, unreachable, watched } from "./pending.js";
import { hide, mountPreview } from "./preview.js";
import { follow, tell } from "./reading.js";
import { furnish, mountTools } from "./tools.js";
import { translate } from "./translate.js";

// The conversation is kept in this tab alone, until it closes.
const query = new URLSearchParams(location.search);
const KEPT = `conversation ${query.get("name") ?? ""}`; // one for each widget of a page
let restored = false;
let stored = "";

function restore() {
  if (restored || !document.querySelector("#recalled textarea")) return;
  restored = true;
  let kept = "";
  try {
    kept = sessionStorage.getItem(KEPT) || "";
  } catch {
    return; // a browser may forbid it: then a reload starts anew
  }
  if (kept) type("recalled", kept);
  takeUp(kept);
}

function keep() {
  const box = document.querySelector("#memory textarea");
  if (!restored || !box || box.value === stored) return;
  stored = box.value;
  try {
    sessionStorage.setItem(KEPT, stored);
  } catch {
    // Forbidden or full: as above.
  }
  if (stored) remember(stored);
}

// The box has the keyboard from the start, unless the reader is somewhere already.
let focused = false;

function focusFirst() {
  if (focused || !document.querySelector("#question textarea")) return;
  focused = true;
  if (document.activeElement === document.body) focusQuestion();
}

// A new chat can be taken back for a while.
const UNDO_MS = 10_000;
let discarded = "";

function offerUndo() {
  document.getElementById("undo")?.remove();
  if (!discarded) return;
  const back = button(text("page.undo"), () => {
    back.remove();
    type("recalled", discarded);
    focusQuestion();
  }, { id: "undo" });
  document.getElementById("new-chat").after(back);
  setTimeout(() => back.remove(), UNDO_MS);
}

// What was said is only for who said it.
async function signOut(address) {
  forget();
  await fetch(address, { method: "POST" });
  location.replace("login");
}

// A question whose request does not get through is sent again, which Gradio does not know of. A
// session that is over shows in the first request that is refused: the page to sign in at comes
// instead of an answer that never would.
const fetched = window.fetch;
window.fetch = async (...given) => {
  const address = String(given[0]?.url ?? given[0]);
  const asks = address.includes("/queue/join");
  for (;;) {
    const response = await fetched.apply(window, given).catch((error) => {
      if (!asks || !isPending()) throw error;
      return null;
    });
    if (response === null || (asks && response.status >= 500 && isPending())) {
      await unreachable();
      if (!isPending()) throw new DOMException("It was stopped.", "AbortError");
      continue;
    }
    const ours = new URL(response.url).origin === location.origin;
    if (response.status === 401 && ours) location.reload();
    return response.ok && address.includes("/queue/data") ? watched(response) : response;
  }
};

// Gradio draws the messages anew as they grow, and labels them with their source text.
function tidy() {
  const mislabelled = "#chat [data-testid][aria-label], #chat .example[aria-label]";
  for (const part of document.querySelectorAll(mislabelled)) part.removeAttribute("aria-label");
  document.querySelector("#fold .label-wrap .icon")?.setAttribute("aria-hidden", "true");
  document.querySelector("#chat .examples[role=list]")?.removeAttribute("role"); // of no items
  const log = document.querySelector("#chat [role=log]");
  log?.setAttribute("aria-live", "off");
  const masthead = document.querySelector(".masthead");
  if (masthead?.lang) {
    document.documentElement.lang = masthead.lang;
    document.title = masthead.querySelector("h1").textContent;
    log?.setAttribute("aria-label", document.title);
    for (const link of masthead.querySelectorAll(".menu a")) link.removeAttribute("target");
    restore();
    fillFromAddress();
    focusFirst();
  }
  for (const day of document.querySelectorAll("#filters .day input[type=text]")) day.type = "date";
  refresh();
  furnish();
  follow();
  tell();
  translate();
}

let waiting = false;
const watching = new MutationObserver(() => {
  settle(); // at once: nothing is to be seen twice
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    tidy();
  });
});

// Gradio tells nobody when it changes the box; and a frame that goes away with the page around it
// may be too late when it hears so.
setInterval(keep, 500);
addEventListener("pagehide", keep);
document.addEventListener("visibilitychange", keep);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || hide() || close() || closeConversations()) return;
  for (const menu of document.querySelectorAll(".menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
// Before Gradio empties the chat.
document.addEventListener("click", (event) => {
  if (!event.target.closest("#new-chat")) return;
  discarded = document.querySelector("#chat .user-row") ? stored : "";
  resume(null);
  type("recalled", ""); // so that the same conversation can come back
  offerUndo();
}, true);
document.addEventListener("click", (event) => {
  if (event.target.closest(".look-switch")) {
    event.preventDefault();
    turn();
  }
  if (event.target.matches?.(".account a")) {
    event.preventDefault();
    signOut(event.target.href);
  }
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
mountVoice();
mountKeys();
mountPending();
mountConversations();
mountPanel();
mountPreview();
mountTools();
watching.observe(document.documentElement, { childList: true, subtree: true });

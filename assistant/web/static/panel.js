// The source of a citation, beside the chat. Without this script, a citation is a plain link to the
// quoted words in their article.

import { copy, make, text } from "./page.js";

export const panel = make("aside", { id: "panel", tabIndex: -1, hidden: true });
panel.setAttribute("aria-labelledby", "panel-title");

let shown = null; // the address of the open citation
let opener = null; // where the keyboard goes back to

const citations = (root) => [...root.querySelectorAll("a.cite")];
const same = (link) => link.href === shown;
const sources = new Map(); // what was fetched, by the address of the citation

// The quoted words in their article, as HTML. Throws when the server cannot give it.
export async function source(link) {
  if (!sources.has(link.href)) {
    const address = link.href.replace("/articles/", "/citations/").split("#")[0];
    const response = await fetch(`${address}&language=${document.documentElement.lang}`);
    if (response.status >= 500) throw new Error(response.statusText);
    sources.set(link.href, await response.text());
  }
  return sources.get(link.href);
}

function fill() {
  for (const link of citations(document)) {
    link.classList.toggle("on", same(link));
    if (same(link)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// A growing answer is drawn anew: its link is then another one with the same address.
function find(link) {
  if (!link || link.isConnected) return link;
  const chat = document.getElementById("chat");
  return chat && citations(chat).findLast((other) => other.href === link.href);
}

function tabs() {
  const answer = opener?.closest(".answer");
  const row = panel.querySelector(".tabs");
  if (!row || !answer) return;
  const links = citations(answer);
  if (links.length === row.childElementCount) return;
  row.replaceChildren(...links.map((link) => link.cloneNode(true)));
}

async function open(link) {
  if (!panel.contains(link)) opener = link;
  shown = link.href;
  fill();
  let content;
  try {
    content = await source(link);
  } catch {
    content = unreachable(link);
  }
  if (shown !== link.href) return; // another one was opened, or this one closed, meanwhile
  panel.innerHTML = content;
  tabs();
  fill();
  panel.hidden = false;
  document.body.classList.add("with-panel");
  panel.focus({ preventScroll: true });
  panel.scrollTop = 0;
  const mark = panel.querySelector("mark");
  if (mark && mark.offsetTop + mark.offsetHeight > panel.clientHeight) {
    panel.scrollTop = mark.offsetTop - 80;
  }
  find(opener)?.scrollIntoView({ block: "nearest" }); // the sheet may cover it
}

// What is shown where the source cannot be had: the chat stays, and the article is tried elsewhere.
function unreachable(link) {
  const article = make("a", { href: link.href, target: "_blank", textContent: text("page.article") });
  const close = make("button", { type: "button", className: "close", textContent: "×" });
  close.setAttribute("aria-label", text("page.close"));
  const told = make("p", { className: "alert", id: "panel-title", textContent: text("page.unread") });
  return make("div", {}, close, make("div", { className: "tabs" }), told, article).innerHTML;
}

// Whether there was one to close.
export function close() {
  if (!shown) return false;
  shown = null;
  find(opener)?.focus({ preventScroll: true });
  panel.hidden = true;
  document.body.classList.remove("with-panel");
  fill();
  return true;
}

// Brings the panel in line with a chat that was drawn anew.
export function refresh() {
  if (!shown) return;
  opener = find(opener);
  tabs();
  fill();
}

export function mountPanel() {
  document.body.append(panel);
  document.addEventListener("click", (event) => {
    if (event.target.closest("#new-chat, #panel .close")) close();
    const copying = event.target.closest("#panel button.link");
    if (copying) copy(shown, copying);
    const link = event.target.closest("a.cite");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
}

// Opens the source of a citation beside the chat. Without this script, a citation is a plain link
// to the quoted words in their article.
(() => {
  "use strict";

  const panel = document.createElement("aside");
  panel.id = "panel";
  panel.tabIndex = -1;
  panel.hidden = true;
  panel.setAttribute("aria-labelledby", "panel-title");

  let shown = null; // the address of the open citation
  let opener = null; // where the keyboard goes back to

  const citations = (root) => [...root.querySelectorAll("a.cite")];
  const same = (link) => link.href === shown;

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
      const address = link.href.replace("/articles/", "/citations/").split("#")[0];
      const response = await fetch(`${address}&language=${document.documentElement.lang}`);
      if (response.status >= 500) throw new Error(response.statusText);
      content = await response.text();
    } catch {
      location.assign(link.href); // the article itself is the next best thing, or says why not
      return;
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

  function close() {
    if (!shown) return;
    shown = null;
    panel.hidden = true;
    document.body.classList.remove("with-panel");
    fill();
    find(opener)?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("#new-chat, #panel .close")) close();
    const link = event.target.closest("a.cite");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  // The conversation outlives a reload and a change of language: in this tab alone, until it closes.
  const query = new URLSearchParams(location.search);
  const KEPT = `conversation ${query.get("name") ?? ""}`; // one for each widget of a page
  let restored = false;
  let stored = "";

  function restore() {
    const box = document.querySelector("#recalled textarea");
    if (restored || !box) return;
    restored = true;
    let kept = "";
    try {
      kept = sessionStorage.getItem(KEPT) || "";
    } catch {
      return; // a browser may forbid it: then a reload starts anew
    }
    if (!kept) return;
    box.value = kept;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function keep() {
    const box = document.querySelector("#memory textarea");
    if (!restored || !box || box.value === stored) return;
    try {
      sessionStorage.setItem(KEPT, (stored = box.value));
    } catch {
      // Forbidden or full: as above.
    }
  }

  // Gradio tells nobody when it changes the box; and a frame that goes away with the page around it
  // may be too late when it hears so.
  setInterval(keep, 500);
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", keep);

  // Gradio draws the messages anew as they grow, and labels them with their source text.
  function tidy() {
    const mislabelled = "#chat [data-testid][aria-label], #chat .example[aria-label]";
    for (const part of document.querySelectorAll(mislabelled)) part.removeAttribute("aria-label");
    const masthead = document.querySelector(".masthead");
    if (masthead?.lang) {
      document.documentElement.lang = masthead.lang;
      document.title = masthead.querySelector("h1").textContent;
      document.querySelector("#chat [role=log]")?.setAttribute("aria-label", document.title);
      for (const link of masthead.querySelectorAll("a[lang]")) link.removeAttribute("target");
      restore();
    }
    for (const day of document.querySelectorAll("#filters .day input[type=text]")) day.type = "date";
    if (!shown) return;
    opener = find(opener);
    tabs();
    fill();
  }

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      tidy();
    });
  }).observe(document.documentElement, { childList: true, subtree: true });

  const start = () => document.body.append(panel);
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();

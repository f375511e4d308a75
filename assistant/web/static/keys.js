// The keyboard, and links that ask: arrow up brings the last question back, "?" shows the keys,
// and `?q=` in the address fills the box.

import { button, focusQuestion, make, text, type } from "./page.js";

const KEYS = { Enter: "page.key.ask", "⇧ Enter": "page.key.line", "↑": "page.key.last",
  Esc: "page.key.close", "/": "page.key.focus", "?": "page.key.help" };

const writes = (target) => target.closest?.("input, textarea, select, [contenteditable]");

function help() {
  const open = document.getElementById("keys");
  if (open) return open.close();
  const rows = Object.entries(KEYS).flatMap(([key, what]) => [
    make("dt", {}, make("kbd", { textContent: key })), make("dd", { textContent: text(what) }),
  ]);
  const shown = make("dialog", { id: "keys" },
    make("h2", { textContent: text("page.keys"), id: "keys-title" }), make("dl", {}, ...rows),
    button(text("page.close"), () => shown.close()));
  shown.setAttribute("aria-labelledby", "keys-title");
  shown.addEventListener("close", () => shown.remove());
  document.body.append(shown);
  shown.showModal();
}

export function lastQuestion() {
  const last = [...document.querySelectorAll("#chat .user-row")].at(-1);
  return last?.querySelector(".message-content, .message")?.innerText.trim() ?? "";
}

let filled = false;

// Puts the question of the address into the box; it is asked by whoever reads it, not by the link.
export function fillFromAddress() {
  const asked = new URLSearchParams(location.search).get("q");
  if (filled || !asked || !document.querySelector("#question textarea")) return;
  filled = true;
  type("question", asked.slice(0, 2000));
  focusQuestion();
}

export function mountKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const box = document.querySelector("#question textarea");
    if (event.key === "ArrowUp" && event.target === box && !box.value && lastQuestion()) {
      event.preventDefault();
      type("question", lastQuestion());
    }
    if (writes(event.target)) return;
    if (event.key === "?") help();
    if (event.key === "/") {
      event.preventDefault();
      focusQuestion();
    }
  });
}

// How an answer that grows is read: what a screen reader is told, and where the page stands.

import { say } from "./page.js";

let telling = 0; // the number of the answer that grows, from 1; 0 for none
let told = 0; // how many of its parts were told
let waited = false; // whether it was told that there is something to wait for

// Tells each part of an answer once, when it is complete. Gradio's own region would begin anew with
// every part.
export function tell() {
  const answers = [...document.querySelectorAll("#chat .answer")];
  const last = answers.at(-1);
  const growing = last?.matches(".growing");
  if (growing && telling !== answers.length) {
    [telling, told, waited] = [answers.length, 0, false];
  }
  if (!last || telling !== answers.length) return;
  if (growing && last.matches(".notice")) {
    if (!waited) say(last.innerText);
    waited = true;
    return;
  }
  const parts = [...last.children].filter((part) => part.matches("p, blockquote"));
  const complete = growing ? parts.length - 1 : parts.length;
  for (; told < complete; told++) say(parts[told].innerText);
  if (!growing) telling = 0;
}

let following = null; // the number of rows of the chat when the question came; null for none
let followed = 0;

// Keeps the question of a growing answer at the top, so that it is read from its beginning; until
// the reader scrolls.
export function follow() {
  const rows = [...document.querySelectorAll("#chat .message-row")];
  const growing = rows.at(-1)?.querySelector(".growing");
  // An answer that came at once never grew; after a reload nothing was asked.
  const asked = growing || (followed && rows.length > followed);
  if (asked && followed !== rows.length) following = followed = rows.length;
  if (following !== rows.length) return;
  rows.findLast((row) => row.matches(".user-row"))?.scrollIntoView({ block: "start" });
  if (!growing) following = null;
}

for (const scrolls of ["wheel", "touchmove", "mousedown"]) {
  const leave = (event) => event.target.closest?.("#chat") && (following = null);
  addEventListener(scrolls, leave, { passive: true });
}

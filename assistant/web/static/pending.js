// A question is shown with a sign that it is looked for as soon as it is sent, whatever the network
// does; where the server cannot be reached it stays, and is sent again by itself.

import { make, say, text } from "./page.js";

const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000]; // then the last of them, again and again

const pending = make("div", { id: "pending" });
let before = 0; // how many messages the chat showed when it was sent
let tried = 0;

const messages = () => document.querySelectorAll("#chat .message-row").length;
const box = () => document.querySelector("#question textarea");

function show(question) {
  if (!question || pending.isConnected || document.querySelector("#chat .growing")) return;
  before = messages();
  tried = 0;
  const words = make("div", { className: "message user", textContent: question });
  const looking = make("p", { className: "lead", textContent: text("answer.looking") });
  pending.replaceChildren(
    make("div", { className: "asked" }, words),
    make("div", { className: "answer notice growing" }, looking),
  );
  document.querySelector("#chat .bubble-wrap").append(pending);
  document.body.classList.add("asking");
  pending.scrollIntoView({ block: "end" });
}

// Takes it away when the chat itself shows the question, or why it was not asked.
export function settle() {
  if (!pending.isConnected || messages() <= before) return;
  pending.remove();
  document.body.classList.remove("asking", "away");
}

export const isPending = () => pending.isConnected;

// Tells that nothing came of the request that asked; resolves when it is to be tried again.
export function unreachable() {
  if (!document.body.classList.contains("away")) say(text("page.away"));
  pending.querySelector(".lead").textContent = text("page.away");
  document.body.classList.add("away");
  pending.scrollIntoView({ block: "end" });
  return new Promise((again) => {
    setTimeout(again, WAITS_MS[Math.min(tried++, WAITS_MS.length - 1)]);
    addEventListener("online", again, { once: true });
  });
}

export function mountPending() {
  document.addEventListener("keydown", (event) => {
    const enters = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (enters && event.target === box()) show(box().value.trim());
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("#send")) show(box()?.value.trim());
    const example = event.target.closest("#chat .example");
    if (example) show(example.textContent.trim().split("\n").at(-1)); // its topic comes first
    if (event.target.closest("#new-chat, #stop") && pending.isConnected) {
      before = -1;
      settle();
    }
  }, true);
}

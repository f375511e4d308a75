// A question is shown with a sign that it is looked for as soon as it is sent, whatever the network
// does; where the server cannot be reached it stays, and is sent again by itself.

import { lastQuestion } from "./keys.js";
import { make, say, text, type } from "./page.js";

const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000]; // then the last of them, again and again
const GRACE_MS = 400; // from the end of a stream until its last state must have been drawn
const PATIENCE_MS = 5_000;
const UNFINISHED = "unfinished question"; // of this tab

const pending = make("div", { id: "pending" });
let before = 0; // how many messages the chat showed when it was sent
let tried = 0;
let left = false; // the reader stopped the answer, or began a new chat
let draft = ""; // what was typed meanwhile, when a question is asked anew

const pause = (ms) => new Promise((over) => setTimeout(over, ms));
const growing = () => document.querySelector("#chat .growing:not(#pending *)");
const messages = () => document.querySelectorAll("#chat .message-row").length;
const box = () => document.querySelector("#question textarea");

function show(question) {
  if (!question || pending.isConnected || growing()) return;
  before = messages();
  tried = 0;
  left = false;
  const words = make("div", { className: "message user", textContent: question });
  put(make("div", { className: "asked" }, words), waiting(text("answer.looking")));
  document.body.classList.add("asking");
}

function waiting(words) {
  const told = make("p", { className: "lead", textContent: words });
  return make("div", { className: "answer notice growing" }, told);
}

function put(...parts) {
  pending.replaceChildren(...parts);
  document.querySelector("#chat .bubble-wrap").append(pending);
  pending.scrollIntoView({ block: "end" });
}

// Takes it away when the chat itself shows the question, or why it was not asked.
export function settle() {
  if (!pending.isConnected || messages() <= before) return;
  pending.remove();
  document.body.classList.remove("asking", "away");
  if (draft) type("question", draft);
  draft = "";
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

// The stream of an answer, as Gradio reads it; one that breaks off is not the end of the question.
// Gradio itself aborts a stream that it needs no more.
export function watched(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let last = "";
  const body = new ReadableStream({
    async pull(to) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          last = decoder.decode(value, { stream: true });
          return to.enqueue(value);
        }
        to.close();
        if (!/process_completed|close_stream/.test(last)) setTimeout(askAnew, GRACE_MS);
      } catch (error) {
        to.error(error);
        if (error.name !== "AbortError") setTimeout(askAnew, GRACE_MS);
      }
    },
    cancel: (why) => reader.cancel(why),
  });
  const { status, headers } = response;
  return new Response(body, { status, headers });
}

// Tells that the answer broke off, and loads the page anew when the server can be reached: Gradio
// does not go on otherwise. `takeUp` asks the question again then.
async function askAnew() {
  if (!growing() || pending.isConnected || left) return;
  const question = lastQuestion();
  before = Infinity; // the chat shows the question already
  tried = 0;
  put(waiting(text("page.away")));
  do await unreachable();
  while (!left && !(await reachable()));
  if (left) return;
  try {
    sessionStorage.setItem(UNFINISHED, JSON.stringify({ question, draft: box().value }));
  } catch {
    // Then it has to be asked by hand.
  }
  location.reload();
}

async function reachable() {
  const response = await fetch("healthz").catch(() => null);
  return response?.ok;
}

// Asks the question whose answer broke off before the page was loaded anew, after the conversation
// `kept` has come back.
export async function takeUp(kept) {
  const unfinished = sessionStorage.getItem(UNFINISHED);
  sessionStorage.removeItem(UNFINISHED);
  if (!unfinished) return;
  const memory = () => document.querySelector("#memory textarea")?.value;
  for (let waited = 0; kept && !memory() && waited < PATIENCE_MS; waited += 50) await pause(50);
  const { question, draft: typed } = JSON.parse(unfinished);
  type("question", question);
  draft = typed;
  show(question);
  // Gradio takes the text over before the click that sends it.
  setTimeout(() => document.getElementById("send").click());
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
    if (!event.target.closest("#new-chat, #stop")) return;
    left = true;
    if (!pending.isConnected) return;
    before = -1;
    settle();
  }, true);
}

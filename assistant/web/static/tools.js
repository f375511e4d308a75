// What can be done with an answer: copy it, ask again, judge it, go on from it, save it all.

import { button, copy, focusQuestion, make, say, text, type } from "./page.js";
import * as transcript from "./transcript.js";

const FEEDBACK = new URL("../../feedback", import.meta.url);
const madeFor = new WeakMap(); // the HTML of the answer that a row of tools was made for

// Puts the tools under every answer that is complete; those for the last one are more.
export function furnish() {
  const rows = [...document.querySelectorAll("#chat .message-row")];
  const growing = document.querySelector("#chat .growing") !== null;
  reach();
  for (const row of rows) {
    const answer = row.querySelector(".answer");
    if (answer) furnishOne(row, answer, !growing && row === rows.at(-1));
    else if (!row.querySelector(".edit")) row.append(editing(row));
  }
  if (!growing) offer(rows);
}

// A table that is wider than its answer is scrolled with the keyboard, too.
function reach() {
  for (const table of document.querySelectorAll("#chat .answer table")) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
  }
}

function furnishOne(row, answer, last) {
  const state = `${last} ${answer.outerHTML.replace(/ class="cite[^>]*>/g, "")}`;
  const old = row.querySelector(":scope > .tools");
  if (old && madeFor.get(old) === state) return;
  const judged = old && madeFor.get(old).endsWith(state.replace(/^\w+ /, "")) && opinion(old);
  old?.remove();
  if (answer.matches(".growing") || !text("page.copy")) return;
  const tools = make("div", { className: "tools" });
  tools.setAttribute("role", "group");
  tools.setAttribute("aria-label", text("page.tools"));
  if (!answer.matches(".notice")) {
    const copied = (as) => (pressed) => copy(as(transcript.read(answer)), pressed);
    tools.append(
      named("page.copy", "page.copy.short", copied(transcript.asText), "copy"),
      named("page.markdown", "page.markdown.short", copied(transcript.asMarkdown), "copy"),
      button(text("page.share"), (pressed) => copy(link(row), pressed), { className: "share" }),
    );
  }
  if (last) tools.append(named("page.again", "page.again.short", askAgain, "again"));
  if (!answer.matches(".notice")) tools.append(judged || judging(row, answer));
  madeFor.set(tools, state);
  row.append(tools);
}

// A button with a short word, whose whole name is in its tip and told by screen readers.
function named(name, short, press, className) {
  const made = button(text(short), press, { className, title: text(name) });
  made.setAttribute("aria-label", text(name));
  return made;
}

// The question of the answer in `row`, as a link that puts it into the box of the chat.
function link(row) {
  const address = new URL("../../", import.meta.url);
  address.searchParams.set("q", transcript.question(row.previousElementSibling));
  return address.href;
}

// Puts a question into the box once more, to be changed and asked anew.
function editing(row) {
  const edit = () => {
    type("question", transcript.question(row));
    focusQuestion();
  };
  const made = button("", edit, { className: "edit", title: text("page.edit") });
  made.setAttribute("aria-label", text("page.edit"));
  return made;
}

const THUMBS = { up: "page.up", down: "page.down" };
const opinion = (tools) => tools.querySelector(":scope > .opinion");

function askAgain() {
  document.getElementById("again").click();
  focusQuestion();
}

function judging(row, answer) {
  const place = make("span", { className: "opinion" }, text("page.helpful"), " ");
  const given = { id: "" };
  const press = (thumb) => async (pressed) => {
    given.thumb = thumb;
    if (!(await send(row, answer, given, place))) return;
    for (const one of place.querySelectorAll("button.thumb")) {
      one.setAttribute("aria-pressed", one === pressed);
    }
    if (!place.querySelector("form")) place.append(reason(row, answer, given, place));
    place.querySelector("form input").focus();
  };
  for (const [thumb, label] of Object.entries(THUMBS)) {
    const made = button(text(label), press(thumb), { className: `thumb ${thumb}` });
    made.setAttribute("aria-label", `${text("page.helpful")} ${text(label)}`);
    made.setAttribute("aria-pressed", "false");
    place.append(made, " ");
  }
  return place;
}

function reason(row, answer, given, place) {
  const input = make("input", { type: "text", maxLength: 1000, placeholder: text("page.reason") });
  input.setAttribute("aria-label", text("page.reason"));
  const sending = make("button", { type: "submit", textContent: text("page.send") });
  const form = make("form", {}, input, sending);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    given.reason = input.value;
    if (!(await send(row, answer, given, place))) return;
    form.replaceWith(make("span", { textContent: text("page.thanks") }));
    focusQuestion();
  });
  return form;
}

// Whether the opinion was kept; if not, the place says so.
async function send(row, answer, given, place) {
  const said = transcript.read(answer);
  const body = {
    ...given,
    question: transcript.question(row.previousElementSibling).slice(0, 2000),
    answer: transcript.asText(said).slice(0, 20000),
    citations: said.citations.map(({ number, article, start, end }) => ({
      number,
      article,
      start,
      end,
    })),
    language: said.language,
  };
  place.querySelector(".unsent")?.remove();
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch(FEEDBACK, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(response.statusText);
    given.id = (await response.json()).id;
    say(text("page.thanks"));
    document.dispatchEvent(new Event("feedback"));
    return true;
  } catch {
    place.append(make("span", { className: "unsent", textContent: text("page.unsent") }));
    say(text("page.unsent"));
    return false;
  }
}

// Puts the questions to go on with under the last answer, if they were found for it.
function offer(rows) {
  const given = document.querySelector("#offers ul");
  const old = document.querySelector("#chat .next");
  const fits = given?.matches(`.after-${rows.length}`);
  const wanted = fits ? given.innerHTML : "";
  if (old && old.dataset.of === wanted && old.parentElement === rows.at(-1)) return;
  old?.remove();
  if (!fits) return;
  const pick = (pressed) => {
    type("question", pressed.textContent);
    focusQuestion();
    // Gradio takes the text over before the click that sends it.
    setTimeout(() => document.getElementById("send").click());
  };
  const chips = [...given.querySelectorAll("li")].map((one) => button(one.textContent, pick));
  const next = make("div", { className: "next" }, ...chips);
  next.dataset.of = wanted;
  next.setAttribute("role", "group");
  next.setAttribute("aria-label", text("page.next"));
  rows.at(-1).append(next);
}

const KINDS = {
  "#markdown": ["md", "text/markdown", transcript.conversationAsMarkdown],
  "#json": ["json", "application/json", transcript.conversationAsJson],
};

export function mountTools() {
  document.addEventListener("toggle", reach, { capture: true }); // of what is folded away
  document.addEventListener("click", (event) => {
    if (event.target.closest("#stop, #send, #chat .example")) focusQuestion();
    const link = event.target.closest(".export a");
    if (!link) return;
    link.closest("details").open = false;
    const [ending, kind, content] = KINDS[link.hash];
    const file = URL.createObjectURL(new Blob([content()], { type: `${kind};charset=utf-8` }));
    const name = `${text("page.file")}-${new Date().toISOString().slice(0, 10)}.${ending}`;
    event.preventDefault();
    make("a", { href: file, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(file), 60_000);
  });
}

// The chat of the widget: a conversation that stays in this tab, drawn from what the server sends.
// What only an answer needs is loaded when there is a first one.

import { framed, hear, keep, kept, recall, tell } from "./frame.js";
import { button, events, make, mountVoice, text } from "./page.js";

const find = (selector) => document.querySelector(selector);
const KEPT = `conversation ${new URLSearchParams(location.search).get("name") ?? ""}`;
const MOST_KEPT = 120_000; // characters, as the chat's page keeps of a conversation
const MOST_TURNS = 12;
const LONGEST_TURN = 4_000;
const MOST_EXAMPLES = 4; // more would not fit into a corner
const UNDO_MS = 10_000;
const POLL_MS = 1_000;

const box = find("#question textarea");
const list = find("#chat .message-wrap");
const empty = find("#chat .placeholder-content");
let said = []; // the messages, as the server sends them; a question is shown by its `text`
let asking = null; // what aborts the question that is being answered
let queued = null; // a question that came while another was answered
let given = {}; // what the page around says of the chat: greeting, questions, scope

const MODULES = ["clean", "asking", "reading", "panel", "preview", "tools", "translate"];
let loading = null;
let parts = null; // the modules, once they are there

function load() {
  loading ??= Promise.all(MODULES.map((name) => import(`./${name}.js`))).then((loaded) => {
    parts = Object.assign({}, ...loaded);
    parts.mountPanel();
    parts.mountPreview();
    parts.mountTools();
  }).catch(() => {
    loading = null; // the server cannot be reached: tried again when they are needed
  });
  return loading;
}

// Resolves when they are there, or `signal` stops it; `wait` is called while they cannot be had.
async function needed(wait, signal) {
  for (await load(); !parts && !signal?.aborted; await load()) {
    wait();
    await new Promise((go) => setTimeout(go, POLL_MS));
  }
}

// The conversation

function drawn(one) {
  if (one.role === "user") {
    const words = make("p", { className: "message-content", textContent: one.text });
    return make("div", { className: "message user" }, words);
  }
  const kind = one.text || one.language ? "" : "notice";
  const answer = make("div", {
    className: ["answer", kind, one.state].filter(Boolean).join(" "),
    ...(one.language && { lang: one.language }),
  });
  if (one.line) answer.append(make("p", { className: "lead", textContent: one.line }));
  else answer.append(parts.clean(one.html));
  return make("div", { className: "message bot" }, answer);
}

function draw() {
  said.forEach((one, place) => {
    const row = list.children[place] ?? list.appendChild(make("div"));
    if (row.said === one) return;
    row.said = one;
    row.className = `message-row ${one.role === "user" ? "user-row" : "bot-row"}`;
    row.querySelector(":scope > .message")?.remove();
    row.prepend(drawn(one));
  });
  while (list.childElementCount > said.length) list.lastElementChild.remove();
  empty.hidden = said.length > 0;
  find("#new-chat").hidden = !said.length;
  find("#note").hidden = said.length > 0;
  find("#send").hidden = !!asking;
  find("#stop").hidden = !asking;
  if (!parts) return;
  parts.refresh();
  parts.furnish();
  parts.follow();
  parts.tell();
  parts.translate();
}

// What was said, without what is still looked for, as much of it as is kept.
function whole() {
  const kept = said.filter((one) => !one.line);
  while (kept.length && JSON.stringify(kept).length > MOST_KEPT) kept.shift();
  return kept;
}

function store() {
  keep(KEPT, JSON.stringify(whole()));
}

function isMessage(one) {
  return ["user", "assistant"].includes(one?.role) && [one.html, one.text].every(
    (part) => typeof part === "string");
}

async function restore() {
  let before = [];
  try {
    before = JSON.parse(kept(KEPT) ?? "[]").filter(isMessage);
  } catch (error) {
    console.warn("A kept conversation cannot be read:", error);
  }
  if (!before.length || said.length) return;
  await needed(() => {});
  if (!said.length) said = before;
  draw();
}

// Asking

async function send(question, history = said) {
  if (!question.trim() || asking) return;
  asking = new AbortController();
  tell("ask");
  const shown = { role: "user", text: question.trim(), html: "" };
  const looking = { role: "assistant", text: "", line: text("answer.looking"), state: "growing" };
  said = [...history, shown, looking];
  find("#offers").replaceChildren();
  draw();
  const turns = history.filter((one) => one.text).slice(-MOST_TURNS);
  const body = JSON.stringify({
    question,
    history: turns.map(({ role, text: content }) => ({ role, content: content.slice(0, LONGEST_TURN) })),
    filters: chosen(),
  });
  const { signal } = asking;
  const wait = (line) => replace({ ...looking, line });
  try {
    await needed(() => wait(text("page.away")), signal);
    signal.throwIfAborted();
    draw();
    await parts.ask(body, signal, take, wait);
  } catch (error) {
    if (!signal.aborted) throw error;
    if (said.length) replace(stopped(said.at(-1))); // not if there is a new chat
  }
  end();
}

function take(name, content) {
  if (name === "put") said = [...said.slice(0, -2), content, said.at(-1)];
  else if (name === "said") {
    if (content.state !== "growing") end();
    replace(content);
    if (content.state !== "growing") {
      store();
      tell(list.lastElementChild.querySelector(".refusal") ? "refused" : "answer");
    }
  } else if (name === "next") {
    const items = content.map((one) => make("li", { textContent: one }));
    find("#offers").replaceChildren(make("ul", { className: `after-${said.length}` }, ...items));
    draw();
  } else {
    // Not asked: the question goes back into the box, to be changed.
    box.value ||= said.at(-2).text;
    replace(name === "refused" ? content : { ...said.at(-1), line: content, state: "" });
  }
}

function replace(newest) {
  said = [...said.slice(0, -1), newest];
  draw();
}

function end() {
  if (!asking) return;
  asking = null;
  draw();
  if (queued === null) return;
  setTimeout(send, 0, queued);
  queued = null;
}

function stopped(one) {
  const told = text("answer.stopped");
  if (!one.text) return { role: "assistant", text: "", line: told, state: "" };
  return { ...one, html: `${one.html}<footer class="about">${told}</footer>`, state: "complete" };
}

function again() {
  const place = said.findLastIndex((one) => one.role === "user");
  if (place >= 0) send(said[place].text, said.slice(0, place));
}

function submit() {
  const question = box.value;
  if (asking || !question.trim()) return;
  box.value = "";
  send(question);
}

// A new chat, which can be taken back for a while
function anew() {
  const before = said;
  asking?.abort();
  said = [];
  draw();
  store();
  const back = button(text("page.undo"), () => {
    back.remove();
    if (said.length) return;
    said = before;
    draw();
    store();
  }, { id: "undo" });
  find("#undo")?.remove();
  find("#row").append(back);
  setTimeout(() => back.remove(), UNDO_MS);
  box.focus();
}

// The conversation goes along into the chat's page.
function toFull(event) {
  if (!said.length) return;
  const opened = open(`embed/full?language=${document.documentElement.lang}`);
  if (!opened) return; // the link does without
  event.preventDefault();
  addEventListener("message", function give({ source, origin }) {
    if (source !== opened || origin !== location.origin) return;
    removeEventListener("message", give);
    opened.postMessage({ conversation: JSON.stringify(whole()) }, origin);
  });
}

// Which articles are asked

const fields = [...document.querySelectorAll("#choices :is(select, input)")];

function chosen() {
  const own = Object.fromEntries(fields.filter((one) => one.value).map((one) => [one.name, one.value]));
  return { ...own, ...given.scope };
}

function summarize() {
  const names = fields.filter((one) => one.value).map((one) =>
    one.selectedOptions ? one.selectedOptions[0].text : one.value);
  const scoped = Object.values(given.scope ?? {});
  const all = [...scoped, ...names].join(" · ");
  find("#filters summary").textContent = all
    ? text("filters.on").replace("{filters}", all) : text("filters");
  find("#clear-filters").hidden = !names.length;
}

function offerFilters(opened) {
  const fill = (name, entries) => {
    const field = fields.find((one) => one.name === name);
    const free = entries.length > 0 && !given.scope?.[name];
    field.closest("label").hidden = !free;
    const known = field.options?.length > 1;
    if (field.options && !known) field.append(...entries.map(([value, label]) => new Option(label, value)));
    return free;
  };
  const offered = [
    fill("language", Object.entries(opened.languages)),
    fill("source", opened.folders.map((one) => [one, one])),
    fill("after", opened.dated ? [[]] : []),
    fill("before", opened.dated ? [[]] : []),
  ];
  find("#filters").hidden = !offered.some(Boolean) && !given.scope;
  summarize();
}

// What there is before the first question

let opened = null;

function welcome() {
  const { greeting, questions } = given;
  if (!opened) return;
  find("#chat .welcome").textContent = (opened.ready && greeting) || opened.welcome;
  find("#chat .holds").textContent = opened.ready ? opened.library : "";
  const examples = questions?.length ? questions.map((question) => ({ question })) : opened.examples;
  const chips = examples.slice(0, MOST_EXAMPLES).map(({ topic, question }) => {
    const pick = () => {
      send(question);
      box.focus();
    };
    const chip = button(question, pick, { className: "example" });
    if (topic) chip.prepend(make("small", { className: "topic", textContent: topic }), " ");
    return chip;
  });
  find("#chat .examples").replaceChildren(...chips);
  empty.hidden = said.length > 0;
  offerFilters(opened);
}

// Is told until nothing changes any more by itself.
async function begin() {
  try {
    const response = await fetch(`embed/opening?language=${document.documentElement.lang}`);
    if (response.status === 401) location.reload();
    if (!response.ok) throw new Error(response.statusText);
    for await (const [, content] of events(response)) {
      opened = content;
      welcome();
    }
    if (!opened.changing) return;
  } catch {
    // The box is there all the same, and a question says what is wrong.
  }
  setTimeout(begin, 5 * POLL_MS);
}

// Questions about the page around: what they are about comes, and only into the box, after a click.
function offerAbout({ page, selection }) {
  const place = find("#about");
  const chip = (of) => button(text(of === "page" ? "page.about.page" : "page.about.selection"), () => tell("about", { of }));
  place.replaceChildren(...(page ? [chip("page")] : []), ...(selection ? [chip("selection")] : []));
}

hear((told) => {
  if (typeof told.color === "string" && CSS.supports("color", told.color)) {
    document.documentElement.style.setProperty("--brand", told.color);
    document.documentElement.classList.add("branded");
  }
  if (typeof told.placeholder === "string") box.placeholder = told.placeholder;
  if (typeof told.disclaimer === "string") find("#note").textContent = told.disclaimer;
  if (typeof told.kept === "string" && recall(told.kept)) restore();
  if (typeof told.fill === "string") {
    box.value = told.fill;
    box.focus();
  }
  if (told.about) offerAbout(told.about);
  if (told.focus) box.focus();
  if (typeof told.ask === "string") asking ? (queued = told.ask) : send(told.ask);
  given = { ...given, ...told };
  welcome();
});

box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
  const last = said.findLast((one) => one.role === "user");
  if (event.key === "ArrowUp" && !box.value && last) {
    event.preventDefault();
    box.value = last.text;
  }
});
box.addEventListener("input", load, { once: true });
find("#ask").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
find("#stop").addEventListener("click", () => asking?.abort());
find("#again").addEventListener("click", again);
find("#full").addEventListener("click", toFull);
find("#new-chat").addEventListener("click", anew);
find("#clear-filters").addEventListener("click", () => {
  for (const field of fields) field.value = "";
  summarize();
});
find("#choices").addEventListener("change", summarize);
document.addEventListener("click", (event) => event.target.closest("#chat a.cite") && tell("source"));
document.addEventListener("feedback", () => tell("feedback"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !parts?.hide() && !parts?.close()) tell("close");
});

mountVoice();
begin();
restore();
if (!framed) box.focus();
tell("alive");
tell("ready");

// The page of articles, for whoever may change them: put in, remove, restore, edit.

import { make } from "./page.js";

const ROOT = new URL("../../", import.meta.url);
const EVERY_MS = 700; // how often is asked whether a file has been read
const SYNC_EVERY_MS = 2000; // how often the bar of a sync is brought up to date

const intake = document.getElementById("intake");
const texts = JSON.parse(intake.dataset.texts);
const rows = intake.querySelector(".intake");
const drop = intake.querySelector(".drop");
const chosen = drop.querySelector("input");
const dialog = intake.querySelector("dialog");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function text(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// The JSON that an address of the interface answers with; fails with its message.
async function call(method, path, body) {
  let response;
  try {
    response = await fetch(new URL(path, ROOT), {
      method,
      headers: body && { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Error(text("editing.offline"));
  }
  const told = await response.json();
  if (!response.ok) throw new Error(told.error.message);
  return told;
}

// What became of something is told in a row: its name, words below it, and what can be done now.
function row(name) {
  const told = make("span");
  const bar = make("progress");
  bar.setAttribute("aria-label", name);
  const acts = make("div", { className: "acts" });
  const item = make("li", {}, make("bdi", { textContent: name }), told, bar, acts);
  rows.prepend(item);
  return {
    tell(words, ended = "", ...buttons) {
      told.textContent = words;
      item.className = ended;
      acts.replaceChildren(...buttons);
      if (ended) bar.remove();
      else item.insertBefore(bar, acts);
    },
    sent(share) {
      bar.value = share;
      if (share === 1) bar.removeAttribute("value");
    },
    fail(error) {
      this.tell(error.message, "failed");
    },
  };
}

function act(key, press) {
  const made = make("button", { type: "button", textContent: text(key) });
  made.addEventListener("click", press);
  return made;
}

// Sends a form, so that the row can show how much of it has arrived.
function send(form, to) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", new URL("api/articles", ROOT));
    request.responseType = "json";
    request.upload.onprogress = (event) => to.sent(event.loaded / event.total);
    request.onerror = () => fail(new Error(text("editing.offline")));
    request.onload = () => done({ status: request.status, told: request.response });
    request.send(form);
  });
}

async function putIn(name, fill, to = row(name), replace = false) {
  to.tell(text("editing.sending"));
  const form = new FormData();
  fill(form);
  form.append("folder", intake.dataset.folder);
  form.append("replace", replace);
  try {
    const { status, told } = await send(form, to);
    if (status === 409) {
      const again = act("editing.replace", () => putIn(name, fill, to, true));
      to.tell(told.error.message, "failed", again);
      return;
    }
    if (!told?.added?.length) throw new Error(told?.error?.message ?? text("editing.offline"));
    await follow(told.added[0].source, to);
  } catch (error) {
    to.fail(error);
  }
}

// Waits until a file has been read, and tells what was understood of it.
async function follow(source, to) {
  to.tell(text("editing.reading"));
  for (;;) {
    const file = await call("GET", `api/files?source=${encodeURIComponent(source)}`);
    if (file.state !== "waiting") {
      const undo = act("editing.remove", () => remove({ source, title: source }, to));
      if (file.state === "read") to.tell(understood(file.article), "read", undo);
      else to.tell(file.error, "failed", undo);
      refresh();
      return;
    }
    const status = await call("GET", "api/status");
    if (status.error && !status.syncing) throw new Error(status.error);
    await pause(EVERY_MS);
  }
}

function understood(article) {
  if (!article) return text("editing.read");
  const { lang } = document.documentElement;
  const language = lang === "en" ? "en-GB" : lang; // as the rest of the page writes its days
  const names = new Intl.DisplayNames(language, { type: "language" });
  const day = { dateStyle: "long", timeZone: "UTC" };
  return [
    article.title,
    article.language === "und" ? "–" : names.of(article.language),
    article.published
      ? new Intl.DateTimeFormat(language, day).format(new Date(article.published))
      : text("article.undated"),
    `${text("listing.passages")}: ${article.passages}`,
  ].join(" · ");
}

async function remove({ id, source, title }, to = row(title)) {
  const path = id ? `api/articles/${id}` : `api/files?source=${encodeURIComponent(source)}`;
  try {
    const { removed } = await call("DELETE", path);
    const undo = act("editing.undo", async () => {
      for (const one of removed) await restore({ id: one.id, title }, to);
    });
    to.tell(text("editing.removed"), "read", undo);
  } catch (error) {
    to.fail(error);
  }
  await settled();
}

async function restore({ id, title }, to = row(title)) {
  try {
    const { source } = await call("POST", `api/bin/${id}`);
    await follow(source, to);
  } catch (error) {
    to.fail(error);
  }
}

async function forget({ id, title }) {
  if (!confirm(text("editing.confirm", { source: title }))) return;
  const to = row(title);
  try {
    await call("DELETE", `api/bin/${id}`);
    to.tell(text("editing.deleted"), "read");
  } catch (error) {
    to.fail(error);
  }
  refresh();
}

function edit({ id, title, language, published }) {
  const form = dialog.querySelector("form");
  const before = { title, published, language };
  if (![...form.language.options].some((one) => one.value === language)) {
    form.language.append(make("option", { value: language, textContent: "–" }));
  }
  for (const [name, value] of Object.entries(before)) form[name].value = value;
  form.querySelector(".alert").textContent = "";
  dialog.returnValue = "";
  dialog.showModal();
  dialog.onclose = () => {
    const reset = { title: null, published: null, language: null };
    const given = Object.keys(before).filter((name) => form[name].value !== before[name]);
    const changes = Object.fromEntries(given.map((name) => [name, form[name].value || "none"]));
    if (dialog.returnValue === "reset") save(id, title, reset);
    else if (dialog.returnValue === "save" && given.length) save(id, title, changes);
  };
}

async function save(id, title, changes) {
  const to = row(title);
  try {
    const { sources } = await call("PATCH", `api/articles/${id}`, changes);
    for (const source of sources) await follow(source, to);
  } catch (error) {
    to.fail(error);
  }
}

// Shows the articles as they are now, once the library has followed.
async function settled() {
  let status;
  do {
    await pause(EVERY_MS);
    status = await call("GET", "api/status");
  } while (status.syncing);
  refresh();
}

async function refresh() {
  const open = [...document.querySelectorAll("#shown details[open]")].map((one) => one.id);
  const page = await (await fetch(location.href)).text();
  const fresh = new DOMParser().parseFromString(page, "text/html").getElementById("shown");
  if (!fresh) return;
  for (const id of open) fresh.querySelector(`#${id}`)?.setAttribute("open", "");
  document.getElementById("shown").replaceWith(document.adoptNode(fresh));
}

// The bar of a sync goes on by itself; the rest of the page is left alone.
async function followSync() {
  for (;;) {
    await pause(SYNC_EVERY_MS);
    if (!document.hidden && document.querySelector("#shown .sync")) await refreshSync();
  }
}

async function refreshSync() {
  const here = document.querySelector("#shown .sync");
  const page = await (await fetch(location.href)).text();
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("#shown .sync");
  if (!fresh) return refresh();
  const focused = here.contains(document.activeElement);
  here.replaceWith(document.adoptNode(fresh));
  if (focused) fresh.querySelector("button").focus();
}

async function pauseSync(paused) {
  await call("POST", "api/sync", { paused });
  await refreshSync();
}

let queue = Promise.resolve(); // one file after the other
function putFiles(files) {
  for (const file of files) {
    const to = row(file.name);
    to.tell(text("editing.waiting"));
    queue = queue.then(() => putIn(file.name, (form) => form.append("files", file), to));
  }
}

chosen.addEventListener("change", () => {
  putFiles(chosen.files);
  chosen.value = "";
});
for (const event of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(event, (dragged) => {
    if (!dragged.dataTransfer?.types.includes("Files")) return;
    dragged.preventDefault(); // the browser would open the file
    drop.classList.toggle("over", event === "dragover");
    if (event === "drop") putFiles(dragged.dataTransfer.files);
  });
}
intake.querySelector(".address").addEventListener("submit", (event) => {
  event.preventDefault();
  const address = event.target.address.value;
  event.target.reset();
  putIn(address, (form) => form.append("addresses", address));
});
const ACTS = {
  edit,
  remove,
  restore,
  delete: forget,
  pause: () => pauseSync(true),
  resume: () => pauseSync(false),
};
document.addEventListener("click", (event) => {
  const pressed = event.target.closest("#shown button[data-act]");
  if (pressed) ACTS[pressed.dataset.act](pressed.dataset);
});
followSync();

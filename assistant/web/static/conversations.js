// The conversations of before, kept in this browser alone: to come back to, find, name and delete.

import { button, focusQuestion, make, say, text, type } from "./page.js";

const MOST = 50;
const CURRENT = "conversation id"; // of this tab
const UNDO_MS = 10_000;
const OVER = matchMedia("(max-width: 1060px)"); // then it lies over the chat

const list = make("ul", {});
const search = make("input", { type: "search" });
const drawer = make("aside", { id: "conversations", hidden: true });

// Whoever signs in has their own; signing out forgets them.
const key = () => `conversations ${document.querySelector(".account")?.textContent ?? ""}`;

function all() {
  try {
    return JSON.parse(localStorage.getItem(key())) ?? [];
  } catch {
    return []; // forbidden, or not ours
  }
}

function write(conversations) {
  for (let kept = conversations.slice(0, MOST); ; kept = kept.slice(0, -1)) {
    try {
      localStorage.setItem(key(), JSON.stringify(kept));
      return;
    } catch {
      if (!kept.length) return; // forbidden; otherwise full, and the oldest goes
    }
  }
}

const current = () => {
  try {
    return sessionStorage.getItem(CURRENT);
  } catch {
    return null;
  }
};

// Makes the conversation `id` that of this tab; null for a new one.
export function resume(id) {
  try {
    if (id) sessionStorage.setItem(CURRENT, id);
    else sessionStorage.removeItem(CURRENT);
  } catch {
    // Then each question begins another.
  }
}

// Keeps the conversation of this tab, as the page writes it.
export function remember(kept) {
  let asked = "";
  try {
    asked = JSON.parse(kept)[0]?.text ?? "";
  } catch {
    return; // there is none
  }
  if (!asked) return;
  const id = current() ?? crypto.getRandomValues(new Uint32Array(2)).join("-");
  resume(id);
  const before = all();
  const known = before.find((one) => one.id === id);
  if (known?.kept === kept) return;
  const name = known?.name ?? asked.slice(0, 80);
  write([{ id, name, at: Date.now(), kept }, ...before.filter((one) => one.id !== id)]);
  if (!drawer.hidden) draw();
}

export function forget() {
  try {
    for (const one of Object.keys(localStorage)) {
      if (one.startsWith("conversations ")) localStorage.removeItem(one);
    }
  } catch {
    // Nothing could be kept.
  }
}

function open(one) {
  if (document.querySelector("#chat .growing")) return; // the answer would be lost
  resume(one.id);
  type("recalled", "");
  setTimeout(() => type("recalled", one.kept), 100);
  if (matchMedia("(max-width: 760px)").matches) toggle();
  focusQuestion();
}

function remove(one) {
  write(all().filter((other) => other.id !== one.id));
  if (one.id === current()) resume(null);
  draw();
  const back = button(text("page.conversations.undo"), () => {
    write([...all(), one].sort((a, b) => b.at - a.at));
    draw();
  }, { className: "back" });
  list.before(back);
  back.focus();
  say(text("page.conversations.deleted"));
  setTimeout(() => back.remove(), UNDO_MS);
}

function rename(one, row) {
  const field = make("input", { type: "text", value: one.name, maxLength: 80 });
  field.setAttribute("aria-label", text("page.conversations.rename"));
  const done = (name) => {
    field.onblur = null;
    if (name) write(all().map((other) => (other.id === one.id ? { ...other, name } : other)));
    draw();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") done(field.value.trim());
    if (event.key !== "Escape") return;
    event.stopPropagation();
    done("");
  });
  field.onblur = () => done(field.value.trim());
  row.replaceChildren(field);
  field.select();
}

// "Today", "Yesterday", or the date.
function dayOf(at) {
  const language = document.documentElement.lang;
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  const named = days < 2
    ? new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day")
    : new Date(at).toLocaleDateString(language, { dateStyle: "long" });
  return named.charAt(0).toLocaleUpperCase(language) + named.slice(1);
}

function draw() {
  drawer.querySelector(".back")?.remove();
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (one) => words.every((word) => `${one.name} ${one.kept}`.toLowerCase().includes(word));
  const found = all().filter(holds);
  let day = "";
  list.replaceChildren(...found.flatMap((one) => {
    const row = make("li", {});
    const opens = button(one.name, () => open(one), { className: "name" });
    if (one.id === current()) opens.setAttribute("aria-current", "true");
    const renames = button("✎", () => rename(one, row));
    renames.setAttribute("aria-label", `${text("page.conversations.rename")}: ${one.name}`);
    const deletes = button("×", () => remove(one));
    deletes.setAttribute("aria-label", `${text("page.conversations.delete")}: ${one.name}`);
    row.append(opens, renames, deletes);
    if (dayOf(one.at) === day) return row;
    day = dayOf(one.at);
    return [make("li", { className: "when", textContent: day }), row];
  }));
  if (!found.length) list.append(make("li", { className: "none", textContent: text("page.conversations.none") }));
}

function toggle() {
  drawer.hidden = !drawer.hidden;
  document.body.classList.toggle("with-conversations", !drawer.hidden);
  if (drawer.hidden) return focusQuestion();
  const name = text("page.conversations");
  drawer.setAttribute("aria-label", name);
  search.placeholder = text("page.conversations.search");
  search.setAttribute("aria-label", search.placeholder);
  draw();
  search.focus();
}

// Whether it was open.
export function closeConversations() {
  if (drawer.hidden) return false;
  toggle();
  return true;
}

export function mountConversations() {
  drawer.append(search, list, make("p", { className: "where" }));
  document.body.append(drawer);
  search.addEventListener("input", draw);
  document.addEventListener("click", (event) => {
    const beside = !drawer.hidden && OVER.matches && event.target.isConnected && !drawer.contains(event.target);
    if (!event.target.closest(".conversations-switch")) return beside && toggle();
    event.preventDefault();
    toggle();
    drawer.querySelector(".where").textContent = text("page.conversations.where");
  });
}

// Quotes in another language than the asker's, translated: by the browser's own model, which sends
// nothing anywhere, or else by the server if it has one. The original stays right under it.

import { button, make, say, text } from "./page.js";

const ALWAYS = "translate always";
const SERVES = "page.translates"; // there if the server has models
const SERVER = new URL("../../translations/", import.meta.url);
const made = new Map(); // by the words and the two languages: what is drawn anew is not asked anew

// Puts a button to every quote of complete answers that can be translated; presses it if that was
// wished for always.
export function translate() {
  if (!("Translator" in self) && !text(SERVES)) return;
  for (const quote of document.querySelectorAll("#chat .answer:not(.growing) blockquote[lang]")) {
    const target = quote.closest(".answer").lang;
    const foreign = target && target !== "und" && quote.lang !== "und" && quote.lang !== target;
    if (foreign && !quote.querySelector(".translation")) furnish(quote, target);
  }
}

function furnish(quote, target) {
  const shown = make("footer", { className: "translation", lang: target, dir: "auto" });
  const original = words(quote);
  shown.append(button(text("page.translate"), () => show(shown, quote, original, target)));
  quote.prepend(shown);
  if (always()) show(shown, quote, original, target);
}

async function show(shown, quote, original, target) {
  const pair = `${quote.lang} ${target} ${original}`;
  shown.setAttribute("aria-busy", "true");
  if (!made.has(pair)) made.set(pair, translated(quote, original, target));
  const found = await made.get(pair);
  shown.removeAttribute("aria-busy");
  if (!found) {
    made.delete(pair);
    shown.replaceChildren(text("page.untranslated"));
    return;
  }
  const differs = found.differs.length ? ` ${text("page.differs")} ${found.differs.join(", ")}` : "";
  const note = make("small", { textContent: `${text(found.by)}${differs}` });
  note.lang = document.documentElement.lang;
  const kept = make("input", { type: "checkbox", checked: always() });
  kept.addEventListener("change", () => keep(kept.checked));
  const wish = make("label", {}, kept, text("page.always"));
  shown.replaceChildren(make("p", { textContent: found.text }), note, wish);
  say(found.text);
}

async function translated(quote, original, target) {
  return (await byBrowser(quote.lang, original, target)) ?? (await byServer(quote, target));
}

async function byBrowser(source, original, target) {
  if (!("Translator" in self)) return null;
  try {
    const pair = { sourceLanguage: source, targetLanguage: target };
    const state = await within(5_000, Translator.availability(pair));
    // Rather the server's model than one that the browser would first have to download.
    if (state === "unavailable" || (state !== "available" && text(SERVES))) return null;
    const translator = await within(60_000, Translator.create(pair)); // it may be downloaded first
    const found = await within(20_000, translator.translate(original));
    return { text: found, differs: differing(original, found), by: "page.by.browser" };
  } catch {
    return null; // not in this frame, or the model cannot be had: the server may
  }
}

// What `promise` gives; some browsers have the interface and never an answer.
function within(ms, promise) {
  const late = new Promise((_, refuse) => setTimeout(refuse, ms, new Error("no translation")));
  return Promise.race([promise, late]);
}

async function byServer(quote, target) {
  const cited = quote.querySelector("a.cite");
  if (!text(SERVES) || !cited) return null;
  const [, article] = /articles\/([^?]+)/.exec(cited.href);
  const address = new URL(article, SERVER);
  const place = new URL(cited.href).searchParams;
  for (const name of ["start", "end"]) address.searchParams.set(name, place.get(name));
  address.searchParams.set("to", target);
  try {
    const response = await fetch(address);
    if (response.status !== 200) return null;
    const { translation, differs } = await response.json();
    return { text: translation, differs, by: "page.by.server" };
  } catch {
    return null;
  }
}

// The figures that only one of the two has: all that can be told here.
function differing(original, translation) {
  const figures = (words) => new Set((words.match(/\p{Nd}+/gu) ?? []).map(Number));
  const [here, there] = [figures(original), figures(translation)];
  const only = (some, others) => [...some].filter((figure) => !others.has(figure));
  return [...only(here, there), ...only(there, here)].map(String);
}

function words(quote) {
  const bare = quote.cloneNode(true);
  for (const other of bare.querySelectorAll("a.cite, footer")) other.remove();
  return bare.textContent.replace(/\s+/g, " ").trim();
}

function always() {
  try {
    return localStorage.getItem(ALWAYS) !== null;
  } catch {
    return false;
  }
}

function keep(wished) {
  try {
    if (wished) localStorage.setItem(ALWAYS, "");
    else localStorage.removeItem(ALWAYS);
  } catch {
    // A browser may forbid it: then it is not remembered.
  }
  if (wished) for (const one of document.querySelectorAll(".translation > button")) one.click();
}

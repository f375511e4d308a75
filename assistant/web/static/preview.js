// The quoted words of a citation in their paragraph, while it is pointed at or has the focus.

import { make } from "./page.js";
import { panel, source } from "./panel.js";

const OPENS_MS = 180;
const CLOSES_MS = 250; // long enough to move onto the preview
const APART = 8; // pixels between the preview, the citation and the edges of the window
const FADES = 28; // pixels at the end of a preview that are pale

const preview = make("div", { id: "preview" });
preview.setAttribute("role", "tooltip");
preview.setAttribute("popover", "manual");

let about = null; // the citation that is previewed or about to be
let timer = 0;

const citation = (target) => {
  const link = target instanceof Element ? target.closest("a.cite") : null;
  return link && !panel.contains(link) && !link.matches(".on") ? link : null;
};

async function show(link) {
  let content;
  try {
    content = await source(link);
  } catch {
    return; // opening it will say why
  }
  if (about !== link || !link.isConnected) return;
  const whole = make("template", { innerHTML: content }).content;
  const told = ["h2", ".about", ".hit"].flatMap((part) => [...whole.querySelectorAll(part)]);
  for (const part of told) part.removeAttribute("id");
  for (const original of told.flatMap((part) => [...part.querySelectorAll("a")])) {
    original.replaceWith(original.textContent); // a preview holds nothing to press
  }
  if (!whole.querySelector(".hit")) return;
  if (!preview.isConnected) (link.closest("main") ?? document.body).append(preview);
  preview.replaceChildren(make("div", {}, ...told.map(plain)));
  preview.showPopover();
  link.setAttribute("aria-describedby", "preview");
  place(link);
}

function plain(part) {
  const kind = part.matches("h2") ? "strong" : "p";
  const made = make(kind, { className: part.className, lang: part.closest("[lang]")?.lang ?? "" });
  made.append(...part.childNodes);
  made.dir = "auto";
  return made;
}

function place(link) {
  const at = link.getClientRects()[0];
  const { offsetWidth: width, offsetHeight: height } = preview;
  const left = Math.max(APART, Math.min(at.left - 24, innerWidth - width - APART));
  const below = at.bottom + APART;
  const above = at.top - APART - height;
  const top = below + height > innerHeight - APART && above >= APART ? above : below;
  preview.style.left = `${left}px`;
  preview.style.top = `${Math.max(APART, Math.min(top, innerHeight - height - APART))}px`;
  const mark = preview.querySelector("mark");
  const box = preview.firstElementChild;
  const toEnd = mark.offsetTop + mark.offsetHeight + FADES - box.clientHeight;
  box.scrollTop = Math.max(0, Math.min(toEnd, mark.offsetTop - FADES));
}

const isOpen = () => preview.isConnected && preview.matches(":popover-open");

// Whether there was one to hide.
export function hide() {
  clearTimeout(timer);
  about?.removeAttribute("aria-describedby");
  about = null;
  if (!isOpen()) return false;
  preview.hidePopover();
  return true;
}

function after(wait, what) {
  clearTimeout(timer);
  timer = setTimeout(what, wait);
}

function begin(link, wait) {
  if (about === link) {
    clearTimeout(timer);
    return;
  }
  hide();
  about = link;
  after(wait, () => show(link));
}

// The focus brings its citation into view, and the preview goes along; a wheel leaves it behind.
function moved(event) {
  if (preview.contains(event.target) || !isOpen()) return;
  if (about === document.activeElement) place(about);
  else hide();
}

export function mountPreview() {
  if (!preview.showPopover) return; // an older browser goes without
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return; // a finger opens the source itself
    const link = citation(event.target);
    if (link) begin(link, OPENS_MS);
    else if (preview.contains(event.target)) clearTimeout(timer);
    else if (about && document.activeElement !== about) after(CLOSES_MS, hide);
  });
  document.addEventListener("focusin", (event) => {
    const link = citation(event.target);
    const coming = link?.matches(":focus-visible") && !panel.contains(event.relatedTarget);
    if (coming) begin(link, 0);
    else hide();
  });
  document.addEventListener("click", hide, true);
  document.addEventListener("scroll", moved, true);
}

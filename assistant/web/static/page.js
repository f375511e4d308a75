// What the modules share: the page's texts, the server's events, the clipboard, and what a screen
// reader is told.

let texts = null;

// A text in the reader's language; "" until the page has them.
export function text(key) {
  const box = document.querySelector("#texts textarea"); // in a page of Gradio's
  const given = box ? box.value : document.getElementById("texts")?.textContent;
  if (!texts && given) texts = JSON.parse(given);
  return texts?.[key] ?? "";
}

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function button(label, press, properties = {}) {
  const made = make("button", { type: "button", textContent: label, ...properties });
  made.addEventListener("click", () => press(made));
  return made;
}

// The name and content of each event of a response, as it comes.
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const [name, data] = part.split("\n");
      yield [name.slice("event: ".length), JSON.parse(data.slice("data: ".length))];
    }
  }
}

const spoken = make("div", { className: "unseen" });
spoken.setAttribute("role", "log");
spoken.setAttribute("aria-live", "polite");
const REMEMBERED = 30;

export function mountVoice() {
  document.body.append(spoken);
}

// Has a screen reader say something when it has finished what it is saying.
export function say(words) {
  spoken.append(make("p", { textContent: words }));
  while (spoken.childElementCount > REMEMBERED) spoken.firstChild.remove();
}

// Copies what is in plain text, and says so on the button that asked for it.
export async function copy(words, pressed) {
  const done = (await toClipboard(words)) ? "page.copied" : "page.uncopied";
  pressed.dataset.label ??= pressed.textContent;
  pressed.dataset.name ??= pressed.getAttribute("aria-label") ?? "";
  pressed.textContent = text(done);
  pressed.removeAttribute("aria-label");
  say(text(done));
  clearTimeout(pressed.timer);
  pressed.timer = setTimeout(() => {
    pressed.textContent = pressed.dataset.label;
    if (pressed.dataset.name) pressed.setAttribute("aria-label", pressed.dataset.name);
  }, 2000);
}

async function toClipboard(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return throughSelection(words); // without https, browsers have no other way
  }
}

function throughSelection(words) {
  const focused = document.activeElement;
  const box = make("textarea", { value: words, className: "unseen" });
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

// Gives a value to one of Gradio's text boxes as if it had been typed.
export function type(id, value) {
  const box = document.querySelector(`#${id} textarea`);
  box.value = value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

export function focusQuestion() {
  document.querySelector("#question textarea")?.focus({ preventScroll: true });
}

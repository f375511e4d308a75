// Puts the chat on any page: a launcher in the corner, or a chat inside an element of the page.
// One script tag, one chat. The chat itself is a frame, which is not loaded before it is opened.
(() => {
  "use strict";
  const STYLE = ""; // the server fills in widget.css,
  const WORDS = {}; // and the texts of each language

  const script = document.currentScript;
  const { title, greeting, language, color, position, theme, open: opened, target } = script.dataset;
  const base = script.src.replace(/\/widget\.js.*/, "");
  const origin = new URL(base).origin;
  const code = [language, document.documentElement.lang, ...navigator.languages]
    .map((tag) => (tag || "").slice(0, 2).toLowerCase())
    .find((tag) => tag in WORDS) || "en";
  const words = WORDS[code];
  const named = title || words.title;
  const small = matchMedia("(max-width: 480px), (max-height: 480px)");
  const ALIVE_MS = 2000; // from the frame's load until it must have said that it is ours
  const PATIENCE_MS = 30000; // for a server that accepts the connection and never answers

  const api = (window.ArticleAssistant ??= Object.assign(new EventTarget(), {
    widgets: [], // those in a corner first
    open: (question) => api.widgets[0]?.open(question),
    close: () => api.widgets.forEach((widget) => widget.close()),
  }));
  const corners = api.widgets.filter((widget) => !widget.inline);
  const name = target || `corner ${corners.length + 1}`;

  function make(tag, attributes = {}, ...children) {
    const vector = tag === "svg" || tag === "path";
    const made = vector
      ? document.createElementNS("http://www.w3.org/2000/svg", tag)
      : document.createElement(tag);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...children);
    return made;
  }

  const icon = (kind, size, ...lines) =>
    make("svg", { class: kind, viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": true },
      ...lines.map((d) => make("path", { d })));

  const heading = make("h2", { id: "title", dir: "auto" }, named);
  const close = make("button", { type: "button", class: "close", "aria-label": words.close },
    icon("", 20, "M6 6l12 12M18 6L6 18"));
  const head = make("div", { class: "head" }, heading);
  const body = make("div", { class: "body" });
  const panel = make(target ? "section" : "dialog", { class: "panel", "aria-labelledby": "title" },
    head, body);
  const launcher = make("button", {
    type: "button", class: "launcher", "aria-label": named, "aria-haspopup": "dialog",
    "aria-expanded": false, title: named,
  }, icon("ask", 28, "M12 3.5c5 0 9 3.4 9 7.7s-4 7.7-9 7.7c-1 0-2-.1-2.900-.4L4.500 20.500l.9-3.600"
      + "C3.900 15.500 3 13.500 3 11.200 3 6.900 7 3.500 12 3.500z",
    "M9.800 9.200c.2-1.200 1.100-1.900 2.200-1.900 1.300 0 2.200.8 2.200 2 0 1.600-2.200 1.800-2.200 3.300M12 15.200v.01"),
  icon("fold", 28, "M6 9.500l6 6 6-6"));
  const spoken = make("div", { class: "spoken", role: "status" });

  let frame = null;
  let ready = false; // the question box can be used
  let alive = false; // the frame has said that it is ours
  let failed = false;
  let timer = 0;
  let asked = null; // a question to be asked when it is ready
  let wanted = false; // the keyboard is to go into the chat when it is ready

  const shown = () => !!target || panel.open;
  const send = (what) => frame.contentWindow.postMessage({ articleAssistant: what }, origin);
  const tell = (what) => api.dispatchEvent(new CustomEvent(what, { detail: widget }));

  // What this tab keeps for the next page. A page may not be allowed to: then that begins anew.
  function keep(what, value) {
    try {
      sessionStorage.setItem(`article-assistant ${what} ${name}`, value);
    } catch {}
  }

  function kept(what) {
    try {
      return sessionStorage.getItem(`article-assistant ${what} ${name}`);
    } catch {}
  }

  function state(...content) {
    body.querySelector(".state")?.remove();
    if (content.length) body.prepend(make("div", { class: "state", role: "status" }, ...content));
  }

  function load() {
    const query = new URLSearchParams({ language: code, name, origin: location.origin });
    if (theme === "light" || theme === "dark") query.set("__theme", theme);
    ready = alive = failed = false;
    state(words.loading);
    frame?.remove();
    // Inert: a chat that is still loading must not take the focus from the page.
    frame = make("iframe", {
      title: named, inert: "", allow: "clipboard-write; translator", referrerpolicy: "no-referrer",
      src: `${base}/embed?${query}`, ...(target && { loading: "lazy" }),
    });
    frame.addEventListener("load", () => {
      if (!alive) timer = setTimeout(fail, ALIVE_MS);
    });
    if (!target) timer = setTimeout(fail, PATIENCE_MS);
    body.append(frame);
  }

  // A frame that was refused looks like any other from outside: it only never says a word. A
  // preload tells whether the server answers at all, where the page's policy may forbid to fetch.
  function fail() {
    if (alive || failed) return;
    const probe = make("link", { rel: "preload", as: "script", href: `${base}/widget.js?${Date.now()}` });
    probe.nonce = script.nonce;
    const told = (text, help) => {
      probe.remove();
      if (!alive && !failed) give(text, help);
    };
    probe.onload = () => told(words.denied, `this page may not show ${base}. To allow it, add `
      + `${location.origin} to ASSISTANT_ALLOWED_ORIGINS where the assistant runs and start it again.`);
    probe.onerror = () => told(words.unreachable, `${base} does not answer. Is it running, and can `
      + "this browser reach it?");
    document.head.append(probe);
  }

  function give(text, help) {
    clearTimeout(timer);
    failed = true;
    console.error(`Article assistant: ${help}`);
    const again = make("button", { type: "button", class: "again" }, words.retry);
    again.onclick = load;
    state(make("p", {}, text), again);
    if (wanted) again.focus();
  }

  document.addEventListener("securitypolicyviolation", (event) => {
    if (!frame || ready || failed || event.disposition !== "enforce") return;
    if (event.effectiveDirective !== "frame-src" || !event.blockedURI.startsWith(origin)) return;
    give(words.denied, "the Content-Security-Policy of this page forbids the frame. To allow it, add "
      + `${origin} to its frame-src.`);
  });

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
    const what = event.data?.articleAssistant;
    if (what === "login") {
      // Somebody has to sign in first; then the chat comes, and says that it is alive and ready.
      alive = true;
      clearTimeout(timer);
      state();
      frame.inert = false;
      if (wanted) frame.focus();
    } else if (what === "alive") {
      alive = true;
      clearTimeout(timer);
      send({ greeting, color, kept: kept("talk") });
    } else if (what === "ready" && !ready) {
      ready = true;
      state();
      frame.inert = false;
      if (wanted) focus();
      if (asked !== null) send({ ask: asked });
      asked = null;
    } else if (what === "answer") {
      if (!shown()) launcher.classList.add("news");
      spoken.textContent = shown() ? "" : words.answered;
      tell("answer");
    } else if (what === "keep") {
      keep("talk", event.data.kept);
    } else if (what === "close" && panel.open) {
      widget.close();
    }
  });

  function focus() {
    wanted = !ready;
    if (!ready) return (body.querySelector(".again") || close).focus();
    frame.focus();
    send({ focus: true });
  }

  // ``quietly``: opened by the page rather than by the visitor, so the focus stays where it is.
  function show(quietly) {
    if (!frame) load();
    if (!shown()) {
      launcher.setAttribute("aria-expanded", true);
      launcher.classList.remove("news");
      spoken.textContent = "";
      if (quietly) panel.setAttribute("open", "");
      else if (small.matches) panel.showModal();
      else panel.show();
      keep("state", "open");
      tell("open");
    }
    if (!quietly) focus();
  }

  const widget = {
    name,
    inline: !!target,
    open(question) {
      if (question !== undefined) asked = String(question);
      if (target) root.host.scrollIntoView({ block: "nearest" });
      show(false);
      if (ready && asked !== null) {
        send({ ask: asked });
        asked = null;
      }
    },
    close() {
      if (target || !panel.open) return;
      const inside = root.activeElement && panel.contains(root.activeElement);
      panel.close();
      wanted = false;
      launcher.setAttribute("aria-expanded", false);
      if (inside) launcher.focus();
      keep("state", "closed");
      tell("close");
    },
  };

  const host = make("div");
  // The page's own styles lose against these, even those that are important.
  host.style.cssText = "all: initial !important; display: block !important";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  const wrap = make("div", { class: `widget ${target ? "inline" : "floating"} ${theme || ""}`, lang: code });
  if (CSS.supports("color", color || "")) wrap.style.setProperty("--color", color);

  function place() {
    if (target) {
      const into = document.querySelector(target);
      if (!into) return console.error(`Article assistant: no element is ${target} (data-target).`);
      host.style.setProperty("height", "100%", "important");
      wrap.append(panel, spoken);
      into.append(host);
      load();
    } else {
      const rightToLeft = getComputedStyle(document.documentElement).direction === "rtl";
      const left = position ? position === "left" : rightToLeft;
      wrap.classList.toggle("left", left);
      const below = corners.filter((other) => other.left === left).length;
      wrap.style.setProperty("--lift", `${72 * below}px`);
      widget.left = left;
      head.append(close);
      wrap.append(make("aside", { "aria-label": named }, launcher, panel, spoken));
      document.documentElement.append(host);
    }
    root.append(wrap);
    const before = kept("state");
    if (!target && !small.matches && (before ? before === "open" : opened !== undefined)) show(true);
  }

  launcher.onclick = () => (panel.open ? widget.close() : widget.open());
  close.onclick = () => widget.close();
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") widget.close();
  });
  panel.addEventListener("cancel", (event) => {
    event.preventDefault();
    widget.close();
  });

  api.widgets.splice(target ? api.widgets.length : corners.length, 0, widget);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
  else place();
})();

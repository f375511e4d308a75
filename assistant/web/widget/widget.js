// Puts the chat on any page: a launcher in the corner, or a chat inside an element of the page.
// The chat itself is a frame, which is not loaded before it is opened.
(() => {
  "use strict";
  const STYLE = ""; // the server fills in widget.css,
  const WORDS = {}; // and the texts of each language

  const script = document.currentScript;
  const base = script.src.replace(/\/widget\.js.*/, "");
  const origin = new URL(base).origin;
  const small = matchMedia("(max-width: 480px), (max-height: 480px)");
  const ALIVE_MS = 2000; // from the frame's load until it must have said that it is ours
  const PATIENCE_MS = 30000; // for a server that accepts the connection and never answers
  const LONGEST_SELECTION = 600;

  const api = (window.ArticleAssistant ??= Object.assign(new EventTarget(), {
    widgets: [], // those in a corner first
    open: (asked) => api.widgets[0]?.open(asked),
    close: () => api.widgets.forEach((widget) => widget.close()),
    update: (changes) => api.widgets.forEach((widget) => widget.update(changes)),
    destroy: () => [...api.widgets].forEach((widget) => widget.destroy()),
  }));

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
  const length = (value) => (/^\d+$/.test(value) ? `${value}px` : value);

  // `given` are the attributes of the script tag or of an `<article-assistant>`, which is `into`.
  function mount(given, into) {
    const { target } = given;
    const inline = !!(target || into);
    const corners = api.widgets.filter((widget) => !widget.inline);
    const name = given.name || target || (into
      ? `element ${api.widgets.length - corners.length + 1}`
      : `corner ${corners.length + 1}`);
    const code = [given.language, document.documentElement.lang, ...navigator.languages]
      .map((tag) => (tag || "").slice(0, 2).toLowerCase())
      .find((tag) => tag in WORDS) || "en";
    const words = WORDS[code];
    const ending = new AbortController();
    const listen = (on, what, act) => on.addEventListener(what, act, { signal: ending.signal });

    const tool = (label, press, ...lines) => {
      const made = make("button", { type: "button", class: "tool", "aria-label": label, title: label },
        icon("", 20, ...lines));
      made.onclick = press;
      return made;
    };
    const logo = make("img", { class: "logo", alt: "" });
    const heading = make("h2", { id: "title", dir: "auto" });
    const full = make("a", {
      class: "tool", href: `${base}/?language=${code}`, target: "_blank", rel: "noopener",
      "aria-label": words.full, title: words.full,
    }, icon("", 20, "M14 4h6v6M20 4l-9 9M18 14v5H5V6h5"));
    const larger = tool(words.larger, () => {
      const large = panel.classList.toggle("large");
      larger.setAttribute("aria-pressed", large);
    }, "M9 20H4v-5M15 4h5v5M4 20l7-7M20 4l-7 7");
    const close = tool(words.close, () => widget.close(), "M6 6l12 12M18 6L6 18");
    close.classList.add("close");
    const head = make("div", { class: "head" }, logo,
      make("span", { class: "mark" }, icon("", 18, "M6 6v12M11 7h8M11 12h8M11 17h4")), heading, full);
    if (!inline) head.append(larger, close);
    const body = make("div", { class: "body" });
    const panel = make(inline ? "section" : "dialog", { class: "panel", "aria-labelledby": "title" },
      head, body);
    const launcher = make("button", {
      type: "button", class: "launcher", "aria-haspopup": "dialog", "aria-expanded": false,
    }, icon("ask", 28, "M12 3.5c5 0 9 3.4 9 7.7s-4 7.7-9 7.7c-1 0-2-.1-2.9-.4L4.5 20.5l.9-3.6"
        + "C3.9 15.5 3 13.5 3 11.2 3 6.9 7 3.5 12 3.5z",
      "M9.8 9.2c.2-1.2 1.1-1.9 2.2-1.9 1.3 0 2.2.8 2.2 2 0 1.6-2.2 1.8-2.2 3.3M12 15.2v.01"),
    icon("fold", 28, "M6 9.5l6 6 6-6"));
    const spoken = make("div", { class: "spoken", role: "status" });

    let frame = null;
    let ready = false; // the question box can be used
    let alive = false; // the frame has said that it is ours
    let failed = false;
    let timer = 0;
    let waiting = null; // what to tell the chat when it is ready
    let wanted = false; // the keyboard is to go into the chat when it is ready
    let opener = launcher; // where the keyboard goes back to

    const shown = () => inline || panel.open;
    const send = (what) => frame.contentWindow.postMessage({ articleAssistant: what }, origin);
    const tell = (what) => {
      api.dispatchEvent(new CustomEvent(what, { detail: widget }));
      into?.dispatchEvent(new CustomEvent(what));
    };

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

    // What the frame is told of the editor's wishes.
    function wishes() {
      const scope = {};
      for (const [key, wish] of Object.entries({
        source: given.folder, language: given.articles, after: given.after, before: given.before,
      })) if (wish) scope[key] = wish;
      return {
        greeting: given.greeting, color: given.color, placeholder: given.placeholder,
        disclaimer: given.disclaimer, questions: given.questions?.split(/\s*[|\n]\s*/).filter(Boolean),
        scope: Object.keys(scope).length ? scope : undefined, about: about(),
      };
    }

    // What may be asked about, if the editor wishes; none of it is told before a click.
    const selected = () => String(getSelection()).trim().slice(0, LONGEST_SELECTION);
    const about = () => (given.about === undefined ? undefined : { page: true, selection: !!selected() });

    function load() {
      const query = new URLSearchParams({ language: code, name, origin: location.origin });
      if (given.theme === "light" || given.theme === "dark") query.set("__theme", given.theme);
      ready = alive = failed = full.hidden = false;
      clearTimeout(timer);
      state(words.loading);
      frame?.remove();
      // Inert: a chat that is still loading must not take the focus from the page.
      frame = make("iframe", {
        title: heading.textContent, inert: "", allow: "clipboard-write; translator",
        referrerpolicy: "no-referrer", src: `${base}/embed?${query}`, ...(inline && { loading: "lazy" }),
      });
      frame.addEventListener("load", () => {
        if (!alive) timer = setTimeout(fail, ALIVE_MS);
      });
      if (!inline) timer = setTimeout(fail, PATIENCE_MS);
      body.append(frame);
    }

    // A frame that was refused looks like any other from outside: it only never says a word. A
    // preload tells whether the server answers at all, where the page's policy may forbid to fetch.
    function fail() {
      if (alive || failed) return;
      const probe = make("link", { rel: "preload", as: "script", href: `${base}/widget.js?${Date.now()}` });
      probe.nonce = script.nonce;
      const told = (act) => () => {
        probe.remove();
        if (!alive && !failed) act();
      };
      probe.onload = told(() => deny(`this page may not show ${base}. To allow it, add `
        + `${location.origin} to ASSISTANT_ALLOWED_ORIGINS where the assistant runs and start it again.`));
      probe.onerror = told(() => {
        const again = make("button", { type: "button", class: "again" }, words.retry);
        again.onclick = load;
        addEventListener("online", () => failed && load(), { once: true, signal: ending.signal });
        give(`${base} does not answer. Is it running, and can this browser reach it?`,
          words.unreachable, again);
      });
      document.head.append(probe);
    }

    // Nothing that a visitor can press would change that; the chat in a tab of its own may help.
    function deny(help) {
      const link = make("a", { class: "again", href: `${base}/`, target: "_blank", rel: "noopener" },
        words.full);
      give(help, `${words.denied} ${words.allow.replace("{page}", location.origin)}`, link);
    }

    function give(help, text, way) {
      clearTimeout(timer);
      failed = true;
      console.error(`Article assistant: ${help}`);
      state(make("p", {}, text), way);
      if (wanted) way.focus();
    }

    listen(document, "securitypolicyviolation", (event) => {
      if (!frame || ready || failed || event.disposition !== "enforce") return;
      if (event.effectiveDirective !== "frame-src" || !event.blockedURI.startsWith(origin)) return;
      deny("the Content-Security-Policy of this page forbids the frame. To allow it, add "
        + `${origin} to its frame-src.`);
    });

    function begin() {
      clearTimeout(timer);
      alive = true;
    }

    const heard = {
      // Somebody has to sign in first; then the chat comes, and says that it is alive and ready.
      login() {
        begin();
        state();
        frame.inert = false;
        if (wanted) frame.focus();
      },
      alive() {
        begin();
        send({ ...wishes(), kept: kept("talk") });
      },
      ready() {
        if (ready) return;
        ready = true;
        full.hidden = true; // the chat has a link of its own, which takes along what was said
        state();
        frame.inert = false;
        if (wanted) focus();
        if (waiting) send(waiting);
        waiting = null;
      },
      answer: () => came("answer"),
      refused: () => came("refused"),
      ask: () => tell("ask"),
      source: () => tell("source"),
      feedback: () => tell("feedback"),
      keep: (data) => keep("talk", data.kept),
      close: () => widget.close(),
      about: (data) => send({ fill: `“${data.of === "page" ? document.title : selected()}” – ` }),
    };

    function came(what) {
      if (!shown()) launcher.classList.add("news");
      spoken.textContent = shown() ? "" : words.answered;
      tell(what);
    }

    listen(window, "message", (event) => {
      if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
      const what = event.data?.articleAssistant;
      if (Object.hasOwn(heard, what)) heard[what](event.data);
    });

    function focus() {
      wanted = !ready;
      if (!ready) return (body.querySelector(".again") || close).focus();
      frame.focus();
      send({ focus: true, about: about() });
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
      inline,
      // Opens the chat; a question is asked, or with ``submit: false`` put into its box.
      open(asked) {
        const { question, submit = true } = Object(asked) === asked ? asked : { question: asked };
        if (question !== undefined) waiting = { [submit ? "ask" : "fill"]: String(question) };
        if (inline) host.scrollIntoView({ block: "nearest" });
        show(false);
        if (ready && waiting) {
          send(waiting);
          waiting = null;
        }
      },
      close() {
        if (inline || !panel.open) return;
        const inside = root.activeElement && panel.contains(root.activeElement);
        panel.close();
        wanted = false;
        launcher.setAttribute("aria-expanded", false);
        if (inside) opener.focus();
        keep("state", "closed");
        tell("close");
      },
      // Changes attributes, by their names in camel case.
      update(changes) {
        Object.assign(given, changes);
        dress();
        if (frame && ("theme" in changes || "language" in changes)) load();
        else if (alive) send(wishes());
      },
      destroy() {
        ending.abort();
        clearTimeout(timer);
        host.remove();
        frame = null;
        const place = api.widgets.indexOf(widget);
        if (place >= 0) api.widgets.splice(place, 1);
      },
    };

    const host = make("div");
    // The page's own styles lose against these, even those that are important.
    host.style.cssText = "all: initial !important; display: block !important";
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const wrap = make("div", { lang: code });

    // Brings the attributes to what is seen of them outside the frame.
    function dress() {
      wrap.className = `widget ${inline ? "inline" : "floating"} ${given.theme || ""}`;
      heading.textContent = given.title || words.title;
      launcher.title = heading.textContent;
      launcher.setAttribute("aria-label", heading.textContent);
      launcher.hidden = !!given.trigger;
      logo.hidden = !given.logo;
      if (given.logo) logo.src = given.logo;
      const set = (property, kind, value) => {
        if (value && CSS.supports(kind, length(value))) wrap.style.setProperty(property, length(value));
      };
      set("--color", "color", given.color);
      set("--width", "width", given.width);
      set("--height", "height", given.height);
      set("--x", "width", given.offsetX);
      set("--y", "width", given.offsetY);
      if (/^\d+$/.test(given.zIndex)) wrap.style.setProperty("--z", given.zIndex);
      if (inline) return;
      const rightToLeft = getComputedStyle(document.documentElement).direction === "rtl";
      widget.left = given.position ? given.position === "left" : rightToLeft;
      const below = corners.filter((other) => other.left === widget.left).length;
      wrap.classList.toggle("left", widget.left);
      wrap.style.setProperty("--lift", `${72 * below}px`);
    }

    function place() {
      dress();
      if (inline) {
        const holder = into || document.querySelector(target);
        if (!holder) return console.error(`Article assistant: no element is ${target} (data-target).`);
        host.style.setProperty("height", "100%", "important");
        wrap.append(panel, spoken);
        holder.append(host);
        load();
      } else {
        wrap.append(make("aside", { "aria-label": heading.textContent }, launcher, panel, spoken));
        document.documentElement.append(host);
      }
      root.append(wrap);
      const before = kept("state");
      const opened = before ? before === "open" : given.open !== undefined;
      if (!inline && !small.matches && opened) show(true);
    }

    launcher.onclick = () => {
      opener = launcher;
      if (panel.open) widget.close();
      else widget.open();
    };
    listen(panel, "keydown", (event) => {
      if (event.key === "Escape") widget.close();
    });
    listen(panel, "cancel", (event) => {
      event.preventDefault();
      widget.close();
    });
    if (given.trigger) listen(document, "click", (event) => {
      const pressed = event.target.closest?.(given.trigger);
      if (!pressed) return;
      opener = pressed;
      widget.open();
    });
    if (given.shortcut) listen(document, "keydown", (event) => {
      const keys = given.shortcut.toLowerCase().split("+");
      const held = { ctrl: event.ctrlKey, alt: event.altKey, meta: event.metaKey };
      const wrong = event.key.toLowerCase() !== keys.at(-1)
        || Object.keys(held).some((key) => held[key] !== keys.includes(key));
      const writes = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (wrong || (writes && keys.length === 1)) return;
      event.preventDefault();
      if (!inline && panel.open) widget.close();
      else widget.open();
    });
    if (given.about !== undefined) listen(document, "selectionchange", () => {
      if (ready) send({ about: about() });
    });

    api.widgets.splice(inline ? api.widgets.length : corners.length, 0, widget);
    if (document.readyState === "loading") listen(document, "DOMContentLoaded", place);
    else place();
    return widget;
  }

  const camel = (name) => name.replace(/^data-/, "").replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

  // The chat as an element of the page, with the attributes of the script tag without ``data-``.
  class ArticleAssistantElement extends HTMLElement {
    connectedCallback() {
      const given = Object.fromEntries([...this.attributes].map((one) => [camel(one.name), one.value]));
      this.style.display ||= "block";
      this.widget ??= mount({ ...given, target: undefined }, this);
    }

    disconnectedCallback() {
      this.widget?.destroy();
      this.widget = null;
    }
  }

  if (!("define" in script.dataset)) mount({ ...script.dataset });
  if (!customElements.get("article-assistant")) {
    customElements.define("article-assistant", ArticleAssistantElement);
  }

  // Calls from before the script was there: ``ArticleAssistantCalls.push(["open", "Why?"])``.
  const call = ([verb, ...values]) => api[verb]?.(...values);
  const early = window.ArticleAssistantCalls;
  window.ArticleAssistantCalls = { push: call };
  if (Array.isArray(early)) early.forEach(call);
})();

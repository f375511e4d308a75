// The chat in a frame of another page: what that page and the chat tell each other.
// The page says how the chat should look and what to ask; the chat says only that something
// happened, never what was said. Which pages may show it at all, the server's headers decide.
(() => {
  "use strict";

  const given = new URLSearchParams(location.search).get("origin");
  const framed = window.parent !== window && URL.canParse(given) && new URL(given).origin === given;
  let ready = false;
  let greeting = "";
  let before = { answers: 0, pending: false };

  // A page keeps its focus until its visitor wants to ask; browsers would complain on its console.
  if (framed) Object.defineProperty(HTMLElement.prototype, "autofocus", { set() {} });

  const find = (selector) => document.querySelector(selector);
  const tell = (what, more) =>
    framed && window.parent.postMessage({ articleAssistant: what, ...more }, given);

  // A browser may forbid a frame of another site to keep anything, even for this tab. Then the page
  // around keeps the conversation, in the same storage of its own.
  let kept = {};
  try {
    sessionStorage.length;
  } catch {
    Object.defineProperty(window, "sessionStorage", {
      value: {
        getItem: (key) => kept[key] ?? null,
        setItem(key, value) {
          kept[key] = value;
          tell("keep", { kept: JSON.stringify(kept) });
        },
      },
    });
  }

  function recall(text) {
    try {
      kept = { ...JSON.parse(text) };
    } catch (error) {
      console.warn("A kept conversation cannot be read:", error);
    }
  }

  function ask(question) {
    const box = find("#question textarea");
    box.value = question;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    // Gradio takes the text over before the click that sends it.
    setTimeout(() => find("#send").click());
  }

  addEventListener("message", (event) => {
    if (!framed || event.source !== window.parent || event.origin !== given) return;
    const asked = event.data?.articleAssistant;
    if (typeof asked !== "object" || !asked) return;
    if (typeof asked.greeting === "string") greeting = asked.greeting;
    if (typeof asked.color === "string" && CSS.supports("color", asked.color)) {
      document.documentElement.style.setProperty("--brand", asked.color);
      document.documentElement.classList.add("branded");
    }
    if (typeof asked.kept === "string") recall(asked.kept);
    if (asked.focus) find("#question textarea")?.focus();
    if (typeof asked.ask === "string" && ready) ask(asked.ask);
    watch();
  });

  // An answer has come when one is complete that was awaited: not when a reload brings some back.
  function follow() {
    const last = [...document.querySelectorAll("#chat .message-row")].at(-1);
    const answers = document.querySelectorAll("#chat .answer.complete").length;
    const pending = !!last && !last.querySelector(".answer.complete");
    const came = before.pending || before.answers > 0;
    if (came && !pending && answers > before.answers) tell("answer");
    before = { answers, pending };
  }

  function watch() {
    const welcome = find("#chat .welcome");
    if (greeting && welcome && welcome.textContent !== greeting) welcome.textContent = greeting;
    find("#chat .examples")?.removeAttribute("role"); // a list without items, to screen readers
    if (!ready && find(".masthead") && find("#question textarea")) {
      ready = true;
      tell("ready");
    }
    follow();
  }

  // What is open within closes first. Captured, so that this looks before the chat closes it.
  document.addEventListener("keydown", (event) => {
    const open = find("#panel:not([hidden]), [popover]:popover-open");
    if (event.key === "Escape" && !open) tell("close");
  }, true);

  new MutationObserver(watch).observe(document, { childList: true, subtree: true });
  tell("alive");
})();

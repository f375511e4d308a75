// The chat in a frame of another page: what that page and the chat tell each other.
// The page says how the chat should look and what to ask; the chat says only that something
// happened, never what was said. Which pages may show it at all, the server's headers decide.
(() => {
  "use strict";

  const given = new URLSearchParams(location.search).get("origin");
  const framed = window.parent !== window && URL.canParse(given) && new URL(given).origin === given;
  const SETTLED_MS = 150; // from the end of an answer until the chat has scrolled to it
  let ready = false;
  let greeting = "";
  let before = { answers: 0, pending: false };

  // A page keeps its focus until its visitor wants to ask; browsers would complain on its console.
  if (framed) Object.defineProperty(HTMLElement.prototype, "autofocus", { set() {} });

  const find = (selector) => document.querySelector(selector);
  const tell = (what) => framed && window.parent.postMessage({ articleAssistant: what }, given);

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
    if (asked.focus) find("#question textarea")?.focus();
    if (typeof asked.ask === "string" && ready) ask(asked.ask);
    watch();
  });

  // An answer has come when one is complete that was awaited: not when a reload brings some back.
  function follow() {
    const rows = [...document.querySelectorAll("#chat .message-row")];
    const last = rows.at(-1);
    const answers = document.querySelectorAll("#chat .answer.complete").length;
    const pending = !!last && !last.querySelector(".answer.complete");
    const came = before.pending || before.answers > 0;
    if (came && !pending && answers > before.answers) {
      tell("answer");
      toTop(rows.findLast((row) => row.matches(".user-row")));
    }
    before = { answers, pending };
  }

  // Gradio follows a growing answer to its end; in so little room its beginning is then out of sight.
  function toTop(row) {
    const wrap = row?.closest(".bubble-wrap");
    if (!wrap) return;
    setTimeout(() => {
      wrap.scrollTop += row.getBoundingClientRect().top - wrap.getBoundingClientRect().top - 12;
    }, SETTLED_MS);
  }

  function watch() {
    const welcome = find("#chat .welcome");
    if (greeting && welcome && welcome.textContent !== greeting) welcome.textContent = greeting;
    if (!ready && find(".masthead") && find("#question textarea")) {
      ready = true;
      tell("ready");
    }
    follow();
  }

  // The panel of a citation closes first. Captured, so that this looks before the chat closes it.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const panel = find("#panel");
    if (!panel || panel.hidden) tell("close");
  }, true);

  new MutationObserver(watch).observe(document, { childList: true, subtree: true });
  tell("alive");
})();

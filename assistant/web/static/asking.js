// One question to the server, whose reply comes as events; tried again by itself where the server
// cannot be reached.

import { events, text } from "./page.js";

const ADDRESS = "embed/ask";
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000]; // then the last of them, again and again

// Calls `take` with the name and content of each event. `wait` is told in words why it takes longer.
// Resolves when the reply is whole; throws an AbortError when `signal` stops it.
export async function ask(body, signal, take, wait) {
  for (let tried = 0; ; tried++) {
    const seconds = await attempt(body, signal, take, wait);
    if (seconds === null) return;
    await pause(seconds ? 1000 * seconds : WAITS_MS[Math.min(tried, WAITS_MS.length - 1)], signal);
  }
}

// Null when the reply is whole; else the seconds to wait, 0 if that is not known.
async function attempt(body, signal, take, wait) {
  let whole = false;
  try {
    const response = await fetch(`${ADDRESS}?language=${document.documentElement.lang}`, {
      method: "POST", body, signal, headers: { "content-type": "application/json" },
    });
    if (response.status === 401) location.reload(); // to sign in
    const seconds = Number(response.headers.get("retry-after"));
    if (response.status === 429) {
      wait(text("ask.often").replace("{seconds}", seconds));
      return seconds;
    }
    if (response.status >= 400 && response.status < 500) {
      take("failed", text("page.failed"));
      return null;
    }
    if (!response.ok) throw new Error(response.statusText);
    for await (const [name, content] of events(response)) {
      take(name, content);
      whole ||= name === "refused" || (name === "said" && content.state !== "growing");
    }
    if (whole) return null;
  } catch (error) {
    if (signal.aborted) throw error;
    if (whole) return null; // only what comes after it is lost
  }
  wait(text("page.away"));
  return 0;
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      removeEventListener("online", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    addEventListener("online", over);
    signal.addEventListener("abort", () => {
      over();
      reject(signal.reason);
    }, { once: true });
  });
}

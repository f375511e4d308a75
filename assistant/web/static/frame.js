// The chat in a frame of another page: what that page and the chat tell each other.
// The page says how the chat should look and what to ask; the chat says only that something
// happened, never what was said. Which pages may show it at all, the server's headers decide.

const given = new URLSearchParams(location.search).get("origin");
export const framed =
  window.parent !== window && URL.canParse(given) && new URL(given).origin === given;

export function tell(what, more) {
  if (framed) window.parent.postMessage({ articleAssistant: what, ...more }, given);
}

// Calls `take` with each message of the page around.
export function hear(take) {
  addEventListener("message", (event) => {
    if (!framed || event.source !== window.parent || event.origin !== given) return;
    const told = event.data?.articleAssistant;
    if (typeof told === "object" && told) take(told);
  });
}

// A browser may forbid a frame of another site to keep anything, even for this tab. Then the page
// around keeps the conversation, in the same storage of its own.
let elsewhere = null;
try {
  sessionStorage.length;
} catch {
  elsewhere = {};
}

export function keep(key, value) {
  if (elsewhere) {
    elsewhere[key] = value;
    tell("keep", { kept: JSON.stringify(elsewhere) });
    return;
  }
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // It is full: a reload begins anew.
  }
}

export function kept(key) {
  return elsewhere ? (elsewhere[key] ?? null) : sessionStorage.getItem(key);
}

// Takes over what the page around has kept; whether it is wanted.
export function recall(text) {
  if (!elsewhere) return false;
  try {
    elsewhere = { ...JSON.parse(text) };
    return true;
  } catch (error) {
    console.warn("A kept conversation cannot be read:", error);
    return false;
  }
}

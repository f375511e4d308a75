// Light or dark: what the reader chose, or else what the system has. Loaded before the page is
// drawn, so that it never flashes in the other.

const CHOSEN = "look";
const system = matchMedia("(prefers-color-scheme: dark)");

export function chosen() {
  const asked = new URLSearchParams(location.search).get("__theme");
  if (asked === "light" || asked === "dark") return asked;
  try {
    return localStorage.getItem(CHOSEN);
  } catch {
    return null; // a browser may forbid it
  }
}

export function apply() {
  const look = chosen() ?? (system.matches ? "dark" : "light");
  document.body?.classList.toggle("dark", look === "dark");
  document.documentElement.style.colorScheme = look;
}

export function turn() {
  const dark = document.body.classList.contains("dark");
  try {
    localStorage.setItem(CHOSEN, dark ? "light" : "dark");
  } catch {
    // It stays for this page.
  }
  document.body.classList.toggle("dark", !dark);
  document.documentElement.style.colorScheme = dark ? "light" : "dark";
}

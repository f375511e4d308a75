// Light or dark: what the reader chose, or else what the system has, on every page.

const CHOSEN = "look";
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  const asked = new URLSearchParams(location.search).get("__theme");
  if (asked === "light" || asked === "dark") return asked;
  try {
    return localStorage.getItem(CHOSEN);
  } catch {
    return null; // a browser may forbid it
  }
}

function apply() {
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

apply();
system.addEventListener("change", apply);

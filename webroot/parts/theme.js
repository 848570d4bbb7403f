// Dark and light: as the system says, or as one chose here.

const KEY = "fluctus.theme";
const ORDER = ["auto", "light", "dark"];

/** The choice; puts it on the page. */
export function theme() {
  const chosen = localStorage.getItem(KEY);
  const name = ORDER.includes(chosen) ? chosen : "auto";
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  return name;
}

export function nextTheme() {
  const next = ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length];
  localStorage.setItem(KEY, next);
  theme();
  dispatchEvent(new Event("themechange"));
  return next;
}

/** A colour of the style sheet, for canvases. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls when the colours change, whoever changed them; gives back what ends that. */
export function onTheme(listener) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  addEventListener("themechange", listener);
  system.addEventListener("change", listener);
  return () => {
    removeEventListener("themechange", listener);
    system.removeEventListener("change", listener);
  };
}

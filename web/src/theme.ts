/* Dark or light: as the system says, or as the reader chooses. */

import { byId } from "./dom.ts";

const THEMES = ["auto", "dark", "light"] as const;

/** The button that goes through the themes; `changed` is called when the colours are other ones. */
export function makeThemes(changed: () => void): void {
  const button = byId("theme");
  let at = 0;
  button.addEventListener("click", () => {
    at = (at + 1) % THEMES.length;
    document.documentElement.dataset["theme"] = THEMES[at];
    button.textContent = `Theme: ${THEMES[at]}`;
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

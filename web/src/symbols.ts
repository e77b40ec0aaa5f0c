/* One sign per behaviour, the same in the list, on the map and in the timeline: two letters and the colour of
 * its family. The letters carry the meaning; the colour only helps. */

import { h } from "./dom.ts";
import type { Report } from "./types.ts";

const LETTERS: Record<string, string> = {
  "ais-gap": "GA",
  encounter: "EN",
  loitering: "LO",
  drifting: "DR",
  "position-jump": "PJ",
  "identity-clash": "CL",
  "identity-change": "CH",
  "impossible-value": "IV",
  "asset-loitering": "AL",
  "anchor-drag": "AD",
  "listed-vessel": "LI",
};

/** Families, each a custom property `--sign-...` of the style sheet. */
const FAMILIES: Record<string, string> = {
  "ais-gap": "silence",
  encounter: "meeting",
  loitering: "still",
  drifting: "still",
  "position-jump": "identity",
  "identity-clash": "identity",
  "identity-change": "identity",
  "impossible-value": "identity",
  "asset-loitering": "asset",
  "anchor-drag": "asset",
  "listed-vessel": "listed",
};

export const letters = (behaviour: string): string => LETTERS[behaviour] ?? behaviour.slice(0, 2).toUpperCase();

export const family = (behaviour: string): string => FAMILIES[behaviour] ?? "other";

export const title = (report: Report, behaviour: string): string => report.behaviours[behaviour]?.title || behaviour;

/** The sign as an element; hidden from screen readers, which get the behaviour's title beside it. */
export function sign(behaviour: string): HTMLElement {
  return h("span", { class: `sign sign-${family(behaviour)}`, "aria-hidden": "true" }, letters(behaviour));
}

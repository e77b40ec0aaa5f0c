/* One sign per behaviour, the same in the list, on the map and in the timeline: two letters and the colour of
 * its family. The letters carry the meaning; the colour only helps. */

import { h } from "./dom.ts";
import type { Report } from "./types.ts";

/** Letters and family of each behaviour; a family is a custom property `--sign-...` of the style sheet. */
const SIGNS: Record<string, [letters: string, family: string]> = {
  "ais-gap": ["GA", "silence"],
  "asset-gap": ["AG", "silence"],
  encounter: ["EN", "meeting"],
  "draught-change": ["DC", "meeting"],
  "port-visit": ["PV", "meeting"],
  loitering: ["LO", "still"],
  drifting: ["DR", "still"],
  "speed-anomaly": ["SA", "still"],
  "voyage-mismatch": ["VM", "identity"],
  "identity-clash": ["CL", "identity"],
  "identity-change": ["CH", "identity"],
  "identity-shared": ["IS", "identity"],
  "identity-invalid": ["II", "identity"],
  "static-mismatch": ["SM", "identity"],
  "impossible-value": ["IV", "identity"],
  "anchor-drag": ["AD", "asset"],
  "asset-loitering": ["AL", "asset"],
  "asset-slowdown": ["AS", "asset"],
  "asset-pattern": ["AP", "asset"],
  "asset-approach": ["AA", "asset"],
  "zone-entry": ["ZE", "asset"],
  "gnss-interference": ["GN", "network"],
  "position-jump": ["PJ", "network"],
  "position-circle": ["PC", "network"],
  "position-frozen": ["PF", "network"],
  "receiver-outage": ["RO", "network"],
  "clock-fault": ["CF", "network"],
  "listed-vessel": ["LI", "listed"],
};

export const letters = (behaviour: string): string => SIGNS[behaviour]?.[0] ?? behaviour.slice(0, 2).toUpperCase();

export const family = (behaviour: string): string => SIGNS[behaviour]?.[1] ?? "other";

export const title = (report: Report, behaviour: string): string => report.behaviours[behaviour]?.title || behaviour;

/** The sign as an element; hidden from screen readers, which get the behaviour's title beside it. */
export function sign(behaviour: string): HTMLElement {
  return h("span", { class: `sign sign-${family(behaviour)}`, "aria-hidden": "true" }, letters(behaviour));
}

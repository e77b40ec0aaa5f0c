/* On paper: the map as it is seen, the overview, and every ship with all its reasons opened. */

import { findingsOf } from "./data.ts";
import { byId, h } from "./dom.ts";
import { showOverview } from "./overview.ts";
import { evidenceTree, findingBody, findingTitle } from "./reasons.ts";
import type { Alert, Report } from "./types.ts";

function ship(report: Report, alert: Alert): HTMLElement {
  const facts = [alert.flag, alert.ship_type, `MMSI ${alert.mmsi}`, alert.imo && `IMO ${alert.imo}`].filter(Boolean);
  return h(
    "section",
    { class: "paper-ship" },
    h("h2", {}, `${alert.rank}. ${alert.name || `MMSI ${alert.mmsi}`}`),
    h("p", { class: "facts" }, facts.join(" · ")),
    h("p", { class: "headline" }, alert.headline),
    ...findingsOf(report, alert).map((f) => h("div", { class: "finding" }, findingTitle(report, f), findingBody(report, f))),
    alert.tree && h("h3", {}, "How the rank was reached"),
    alert.tree && evidenceTree(report.behaviours, alert.tree),
  );
}

/** Fills the paper when the page is printed and empties it afterwards. */
export function preparePaper(report: Report, picture: () => string | null, restore: () => void): void {
  const paper = byId("paper");
  addEventListener("beforeprint", () => {
    showOverview(report);
    const image = picture();
    paper.replaceChildren(...report.alerts.map((alert) => ship(report, alert)));
    if (image) paper.prepend(h("img", { class: "paper-map", src: image, alt: "The map as it was on the screen" }));
    for (const details of document.querySelectorAll<HTMLDetailsElement>("#paper details, #detail .aside")) details.open = true;
  });
  addEventListener("afterprint", () => {
    paper.replaceChildren();
    restore();
  });
}

/* The right-hand pane: one ship, or the overview when none is chosen. */

import { findingsOf } from "./data.ts";
import { byId, h } from "./dom.ts";
import { value } from "./format.ts";
import { evidenceTree, findingBody, findingTitle } from "./reasons.ts";
import type { Alert, Change, Difference, Finding, ListMatch, RedFlag, Report } from "./types.ts";

/** Ships with more findings than this show the rest closed. */
const OPEN_FINDINGS = 2;

export interface Choice {
  ship(mmsi: number | null): void;
  finding(id: string): void;
}

function identity(alert: Alert): HTMLElement {
  const facts: [string, string | number | null][] = [
    ["Flag", alert.flag],
    ["Type", alert.ship_type],
    ["MMSI", String(alert.mmsi)],
    ["IMO", alert.imo ? String(alert.imo) : null],
  ];
  const standing = alert.flag_standing;
  if (standing) facts.push(["Flag standing", `${standing.standing} (${standing.source})`]);
  return h(
    "dl",
    { class: "identity" },
    ...facts.map(([name, fact]) => h("div", {}, h("dt", {}, name), h("dd", { dir: "auto" }, fact || "not sent"))),
  );
}

function other(report: Report, finding: Finding, own: number, choose: Choice): HTMLElement | null {
  const mmsi = finding.mmsi === own ? finding.other_mmsi : finding.mmsi;
  if (mmsi === null || mmsi === own) return null;
  const alert = report.alerts.find((a) => a.mmsi === mmsi);
  const name = alert?.name || `MMSI ${mmsi}`;
  if (!alert) return h("p", { class: "other" }, `The other ship: ${name}, not in this list.`);
  const button = h("button", { type: "button", class: "small", click: () => choose.ship(mmsi) }, `${name}, rank ${alert.rank}`);
  return h("p", { class: "other" }, "The other ship: ", button);
}

function findingItem(report: Report, finding: Finding, own: number, open: boolean, choose: Choice): HTMLElement {
  const show = h(
    "button",
    { type: "button", class: "small show", click: () => choose.finding(finding.id) },
    "Show on the map",
  );
  return h(
    "details",
    { class: "finding", id: `finding-${finding.id}`, open },
    h("summary", {}, findingTitle(report, finding)),
    show,
    other(report, finding, own, choose),
    findingBody(report, finding),
  );
}

function redFlag(flag: RedFlag): HTMLElement {
  const shown = flag.findings.map((id, i) => h("a", { href: `#finding/${id}` }, i ? `, ${i + 1}` : "finding 1"));
  return h(
    "li",
    {},
    h("details", {}, h("summary", {}, flag.title), h("ul", { class: "sources" }, ...flag.sources.map((s) => h("li", {}, s)))),
    h("span", { class: "muted" }, ...(shown.length ? ["shown by ", ...shown] : []), flag.fields.length > 0 && `shown by ${flag.fields.join(", ")}`),
  );
}

const change = (c: Change): HTMLElement =>
  h("li", {}, c.rank === null ? `It would not be in this list if ${c.text}.` : `The rank would be ${c.rank} if ${c.text}.`);

const listed = (m: ListMatch): HTMLElement =>
  h("li", {}, h("b", {}, m.list_title), ` (${m.as_of}): ${m.entry}, ${m.programs}. ${m.confidence} confidence: ${m.reason}.`);

const differs = (d: Difference): HTMLElement =>
  h("li", {}, `They differ on ${d.about}: `, d.said.map((s) => `${s.list} (${s.as_of}) says ${s.value}`).join("; "), ".");

/** A heading and its items; nothing where there are none. */
function section(heading: string, items: HTMLElement[]): HTMLElement[] {
  return items.length ? [h("h3", {}, heading), h("ul", { class: "sources" }, ...items)] : [];
}

function header(alert: Alert): HTMLElement {
  return h(
    "div",
    { class: "ship-head" },
    h("span", { class: "rank", title: "rank" }, alert.rank),
    h("h2", { id: "ship-name", dir: "auto", tabindex: -1 }, alert.name || `MMSI ${alert.mmsi}`),
  );
}

/** Everything about one ship. */
export function showShip(report: Report, alert: Alert, choose: Choice): void {
  const findings = findingsOf(report, alert);
  const missing = alert.finding_ids.length - findings.length;
  const pane = byId("detail");
  pane.replaceChildren(
    h("button", { type: "button", class: "small back", click: () => choose.ship(null) }, "← What was looked for"),
    header(alert),
    h("p", { class: "headline" }, alert.headline),
    identity(alert),
    h("h3", {}, `Why: ${findings.length} ${findings.length === 1 ? "finding" : "findings"}`),
    ...findings.map((f, i) => findingItem(report, f, alert.mmsi, i < OPEN_FINDINGS, choose)),
  );
  if (missing > 0) {
    pane.append(h("p", { class: "notice" }, `${missing} more findings of this ship are in findings.ndjson only.`));
  }
  if (alert.tree) {
    const score = alert.score === null ? "" : `, ${value(alert.score)} in all`;
    pane.append(h("h3", {}, `How the rank was reached${score}`), evidenceTree(report.behaviours, alert.tree));
  }
  pane.append(
    ...section("What would change the rank", (alert.sensitivity ?? []).map(change)),
    ...section("What the lists say", [...(alert.lists ?? []).map(listed), ...(alert.lists_differ ?? []).map(differs)]),
    ...section("Red flags that authorities name", (alert.red_flags ?? []).map(redFlag)),
  );
  pane.scrollTop = 0;
}

/** Opens one finding of the ship shown and brings it into view. */
export function showFinding(id: string): void {
  const item = document.getElementById(`finding-${id}`);
  for (const old of document.querySelectorAll(".finding.chosen")) old.classList.remove("chosen");
  if (!(item instanceof HTMLDetailsElement)) return;
  item.open = true;
  item.classList.add("chosen");
  item.scrollIntoView({ block: "start" });
}

/* What was read and what was looked for, so that an empty list explains itself. */

import { coverage, section } from "./data.ts";
import { byId, h } from "./dom.ts";
import { minute, number, seconds, value, words } from "./format.ts";
import { sign, title } from "./symbols.ts";
import type { Coverage, Interference, Report, Run } from "./types.ts";

/** What the run's record says of a behaviour that ran to the end; anything else is a failure in words. */
const RAN = "ran";

export function rows(run: Run): { read: number; kept: number } {
  const counts = section(run, "rows");
  return { read: Number(counts["read"] ?? 0), kept: Number(counts["kept"] ?? 0) };
}

export const vessels = (run: Run): number => Number(run["vessels"] ?? 0);

function headline(report: Report): string {
  const n = report.alerts.length;
  const heard = number(vessels(report.run));
  if (n === 0) return `None of the ${heard} ships heard reached a threshold of the behaviours below.`;
  return `${number(n)} of ${heard} ships heard ${n === 1 ? "needs" : "need"} attention.`;
}

function setAside(c: Coverage): HTMLElement | string {
  const reasons = Object.entries(c.set_aside ?? {}).sort((a, b) => b[1] - a[1]);
  const total = reasons.reduce((sum, [, n]) => sum + n, 0);
  if (!total) return "0";
  return h(
    "details",
    { class: "aside" },
    h("summary", {}, number(total)),
    h("ul", {}, ...reasons.map(([reason, n]) => h("li", {}, `${number(n)} – ${words(reason)}`))),
  );
}

function coverageRow(report: Report, id: string, c: Coverage): HTMLElement {
  const fine = c.status === RAN;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("span", { class: "chip" }, sign(id), title(report, id))),
    h("td", {}, h("span", { class: fine ? "status" : "status status-unknown" }, words(c.status || "unknown"))),
    h("td", { class: "number" }, value(c.findings ?? 0)),
    h("td", { class: "number" }, setAside(c)),
  );
}

function coverageTable(report: Report): HTMLElement {
  const covered = Object.entries(coverage(report.run));
  if (!covered.length) return h("p", { class: "notice" }, "The run's record does not say which behaviours ran.");
  return h(
    "table",
    { class: "coverage" },
    h(
      "thead",
      {},
      h("tr", {}, ...["Behaviour", "Status", "Findings", "Set aside"].map((t) => h("th", { scope: "col" }, t))),
    ),
    h("tbody", {}, ...covered.map(([id, c]) => coverageRow(report, id, c))),
  );
}

function rowsTable(run: Run): HTMLElement | null {
  const counts = Object.entries(section(run, "rows")).filter(([, n]) => typeof n === "number");
  const read = rows(run).read;
  if (!counts.length) return null;
  const share = (n: number): string => (read ? `${((100 * n) / read).toFixed(1)} %` : "");
  return h(
    "table",
    { class: "counts" },
    h(
      "tbody",
      {},
      ...counts.map(([key, n]) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, words(key)),
          h("td", { class: "number" }, number(n as number)),
          h("td", { class: "number muted" }, share(n as number)),
        ),
      ),
    ),
  );
}

/** What the traffic was compared with: nothing is "not listed" without the list and its date. */
function compared(run: Run): HTMLElement {
  const lists = Array.isArray(run["lists"]) ? (run["lists"] as Record<string, unknown>[]) : [];
  const assets = Number(run["assets"] ?? 0);
  const items = lists.map((l) => `${l["title"]}: ${value(l["entries"])} entries, ${l["as_of"] || "date not given"}`);
  if (!lists.length) items.push("No list was given: no ship was compared with sanctions.");
  items.push(
    assets
      ? `${number(assets)} ${assets === 1 ? "asset" : "assets"} of the layers given.`
      : "No layer with assets was given: nothing was compared with cables or pipelines.",
  );
  return h("ul", { class: "sources" }, ...items.map((item) => h("li", {}, item)));
}

function record(entry: unknown): HTMLElement {
  if (Array.isArray(entry)) return h("ul", {}, ...entry.map((item) => h("li", {}, record(item))));
  if (entry === null || typeof entry !== "object") return h("span", {}, value(entry));
  const pairs = Object.entries(entry as Record<string, unknown>);
  return h("dl", { class: "record" }, ...pairs.map(([k, v]) => h("div", {}, h("dt", {}, words(k)), h("dd", {}, record(v)))));
}

function silence(report: Report): HTMLElement | null {
  if (report.alerts.length) return null;
  const unknown = Object.values(coverage(report.run)).filter((c) => c.status !== RAN).length;
  const text = unknown
    ? `${unknown} of the behaviours did not run to the end: for those, nothing is known.`
    : "Every behaviour listed ran over all the rows kept. A ship that was not heard was not examined.";
  return h("p", { class: unknown ? "notice" : "said" }, text);
}

/** Where and when positions were not to be relied on. */
function interference(report: Report): HTMLElement[] {
  if (!report.interference.length) return [];
  const line = (area: Interference): HTMLElement => {
    const from = minute(seconds(area.start));
    const to = area.end === null ? "still open when the data end" : `to ${minute(seconds(area.end))}`;
    return h("li", {}, `${area.name}: positions of ${area.ships} ships, ${from} ${to} UTC`);
  };
  const areas = report.interference.map(line);
  return [h("h3", {}, "Where positions were displaced"), h("ul", { class: "sources" }, ...areas)];
}

/** Fills the right-hand pane with the overview. */
export function showOverview(report: Report): void {
  const pane = byId("detail");
  pane.replaceChildren(
    h("h2", { tabindex: -1, id: "ship-name" }, report.alerts.length ? "Overview" : "No ship needs attention"),
    h("p", { class: "headline" }, headline(report)),
    ...report.notices.map((text) => h("p", { class: "notice" }, text)),
  );
  for (const part of [silence(report), h("h3", {}, "What was looked for"), coverageTable(report)]) {
    if (part) pane.append(part);
  }
  pane.append(...interference(report), h("h3", {}, "What it was compared with"), compared(report.run));
  const table = rowsTable(report.run);
  if (table) pane.append(h("h3", {}, "What was read"), table);
  pane.append(
    h("details", { class: "whole-record" }, h("summary", {}, "The whole record of this run"), record(report.run)),
    h("p", { class: "muted" }, report.attribution.join(" · ")),
  );
  pane.scrollTop = 0;
}

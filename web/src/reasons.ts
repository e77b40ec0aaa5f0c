/* A ship's reasons: the rank as a tree of evidence, and each finding down to the raw lines. */

import { rowOf } from "./data.ts";
import { h } from "./dom.ts";
import { duration, minute, period, place, seconds, value } from "./format.ts";
import { sign, title } from "./symbols.ts";
import type { Evidence, Finding, Measured, Report, TreeNode } from "./types.ts";

type Behaviours = Report["behaviours"];

const COMPARISON: Record<string, string> = {
  "<": "below",
  "<=": "at most",
  ">": "above",
  ">=": "at least",
  "==": "equal to",
  "!=": "not equal to",
  is: "is",
};

function nodeLabel(behaviours: Behaviours, node: TreeNode): HTMLElement {
  if (node.finding) return h("a", { class: "node-label", href: `#finding/${node.finding}` }, node.label);
  const known = behaviours[node.label];
  return h("span", { class: "node-label chip" }, known && sign(node.label), known?.title ?? node.label);
}

function nodeText(behaviours: Behaviours, node: TreeNode, most: number): HTMLElement {
  return h(
    "span",
    { class: "node" },
    nodeLabel(behaviours, node),
    h(
      "span",
      { class: "weight", title: "weight" },
      h("span", { class: "weight-bar", "--share": most ? Math.abs(node.value) / most : 0, "aria-hidden": "true" }),
      h("span", { class: "weight-number" }, value(node.value)),
    ),
    node.source && h("span", { class: "node-source" }, node.source),
  );
}

function branch(behaviours: Behaviours, node: TreeNode, most: number): HTMLElement {
  const text = nodeText(behaviours, node, most);
  if (!node.children.length) return h("li", { class: "leaf" }, text);
  const children = node.children.map((child) => branch(behaviours, child, most));
  return h("li", {}, h("details", { open: true }, h("summary", {}, text), h("ul", {}, ...children)));
}

/** The score as nested, foldable branches with the weights and where each comes from. */
export function evidenceTree(behaviours: Behaviours, tree: TreeNode): HTMLElement {
  return h("ul", { class: "tree" }, branch(behaviours, tree, Math.abs(tree.value)));
}

function measuredRow(m: Measured): HTMLElement {
  const unit = m.unit && m.unit !== "1" && m.unit !== "count" ? ` ${m.unit}` : "";
  const limit =
    m.threshold === null ? "–" : `${COMPARISON[m.comparison] ?? m.comparison} ${value(m.threshold)}${unit}`.trim();
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, m.name.replaceAll("_", " ")),
    h("td", { class: "number" }, value(m.value), unit),
    h("td", {}, limit),
  );
}

function measuredTable(finding: Finding): HTMLElement {
  return h(
    "table",
    { class: "measured" },
    h("thead", {}, h("tr", {}, ...["Measured", "Value", "Reported when"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, ...finding.measured.map(measuredRow)),
  );
}

async function copy(text: string, button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select the text and copy it by hand";
  }
  setTimeout(() => (button.textContent = "Copy"), 2500);
}

function evidenceRow(e: Evidence): HTMLElement {
  const raw = e.raw;
  return h(
    "li",
    { class: "evidence" },
    h("span", { class: "evidence-shows" }, e.shows),
    h("span", { class: "evidence-where" }, `${minute(seconds(e.t))} UTC · ${rowOf(e)}`),
    raw === null
      ? h("span", { class: "muted" }, "the raw line was not kept")
      : h(
          "span",
          { class: "raw" },
          h("code", {}, raw),
          h(
            "button",
            { type: "button", class: "small copy", click: (ev: Event) => void copy(raw, ev.target as HTMLElement) },
            "Copy",
          ),
        ),
  );
}

/** How long the finding lasted, in words. */
export function when(finding: Finding): string {
  const start = seconds(finding.start);
  if (finding.end === null) return `from ${minute(start)} UTC, still open when the data end`;
  const end = seconds(finding.end);
  return end > start ? `${period(start, end)} (${duration(end - start)})` : `${minute(start)} UTC`;
}

function paragraph(heading: string, text: string | undefined): HTMLElement | null {
  return text ? h("p", { class: "said" }, h("b", {}, `${heading}: `), text) : null;
}

function background(report: Report, finding: Finding): HTMLElement | null {
  const about = report.behaviours[finding.behaviour];
  if (!about) return null;
  return h(
    "details",
    { class: "background" },
    h("summary", {}, "What this measures, why it matters, sources"),
    paragraph("Measures", about.measures),
    paragraph("Why it matters", about.why),
    about.sources.length > 0 && h("ul", { class: "sources" }, ...about.sources.map((s) => h("li", {}, s))),
    h("p", { class: "muted" }, `Behaviour ${finding.behaviour}, version ${finding.version}. Finding ${finding.id}.`),
  );
}

function trust(finding: Finding): HTMLElement {
  const mark = h("span", { class: `trust trust-${finding.trust}` }, `positions ${finding.trust}`);
  return h("p", { class: "said" }, mark, ` ${finding.trust_reason}`);
}

/** What was measured, how sure it is, what else could explain it, what to do, and the rows that show it. */
export function findingBody(report: Report, finding: Finding): HTMLElement {
  const about = report.behaviours[finding.behaviour];
  const [shown, rows] = [finding.evidence.length, finding.evidence_rows];
  return h(
    "div",
    { class: "finding-body" },
    h("p", { class: "summary" }, finding.summary),
    h("p", { class: "where" }, place(finding.lat, finding.lon), finding.asset && ` · ${finding.asset}`),
    finding.measured.length > 0 && measuredTable(finding),
    h(
      "p",
      { class: "said" },
      h("span", { class: `confidence confidence-${finding.confidence}` }, `${finding.confidence} confidence`),
      ` ${finding.confidence_reason}`,
    ),
    finding.trust !== "trusted" && trust(finding),
    paragraph("Innocent causes", about?.innocent),
    paragraph("Next step", about?.next),
    h(
      "details",
      { class: "rows" },
      h("summary", {}, `Raw lines that show it (${rows})`),
      h("ol", { class: "evidence-list" }, ...finding.evidence.map(evidenceRow)),
      shown < rows && h("p", { class: "muted" }, `The first and last ${shown} of ${rows}; findings.ndjson has all.`),
    ),
    background(report, finding),
  );
}

/** The line that names a finding: sign, title, time. */
export function findingTitle(report: Report, finding: Finding): HTMLElement {
  return h(
    "span",
    { class: "finding-title" },
    sign(finding.behaviour),
    h("span", {}, h("b", {}, title(report, finding.behaviour)), h("span", { class: "muted when" }, when(finding))),
  );
}

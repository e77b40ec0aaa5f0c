/* The right-hand pane: one ship against the question, or the question itself and who was excluded. */

import { byId, h } from "../dom.ts";
import { duration, minute, number, period, place, seconds, value } from "../format.ts";
import { evidenceTree } from "../reasons.ts";
import type { Answer, Candidate, Excluded, Silence } from "./types.ts";

const NMI_M = 1852;

type Fact = [string, string | null];

const known = (given: number | null, unit: string): string | null => (given === null ? null : `${number(given)} ${unit}`);
const percent = (share: number): string => `${Math.round(100 * share)} %`;
const utc = (iso: string): string => `${minute(seconds(iso))} UTC`;

function facts(rows: Fact[]): HTMLElement {
  const told = rows.filter(([, text]) => text !== null);
  return h("table", { class: "measured" }, h("tbody", {}, ...told.map(([name, text]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, text)))));
}

function crossing({ crossing: c }: Candidate): Fact[] {
  const when = c.how === "seen" ? utc(c.likeliest) : `${period(seconds(c.earliest), seconds(c.latest))}, likeliest ${utc(c.likeliest)}`;
  return [
    [c.how === "seen" ? "Crossed" : "Could have crossed", when],
    ["Where", place(...c.at)],
    ["From the place of the fault", c.place_m === null ? null : `${(c.place_m / NMI_M).toFixed(1)} nmi`],
    ["Crossings in the window", value(c.count)],
  ];
}

function movement({ speed: s, course: c }: Candidate): Fact[] {
  const beside = (given: number | null, usual: number | null): string | null =>
    given === null ? null : `${number(given)}°${usual === null ? "" : ` (usually ${number(usual)}°)`}`;
  return [
    ["Speed at the crossing", known(s.at_kn, "kn")],
    ["Its usual speed", known(s.usual_kn, "kn")],
    ["Lowest three minutes near it", s.lowest_kn === null ? null : `${number(s.lowest_kn)} kn${s.lowest_at ? ` at ${utc(s.lowest_at)}` : ""}`],
    ["Lost against the hours around", percent(s.dip)],
    ["Lost against its usual speed", percent(s.slow)],
    ["What other ships lost there", percent(s.others)],
    ["What would explain a loss", s.explained.join("; ") || "nothing found"],
    ["Change of course over it", c.turn_deg === null ? null : `${number(c.turn_deg)}°`],
    ["Scatter of the course", beside(c.scatter_deg, c.usual_scatter_deg)],
    ["Heading beside the course", beside(c.crab_deg, c.usual_crab_deg)],
  ];
}

function silence(s: Silence): Fact[] {
  const from = s.start ? utc(s.start) : "not heard before";
  const to = s.end ? utc(s.end) : "not heard again";
  return [
    ["Not heard", `${from} – ${to} (${duration(s.minutes * 60)})`],
    ["Speed made good meanwhile", known(s.made_good_kn, "kn")],
    ["Top speed assumed", `${number(s.top_speed_kn)} kn: ${s.top_speed_from}`],
    ["Shortest way over the way by the stretch", percent(s.directness)],
    ["The way goes round land", s.round_land ? "yes" : "no"],
    ["Others were heard there", `in ${percent(s.heard_there)} of the window`],
  ];
}

function ship(one: Candidate): Fact[] {
  const { anchor } = one;
  const reach = anchor?.reaches === null || !anchor ? "" : anchor.reaches ? ": longer than the water is deep" : ": shorter than the water is deep";
  return [
    ["Flag", one.flag ?? "not known"],
    ["Type", one.ship_type],
    ["MMSI", String(one.mmsi)],
    ["IMO", one.imo ? String(one.imo) : "not sent"],
    ["Length, draught", `${known(one.length_m, "m") ?? "–"}, ${known(one.draught_m, "m") ?? "–"}`],
    ["Anchor by its length", anchor && `about ${number(anchor.mass_kg)} kg, ${number(anchor.chain_m)} m of chain${reach}`],
    ["Lists", one.lists.join("; ") || "on none of the lists given"],
    ["Positions", `${one.position.state}${one.position.reason ? `: ${one.position.reason}` : ""}`],
    ["Findings of the scan", one.findings.length ? `${one.findings.length}, see explain ${one.findings[0]}` : "none in the window"],
  ];
}

/** Everything about one ship. */
export function showShip(one: Candidate, back: () => void): void {
  const pane = byId("detail");
  pane.replaceChildren(
    h("button", { type: "button", class: "small back", click: back }, "← What was asked"),
    h("div", { class: "ship-head" }, h("span", { class: "rank", title: "rank" }, one.rank), h("h2", { id: "ship-name", dir: "auto", tabindex: -1 }, one.name || `MMSI ${one.mmsi}`)),
    h("p", { class: "headline" }, one.summary),
    facts(ship(one)),
    h("h3", {}, "The crossing"),
    facts(crossing(one)),
    one.silence ? h("h3", {}, "The silence") : "",
    one.silence ? facts(silence(one.silence)) : "",
    h("h3", {}, "Speed and course"),
    facts(movement(one)),
    h("h3", {}, `How the order was reached, ${value(one.score)} in all`),
    evidenceTree({}, one.tree),
  );
  pane.scrollTop = 0;
}

function excluded(all: Excluded[]): HTMLElement[] {
  const groups = new Map<string, Excluded[]>();
  for (const one of all) groups.set(one.reason, [...(groups.get(one.reason) ?? []), one]);
  return [...groups].map(([reason, ships]) =>
    h(
      "details",
      { class: "aside" },
      h("summary", {}, `${reason}: ${ships.length} ${ships.length === 1 ? "ship" : "ships"}`),
      h("ul", { class: "sources" }, ...ships.map((s) => h("li", {}, h("b", { dir: "auto" }, s.name || `MMSI ${s.mmsi}`), ` (${s.ship_type}): ${s.detail}`))),
    ),
  );
}

/** The question, its limits, and the ships left out. */
export function showQuestion(answer: Answer): void {
  const q = answer.question;
  const pane = byId("detail");
  const n = answer.candidates.length;
  pane.replaceChildren(
    h("h2", { id: "ship-name", tabindex: -1 }, "What was asked"),
    h("p", { class: "headline" }, n ? `${n} ${n === 1 ? "ship" : "ships"} crossed this stretch in the window, or could have. An order of evidence, not a verdict.` : "No ship that was heard crossed this stretch in the window, or could have."),
    facts([
      ["Asset", `${q.asset_name} (${q.kind}, position ${q.position_class})`],
      ["Window", period(seconds(q.start), seconds(q.end))],
      ["Place of the fault", q.place && `${place(...q.place)} ± ${((q.uncertainty_m ?? 0) / NMI_M).toFixed(1)} nmi`],
      ["Stretch", `${number(q.stretch_km)} km`],
      ["Depth", known(q.depth_m, "m")],
      ["Data", period(seconds(answer.data_start), seconds(answer.data_end))],
      ["Ships heard", number(answer.ships_heard)],
    ]),
    h("h3", {}, "What limits the answer"),
    h("ul", { class: "sources" }, ...answer.notes.map((note) => h("li", {}, note))),
    h("h3", {}, `Near, or not heard, and left out: ${answer.excluded.length}`),
    ...(answer.excluded.length ? excluded(answer.excluded) : [h("p", { class: "said" }, "None.")]),
    h("p", { class: "muted" }, answer.credits.join(" · ")),
  );
  pane.scrollTop = 0;
}

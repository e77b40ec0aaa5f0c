/* Starts the page: reads the embedded data, builds the parts, and keeps them showing the same ship. */

import { readReport } from "./data.ts";
import { showFinding, showShip } from "./detail.ts";
import { byId, h } from "./dom.ts";
import { number, period, seconds } from "./format.ts";
import { type List, makeList } from "./list.ts";
import { makeMap, type MapView } from "./map.ts";
import { rows, showOverview, vessels } from "./overview.ts";
import { preparePaper } from "./print.ts";
import { makeThemes } from "./theme.ts";
import { makeTimeline, type Timeline } from "./timeline.ts";
import type { Alert, Report } from "./types.ts";
import "./page.css"; // last, so that it wins over MapLibre's

const VIEWS = ["list", "map", "detail"] as const;
type View = (typeof VIEWS)[number];

function showHeader(report: Report): void {
  const { read, kept } = rows(report.run);
  const run = report.run;
  const span = period(seconds(String(run["start"] ?? "")), seconds(String(run["end"] ?? "")));
  const counted = read ? `${number(read)} rows read, ${number(kept)} kept, ${number(vessels(run))} ships` : "";
  const facts = [span, run["region"], counted].filter(Boolean).map((fact) => h("span", {}, String(fact)));
  byId("title").textContent = report.title;
  byId("facts").replaceChildren(...facts);
  byId("simulated").hidden = !report.simulated;
}

function showView(view: View): void {
  byId("main").dataset["view"] = view;
  for (const name of VIEWS) byId(`tab-${name}`).setAttribute("aria-selected", String(name === view));
}

/** Keeps list, map, timeline and reasons on the same ship and finding. */
class Page {
  #ship: number | null = null;
  readonly #report: Report;
  readonly #list: List;
  readonly #map: MapView;
  readonly #timeline: Timeline;

  constructor(report: Report) {
    this.#report = report;
    const chooseShip = (mmsi: number): void => this.chooseShip(mmsi);
    this.#list = makeList(report, chooseShip, () => this.#read());
    this.#map = makeMap(report, (mmsi, finding) => this.#chooseOnMap(mmsi, finding));
    const hover = (mmsi: number, t: number | null): void => this.#map.cursor(mmsi, t);
    this.#timeline = makeTimeline(report, hover, (id) => this.chooseFinding(id));
    makeThemes(() => this.#map.retheme());
    preparePaper(report, () => this.#map.picture(), () => this.#showPane());
    byId("ships").addEventListener("click", () => this.#ship !== null && showView("detail"));
    byId("overview").addEventListener("click", () => {
      this.chooseShip(null);
      this.#read();
    });
    addEventListener("keydown", (event) => this.#key(event));
    addEventListener("hashchange", () => this.#follow());
    this.#showPane();
    this.#follow();
  }

  chooseShip(mmsi: number | null): void {
    this.#ship = mmsi;
    this.#list.mark(mmsi);
    this.#timeline.show(this.#showPane());
    this.#map.show(mmsi);
    history.replaceState(null, "", mmsi === null ? "#" : `#ship/${mmsi}`);
  }

  chooseFinding(id: string): void {
    const finding = this.#report.findings.get(id);
    if (!finding) return;
    showFinding(id);
    this.#timeline.choose(finding);
    this.#map.choose(finding);
    history.replaceState(null, "", `#finding/${id}`);
  }

  #chooseOnMap(mmsi: number, finding: string | null): void {
    if (mmsi !== this.#ship) this.chooseShip(mmsi);
    if (finding) this.chooseFinding(finding);
  }

  /** Fills the right-hand pane and returns the ship it shows. */
  #showPane(): Alert | null {
    const alert = this.#report.alerts.find((a) => a.mmsi === this.#ship) ?? null;
    if (alert) {
      showShip(this.#report, alert, { ship: (m) => this.chooseShip(m), finding: (id) => this.chooseFinding(id) });
    } else showOverview(this.#report);
    return alert;
  }

  #read(): void {
    showView("detail");
    byId("ship-name").focus();
  }

  /** Goes where the address points: #ship/219000000 or #finding/<id>. */
  #follow(): void {
    const [kind, id = ""] = decodeURIComponent(location.hash.slice(1)).split("/");
    const named = (a: Alert): boolean => (kind === "ship" ? String(a.mmsi) === id : a.finding_ids.includes(id));
    const owners = this.#report.alerts.filter(named);
    const owner = owners.find((a) => a.mmsi === this.#ship) ?? owners[0];
    if (!owner) return;
    if (owner.mmsi !== this.#ship) this.chooseShip(owner.mmsi);
    if (kind === "finding") this.chooseFinding(id);
  }

  #key(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement;
    const help = byId("help") as HTMLDialogElement;
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const keys: Record<string, () => void> = {
      "/": () => {
        showView("list");
        this.#list.focusFilter();
      },
      "?": () => help.showModal(),
      ArrowDown: () => this.#list.move(1),
      ArrowUp: () => this.#list.move(-1),
    };
    const free = !typing && (!event.key.startsWith("Arrow") || event.target === document.body);
    if (event.key === "Escape") this.#back(typing);
    else if (free && keys[event.key]) keys[event.key]!();
    else return;
    event.preventDefault();
  }

  #back(typing: boolean): void {
    if (!(typing && this.#list.clear())) this.chooseShip(null);
    showView("list");
    byId("ships").focus();
  }
}

byId("help-open").addEventListener("click", () => (byId("help") as HTMLDialogElement).showModal());
byId("help-close").addEventListener("click", () => (byId("help") as HTMLDialogElement).close());

readReport(byId("data").textContent ?? "").then(
  (report) => {
    showHeader(report);
    for (const view of VIEWS) byId(`tab-${view}`).addEventListener("click", () => showView(view));
    if (!report.alerts.length) showView("detail");
    new Page(report);
    document.documentElement.dataset["state"] = "ready";
  },
  (error: unknown) => {
    document.documentElement.dataset["state"] = "broken";
    const what = "The data inside this file cannot be read. It may be cut short: copy it again, or run the scan again.";
    byId("main").replaceChildren(h("p", { class: "broken", role: "alert" }, what, h("code", {}, String(error))));
  },
);

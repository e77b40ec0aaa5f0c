/* Starts the page: reads the embedded data, builds the parts, and keeps them showing the same ship. */

import "./page.css";
import { readReport } from "./data.ts";
import { showFinding, showShip } from "./detail.ts";
import { byId, h } from "./dom.ts";
import { number, period, seconds } from "./format.ts";
import { makeList } from "./list.ts";
import { makeMap } from "./map.ts";
import { rows, showOverview, vessels } from "./overview.ts";
import { preparePaper } from "./print.ts";
import { makeTimeline } from "./timeline.ts";
import type { Report } from "./types.ts";

const THEMES = ["auto", "dark", "light"] as const;
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

function start(report: Report): void {
  showHeader(report);
  let ship: number | null = null;

  function chooseShip(mmsi: number | null): void {
    ship = mmsi;
    const alert = report.alerts.find((a) => a.mmsi === mmsi) ?? null;
    list.mark(mmsi);
    if (alert) showShip(report, alert, { ship: chooseShip, finding: chooseFinding });
    else showOverview(report);
    timeline.show(alert);
    map.resize();
    map.show(mmsi);
    history.replaceState(null, "", mmsi === null ? "#" : `#ship/${mmsi}`);
  }

  function chooseFinding(id: string): void {
    const finding = report.findings.get(id) ?? null;
    showFinding(id);
    timeline.choose(finding);
    map.choose(finding);
    if (finding) history.replaceState(null, "", `#finding/${id}`);
  }

  function fromMap(mmsi: number, finding: string | null): void {
    if (mmsi !== ship) chooseShip(mmsi);
    if (finding) chooseFinding(finding);
  }

  function read(): void {
    showView("detail");
    byId("ship-name").focus();
  }

  const fromList = (mmsi: number): void => chooseShip(mmsi);
  const list = makeList(report, fromList, read);
  const map = makeMap(report, fromMap);
  const timeline = makeTimeline(report, map.cursor, chooseFinding);

  function restore(): void {
    const [kind, id = ""] = decodeURIComponent(location.hash.slice(1)).split("/");
    const owner = report.alerts.find((a) => (kind === "ship" ? String(a.mmsi) === id : a.finding_ids.includes(id)));
    chooseShip(owner?.mmsi ?? null);
    if (kind === "finding" && owner) chooseFinding(id);
  }

  function keys(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement;
    const help = byId("help") as HTMLDialogElement;
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape") {
      if (!(typing && list.clear())) chooseShip(null);
      byId("ships").focus();
    } else if (event.key === "/" && !typing) {
      event.preventDefault();
      showView("list");
      list.focusFilter();
    } else if (event.key === "?" && !typing) help.showModal();
    else if (event.target === document.body && event.key === "ArrowDown") list.move(1);
    else if (event.target === document.body && event.key === "ArrowUp") list.move(-1);
    else return;
    event.preventDefault();
  }

  byId("ships").addEventListener("click", () => ship !== null && showView("detail"));
  byId("overview").addEventListener("click", () => {
    chooseShip(null);
    read();
  });
  addEventListener("keydown", keys);
  addEventListener("hashchange", restore);
  addEventListener("resize", timeline.draw);
  makeThemes(map.retheme);
  for (const view of VIEWS) {
    byId(`tab-${view}`).addEventListener("click", () => {
      showView(view);
      map.resize();
      timeline.draw();
    });
  }
  preparePaper(report, () => showOverview(report), map.picture, restore);
  restore();
}

function makeThemes(changed: () => void): void {
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

byId("help-open").addEventListener("click", () => (byId("help") as HTMLDialogElement).showModal());
byId("help-close").addEventListener("click", () => (byId("help") as HTMLDialogElement).close());

readReport(byId("data").textContent ?? "").then(
  (report) => {
    start(report);
    document.documentElement.dataset["state"] = "ready";
  },
  (error: unknown) => {
    document.documentElement.dataset["state"] = "broken";
    const what = "The data inside this file cannot be read. It may be cut short: copy it again, or run the scan again.";
    byId("main").replaceChildren(h("p", { class: "broken", role: "alert" }, what, h("code", {}, String(error))));
  },
);

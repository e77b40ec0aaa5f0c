/* The map. Everything it needs is in the page: no tiles, no fonts, no pictures are fetched. */

import type { DataDrivenPropertyValueSpecification, FilterSpecification, GeoJSONSource, Map as Chart } from "maplibre-gl";
import { type Box, CLOSEST_ZOOM, canDraw, corners, createChart, drawGraticule, NO_WEBGL, PADDING, still } from "./chart.ts";
import { positionAt } from "./data.ts";
import { byId, h } from "./dom.ts";
import { collection, pointFeature } from "./features.ts";
import { layers, style } from "./style.ts";
import type { Finding, Report, Track } from "./types.ts";

const CHOSEN = ["casing-heard", "casing-silent", "chosen-heard", "chosen-silent", "ship-label-chosen"];
const NOTHING: FilterSpecification = ["==", ["get", "mmsi"], -1];
const FINDING_ZOOM = 9;
const LABEL = "Map of the ships in the list. Arrow keys move it, plus and minus zoom.";
const MOVE_MS = 600;
const TRACK_OPACITY = 0.65;
const TRACK_OPACITY_CROWDED = 0.3;
const CROWD = 100;
const TRACK_OPACITY_BEHIND = 0.28;

export interface MapView {
  show(mmsi: number | null): void;
  choose(finding: Finding | null): void;
  cursor(mmsi: number, t: number | null): void;
  retheme(): void;
  picture(): string | null;
}

/** A page without a map: all else works. */
function withoutMap(why: string): MapView {
  byId("map").replaceChildren(h("p", { class: "no-map", role: "status" }, why));
  const nothing = (): void => undefined;
  return { show: nothing, choose: nothing, cursor: nothing, retheme: nothing, picture: () => null };
}

function ofShip(mmsi: number | null, silent?: boolean): FilterSpecification {
  if (mmsi === null) return NOTHING;
  const ship: FilterSpecification = ["==", ["get", "mmsi"], mmsi];
  return silent === undefined ? ship : ["all", ship, ["==", ["get", "silent"], silent]];
}

const opacity = (ship: number | null, mine: number, others: number): DataDrivenPropertyValueSpecification<number> =>
  ship === null ? 1 : ["case", ["==", ["get", "mmsi"], ship], mine, others];

function extent(hulls: Track[]): Box {
  const lon = hulls.flatMap((hull) => hull.lon);
  const lat = hulls.flatMap((hull) => hull.lat);
  const least = (column: number[]): number => column.reduce((a, b) => Math.min(a, b));
  const most = (column: number[]): number => column.reduce((a, b) => Math.max(a, b));
  return [[least(lon), least(lat)], [most(lon), most(lat)]];
}

function addTooltip(chart: Chart, select: (mmsi: number, finding: string | null) => void): void {
  const tip = h("div", { class: "tip", hidden: true, role: "tooltip" });
  byId("map").append(tip);
  const texts: [string, (p: Record<string, unknown>) => string][] = [
    ["findings", (p) => String(p["summary"])],
    ["ships", (p) => `${p["rank"]}. ${p["name"]}`],
    ["tracks-heard", (p) => `MMSI ${p["mmsi"]}`],
    ["asset-cable", (p) => String(p["name"])],
    ["asset-pipeline", (p) => String(p["name"])],
    ["asset-power-line", (p) => String(p["name"])],
    ["interference", (p) => String(p["text"])],
  ];
  const ids = texts.map(([id]) => id);
  const under = (point: { x: number; y: number }) => {
    const box: Box = [[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]];
    const found = chart.queryRenderedFeatures(box, { layers: ids });
    return found.sort((a, b) => ids.indexOf(a.layer.id) - ids.indexOf(b.layer.id))[0];
  };
  chart.on("mousemove", (event) => {
    const hit = under(event.point);
    tip.hidden = !hit;
    chart.getCanvas().style.cursor = hit?.properties["mmsi"] ? "pointer" : "";
    if (!hit) return;
    tip.textContent = texts.find(([id]) => id === hit.layer.id)?.[1](hit.properties) ?? "";
    tip.style.setProperty("--x", `${event.point.x}px`);
    tip.style.setProperty("--y", `${event.point.y}px`);
  });
  chart.on("mouseout", () => (tip.hidden = true));
  chart.on("click", (event) => {
    const hit = under(event.point)?.properties;
    if (hit?.["mmsi"]) select(Number(hit["mmsi"]), hit["id"] ? String(hit["id"]) : null);
  });
}

class ChartView implements MapView {
  #ship: number | null = null;
  #waiting: (() => void)[] | null = [];
  readonly #report: Report;
  readonly #chart: Chart;

  constructor(report: Report, chart: Chart) {
    this.#report = report;
    this.#chart = chart;
    this.#whenReady(() => this.#emphasise());
    chart.once("load", () => {
      const waiting = this.#waiting ?? [];
      this.#waiting = null;
      for (const act of waiting) act();
      drawGraticule(chart);
      byId("map").dataset["ready"] = "true";
    });
    chart.on("moveend", () => this.#whenReady(() => drawGraticule(chart)));
  }

  /** The map's sources and layers exist only after it has loaded. */
  #whenReady(act: () => void): void {
    if (this.#waiting) this.#waiting.push(act);
    else act();
  }

  /** Strong for the chosen ship, faint for the others. */
  #emphasise(): void {
    const [chart, ship] = [this.#chart, this.#ship];
    for (const id of CHOSEN) {
      const silent = id.endsWith("-silent") ? true : id.endsWith("-heard") ? false : undefined;
      chart.setFilter(id, ofShip(ship, silent));
    }
    const crowded = this.#report.tracks.size > CROWD;
    const faint = ship !== null ? TRACK_OPACITY_BEHIND : crowded ? TRACK_OPACITY_CROWDED : TRACK_OPACITY;
    for (const end of ["heard", "silent"]) chart.setPaintProperty(`tracks-${end}`, "line-opacity", faint);
    chart.setPaintProperty("findings", "circle-opacity", opacity(ship, 1, 0.35));
    chart.setPaintProperty("findings", "circle-stroke-opacity", opacity(ship, 1, 0.35));
    chart.setPaintProperty("finding-letters", "text-opacity", opacity(ship, 1, 0.35));
    chart.setPaintProperty("ship-label", "text-opacity", opacity(ship, 0, 0.75));
    const byRank: DataDrivenPropertyValueSpecification<number> = ["-", 0, ["get", "rank"]];
    chart.setLayoutProperty("findings", "circle-sort-key", ["case", ["==", ["get", "mmsi"], ship ?? -1], 1, byRank]);
    this.#ring(null);
  }

  #ring(finding: string | null): void {
    this.#chart.setFilter("finding-chosen", ["==", ["get", "id"], finding ?? ""]);
  }

  #fit(box: Box): void {
    this.#chart.fitBounds(box, { padding: PADDING, maxZoom: CLOSEST_ZOOM, animate: !still(), duration: MOVE_MS });
  }

  show(mmsi: number | null): void {
    this.#whenReady(() => {
      this.#ship = mmsi;
      this.#emphasise();
      const hulls = mmsi === null ? undefined : this.#report.tracks.get(mmsi);
      if (mmsi === null) this.#fit(corners(this.#report.bounds));
      else if (hulls?.length) this.#fit(extent(hulls));
    });
  }

  choose(finding: Finding | null): void {
    this.#whenReady(() => {
      this.#ring(finding?.id ?? null);
      if (!finding) return;
      const zoom = Math.max(this.#chart.getZoom(), FINDING_ZOOM);
      this.#chart.easeTo({ center: [finding.lon, finding.lat], zoom, animate: !still(), duration: MOVE_MS });
    });
  }

  cursor(mmsi: number, t: number | null): void {
    const at = t === null ? null : positionAt(this.#report.tracks.get(mmsi) ?? [], t);
    const points = at ? [pointFeature(at.lon, at.lat)] : [];
    this.#whenReady(() => void this.#chart.getSource<GeoJSONSource>("cursor")?.setData(collection(points)));
  }

  retheme(): void {
    this.#whenReady(() => {
      for (const layer of layers(this.#report)) {
        for (const [name, value] of Object.entries(layer.paint ?? {})) {
          if (name.endsWith("color")) this.#chart.setPaintProperty(layer.id, name as never, value as never);
        }
      }
    });
  }

  picture(): string {
    this.#chart.redraw();
    return this.#chart.getCanvas().toDataURL("image/png");
  }
}

/** Starts the map, or says why there is none. */
export function makeMap(report: Report, select: (mmsi: number, finding: string | null) => void): MapView {
  if (!canDraw()) return withoutMap(NO_WEBGL);
  const chart = createChart(style(report), report.bounds, LABEL);
  addTooltip(chart, select);
  return new ChartView(report, chart);
}

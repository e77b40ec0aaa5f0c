/* The stretch, the ships that crossed or could have, and where each was at the time of the slider. */

import type { GeoJSONSource, LayerSpecification, Map as Chart, StyleSpecification } from "maplibre-gl";
import { type Box, CLOSEST_ZOOM, canDraw, corners, createChart, drawGraticule, NO_WEBGL, PADDING, still } from "../chart.ts";
import { byId, h } from "../dom.ts";
import * as features from "../features.ts";
import { BOLD, type Colour, empty, FONT, ground, palette } from "../style.ts";
import type { Geometry } from "../types.ts";
import { momentOf } from "./data.ts";
import type { Answer, Candidate } from "./types.ts";

const LABEL = "Map of the stretch and of the ships that could have crossed it. Arrow keys move it, plus and minus zoom.";
const MOVE_MS = 500;
/** Names are written for so many of the first ranks; the others show when chosen. */
const NAMED = 8;

export interface View {
  show(mmsi: number | null): void;
  at(t: number): void;
  retheme(): void;
}

type GeoJSON = Parameters<GeoJSONSource["setData"]>[0];
const shape = (geometry: Geometry, properties = {}) => features.feature(geometry as never, properties);
const name = (one: Candidate): string => one.name || String(one.mmsi);

function tracks(answer: Answer): GeoJSON {
  const line = (one: Candidate) =>
    shape(
      { type: "LineString", coordinates: one.track.map(([, lat, lon]) => [lon, lat]) },
      { mmsi: one.mmsi, rank: one.rank, text: `${one.rank}. ${name(one)}` },
    );
  return features.collection(answer.candidates.filter((one) => one.track.length > 1).map(line));
}

function crossings(answer: Answer): GeoJSON {
  const point = (one: Candidate) =>
    shape(
      { type: "Point", coordinates: [one.crossing.at[1], one.crossing.at[0]] },
      { mmsi: one.mmsi, rank: one.rank, seen: one.crossing.how === "seen", text: `${one.rank}. ${name(one)}: ${one.summary}` },
    );
  return features.collection(answer.candidates.map(point));
}

function ships(answer: Answer, t: number): GeoJSON {
  const at = (one: Candidate) => {
    const moment = momentOf(one, t);
    if (!moment) return [];
    const properties = { mmsi: one.mmsi, rank: one.rank, silent: moment.silent, name: `${one.rank} ${name(one)}` };
    return [shape({ type: "Point", coordinates: [moment.lon, moment.lat] }, properties)];
  };
  return features.collection(answer.candidates.flatMap(at));
}

function lines(colour: Colour): LayerSpecification[] {
  return [
    { id: "area", type: "fill", source: "area", paint: { "fill-color": colour("sign-silence"), "fill-opacity": 0.2 } },
    { id: "area-edge", type: "line", source: "area", paint: { "line-color": colour("sign-silence"), "line-width": 1.2, "line-dasharray": [3, 2] } },
    { id: "asset", type: "line", source: "asset", paint: { "line-color": colour("asset-line"), "line-width": 1.6 } },
    {
      id: "stretch",
      type: "line",
      source: "stretch",
      layout: { "line-cap": "round" },
      paint: { "line-color": colour("asset-line"), "line-width": 6, "line-opacity": 0.75 },
    },
    { id: "tracks", type: "line", source: "tracks", paint: { "line-color": colour("track"), "line-width": 1.2, "line-opacity": 0.6 } },
    {
      id: "track-chosen",
      type: "line",
      source: "tracks",
      filter: ["==", ["get", "mmsi"], -1],
      layout: { "line-join": "round", "line-cap": "round" },
      paint: { "line-color": colour("track-chosen"), "line-width": 3 },
    },
  ];
}

function points(colour: Colour): LayerSpecification[] {
  const dark = ["get", "silent"];
  return [
    {
      id: "crossings",
      type: "circle",
      source: "crossings",
      layout: { "circle-sort-key": ["-", 0, ["get", "rank"]] },
      paint: {
        "circle-radius": 5,
        "circle-color": ["case", ["get", "seen"], colour("asset-line"), colour("halo")] as never,
        "circle-stroke-width": 2,
        "circle-stroke-color": colour("asset-line"),
      },
    },
    {
      id: "ships",
      type: "circle",
      source: "ships",
      layout: { "circle-sort-key": ["-", 0, ["get", "rank"]] },
      paint: {
        "circle-radius": 6,
        "circle-color": ["case", dark, colour("halo"), colour("track-end")] as never,
        "circle-stroke-width": 2,
        "circle-stroke-color": ["case", dark, colour("sign-silence"), colour("halo")] as never,
      },
    },
    {
      id: "ship-label",
      type: "symbol",
      source: "ships",
      filter: ["<=", ["get", "rank"], NAMED],
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-anchor": "left", "text-offset": [0.9, 0], "symbol-sort-key": ["get", "rank"] },
      paint: { "text-color": colour("map-text"), "text-halo-color": colour("halo"), "text-halo-width": 1.8 },
    },
    {
      id: "ship-label-chosen",
      type: "symbol",
      source: "ships",
      filter: ["==", ["get", "mmsi"], -1],
      layout: { "text-field": ["get", "name"], "text-font": BOLD, "text-size": 13, "text-anchor": "left", "text-offset": [0.9, 0], "text-allow-overlap": true },
      paint: { "text-color": colour("map-text"), "text-halo-color": colour("halo"), "text-halo-width": 2 },
    },
    {
      id: "place",
      type: "circle",
      source: "place",
      paint: { "circle-radius": 9, "circle-color": "rgba(0,0,0,0)", "circle-stroke-width": 2.5, "circle-stroke-color": colour("track-chosen") },
    },
  ];
}

function layers(): LayerSpecification[] {
  const colour = palette();
  return [...ground(colour), ...lines(colour), ...points(colour)];
}

function style(answer: Answer): StyleSpecification {
  const { question } = answer;
  const place = question.place ? [features.pointFeature(question.place[1], question.place[0])] : [];
  const one = (geometry: Geometry): { type: "geojson"; data: GeoJSON } => ({ type: "geojson", data: features.collection([shape(geometry)]) });
  return {
    version: 8,
    sources: {
      graticule: empty,
      land: { type: "geojson", data: features.land(answer), tolerance: 0.3 },
      coast: { type: "geojson", data: features.coast(answer), tolerance: 0.3 },
      asset: one(question.geometry),
      stretch: one(question.stretch),
      place: { type: "geojson", data: features.collection(place) },
      area: empty,
      tracks: { type: "geojson", data: tracks(answer) },
      crossings: { type: "geojson", data: crossings(answer) },
      ships: empty,
    },
    layers: layers(),
  };
}

function extent(one: Candidate): Box {
  const lat = one.track.map((row) => row[1] as number);
  const lon = one.track.map((row) => row[2] as number);
  return [[Math.min(...lon), Math.min(...lat)], [Math.max(...lon), Math.max(...lat)]];
}

function tooltips(chart: Chart, select: (mmsi: number) => void): void {
  const tip = h("div", { class: "tip", hidden: true, role: "tooltip" });
  byId("map").append(tip);
  const ids = ["ships", "crossings", "tracks"];
  const under = (point: { x: number; y: number }) => {
    const box: Box = [[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]];
    const found = chart.queryRenderedFeatures(box, { layers: ids });
    return found.sort((a, b) => ids.indexOf(a.layer.id) - ids.indexOf(b.layer.id))[0]?.properties;
  };
  chart.on("mousemove", (event) => {
    const hit = under(event.point);
    tip.hidden = !hit;
    chart.getCanvas().style.cursor = hit ? "pointer" : "";
    if (!hit) return;
    tip.textContent = String(hit["text"] ?? hit["name"]);
    tip.style.setProperty("--x", `${event.point.x}px`);
    tip.style.setProperty("--y", `${event.point.y}px`);
  });
  chart.on("mouseout", () => (tip.hidden = true));
  chart.on("click", (event) => {
    const hit = under(event.point);
    if (hit) select(Number(hit["mmsi"]));
  });
}

/** Starts the map, or says why there is none. */
export function makeMap(answer: Answer, select: (mmsi: number) => void): View {
  if (!canDraw()) {
    byId("map").replaceChildren(h("p", { class: "no-map", role: "status" }, NO_WEBGL));
    const nothing = (): void => undefined;
    return { show: nothing, at: nothing, retheme: nothing };
  }
  const chart = createChart(style(answer), answer.bounds, LABEL);
  const ready = new Promise<void>((resolve) => void chart.once("load", () => resolve()));
  const data = (source: string, given: GeoJSON): void => void chart.getSource<GeoJSONSource>(source)?.setData(given);
  tooltips(chart, select);
  void ready.then(() => {
    drawGraticule(chart);
    chart.on("moveend", () => drawGraticule(chart));
    byId("map").dataset["ready"] = "true";
  });
  return {
    show: (mmsi) =>
      void ready.then(() => {
        const one = answer.candidates.find((c) => c.mmsi === mmsi);
        for (const id of ["track-chosen", "ship-label-chosen"]) chart.setFilter(id, ["==", ["get", "mmsi"], mmsi ?? -1]);
        chart.setFilter("ship-label", ["all", ["<=", ["get", "rank"], NAMED], ["!=", ["get", "mmsi"], mmsi ?? -1]]);
        chart.setPaintProperty("tracks", "line-opacity", one ? 0.25 : 0.6);
        data("area", features.collection(one?.silence?.area ? [shape(one.silence.area)] : []));
        const box = one && one.track.length ? extent(one) : corners(answer.bounds);
        chart.fitBounds(box, { padding: PADDING, maxZoom: CLOSEST_ZOOM, animate: !still(), duration: MOVE_MS });
      }),
    at: (t) => void ready.then(() => data("ships", ships(answer, t))),
    retheme: () =>
      void ready.then(() => {
        for (const layer of layers()) {
          for (const [property, value] of Object.entries(layer.paint ?? {})) {
            if (property.endsWith("color")) chart.setPaintProperty(layer.id, property as never, value as never);
          }
        }
      }),
  };
}

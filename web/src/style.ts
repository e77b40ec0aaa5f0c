/* The map's layers. Colours are custom properties of the style sheet, so that the theme is in one place. */

import type { FilterSpecification, LayerSpecification, StyleSpecification, SymbolLayerSpecification } from "maplibre-gl";
import { collection } from "./features.ts";
import * as features from "./features.ts";
import type { Report } from "./types.ts";

const FAMILIES = ["silence", "meeting", "still", "identity", "asset", "network", "listed", "other"];

export type Colour = (name: string) => string;
type SymbolLayout = NonNullable<SymbolLayerSpecification["layout"]>;

/** Reads the theme's colours as they are now: a probe resolves them, the property alone holds both themes. */
export function palette(): Colour {
  const probe = document.createElement("span");
  document.body.append(probe);
  const names = ["sea", "land", "coast", "graticule", "map-text", "map-muted", "halo", "asset-line", "sign-text"];
  const colours = new Map<string, string>();
  for (const name of [...names, "track", "track-end", "track-chosen", ...FAMILIES.map((f) => `sign-${f}`)]) {
    probe.style.color = `var(--${name})`;
    colours.set(name, getComputedStyle(probe).color);
  }
  probe.remove();
  return (name) => colours.get(name) ?? "gray";
}

const byFamily = (colour: Colour, prefix: string): never =>
  ["match", ["get", "family"], ...FAMILIES.flatMap((f) => [f, colour(`${prefix}-${f}`)]), colour(`${prefix}-other`)] as never;

export const empty = { type: "geojson", data: collection([]) } as const;

// The reader's own fonts: without a `glyphs` address MapLibre draws letters itself. It takes the weight from the
// name and falls back to sans-serif; a generic name alone cannot carry a weight.
export const FONT = ["sans-serif"];
export const BOLD = ["Noto Sans Bold"];

export function ground(colour: Colour): LayerSpecification[] {
  return [
    { id: "sea", type: "background", paint: { "background-color": colour("sea") } },
    { id: "graticule", type: "line", source: "graticule", paint: { "line-color": colour("graticule"), "line-width": 0.7 } },
    { id: "land", type: "fill", source: "land", paint: { "fill-color": colour("land"), "fill-antialias": false } },
    { id: "coast", type: "line", source: "coast", paint: { "line-color": colour("coast"), "line-width": 1 } },
    {
      id: "graticule-label",
      type: "symbol",
      source: "graticule",
      layout: { "symbol-placement": "line", "symbol-spacing": 350, "text-field": ["get", "label"], "text-font": FONT, "text-size": 10 },
      paint: { "text-color": colour("map-muted"), "text-halo-color": colour("sea"), "text-halo-width": 1.5 },
    },
  ];
}

function assets(colour: Colour): LayerSpecification[] {
  const lines: [string, number[] | null][] = [
    ["cable", null],
    ["pipeline", [6, 3]],
    ["power-line", [2, 2]],
  ];
  const drawn = lines.map(
    ([kind, dash]): LayerSpecification => ({
      id: `asset-${kind}`,
      type: "line",
      source: "assets",
      filter: ["==", ["get", "kind"], kind],
      paint: { "line-color": colour("asset-line"), "line-width": 1.8, ...(dash && { "line-dasharray": dash }) },
    }),
  );
  const label = { "text-color": colour("asset-line"), "text-halo-color": colour("halo"), "text-halo-width": 1.6 };
  const text: SymbolLayout = { "text-field": ["get", "name"], "text-font": FONT, "text-size": 11 };
  return [
    {
      id: "zone",
      type: "fill",
      source: "assets",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colour("asset-line"), "fill-opacity": 0.12 },
    },
    ...drawn,
    {
      id: "asset-label",
      type: "symbol",
      source: "assets",
      filter: ["==", ["geometry-type"], "LineString"],
      layout: { ...text, "symbol-placement": "line", "symbol-spacing": 400, "text-max-angle": 40 },
      paint: label,
    },
    {
      id: "asset-point-label",
      type: "symbol",
      source: "assets",
      filter: ["!=", ["geometry-type"], "LineString"],
      layout: text,
      paint: label,
    },
    {
      id: "places",
      type: "circle",
      source: "places",
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 3, "circle-color": colour("map-muted"), "circle-stroke-width": 1, "circle-stroke-color": colour("halo") },
    },
    {
      id: "place-area",
      type: "line",
      source: "places",
      filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": colour("map-muted"), "line-width": 1, "line-dasharray": [2, 2] },
    },
    {
      id: "place-label",
      type: "symbol",
      source: "places",
      minzoom: 6,
      layout: { ...text, "text-size": 10, "text-anchor": "top", "text-offset": [0, 0.5] },
      paint: { "text-color": colour("map-muted"), "text-halo-color": colour("halo"), "text-halo-width": 1.4 },
    },
  ];
}

/** Where positions are not to be relied on, under the tracks that it concerns. */
function interference(colour: Colour): LayerSpecification[] {
  const line = colour("sign-network");
  return [
    { id: "interference", type: "fill", source: "interference", paint: { "fill-color": line, "fill-opacity": 0.14 } },
    {
      id: "interference-edge",
      type: "line",
      source: "interference",
      paint: { "line-color": line, "line-width": 2, "line-dasharray": [4, 2] },
    },
  ];
}

/** What only a choice shows is hidden from the first frame on. */
const NONE: FilterSpecification = ["==", ["get", "mmsi"], -1];

function trackLines(id: string, line: string, width: number, opacity: number, chosen = false): LayerSpecification[] {
  return [false, true].map((silent) => ({
    id: `${id}-${silent ? "silent" : "heard"}`,
    type: "line",
    source: "tracks",
    filter: chosen ? NONE : ["==", ["get", "silent"], silent],
    layout: { "line-join": "round", "line-cap": silent ? "butt" : "round" },
    paint: {
      "line-color": line,
      "line-width": width,
      "line-opacity": opacity,
      ...(silent && { "line-dasharray": [2, 2] }),
    },
  }));
}

function traffic(colour: Colour, crowded: boolean): LayerSpecification[] {
  const name: SymbolLayout = { "text-field": ["get", "name"], "text-font": FONT, "text-anchor": "left", "text-offset": [1, 0] };
  return [
    ...trackLines("tracks", colour("track"), 1.1, 0.65),
    ...trackLines("casing", colour("halo"), 6, 0.9, true),
    ...trackLines("chosen", colour("track-chosen"), 2.8, 1, true),
    {
      id: "ships",
      type: "circle",
      source: "ships",
      paint: { "circle-radius": 3, "circle-color": colour("track-end"), "circle-stroke-width": 1, "circle-stroke-color": colour("halo") },
    },
    {
      id: "findings",
      type: "circle",
      source: "findings",
      layout: { "circle-sort-key": ["-", 0, ["get", "rank"]] },
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 3, 5, 7, 9],
        "circle-color": byFamily(colour, "sign"),
        "circle-stroke-width": 1.5,
        "circle-stroke-color": colour("halo"),
      },
    },
    {
      id: "finding-letters",
      type: "symbol",
      source: "findings",
      layout: {
        "text-field": ["get", "letters"],
        "text-font": BOLD,
        "text-size": 10,
        "text-allow-overlap": !crowded,
        "text-ignore-placement": !crowded,
        "symbol-sort-key": ["get", "rank"],
      },
      paint: { "text-color": colour("sign-text") },
    },
    {
      id: "finding-chosen",
      type: "circle",
      source: "findings",
      filter: NONE,
      paint: {
        "circle-radius": 15,
        "circle-color": "rgba(0,0,0,0)",
        "circle-stroke-width": 3,
        "circle-stroke-color": colour("track-chosen"),
      },
    },
    {
      id: "ship-label",
      type: "symbol",
      source: "ships",
      layout: { ...name, "text-size": 11, "text-padding": 6, "symbol-sort-key": ["get", "rank"] },
      paint: { "text-color": colour("map-text"), "text-halo-color": colour("halo"), "text-halo-width": 1.6 },
    },
    {
      id: "ship-label-chosen",
      type: "symbol",
      source: "ships",
      filter: NONE,
      layout: { ...name, "text-size": 13, "text-font": BOLD, "text-allow-overlap": true },
      paint: { "text-color": colour("map-text"), "text-halo-color": colour("halo"), "text-halo-width": 2 },
    },
    {
      id: "cursor",
      type: "circle",
      source: "cursor",
      paint: { "circle-radius": 6, "circle-color": colour("track-chosen"), "circle-stroke-width": 2, "circle-stroke-color": colour("map-text") },
    },
  ];
}

/** With more findings than this, letters that would cover each other are left out until the map is zoomed in. */
const CROWD = 150;

/** All layers, from the ground up, in the colours of the theme. */
export function layers(report: Report): LayerSpecification[] {
  const colour = palette();
  return [...ground(colour), ...interference(colour), ...assets(colour), ...traffic(colour, report.findings.size > CROWD)];
}

export function style(report: Report): StyleSpecification {
  return {
    version: 8,
    sources: {
      graticule: empty,
      land: { type: "geojson", data: features.land(report), tolerance: 0.3 },
      coast: { type: "geojson", data: features.coast(report), tolerance: 0.3 },
      assets: { type: "geojson", data: features.layer(report.assets) },
      places: { type: "geojson", data: features.layer(report.places) },
      interference: { type: "geojson", data: features.interference(report) },
      tracks: { type: "geojson", data: features.tracks(report), tolerance: 0.2 },
      ships: { type: "geojson", data: features.ships(report) },
      findings: { type: "geojson", data: features.findings(report) },
      cursor: empty,
    },
    layers: layers(report),
  };
}

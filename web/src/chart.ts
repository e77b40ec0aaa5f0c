/* What every map here has in common. Nothing is fetched: no tiles, no fonts, no pictures. */

import type { GeoJSONSource, StyleSpecification } from "maplibre-gl";
import { Map as Chart, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerCode from "virtual:maplibre-worker";
import { graticule } from "./features.ts";
import type { Bounds } from "./types.ts";

/** Spacing of the graticule in degrees: the smallest that gives at most this many lines across. */
const SPACING = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30];
const LINES_ACROSS = 7;
export const PADDING = 48;
export const CLOSEST_ZOOM = 13;
export const NO_WEBGL =
  "This browser cannot draw the map (WebGL 2 is missing or switched off). " +
  "The list, the reasons and the timeline work without it.";

export type Box = [[number, number], [number, number]];

export const corners = ([west, south, east, north]: Bounds): Box => [[west, south], [east, north]];

export const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

export const canDraw = (): boolean => document.createElement("canvas").getContext("webgl2") !== null;

export function drawGraticule(chart: Chart): void {
  const seen = chart.getBounds();
  const [west, east] = [seen.getWest(), seen.getEast()];
  const step = SPACING.find((s) => (east - west) / s <= LINES_ACROSS) ?? 30;
  const box = [west - step, seen.getSouth() - step, east + step, seen.getNorth() + step];
  chart.getSource<GeoJSONSource>("graticule")?.setData(graticule(box, step));
}

/** A map in `#map` that opens on `bounds`, flat and north up. */
export function createChart(style: StyleSpecification, bounds: Bounds, label: string): Chart {
  // The ending tells MapLibre that the worker is a classic script; a fragment is not part of the address.
  setWorkerUrl(`${URL.createObjectURL(new Blob([workerCode], { type: "text/javascript" }))}#.cjs`);
  const chart = new Chart({
    container: "map",
    style,
    bounds: corners(bounds),
    fitBoundsOptions: { padding: PADDING, maxZoom: CLOSEST_ZOOM },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    fadeDuration: 0,
  });
  chart.touchZoomRotate.disableRotation();
  chart.keyboard.disableRotation();
  chart.addControl(new NavigationControl({ showCompass: false }), "top-right");
  chart.addControl(new ScaleControl({ unit: "nautical", maxWidth: 140 }), "bottom-left");
  chart.getCanvas().setAttribute("aria-label", label);
  return chart;
}

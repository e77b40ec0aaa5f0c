/* What the map draws, as GeoJSON. Longitudes are unwrapped, so nothing is cut at the antimeridian. */

import type { Feature as GeoFeature, FeatureCollection, Geometry as GeoGeometry, Position } from "geojson";
import { minute, period, seconds } from "./format.ts";
import { family, letters } from "./symbols.ts";
import type { Feature, Finding, Interference, Point, Report, Track } from "./types.ts";

export const feature = (geometry: GeoGeometry, properties: Record<string, unknown>): GeoFeature => ({
  type: "Feature",
  geometry,
  properties,
});

export const collection = (features: GeoFeature[]): FeatureCollection => ({ type: "FeatureCollection", features });

type Ground = Pick<Report, "land" | "coast">;

export const land = (report: Ground): FeatureCollection =>
  collection(report.land.map((coordinates) => feature({ type: "Polygon", coordinates }, {})));

export const coast = (report: Ground): FeatureCollection =>
  collection([feature({ type: "MultiLineString", coordinates: report.coast }, {})]);

export const pointFeature = (lon: number, lat: number): GeoFeature =>
  feature({ type: "Point", coordinates: [lon, lat] }, {});

/** Heard and silent legs as two features, each a bundle of lines. */
function legs(mmsi: number, track: Track): GeoFeature[] {
  const point = (i: number): Position => [track.lon[i]!, track.lat[i]!];
  const heard: Position[][] = [];
  const silent: Position[][] = [];
  let line: Position[] = [];
  for (let i = 0; i < track.t.length; i++) {
    line.push(point(i));
    if (!track.silent.has(i)) continue;
    heard.push(line);
    silent.push([point(i), point(i + 1)]);
    line = [];
  }
  heard.push(line);
  const several = (coordinates: Position[][]): GeoGeometry => ({
    type: "MultiLineString",
    coordinates: coordinates.filter((l) => l.length > 1),
  });
  return [
    feature(several(heard), { mmsi, silent: false }),
    feature(several(silent), { mmsi, silent: true }),
  ];
}

export const tracks = (report: Report): FeatureCollection =>
  collection([...report.tracks].flatMap(([mmsi, hulls]) => hulls.flatMap((hull) => legs(mmsi, hull))));

/** The last position of every hull, for its name. */
export function ships(report: Report): FeatureCollection {
  return collection(
    report.alerts.flatMap((alert) => {
      const name = alert.name || String(alert.mmsi);
      return (report.tracks.get(alert.mmsi) ?? []).map((hull) => {
        const coordinates = [hull.lon.at(-1)!, hull.lat.at(-1)!];
        return feature({ type: "Point", coordinates }, { mmsi: alert.mmsi, rank: alert.rank, name });
      });
    }),
  );
}

export function findings(report: Report): FeatureCollection {
  const ranks = new Map(report.alerts.flatMap((a) => a.finding_ids.map((id) => [id, a] as const)));
  const marker = (f: Finding): GeoFeature => {
    const alert = ranks.get(f.id);
    const properties = {
      id: f.id,
      mmsi: alert?.mmsi ?? f.mmsi,
      rank: alert?.rank ?? 0,
      family: family(f.behaviour),
      letters: letters(f.behaviour),
      summary: f.summary,
    };
    return feature({ type: "Point", coordinates: [f.lon, f.lat] }, properties);
  };
  return collection([...report.findings.values()].map(marker));
}

export const layer = (features: Feature[]): FeatureCollection =>
  collection(features.map((f) => feature(f.geometry as GeoGeometry, { name: f.name, kind: f.kind })));

export const interference = (report: Report): FeatureCollection =>
  collection(
    report.interference.map((area) => {
      const text = `${area.name}: positions of ${area.ships} ships, ${spoken(area)}`;
      return feature(area.geometry as GeoGeometry, { text });
    }),
  );

const spoken = (area: Interference): string =>
  area.end === null ? `from ${minute(seconds(area.start))} UTC` : period(seconds(area.start), seconds(area.end));

/** Meridians and parallels every `step` degrees over a box. */
export function graticule([west, south, east, north]: readonly number[], step: number): FeatureCollection {
  const lines: GeoFeature[] = [];
  const write = (v: number, plus: string, minus: string): string => {
    const wrapped = plus === "E" ? ((((v + 180) % 360) + 360) % 360) - 180 : v;
    const side = Math.abs(wrapped) % 180 === 0 ? "" : wrapped < 0 ? minus : plus;
    return `${+Math.abs(wrapped).toFixed(3)}°${side}`;
  };
  const bottom = Math.max(-85, south!);
  const top = Math.min(85, north!);
  for (let lon = Math.ceil(west! / step) * step; lon <= east!; lon += step) {
    const points: Point[] = [[lon, bottom], [lon, top]];
    lines.push(feature({ type: "LineString", coordinates: points }, { label: write(lon, "E", "W") }));
  }
  for (let lat = Math.ceil(bottom / step) * step; lat <= top; lat += step) {
    const points: Point[] = [[west!, lat], [east!, lat]];
    lines.push(feature({ type: "LineString", coordinates: points }, { label: write(lat, "N", "S") }));
  }
  return collection(lines);
}

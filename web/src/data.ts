/* Reads what Python embedded: gzip, base64, JSON, columns as differences of whole numbers. */

import type { Alert, Bounds, Coverage, Evidence, Feature, Finding, Interference, Point, Report, Run, Track, Trust, Words } from "./types.ts";

interface PackedTrack {
  t: number[];
  lat: number[];
  lon: number[];
  sog: number[];
  silent: number[];
}

interface Packed {
  title: string;
  simulated: boolean;
  attribution: string[];
  notices: string[];
  run: Run;
  behaviours: Record<string, Words>;
  alerts: Alert[];
  findings: Finding[];
  tracks: Record<string, PackedTrack[]>;
  assets: Feature[];
  places: Feature[];
  interference: Interference[];
  land: number[][][];
  coast: number[][];
  bounds: Bounds;
}

const POSITION = 1e5;
const LAND = 1e4;
const SPEED = 10;

export async function inflate(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

function running(differences: number[], scale: number): number[] {
  let sum = 0;
  return differences.map((d) => (sum += d) / scale);
}

/** The longitude, possibly beyond 180, that lies nearest to `reference`. */
export function near(lon: number, reference: number): number {
  return lon - 360 * Math.round((lon - reference) / 360);
}

function track(packed: PackedTrack, reference: number): Track {
  let last = reference;
  const lon = running(packed.lon, POSITION).map((value) => (last = near(value, last)));
  return {
    t: running(packed.t, 1),
    lat: running(packed.lat, POSITION),
    lon,
    sog_kn: running(packed.sog, SPEED).map((speed) => (speed < 0 ? Number.NaN : speed)),
    silent: new Set(packed.silent),
  };
}

/** Longitude and latitude alternate; each is the difference to the one before. */
export function line(packed: number[]): Point[] {
  const points: Point[] = [];
  let lon = 0;
  let lat = 0;
  for (let i = 0; i + 1 < packed.length; i += 2) {
    lon += packed[i]!;
    lat += packed[i + 1]!;
    points.push([lon / LAND, lat / LAND]);
  }
  return points;
}

export async function readReport(base64: string): Promise<Report> {
  const packed = JSON.parse(await inflate(base64)) as Packed;
  const reference = (packed.bounds[0] + packed.bounds[2]) / 2;
  const findings = packed.findings.map((f) => ({ ...f, lon: near(f.lon, reference) }));
  return {
    ...packed,
    findings: new Map(findings.map((f) => [f.id, f])),
    tracks: new Map(
      Object.entries(packed.tracks).map(([mmsi, hulls]) => [Number(mmsi), hulls.map((hull) => track(hull, reference))]),
    ),
    land: packed.land.map((polygon) => polygon.map(line)),
    coast: packed.coast.map(line),
  };
}

/** An object of the run's record, empty where the run has none of that name. */
export function section(run: Run, name: string): Record<string, unknown> {
  const found = run[name];
  return found !== null && typeof found === "object" && !Array.isArray(found) ? (found as Record<string, unknown>) : {};
}

export const coverage = (run: Run): Record<string, Coverage> => section(run, "behaviours") as Record<string, Coverage>;

export const rowOf = (e: Evidence): string => `${e.source}:${e.row}`;

/** Findings of an alert in time order. */
export function findingsOf(report: Report, alert: Alert): Finding[] {
  return alert.finding_ids
    .map((id) => report.findings.get(id))
    .filter((f): f is Finding => f !== undefined)
    .sort((a, b) => a.start.localeCompare(b.start));
}

export interface Doubt {
  from: number;
  to: number;
  trust: Trust;
  why: string;
}

/** When a ship's own positions are not to be relied on: the findings of behaviours that say so. */
export function doubts(report: Report, alert: Alert): Doubt[] {
  return findingsOf(report, alert).flatMap((f) => {
    const trust = report.behaviours[f.behaviour]?.marks ?? "trusted";
    if (trust === "trusted") return [];
    const to = f.end === null ? Number.POSITIVE_INFINITY : Date.parse(f.end) / 1000;
    return [{ from: Date.parse(f.start) / 1000, to, trust, why: f.summary }];
  });
}

interface Place {
  lat: number;
  lon: number;
  sog_kn: number;
  silent: boolean;
}

function onTrack(track: Track, t: number): Place | null {
  const n = track.t.length;
  if (n === 0 || t < track.t[0]! || t > track.t[n - 1]!) return null;
  let low = 0;
  let high = n - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (track.t[middle]! <= t) low = middle;
    else high = middle;
  }
  const share = high === low ? 0 : (t - track.t[low]!) / Math.max(1e-9, track.t[high]! - track.t[low]!);
  const between = (column: number[]): number => column[low]! + share * (column[high]! - column[low]!);
  return {
    lat: between(track.lat),
    lon: between(track.lon),
    sog_kn: track.sog_kn[low]!,
    silent: track.silent.has(low),
  };
}

/** Where the ship was at a time: between its reports on a straight line, of two hulls the one that was heard. */
export function positionAt(hulls: Track[], t: number): Place | null {
  const places = hulls.map((hull) => onTrack(hull, t)).filter((place) => place !== null);
  return places.find((place) => !place.silent) ?? places[0] ?? null;
}

/* What Python embeds (src/watchkeeper/console/payload.py writes it) and what the page makes of it. */

/** A term of the score: what, how much, where the weight comes from, and what it is made of. */
export interface TreeNode {
  label: string;
  value: number;
  source: string;
  finding: string | null;
  children: TreeNode[];
}

export interface Alert {
  rank: number;
  mmsi: number;
  imo: number | null;
  name: string | null;
  flag: string | null;
  ship_type: string | null;
  headline: string;
  score: number | null;
  tree: TreeNode | null;
  reasons: string[];
  finding_ids: string[];
  /** What follows is absent in reports of older scans. */
  red_flags?: RedFlag[];
  sensitivity?: Change[];
  lists?: ListMatch[];
  lists_differ?: Difference[];
  flag_standing?: { standing: string; source: string } | null;
}

/** What an authority says to look out for, and the ship shows: by which findings and fields. */
export interface RedFlag {
  id: string;
  title: string;
  findings: string[];
  fields: string[];
  sources: string[];
}

/** A change that would move the rank: "the rank would be n if text". */
export interface Change {
  text: string;
  score: number;
  rank: number | null;
}

export interface ListMatch {
  list_title: string;
  entry: string;
  confidence: string;
  reason: string;
  programs: string;
  as_of: string;
}

export interface Difference {
  about: string;
  said: { list: string; as_of: string; value: string }[];
}

export interface Measured {
  name: string;
  value: number | string | boolean | null;
  unit: string;
  comparison: string;
  threshold: number | string | null;
}

export interface Evidence {
  source: string;
  row: number;
  t: string;
  shows: string;
  raw: string | null;
}

export interface Finding {
  id: string;
  behaviour: string;
  version: number;
  mmsi: number;
  other_mmsi: number | null;
  imo: number | null;
  name: string | null;
  start: string;
  end: string | null;
  lat: number;
  lon: number;
  asset: string | null;
  measured: Measured[];
  evidence: Evidence[];
  /** How many evidence rows there are; the page may hold fewer. */
  evidence_rows: number;
  confidence: "low" | "medium" | "high";
  confidence_reason: string;
  realm: string;
  summary: string;
  /** How far the ship's own positions can be relied on meanwhile, and why not further. */
  trust: Trust;
  trust_reason: string;
}

export type Trust = "trusted" | "suspect" | "unreliable";

/** The words of a behaviour's file. */
export interface Words {
  title: string;
  measures: string;
  why: string;
  innocent: string;
  next: string;
  sources: string[];
  /** What its findings say of the ship's positions. */
  marks: Trust;
}

/** An area in which several ships' positions were displaced, or to which they were. */
export interface Interference {
  name: string;
  start: string;
  end: string | null;
  ships: number;
  geometry: Geometry;
}

/** What became of one behaviour in this run. */
export interface Coverage {
  status: string;
  findings?: number;
  set_aside?: Record<string, number>;
}

export interface Geometry {
  type: string;
  coordinates: unknown;
}

export interface Feature {
  id: string;
  name: string;
  kind: string;
  buffer_m: number;
  geometry: Geometry;
  operator?: string | null;
  source?: string | null;
  licence?: string | null;
  as_of?: string | null;
  position_class?: string;
  layer?: string;
}

export type Point = [number, number];

/** West, south, east, north; east may exceed 180. */
export type Bounds = [number, number, number, number];

/** A track: seconds since 1970 UTC, unwrapped longitudes, NaN where no speed was sent. */
export interface Track {
  t: number[];
  lat: number[];
  lon: number[];
  sog_kn: number[];
  /** Positions i after which the ship was silent until i + 1. */
  silent: Set<number>;
}

export type Run = Record<string, unknown>;

export interface Report {
  title: string;
  simulated: boolean;
  attribution: string[];
  notices: string[];
  run: Run;
  behaviours: Record<string, Words>;
  alerts: Alert[];
  findings: Map<string, Finding>;
  /** By MMSI, one track for each hull that sends it. */
  tracks: Map<number, Track[]>;
  assets: Feature[];
  places: Feature[];
  interference: Interference[];
  land: Point[][][];
  coast: Point[][];
  /** What the map opens on. */
  bounds: Bounds;
}

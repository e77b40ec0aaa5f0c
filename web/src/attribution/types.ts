/* The answer of an attribution (src/watchkeeper/cases/attribution/result.py), as this page reads it. */

import type { Bounds, Geometry, Point, TreeNode } from "../types.ts";

export interface Question {
  asset: string;
  asset_name: string;
  kind: string;
  position_class: string;
  depth_m: number | null;
  start: string;
  end: string;
  /** Latitude and longitude of the fault, where it is known. */
  place: [number, number] | null;
  uncertainty_m: number | null;
  stretch_km: number;
  geometry: Geometry;
  stretch: Geometry;
}

export interface Crossing {
  how: "seen" | "silent" | "one end";
  earliest: string;
  latest: string;
  likeliest: string;
  at: [number, number];
  place_m: number | null;
  count: number;
}

export interface Speed {
  at_kn: number | null;
  usual_kn: number | null;
  lowest_kn: number | null;
  lowest_at: string | null;
  dip: number;
  slow: number;
  silent: number;
  others: number;
  explained: string[];
}

export interface Course {
  turn_deg: number | null;
  scatter_deg: number | null;
  usual_scatter_deg: number | null;
  crab_deg: number | null;
  usual_crab_deg: number | null;
}

export interface Silence {
  start: string | null;
  end: string | null;
  minutes: number;
  before: [number, number] | null;
  after: [number, number] | null;
  top_speed_kn: number;
  top_speed_from: string;
  made_good_kn: number | null;
  directness: number;
  heard_there: number;
  round_land: boolean;
  area: Geometry | null;
}

export interface Candidate {
  rank: number;
  score: number;
  summary: string;
  mmsi: number;
  imo: number | null;
  name: string | null;
  callsign: string | null;
  flag: string | null;
  ship_type: string;
  ais_class: string;
  length_m: number | null;
  draught_m: number | null;
  crossing: Crossing;
  speed: Speed;
  course: Course;
  silence: Silence | null;
  position: { state: string; reason: string };
  anchor: { mass_kg: number; chain_m: number; depth_m: number | null; reaches: boolean | null } | null;
  lists: string[];
  findings: string[];
  tree: TreeNode;
  /** Rows of seconds UTC, latitude, longitude, knots and course. */
  track: (number | null)[][];
}

export interface Excluded {
  mmsi: number;
  name: string | null;
  ship_type: string;
  reason: string;
  detail: string;
}

export interface Answer {
  question: Question;
  simulated: boolean;
  data_start: string;
  data_end: string;
  ships_heard: number;
  candidates: Candidate[];
  excluded: Excluded[];
  notes: string[];
  land: Point[][][];
  coast: Point[][];
  bounds: Bounds;
  /** Whose data the map shows. */
  credits: string[];
}

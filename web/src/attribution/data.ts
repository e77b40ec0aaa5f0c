/* Reads the embedded answer; every longitude is brought to the same turn of the Earth as the map. */

import { inflate, line, near } from "../data.ts";
import { seconds } from "../format.ts";
import type { Geometry } from "../types.ts";
import type { Answer, Candidate } from "./types.ts";

type Nested = number | Nested[];

function turned(coordinates: Nested, reference: number): Nested {
  if (!Array.isArray(coordinates)) return coordinates;
  const [lon, lat] = coordinates;
  if (typeof lon === "number" && typeof lat === "number") return [near(lon, reference), lat];
  return coordinates.map((part) => turned(part, reference));
}

function geometry(given: Geometry, reference: number): Geometry {
  return { ...given, coordinates: turned(given.coordinates as Nested, reference) };
}

function candidate(given: Candidate, reference: number): Candidate {
  const { silence, crossing } = given;
  return {
    ...given,
    crossing: { ...crossing, at: [crossing.at[0], near(crossing.at[1], reference)] },
    silence: silence && { ...silence, area: silence.area && geometry(silence.area, reference) },
    track: given.track.map(([t = null, lat = null, lon, ...rest]) => [t, lat, near(lon ?? 0, reference), ...rest]),
  };
}

type Packed = Omit<Answer, "land" | "coast"> & { land: number[][][]; coast: number[][] };

export async function readAnswer(base64: string): Promise<Answer> {
  const packed = JSON.parse(await inflate(base64)) as Packed;
  const reference = (packed.bounds[0] + packed.bounds[2]) / 2;
  const { question } = packed;
  return {
    ...packed,
    question: {
      ...question,
      geometry: geometry(question.geometry, reference),
      stretch: geometry(question.stretch, reference),
      place: question.place && [question.place[0], near(question.place[1], reference)],
    },
    candidates: packed.candidates.map((one) => candidate(one, reference)),
    land: packed.land.map((polygon) => polygon.map(line)),
    coast: packed.coast.map(line),
  };
}

export interface Moment {
  lat: number;
  lon: number;
  /** Whether nothing was heard of the ship at that time: it lies somewhere between two reports. */
  silent: boolean;
}

/** Where a ship was at a time [s UTC], on the straight line between its reports; null before and after them. */
export function momentOf(one: Candidate, t: number): Moment | null {
  const rows = one.track as number[][];
  const next = rows.findIndex((row) => row[0]! >= t);
  if (next < 0 || (next === 0 && rows[0]![0]! > t)) return null;
  const [from, to] = [rows[Math.max(0, next - 1)]!, rows[next]!];
  const share = to[0]! === from[0]! ? 1 : (t - from[0]!) / (to[0]! - from[0]!);
  const { silence } = one;
  const start = silence?.start ? seconds(silence.start) : Number.NEGATIVE_INFINITY;
  const end = silence?.end ? seconds(silence.end) : Number.POSITIVE_INFINITY;
  return {
    lat: from[1]! + share * (to[1]! - from[1]!),
    lon: from[2]! + share * (to[2]! - from[2]!),
    silent: silence !== null && t > start && t < end,
  };
}

/* How times, places and numbers are written. All times are UTC. */

const DAY_S = 86_400;

export const seconds = (iso: string): number => Date.parse(iso) / 1000;

const iso = (s: number): string => new Date(s * 1000).toISOString();

/** 2026-03-01 04:12 */
export const minute = (s: number): string => iso(s).slice(0, 16).replace("T", " ");

/** 04:12 */
export const clock = (s: number): string => iso(s).slice(11, 16);

/** 2026-03-01 */
export const date = (s: number): string => iso(s).slice(0, 10);

export function period(from: number, to: number): string {
  if (!Number.isFinite(from) || !Number.isFinite(to)) return "";
  const end = date(from) === date(to) ? clock(to) : minute(to);
  return `${minute(from)} – ${end} UTC`;
}

export function duration(s: number): string {
  if (!Number.isFinite(s) || s < 0) return "";
  if (s < 60) return `${Math.round(s)} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  if (s < 2 * DAY_S) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${(s / DAY_S).toFixed(1)} d`;
}

function angle(value: number, width: number, positive: string, negative: string): string {
  // Rounded in tenths of a minute first, so that 59.99' becomes the next full degree.
  const tenths = Math.round(Math.abs(value) * 600);
  const degrees = String(Math.floor(tenths / 600)).padStart(width, "0");
  const minutes = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  return `${degrees}°${minutes}′${value < 0 ? negative : positive}`;
}

/** 55°12.3′N 012°45.6′E, as on a chart. */
export function place(lat: number, lon: number): string {
  const wrapped = ((((lon + 180) % 360) + 360) % 360) - 180;
  return `${angle(lat, 2, "N", "S")} ${angle(wrapped, 3, "E", "W")}`;
}

const grouped = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 });

export function number(value: number): string {
  return Math.abs(value) >= 1000 || Number.isInteger(value) ? grouped.format(value) : precise.format(value);
}

export function value(v: unknown): string {
  if (v === null || v === undefined) return "–";
  if (typeof v === "number") return number(v);
  if (typeof v === "boolean") return v ? "yes" : "no";
  return String(v);
}

/** exact_duplicate -> exact duplicate */
export const words = (key: string): string => key.replaceAll("_", " ");

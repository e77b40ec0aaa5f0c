/* One ship over time: speed, silences, and a lane of bars per behaviour. */

import { doubts, findingsOf, positionAt } from "./data.ts";
import { byId, h, svg } from "./dom.ts";
import { clock, date, duration, minute, place, seconds } from "./format.ts";
import { family, letters, title } from "./symbols.ts";
import type { Alert, Finding, Report, Track } from "./types.ts";

const LEFT = 46;
const RIGHT = 12;
const LANE = 20;
const AXIS = 20;
const CHART_LEAST = 60;
const BAR_LEAST = 6;
/** Steps of the time axis in seconds: the smallest that leaves room for its labels is taken. */
const STEPS = [60, 300, 600, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];
const LABEL_WIDTH = 56;
/** Knots. What few ships but fast ferries can do: one false value above it must not flatten the rest. */
const FASTEST = 45;
const SILENT_LABEL = 68;

interface Frame {
  from: number;
  to: number;
  width: number;
  height: number;
  x(t: number): number;
}

export interface Timeline {
  show(alert: Alert | null): void;
  choose(finding: Finding | null): void;
}

function span(hulls: Track[], findings: Finding[]): [number, number] {
  const times = [...hulls.flatMap((hull) => [hull.t[0], hull.t.at(-1)]), ...findings.flatMap((f) => [seconds(f.start), f.end && seconds(f.end)])];
  const known = times.filter((t): t is number => typeof t === "number");
  const from = Math.min(...known);
  return [from, Math.max(...known, from + 60)];
}

function around(finding: Finding, whole: [number, number]): [number, number] {
  const start = seconds(finding.start);
  const end = finding.end === null ? whole[1] : seconds(finding.end);
  const margin = Math.max(900, (end - start) / 2);
  return [Math.max(whole[0], start - margin), Math.min(whole[1], end + margin)];
}

const laneCount = (findings: Finding[]): number => new Set(findings.map((f) => f.behaviour)).size;

const highest = (speeds: number[]): number => speeds.reduce((a, b) => (b > a ? b : a), 0);

/** The top of the speed axis. */
function topSpeed(speeds: number[]): number {
  return Math.max(4, Math.ceil(highest(speeds.filter((kn) => kn <= FASTEST)) / 4) * 4);
}

function axis(frame: Frame, bottom: number): SVGElement[] {
  const room = (frame.width - LEFT - RIGHT) / LABEL_WIDTH;
  const step = STEPS.find((s) => (frame.to - frame.from) / s <= room) ?? 604800;
  const marks: SVGElement[] = [];
  for (let t = Math.ceil(frame.from / step) * step; t <= frame.to; t += step) {
    const x = frame.x(t);
    const text = t % 86400 === 0 ? date(t).slice(5) : clock(t);
    marks.push(svg("line", { class: "tick", x1: x, x2: x, y1: 0, y2: bottom }));
    marks.push(svg("text", { class: "axis", x, y: bottom + 14, "text-anchor": "middle" }, text));
  }
  return marks;
}

function speedLine(track: Track, frame: Frame, y: (kn: number) => number): string {
  let path = "";
  let pen = false;
  for (let i = 0; i < track.t.length; i++) {
    const speed = track.sog_kn[i]!;
    if (Number.isFinite(speed)) {
      path += `${pen ? "L" : "M"}${frame.x(track.t[i]!).toFixed(1)} ${y(speed).toFixed(1)}`;
      pen = true;
    }
    if (track.silent.has(i)) pen = false;
  }
  return path;
}

/** Times in which no hull was heard. */
function silentTimes(hulls: Track[]): [number, number][] {
  const each = hulls.flatMap((hull) => [...hull.silent].map((i): [number, number] => [hull.t[i]!, hull.t[i + 1]!]));
  return each.filter(([from, to]) => !hulls.some((hull) => hull.t.some((t) => t > from && t < to)));
}

function silences(hulls: Track[], frame: Frame, bottom: number): SVGElement[] {
  return silentTimes(hulls).flatMap(([from, to]) => {
    const x = frame.x(from);
    const width = Math.max(1, frame.x(to) - x);
    const text = duration(to - from);
    const shade = svg("rect", { class: "silent", x, y: 0, width, height: bottom });
    if (width < SILENT_LABEL) return [shade];
    const label = svg("text", { class: "silent-label", x: x + width / 2, y: bottom - 6, "text-anchor": "middle" }, text);
    return [shade, label];
  });
}

/** Times in which the ship's own positions are not to be relied on. */
function doubtful(report: Report, ship: Alert, frame: Frame, bottom: number): SVGElement[] {
  return doubts(report, ship).map(({ from, to, trust, why }) => {
    const x = frame.x(Math.max(frame.from, from));
    const width = Math.max(2, frame.x(Math.min(frame.to, to)) - x);
    const shade = svg("rect", { class: `doubt doubt-${trust}`, x, y: 0, width, height: bottom });
    shade.append(svg("title", {}, `Positions ${trust}: ${why}`));
    return shade;
  });
}

export function makeTimeline(
  report: Report,
  hover: (mmsi: number, t: number | null) => void,
  select: (finding: string) => void,
): Timeline {
  const root = byId("timeline");
  const readout = h("span", { class: "readout", "aria-live": "off" });
  const zoom = h("button", { type: "button", class: "small", "aria-pressed": "false", click: toggle }, "Around the finding");
  const board = svg("svg", { class: "board", role: "group" });
  root.replaceChildren(h("div", { class: "timeline-head" }, h("b", {}, "Speed and findings, UTC"), readout, zoom), board);

  let ship: Alert | null = null;
  let chosen: Finding | null = null;
  let zoomed = false;

  function toggle(): void {
    zoomed = !zoomed;
    draw();
  }

  function frameOf(hulls: Track[], findings: Finding[]): Frame {
    const whole = span(hulls, findings);
    const [from, to] = zoomed && chosen ? around(chosen, whole) : whole;
    const { clientWidth: width, clientHeight: height } = board;
    const scale = (width - LEFT - RIGHT) / Math.max(1, to - from);
    return { from, to, width, height, x: (t) => LEFT + (t - from) * scale };
  }

  function bar(f: Finding, frame: Frame, y: number): SVGElement {
    const start = frame.x(Math.max(frame.from, seconds(f.start)));
    const end = frame.x(f.end === null ? frame.to : Math.min(frame.to, seconds(f.end)));
    const width = Math.max(BAR_LEAST, end - start);
    const rect = svg("rect", {
      class: `bar bar-${family(f.behaviour)}${f.end === null ? " open" : ""}${f === chosen ? " chosen" : ""}`,
      x: Math.min(start, frame.width - RIGHT - BAR_LEAST),
      y: y + 4,
      width,
      height: LANE - 8,
      rx: 2,
      tabindex: 0,
      role: "button",
      "aria-label": `${title(report, f.behaviour)}, ${minute(seconds(f.start))} UTC: ${f.summary}`,
      click: () => select(f.id),
      keydown: (event: KeyboardEvent) => {
        if (event.key === "Enter" || event.key === " ") select(f.id);
      },
    });
    rect.append(svg("title", {}, f.summary));
    return rect;
  }

  function lanes(findings: Finding[], frame: Frame): SVGElement[] {
    const seen = (f: Finding): boolean =>
      seconds(f.start) <= frame.to && (f.end === null || seconds(f.end) >= frame.from);
    const behaviours = [...new Set(findings.map((f) => f.behaviour))];
    return behaviours.flatMap((behaviour, i) => {
      const label = svg("text", { class: `lane lane-${family(behaviour)}`, x: 6, y: i * LANE + 14 }, letters(behaviour));
      label.append(svg("title", {}, title(report, behaviour)));
      return [label, ...findings.filter((f) => f.behaviour === behaviour && seen(f)).map((f) => bar(f, frame, i * LANE))];
    });
  }

  function chart(hulls: Track[], frame: Frame, top: number, bottom: number): SVGElement[] {
    const speeds = hulls.flatMap((hull) => hull.sog_kn);
    const [sent, most] = [highest(speeds), topSpeed(speeds)];
    const y = (kn: number): number => bottom - (kn / most) * (bottom - top);
    const grid = [0, most / 2, most].flatMap((kn) => [
      svg("line", { class: "grid", x1: LEFT, x2: frame.width - RIGHT, y1: y(kn), y2: y(kn) }),
      svg("text", { class: "axis", x: LEFT - 6, y: y(kn) + 4, "text-anchor": "end" }, kn === most ? `${kn} kn` : kn),
    ]);
    if (sent > most) {
      const note = `highest speed sent: ${sent.toFixed(1)} kn`;
      grid.push(svg("text", { class: "axis", x: frame.width - RIGHT, y: top + 14, "text-anchor": "end" }, note));
    }
    return [...grid, ...hulls.map((hull) => svg("path", { class: "speed", d: speedLine(hull, frame, y) }))];
  }

  function cursor(frame: Frame, hulls: Track[], bottom: number): SVGElement {
    const line = svg("line", { class: "cursor", y1: 0, y2: bottom, x1: -9, x2: -9 });
    const leave = (): void => {
      line.setAttribute("visibility", "hidden");
      readout.textContent = "";
      if (ship) hover(ship.mmsi, null);
    };
    board.onpointermove = (event) => {
      const x = event.clientX - board.getBoundingClientRect().left;
      const t = frame.from + ((x - LEFT) / (frame.width - LEFT - RIGHT)) * (frame.to - frame.from);
      const at = positionAt(hulls, t);
      if (!at || !ship || x < LEFT) return leave();
      for (const end of ["x1", "x2"]) line.setAttribute(end, String(x));
      line.setAttribute("visibility", "visible");
      const speed = at.silent ? "silent" : Number.isFinite(at.sog_kn) ? `${at.sog_kn.toFixed(1)} kn` : "no speed sent";
      readout.textContent = `${minute(t).slice(5)} · ${speed} · ${place(at.lat, at.lon)}`;
      hover(ship.mmsi, t);
    };
    board.onpointerleave = leave;
    return line;
  }

  function draw(): void {
    root.hidden = ship === null;
    zoom.hidden = chosen === null;
    zoom.setAttribute("aria-pressed", String(zoomed));
    zoom.textContent = zoomed ? "Whole period" : "Around the finding";
    if (!ship || !board.clientWidth) return;
    const hulls = report.tracks.get(ship.mmsi) ?? [];
    const findings = findingsOf(report, ship);
    const frame = frameOf(hulls, findings);
    const top = laneCount(findings) * LANE + 8;
    const bottom = Math.max(top + CHART_LEAST, frame.height - AXIS);
    board.setAttribute("aria-label", `Speed and findings of ${ship.name || ship.mmsi} over time`);
    const clip = svg("clipPath", { id: "plot" }, svg("rect", { x: LEFT, y: 0, width: Math.max(0, frame.width - LEFT - RIGHT + 2), height: bottom }));
    const pattern = svg(
      "pattern",
      { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svg("line", { class: "hatch", x1: 0, y1: 0, x2: 0, y2: 6 }),
    );
    const doubt = doubtful(report, ship, frame, bottom);
    const plotted = [...doubt, ...silences(hulls, frame, bottom), ...chart(hulls, frame, top, bottom)];
    const texts = plotted.filter((e) => e.classList.contains("axis"));
    const shapes = plotted.filter((e) => !e.classList.contains("axis"));
    board.replaceChildren(
      svg("defs", {}, clip, pattern),
      ...axis(frame, bottom),
      svg("g", { "clip-path": "url(#plot)" }, ...shapes),
      ...texts,
      ...lanes(findings, frame),
      cursor(frame, hulls, bottom),
    );
  }

  // Drawn whenever its size becomes known or changes: it may start inside a hidden part of a small screen.
  new ResizeObserver(draw).observe(board);
  return {
    show(alert) {
      ship = alert;
      root.style.setProperty("--lanes", String(alert ? laneCount(findingsOf(report, alert)) : 0));
      chosen = null;
      zoomed = false;
      draw();
    },
    choose(finding) {
      chosen = finding;
      draw();
    },
  };
}

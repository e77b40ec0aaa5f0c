/* The window on a time slider: a bar for each ship's crossing, a line for the time shown on the map. */

import { byId, h, svg } from "../dom.ts";
import { clock, minute, seconds } from "../format.ts";
import type { Answer, Candidate } from "./types.ts";

const BARS = 10;
const ROW = 16;
const LEFT = 150;
const RIGHT = 12;
const AXIS = 18;
const STEP_S = 60;
/** How many seconds of the data pass in a second of playing, for each hour shown. */
const PLAY_PER_HOUR = 120;
const FRAME_MS = 50;
const TICKS = [300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
const TICK_WIDTH = 60;

export interface Slider {
  choose(mmsi: number | null): void;
}

interface Span {
  from: number;
  to: number;
}

const windowOf = (answer: Answer): Span => ({ from: seconds(answer.question.start), to: seconds(answer.question.end) });

/** The window, and as much of the tracks around it as the answer holds. */
function spanOf(answer: Answer): Span {
  const { from, to } = windowOf(answer);
  const times = answer.candidates.flatMap((one) => [one.track[0]?.[0], one.track.at(-1)?.[0]]);
  const known = times.filter((t): t is number => typeof t === "number");
  return { from: Math.min(from, ...known), to: Math.max(to, ...known) };
}

export function makeSlider(answer: Answer, at: (t: number) => void, select: (mmsi: number) => void): Slider {
  const span = spanOf(answer);
  const asked = windowOf(answer);
  const range = h("input", {
    type: "range",
    id: "time",
    "aria-label": "Time shown on the map",
    min: span.from,
    max: span.to,
    step: STEP_S,
    value: asked.from,
    input: move,
  });
  const readout = h("output", { class: "readout", for: "time" });
  const play = h("button", { type: "button", class: "small", "aria-pressed": "false", click: toggle }, "Play");
  const board = svg("svg", { class: "board", role: "group", "aria-label": "When each ship crossed or could have crossed" });
  const root = byId("timeline");
  root.style.setProperty("--bars", String(Math.min(BARS, answer.candidates.length)));
  root.replaceChildren(h("div", { class: "timeline-head" }, h("b", {}, "Crossings, UTC"), readout, play), board, h("div", { class: "slide" }, range));
  let chosen: number | null = null;
  let timer = 0;

  const shown = (): Candidate[] => {
    const first = answer.candidates.slice(0, BARS);
    const extra = answer.candidates.find((one) => one.mmsi === chosen && one.rank > BARS);
    return extra ? [...first.slice(0, -1), extra] : first;
  };

  function toggle(): void {
    const playing = timer !== 0;
    clearInterval(timer);
    timer = playing ? 0 : window.setInterval(tick, FRAME_MS);
    play.textContent = playing ? "Play" : "Stop";
    play.setAttribute("aria-pressed", String(!playing));
  }

  function tick(): void {
    const step = (((span.to - span.from) / 3600) * PLAY_PER_HOUR * FRAME_MS) / 1000;
    const next = Number(range.value) + Math.max(STEP_S, step);
    range.value = String(next > span.to ? span.from : next);
    move();
  }

  function move(): void {
    const t = Number(range.value);
    const inside = t >= asked.from && t <= asked.to;
    readout.textContent = `${minute(t)} UTC${inside ? "" : ", outside the window"}`;
    range.setAttribute("aria-valuetext", readout.textContent);
    at(t);
    line();
  }

  let x = (t: number): number => t;

  function line(): void {
    const cursor = board.querySelector(".cursor");
    for (const end of ["x1", "x2"]) cursor?.setAttribute(end, String(x(Number(range.value))));
  }

  function bar(one: Candidate, row: number): SVGElement[] {
    const { how, earliest, latest } = one.crossing;
    const [from, to] = [x(seconds(earliest)), x(seconds(latest))];
    const label = `${one.rank}. ${one.name || one.mmsi}`;
    const rect = svg("rect", {
      class: `bar crossing-${how === "seen" ? "seen" : "silent"}${one.mmsi === chosen ? " chosen" : ""}`,
      x: how === "seen" ? from - 3 : from,
      y: row * ROW + 3,
      width: how === "seen" ? 6 : Math.max(3, to - from),
      height: ROW - 6,
      rx: 2,
      click: () => select(one.mmsi),
    });
    rect.append(svg("title", {}, `${label}: ${one.summary}`));
    const text = svg("text", { class: "bar-name", x: LEFT - 8, y: row * ROW + 12, "text-anchor": "end" }, short(label));
    return [text, rect];
  }

  function axis(bottom: number, width: number): SVGElement[] {
    const step = TICKS.find((s) => (span.to - span.from) / s <= (width - LEFT - RIGHT) / TICK_WIDTH) ?? 86400;
    const marks: SVGElement[] = [];
    for (let t = Math.ceil(span.from / step) * step; t <= span.to; t += step) {
      marks.push(svg("line", { class: "tick", x1: x(t), x2: x(t), y1: 0, y2: bottom }));
      marks.push(svg("text", { class: "axis", x: x(t), y: bottom + 13, "text-anchor": "middle" }, clock(t)));
    }
    return marks;
  }

  function draw(): void {
    const width = board.clientWidth;
    if (!width) return;
    const rows = shown();
    const bottom = Math.max(1, rows.length) * ROW;
    x = (t) => LEFT + ((t - span.from) / Math.max(1, span.to - span.from)) * (width - LEFT - RIGHT);
    range.style.setProperty("--left", `${LEFT - 8}px`);
    range.style.setProperty("--right", `${RIGHT - 8}px`);
    board.style.setProperty("--height", `${bottom + AXIS}px`);
    board.replaceChildren(
      svg("rect", { class: "window", x: x(asked.from), y: 0, width: Math.max(1, x(asked.to) - x(asked.from)), height: bottom }),
      ...axis(bottom, width),
      ...rows.flatMap(bar),
      svg("line", { class: "cursor", y1: 0, y2: bottom }),
    );
    line();
  }

  new ResizeObserver(draw).observe(board);
  move();
  return {
    choose(mmsi) {
      chosen = mmsi;
      const one = answer.candidates.find((c) => c.mmsi === mmsi);
      if (one) range.value = String(seconds(one.crossing.likeliest));
      draw();
      move();
    },
  };
}

const NAME_MOST = 20;
const short = (label: string): string => (label.length > NAME_MOST ? `${label.slice(0, NAME_MOST - 1)}…` : label);

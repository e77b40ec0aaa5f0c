/* Starts the attribution page: list, map, slider and reasons show the same ship at the same time. */

import { byId, h } from "../dom.ts";
import { number, period, seconds } from "../format.ts";
import { makeThemes } from "../theme.ts";
import { readAnswer } from "./data.ts";
import { showQuestion, showShip } from "./detail.ts";
import { makeMap, type View } from "./map.ts";
import { makeSlider, type Slider } from "./slider.ts";
import type { Answer, Candidate } from "./types.ts";
import "../page.css"; // last, so that it wins over MapLibre's

const VIEWS = ["list", "map", "detail"] as const;

function showView(view: (typeof VIEWS)[number]): void {
  byId("main").dataset["view"] = view;
  for (const name of VIEWS) byId(`tab-${name}`).setAttribute("aria-selected", String(name === view));
}

function card(one: Candidate): HTMLElement {
  const seen = one.crossing.how === "seen" ? "seen crossing" : "not heard at the time";
  return h(
    "li",
    { class: "card", role: "option", id: `ship-${one.mmsi}`, "aria-selected": "false" },
    h("span", { class: "rank" }, one.rank),
    h(
      "span",
      { class: "card-text" },
      h("strong", { class: "name", dir: "auto" }, one.name || `MMSI ${one.mmsi}`),
      h("span", { class: "facts" }, [one.flag, one.ship_type, seen].filter(Boolean).join(" · ")),
      h("span", { class: "headline" }, one.summary),
    ),
  );
}

class Page {
  readonly #answer: Answer;
  readonly #map: View;
  readonly #slider: Slider;
  readonly #cards: HTMLElement[];
  #chosen: number | null = null;

  constructor(answer: Answer) {
    this.#answer = answer;
    const choose = (mmsi: number): void => this.choose(mmsi);
    this.#map = makeMap(answer, choose);
    this.#slider = makeSlider(answer, (t) => this.#map.at(t), choose);
    this.#cards = answer.candidates.map(card);
    const empty = h("li", { class: "empty", role: "presentation" }, "No ship crossed it or could have. What was asked says who was left out, and why.");
    byId("ships").replaceChildren(...(this.#cards.length ? this.#cards : [empty]));
    byId("ships").addEventListener("click", (event) => this.#clicked(event));
    byId("overview").addEventListener("click", () => this.choose(null));
    makeThemes(() => this.#map.retheme());
    addEventListener("keydown", (event) => this.#key(event));
    this.choose(null);
    showView("list");
  }

  choose(mmsi: number | null): void {
    this.#chosen = mmsi;
    const one = this.#answer.candidates.find((c) => c.mmsi === mmsi);
    byId("ships").removeAttribute("aria-activedescendant");
    for (const element of this.#cards) {
      const mine = element.id === `ship-${mmsi}`;
      element.setAttribute("aria-selected", String(mine));
      if (mine) byId("ships").setAttribute("aria-activedescendant", element.id);
      if (mine) element.scrollIntoView({ block: "nearest" });
    }
    if (one) showShip(one, () => this.choose(null));
    else showQuestion(this.#answer);
    this.#map.show(mmsi);
    this.#slider.choose(mmsi);
    showView(this.#cards.length ? "detail" : "list");
  }

  #clicked(event: Event): void {
    const found = (event.target as Element).closest(".card");
    if (found) this.choose(Number(found.id.slice("ship-".length)));
  }

  #key(event: KeyboardEvent): void {
    const onSlider = event.target instanceof HTMLInputElement;
    const free = event.target === document.body || event.target === byId("ships");
    if (event.ctrlKey || event.metaKey || event.altKey || onSlider) return;
    if (event.key === "Escape") this.choose(null);
    else if (free && event.key === "ArrowDown") this.#move(1);
    else if (free && event.key === "ArrowUp") this.#move(-1);
    else return;
    event.preventDefault();
  }

  #move(step: number): void {
    const ships = this.#answer.candidates;
    const at = ships.findIndex((one) => one.mmsi === this.#chosen);
    const next = ships[at < 0 ? 0 : Math.min(ships.length - 1, Math.max(0, at + step))];
    if (next) this.choose(next.mmsi);
  }
}

function showHeader(answer: Answer): void {
  const q = answer.question;
  const told = [q.asset_name, period(seconds(q.start), seconds(q.end)), `${number(answer.ships_heard)} ships heard`];
  byId("facts").replaceChildren(...told.map((fact) => h("span", {}, fact)));
  byId("simulated").hidden = !answer.simulated;
}

readAnswer(byId("data").textContent ?? "").then(
  (answer) => {
    showHeader(answer);
    for (const view of VIEWS) byId(`tab-${view}`).addEventListener("click", () => showView(view));
    new Page(answer);
    document.documentElement.dataset["state"] = "ready";
  },
  (error: unknown) => {
    document.documentElement.dataset["state"] = "broken";
    const what = "The data inside this file cannot be read. It may be cut short: copy it again, or ask again.";
    byId("main").replaceChildren(h("p", { class: "broken", role: "alert" }, what, h("code", {}, String(error))));
  },
);

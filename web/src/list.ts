/* The ranked list of ships: filter box, keyboard, selection. */

import { findingsOf } from "./data.ts";
import { byId, h } from "./dom.ts";
import { sign, title } from "./symbols.ts";
import type { Alert, Report } from "./types.ts";

export interface List {
  mark(mmsi: number | null): void;
  move(step: number): void;
  focusFilter(): void;
  /** Empties the filter; false where it was empty. */
  clear(): boolean;
}

function chips(report: Report, alert: Alert): HTMLElement {
  const counts = new Map<string, number>();
  for (const f of findingsOf(report, alert)) counts.set(f.behaviour, (counts.get(f.behaviour) ?? 0) + 1);
  const row = h("span", { class: "chips" });
  for (const [behaviour, count] of counts) {
    const name = title(report, behaviour);
    row.append(h("span", { class: "chip" }, sign(behaviour), count > 1 ? `${name} × ${count}` : name));
  }
  return row;
}

function card(report: Report, alert: Alert): HTMLElement {
  const facts = [alert.flag, alert.ship_type, alert.mmsi].filter(Boolean).join(" · ");
  return h(
    "li",
    { class: "card", role: "option", id: `ship-${alert.mmsi}`, "aria-selected": "false" },
    h("span", { class: "rank" }, alert.rank),
    h(
      "span",
      { class: "card-text" },
      h("strong", { class: "name", dir: "auto" }, alert.name || `MMSI ${alert.mmsi}`),
      h("span", { class: "facts" }, facts),
      h("span", { class: "headline" }, alert.headline),
      chips(report, alert),
    ),
  );
}

function haystack(report: Report, alert: Alert): string {
  const about = findingsOf(report, alert).flatMap((f) => [f.behaviour, title(report, f.behaviour), f.asset]);
  const parts = [alert.name, alert.mmsi, alert.imo, alert.flag, alert.ship_type, alert.headline, ...about];
  return parts.join(" ").toLowerCase();
}

const nothing = (all: number): string =>
  all ? "No ship matches the filter. Esc empties it." : "No ship needs attention. What was looked for says what was examined.";

export function makeList(report: Report, select: (mmsi: number) => void, read: () => void): List {
  const box = byId("ships");
  const filter = byId("filter") as HTMLInputElement;
  const count = byId("filter-count");
  const rows = report.alerts.map((alert) => ({ alert, element: card(report, alert), text: haystack(report, alert) }));
  let shown = rows;
  let selected: number | null = null;

  function apply(): void {
    const terms = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = rows.filter((row) => terms.every((term) => row.text.includes(term)));
    box.replaceChildren(...shown.map((row) => row.element));
    const all = rows.length;
    if (!shown.length) box.replaceChildren(h("li", { class: "empty", role: "presentation" }, nothing(rows.length)));
    count.textContent = terms.length ? `${shown.length} of ${all} ships` : `${all} ${all === 1 ? "ship" : "ships"}`;
  }

  function mark(mmsi: number | null): void {
    selected = mmsi;
    box.removeAttribute("aria-activedescendant");
    for (const { alert, element } of rows) {
      const mine = alert.mmsi === mmsi;
      element.setAttribute("aria-selected", String(mine));
      if (!mine) continue;
      box.setAttribute("aria-activedescendant", element.id);
      element.scrollIntoView({ block: "nearest" });
    }
  }

  function move(step: number): void {
    const at = shown.findIndex((row) => row.alert.mmsi === selected);
    const next = shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + step))];
    if (next) select(next.alert.mmsi);
  }

  function keys(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e9, End: 1e9 };
    const step = steps[event.key];
    const inBox = event.currentTarget === box;
    if (step !== undefined && (inBox || Math.abs(step) === 1)) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Enter" && selected !== null) {
      event.preventDefault();
      read();
    }
  }

  filter.addEventListener("input", apply);
  filter.addEventListener("keydown", keys);
  box.addEventListener("keydown", keys);
  box.addEventListener("click", (event) => {
    const element = (event.target as Element).closest(".card");
    const row = rows.find((r) => r.element === element);
    if (row) select(row.alert.mmsi);
  });
  apply();
  return {
    mark,
    move,
    focusFilter: () => filter.select(),
    clear: () => {
      const filled = filter.value !== "";
      filter.value = "";
      apply();
      return filled;
    },
  };
}

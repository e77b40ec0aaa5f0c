"""An incident in words: the page of the documentation, made from the same data as the replay."""

from typing import Final

from watchkeeper.exercises.incidents import RECONSTRUCTED, Incident

_TOLD: Final = {
    "anchor-drag": "The behaviour `anchor-drag` must find the ship, and attribution must name it first.",
    "attribution": "No slow-down is known, so no behaviour need find the ship: attribution must name it first.",
    "quiet": "Nothing may be found: an innocent event that rules of speed or presence mistake for one.",
}


def page(name: str, one: Incident) -> str:
    """Markdown: what is said by whom, what is assumed, what the tests demand, how to replay it."""
    facts = "".join(
        f"| {f.text} | {f.source}, {f.date} | {'yes' if f.verified else 'unverified'} |\n" for f in one.facts
    )
    assumed = "".join(f"* {text}\n" for text in one.assumed)
    lines = "".join(f"* {a.name}: {_points(a.coordinates)}\n" for a in one.assets)
    return (
        f"# {one.title}\n\n"
        f"**{RECONSTRUCTED}.** The track that is replayed was drawn from the facts below; it was not recorded. "
        f"The ships around it are simulated. A fact is what its source says.\n\n"
        f"**Outcome.** {one.outcome}\n\n"
        f"| what is publicly said | by, dated | sure |\n|---|---|---|\n{facts}\n"
        f"## What the reconstruction adds\n\n{assumed}\n"
        f"The lines, in degrees north and east, schematic:\n\n{lines}{_track(one)}\n"
        f"## What the tests demand\n\n{_TOLD[one.told]} With reports every 10 s and every 3 min, and a course that "
        f"scatters by 1 and by 25 degrees.\n{_fault(one)}\n"
        f"```sh\nwatchkeeper demo incident {name}\n```\n"
    )


def _points(coordinates: tuple[tuple[float, float], ...]) -> str:
    return ", ".join(f"{lat:g} {lon:g}" for lon, lat in coordinates)


def _track(one: Incident) -> str:
    ship = one.ship
    if ship is None or ship.begin is None:
        return ""
    legs = "".join(f"| {leg.minutes:g} | {leg.course_deg:g} | {leg.speed_kn:g} |\n" for leg in ship.legs)
    silent = "".join(f" Not heard from minute {a:g} to {b:g}." for a, b in ship.silent)
    return (
        f"\nThe ship begins at {ship.begin[0]:g} {ship.begin[1]:g} at {one.start}.{silent}\n\n"
        f"| minutes | course, deg | speed, kn |\n|---|---|---|\n{legs}"
    )


def _fault(one: Incident) -> str:
    if one.fault is None:
        return ""
    near = ""
    if one.fault.near is not None:
        near = f", within {one.fault.within_nmi:g} nmi of {one.fault.near[0]:g} {one.fault.near[1]:g}"
    return f"\nAsked: who could have crossed it between {one.fault.begin} and {one.fault.end}{near}?\n"

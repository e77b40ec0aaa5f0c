"""What a report is made of."""

from collections.abc import Iterable
from typing import Any

import msgspec

from watchkeeper.console.ground import Line, Polygon
from watchkeeper.console.tracks import Track
from watchkeeper.model.asset import Asset
from watchkeeper.model.behaviour import Behaviour
from watchkeeper.model.finding import Finding


class Interference(msgspec.Struct, frozen=True, kw_only=True):
    """An area in which several ships' positions were displaced, or to which they were; ISO 8601 times."""

    name: str
    start: str
    end: str | None
    ships: int
    geometry: dict[str, Any]


class Report(msgspec.Struct, kw_only=True):
    """Everything the page shows.

    ``run`` is ``run.json``. The page shows all of it, and reads ``start`` and ``end`` (ISO 8601),
    ``region``, ``bbox`` (west, south, east, north), ``vessels``, ``assets`` (how many), ``lists`` (each with
    ``title``, ``entries``, ``as_of``), ``rows`` (name to number, with ``read`` and ``kept``) and
    ``behaviours`` (id to ``status``, ``findings`` and ``set_aside`` by reason).

    ``alerts`` are the lines of ``alerts.ndjson`` in order of rank; ``tracks``, by MMSI, one track for each
    hull that sends it; ``interference`` the areas in which positions were displaced; ``behaviours`` the words of
    each behaviour (:func:`words`); ``notices`` what the reader must know first.
    """

    title: str
    run: dict[str, Any]
    alerts: list[dict[str, Any]] = []
    findings: list[Finding] = []
    tracks: dict[int, list[Track]] = {}
    assets: list[Asset] = []
    places: list[Asset] = []
    interference: list[Interference] = []
    land: list[Polygon] = []
    coast: list[Line] = []
    behaviours: dict[str, dict[str, Any]] = {}
    simulated: bool = False
    attribution: list[str] = []
    notices: list[str] = []


def words(behaviours: Iterable[Behaviour]) -> dict[str, dict[str, Any]]:
    """What the page says about each behaviour: title, measures, why, innocent, next, sources, marks."""
    return {
        b.id: {
            **b.doc,
            "marks": b.marks,
            "sources": [f"{r.title}, {r.where}: {r.figure}" for r in b.references],
        }
        for b in behaviours
    }

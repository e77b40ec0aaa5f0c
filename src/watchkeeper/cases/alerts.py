"""One alert for each ship with findings, ranked by a sum whose every term is shown."""

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from watchkeeper.model.behaviour import Ship
from watchkeeper.model.finding import Finding
from watchkeeper.model.shiptypes import type_name

_UNWEIGHTED: Final = {"weight": 10, "source": "no weight given for this behaviour: the default"}
_AT_ASSET: Final = frozenset({"anchor-drag", "asset-loitering"})
_HIDDEN: Final = frozenset({"ais-gap", "position-jump", "identity-clash", "identity-change"})


class Node(msgspec.Struct, frozen=True):
    """A term of the score: what, how much, where the weight comes from, and what it is made of."""

    label: str
    value: float
    source: str = ""
    finding: str | None = None
    children: tuple["Node", ...] = ()


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A ship that needs attention. ``score`` is the value of ``tree``; ``reasons`` are its findings' summaries."""

    rank: int
    mmsi: int
    imo: int | None
    name: str | None
    flag: str | None
    ship_type: str
    headline: str
    score: float
    reasons: tuple[str, ...]
    finding_ids: tuple[str, ...]
    tree: Node


@cache
def weights() -> dict[str, Any]:
    """The table of weights with their sources."""
    return tomllib.loads(files(__package__).joinpath("weights.toml").read_text("utf-8"))


def raise_alerts(findings: Iterable[Finding], ship_of: Callable[[int], Ship]) -> list[Alert]:
    """Alerts in order of rank.

    A finding about two ships counts for both. Equal scores rank by the number of findings, then by MMSI.

    Args:
        findings: each once.
        ship_of: what is known of the ship with an MMSI.
    """
    by_ship: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in sorted(findings, key=lambda f: (f.start, f.behaviour, f.id)):
        by_ship[finding.mmsi].append(finding)
        if finding.other_mmsi is not None and finding.other_mmsi != finding.mmsi:
            by_ship[finding.other_mmsi].append(finding)
    scored = [(mmsi, _tree(mine), mine) for mmsi, mine in by_ship.items()]
    scored.sort(key=lambda s: (-s[1].value, -len(s[2]), s[0]))
    return [
        _alert(rank, mmsi, tree, mine, ship_of(mmsi)) for rank, (mmsi, tree, mine) in enumerate(scored, 1)
    ]


def _alert(rank: int, mmsi: int, tree: Node, findings: list[Finding], ship: Ship) -> Alert:
    weight = {node.label: node.value for node in tree.children}
    ordered = sorted(findings, key=lambda f: (-weight.get(f.behaviour, 0.0), f.start))
    kinds = list(dict.fromkeys(f.behaviour for f in ordered))
    return Alert(
        rank=rank,
        mmsi=mmsi,
        imo=ship.imo or None,
        name=ship.name or None,
        flag=ship.flag,
        ship_type=type_name(ship.ship_type),
        headline=ordered[0].summary + (f" Also: {', '.join(kinds[1:])}." if len(kinds) > 1 else ""),
        score=tree.value,
        reasons=tuple(f"{f.behaviour}: {f.summary}" for f in ordered),
        finding_ids=tuple(f.id for f in ordered),
        tree=tree,
    )


def _tree(findings: Sequence[Finding]) -> Node:
    by_behaviour: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_behaviour[finding.behaviour].append(finding)
    terms = [_term(name, mine, findings) for name, mine in by_behaviour.items()]
    terms += _together(set(by_behaviour))
    terms.sort(key=lambda n: (-n.value, n.label))
    return Node("score", round(sum(n.value for n in terms), 1), "sum of its terms", None, tuple(terms))


def _term(name: str, findings: list[Finding], others: Sequence[Finding]) -> Node:
    """What the findings of one behaviour add; those that another finding already says add nothing."""
    table = weights()
    entry = table["behaviour"].get(name, _UNWEIGHTED)
    said_by = set(table["same_event"].get(name, ()))
    ranked = sorted(findings, key=lambda f: -table["confidence"][f.confidence])
    children, counted = [], 0
    for finding in ranked:
        same = next((o for o in others if o.behaviour in said_by and _overlap(finding, o)), None)
        if same is not None:
            children.append(Node(f"same event as {same.behaviour}", 0.0, "counted once", finding.id))
            continue
        share = (
            1.0 if not counted else table["repeat"]["share"] if counted <= table["repeat"]["at_most"] else 0.0
        )
        value = entry["weight"] * table["confidence"][finding.confidence] * share
        label = f"{finding.confidence} confidence" + (" (repeated)" if counted else "")
        children.append(Node(label, round(value, 1), finding.confidence_reason, finding.id))
        counted += 1
    return Node(name, round(sum(c.value for c in children), 1), entry["source"], None, tuple(children))


def _overlap(a: Finding, b: Finding) -> bool:
    """Whether two findings share a time; ISO 8601 in UTC sorts as text, an open end is later than any."""
    return a.start <= (b.end or "~") and b.start <= (a.end or "~")


def _together(kinds: set[str]) -> list[Node]:
    table = weights()["together"]
    nodes = []
    if "listed-vessel" in kinds and len(kinds - {"listed-vessel", "impossible-value"}) > 0:
        nodes.append(
            Node("listed and another behaviour", float(table["listed_and_behaviour"]), table["source"])
        )
    if kinds & _AT_ASSET and kinds & _HIDDEN:
        nodes.append(Node("at an asset and hidden", float(table["asset_and_hidden"]), table["source"]))
    return nodes

"""The evidence tree: the score of a ship as a sum whose every term says what it is and where it comes from."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

import msgspec

from watchkeeper.cases.matching import Held
from watchkeeper.cases.weights import Weights
from watchkeeper.model.finding import Finding

_OPEN = "~"
"""Later than any time: ISO 8601 in UTC sorts as text."""


class Node(msgspec.Struct, frozen=True, gc=False):
    """A term of the score: what, how much, where the weight comes from, and what it is made of.

    The value of a node is the sum of its children's, where it has any.
    """

    label: str
    value: float
    source: str = ""
    finding: str | None = None
    children: tuple["Node", ...] = ()


ByBehaviour = Mapping[str, Sequence[Finding]]
"""The findings of one ship."""


def evidence_tree(by_behaviour: ByBehaviour, combined: Sequence[Held], table: Weights) -> Node:
    """The tree of one ship.

    Args:
        by_behaviour: its findings, those of each behaviour in order of time.
        combined: the combinations that they make.
        table: the weights.
    """
    terms = [behaviour_term(name, by_behaviour, table) for name in by_behaviour]
    terms += combination_terms(combined, table)
    terms.sort(key=lambda n: (-n.value, n.label))
    return Node("score", total(terms), "sum of its terms", None, tuple(terms))


def behaviour_term(name: str, by_behaviour: ByBehaviour, table: Weights) -> Node:
    """What the findings of one behaviour add; those that another finding already says add nothing."""
    weight, repeat = table.of(name), table.repeat
    others = [(o, _Cover(by_behaviour[o])) for o in table.same_event.get(name, ()) if o in by_behaviour]
    children, counted = [], 0
    for finding in sorted(by_behaviour[name], key=table.strength, reverse=True):
        same = next((o for o, cover in others if cover.touches(finding)), None)
        if same is not None:
            children.append(Node(f"same event as {same}", 0.0, "counted once", finding.id))
            continue
        share = 1.0 if not counted else repeat.share if counted <= repeat.at_most else 0.0
        children.append(_leaf(finding, weight.weight * share, counted > 0, table))
        counted += 1
    return Node(name, total(children), weight.source, None, tuple(children))


def leaf_value(finding: Finding, weight: float, table: Weights) -> float:
    """What a finding adds, where nothing else says the same."""
    return round(round(weight * table.confidence[finding.confidence], 1) * table.trust_factor(finding), 1)


def _leaf(finding: Finding, weight: float, repeated: bool, table: Weights) -> Node:
    """One finding; where positions are in doubt, what that takes off stands under it."""
    label = f"{finding.confidence} confidence" + (" (repeated)" if repeated else "")
    full = round(weight * table.confidence[finding.confidence], 1)
    factor = table.trust_factor(finding)
    if factor == 1.0:
        return Node(label, full, finding.confidence_reason, finding.id)
    less = leaf_value(finding, weight, table)
    doubt = f"positions {finding.trust}, times {factor:g}"
    reason = f"{finding.trust_reason or 'no reason given'}; {table.trust.origin}"
    parts = (
        Node(label, full, finding.confidence_reason),
        Node(doubt, round(less - full, 1), reason),
    )
    return Node(f"{label}, {doubt}", less, finding.confidence_reason, finding.id, parts)


def combination_terms(combined: Sequence[Held], table: Weights) -> list[Node]:
    """A term for each combination; one that another contains adds nothing."""
    container = {name: held.combination for held in combined for name in held.combination.contains}
    return [_combination(held, container.get(held.combination.name), table) for held in combined]


def _combination(held: Held, within: object, table: Weights) -> Node:
    """A combination adds its weight times its weakest finding's strength; that finding bears the value."""
    one = held.combination
    if within is not None:
        parts = tuple(Node(f.behaviour, 0.0, "part of it", f.id) for f in held.members)
        return Node(one.title, 0.0, "a combination that says more of these findings counts", None, parts)
    value = round(one.weight * held.strength, 1)
    weakest = min(held.members, key=table.strength)
    parts = tuple(
        Node(f.behaviour, value, f"the weakest of them: {one.weight:g} times {held.strength:.2g}", f.id)
        if f is weakest
        else Node(f.behaviour, 0.0, "part of it", f.id)
        for f in held.members
    )
    return Node(one.title, value, f"{one.source}; {one.origin}", None, parts)


def total(nodes: Iterable[Node]) -> float:
    """The sum of some nodes, as exact as scores are shown."""
    return round(sum(n.value for n in nodes), 1)


class _Cover:
    """The times that some findings cover."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        ordered = sorted(findings, key=lambda f: f.start)
        self.starts = [f.start for f in ordered]
        self.ends = list(accumulate((f.end or _OPEN for f in ordered), max))

    def touches(self, finding: Finding) -> bool:
        """Whether one of them shares a time with this one."""
        begun = bisect_right(self.starts, finding.end or _OPEN)
        return begun > 0 and self.ends[begun - 1] >= finding.start

"""From measures to an evidence tree: a sum of terms, each with its measure in words and the origin of its weight."""

from dataclasses import dataclass
from typing import Final

from watchkeeper.cases.attribution.anchor import Anchor
from watchkeeper.cases.attribution.habit import Habit
from watchkeeper.cases.attribution.reach import Possible
from watchkeeper.cases.attribution.settings import Term, settings
from watchkeeper.cases.tree import Node
from watchkeeper.model.records import CLASS_B
from watchkeeper.model.shiptypes import FISHING

_HEARD_SHARE: Final = 0.5
"""Of the quarter hours of the window; below it, reception is the likelier reason of a silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """All that the tree weighs for one crossing of one ship.

    ``place_share``: distance from the fault's place over its uncertainty, NaN where no place was given. ``others``:
    loss of speed that other ships crossing then share. ``silent_loss``: loss of speed over the silence, which lasted
    ``silence_min``. ``unreliable``: why the positions are in doubt, empty where they are not. ``findings``: behaviours
    that the scan found of the ship in these hours.
    """

    how: str
    place_share: float
    habit: Habit | None
    others: float
    possible: Possible | None
    silence_min: float
    silent_loss: float
    heard_there: float
    ais_class: int
    ship_type: int
    anchor: Anchor | None
    unreliable: str
    findings: tuple[str, ...]
    lists: tuple[str, ...]


def tree_of(m: Measures) -> Node:
    """The evidence tree of a crossing."""
    terms = [_crossing(m), *_place(m), *_speed(m), *_course(m), *_silence(m), *_bed(m), *_else(m)]
    terms = [term for term in terms if term.value > 0.0]
    terms.sort(key=lambda term: (-term.value, term.label))
    return Node("evidence", round(sum(t.value for t in terms), 1), "sum of its terms", None, tuple(terms))


def explained_by(habit: Habit) -> tuple[str, ...]:
    """What would explain a loss of speed."""
    reasons = []
    if habit.turn_deg >= settings().of("turn"):
        reasons.append(f"a turn of {habit.turn_deg:.0f} deg")
    if habit.arrival:
        reasons.append("a stay shortly before or after")
    return tuple(reasons)


def fit(m: Measures) -> float:
    """How well a crossing fits what is known of the way: 1 where it was seen, less where it needs a detour."""
    if m.possible is None:
        return 1.0
    # The square: a detour of a half leaves a quarter.
    return (m.possible.directness * m.possible.evenness) ** 2 * (
        _factor("one_end") if m.how == "one end" else 1.0
    )


def _term(name: str, label: str, share: float, *children: Node) -> Node:
    term = _rule(name)
    return Node(label, round(term.weight * share, 1), term.source, None, children)


def _rule(name: str) -> Term:
    return settings().terms[name]


def _factor(name: str) -> float:
    return settings().factors[name].value


def _note(name: str, words: str) -> Node:
    """A factor as a child that says why its term is smaller."""
    return Node(f"{words}: times {_factor(name):g}", 0.0, settings().factors[name].source)


def _crossing(m: Measures) -> Node:
    if m.possible is None:
        return _term("crossing", "seen to cross in the window", 1.0)
    words = "could have crossed while not heard"
    if m.how == "one end":
        return _term("crossing", f"{words}; heard on one side only", fit(m), _note("one_end", "one end"))
    direct, even = 100.0 * m.possible.directness, 100.0 * m.possible.evenness
    detour = f"the direct way is {direct:.0f} % of the way across"
    pace = f", an even speed {even:.0f} % of the one needed to be there in time" if even < 99.5 else ""
    return _term("crossing", f"{words}; {detour}{pace}", fit(m))


def _place(m: Measures) -> list[Node]:
    if m.place_share != m.place_share:
        return []
    share = _rule("place").ramp(m.place_share)
    label = f"{100.0 * m.place_share:.0f} % of the uncertainty from the place of the fault"
    return [_term("place", label, share * fit(m))]


def _speed(m: Measures) -> list[Node]:
    nodes = []
    if m.habit is not None:
        loss, words = max(
            (m.habit.dip, "lost near the crossing"), (m.habit.slow, "slower than its usual speed")
        )
        share = _rule("slowdown").ramp(loss - m.others) * _doubt(m) * fit(m)
        children = []
        if m.habit.arrival:
            share *= _factor("arrival")
            children.append(_note("arrival", "it lay still shortly before or after"))
        elif m.habit.turn_deg >= settings().of("turn"):
            share *= _factor("turn")
            children.append(_note("turn", f"it turned {m.habit.turn_deg:.0f} deg"))
        if m.others > 0.0:
            children.append(Node(f"others lost {100.0 * m.others:.0f} % too: taken off", 0.0, "shared cause"))
        label = f"{100.0 * loss:.0f} % {words}, beyond its own unevenness"
        nodes.append(_term("slowdown", label, share, *children))
    if m.silent_loss > 0.0:
        label = f"{100.0 * m.silent_loss:.0f} % slower than usual over the silence, on the shortest way"
        nodes.append(_term("slowdown_silent", label, _rule("slowdown_silent").ramp(m.silent_loss) * fit(m)))
    return nodes


def _doubt(m: Measures) -> float:
    return _factor("unreliable") if m.unreliable else 1.0


def _course(m: Measures) -> list[Node]:
    if m.habit is None:
        return []
    h = m.habit
    usual = 0.0 if h.usual_scatter_deg != h.usual_scatter_deg else h.usual_scatter_deg
    beside = 0.0 if h.usual_crab_deg != h.usual_crab_deg else h.usual_crab_deg
    return [
        _term("scatter", f"course scatters by {h.scatter_deg:.0f} deg, usually {usual:.0f}",
              _rule("scatter").ramp(h.scatter_deg - usual) * _doubt(m)),
        _term("crab", f"heading {h.crab_deg:.0f} deg beside the course, usually {beside:.0f}",
              _rule("crab").ramp(h.crab_deg - beside) * _doubt(m)),
    ]  # fmt: skip


def _silence(m: Measures) -> list[Node]:
    if m.possible is None:
        return []
    share = _rule("silence").ramp(m.silence_min) * fit(m) * _doubt(m)
    children = []
    if m.ais_class == CLASS_B:
        share *= _factor("class_b")
        children.append(_note("class_b", "class B"))
    if m.heard_there < _HEARD_SHARE:
        share *= _factor("not_heard_there")
        children.append(_note("not_heard_there", "hardly anybody was heard there"))
    return [_term("silence", f"not heard for {m.silence_min:.0f} min over the crossing", share, *children)]


def _bed(m: Measures) -> list[Node]:
    """What of the ship reaches the bed."""
    if m.ship_type in FISHING:
        return [_term("gear", "fishing gear", fit(m))]
    if m.anchor is None:
        return []
    share = _rule("anchor").ramp(m.anchor.mass_kg) * fit(m)
    words = f"anchor of about {m.anchor.mass_kg / 1000.0:.1f} t on {m.anchor.chain_m:.0f} m of chain"
    if m.anchor.reaches is False:
        deep = f"{words}, water {m.anchor.depth_m:.0f} m deep"
        return [_term("anchor", deep, share * _factor("too_deep"), _note("too_deep", "chain too short"))]
    return [_term("anchor", words, share)]


def _else(m: Measures) -> list[Node]:
    nodes = []
    if m.findings:
        nodes.append(_term("findings", f"also found: {', '.join(m.findings)}", fit(m)))
    if m.lists:
        nodes.append(_term("listed", f"named by {', '.join(m.lists)}", 1.0))
    return nodes

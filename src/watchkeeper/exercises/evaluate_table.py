"""What is known of each behaviour, in rows of text: for the terminal and for the page in the docs."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from watchkeeper.behaviours import all_behaviours
from watchkeeper.exercises.evaluate import Kind, Quality

COLUMNS: Final = (
    "Behaviour", ">Cases", ">Recall, %", ">Precision, %", ">Quiet findings", ">Start off, min", ">95 %, min",
    ">Look-alikes",
)  # fmt: skip
"""With 95 % intervals in brackets. Quiet findings are per 1,000 vessel-days; of look-alikes, how many were reported."""

NOT_MEASURED: Final = "not measured"


def row(quality: Quality) -> tuple[str, ...]:
    """One behaviour. Quiet traffic is measured without cases; the rest is not."""
    rate, ends = quality.quiet_rate
    quiet = _within(rate, *ends)
    if not quality.measured:
        return quality.behaviour, "-", NOT_MEASURED, "", quiet, "", "", ""
    return (
        quality.behaviour,
        str(quality.cases),
        _share(*quality.recall),
        _share(*quality.precision),
        quiet,
        _within(*quality.start_error(0.5)),
        _within(*quality.start_error(0.95)),
        f"{quality.violated} of {quality.look_alikes}",
    )


def remarks(measured: Iterable[Quality]) -> list[str]:
    """What was missed and reported by kind of case, behaviours without cases, cases without a behaviour, failures."""
    given = list(measured)
    lines = [_of_kind(kind) for quality in given for kind in quality.kinds if kind.reported != _due(kind)]
    declared = all_behaviours()
    without = [q.behaviour for q in given if not q.measured and q.behaviour in declared]
    if without:
        lines.append(f"{NOT_MEASURED}, since the simulator has no cases: {', '.join(without)}")
    astray = [q.behaviour for q in given if q.behaviour not in declared]
    if astray:
        lines.append(f"cases without a behaviour of that name: {', '.join(astray)}")
    lines += [f"{q.behaviour} stopped: {failure}" for q in given for failure in q.failures]
    return lines


def _due(kind: Kind) -> int:
    return kind.cases if kind.positive else 0


def _of_kind(kind: Kind) -> str:
    name = kind.kind.replace("_", " ")
    if kind.positive:
        return f"{kind.behaviour}: found {kind.reported} of {kind.cases} of the case {name!r}"
    return f"{kind.behaviour}: reported {kind.reported} of {kind.cases} of the look-alike {name!r}"


def _share(share: float, ends: Sequence[float]) -> str:
    """In whole per cent, rounded so that nothing looks better or surer than it is."""
    low, high = math.floor(100.0 * ends[0]), math.ceil(100.0 * ends[1])
    return f"{math.floor(100.0 * share)} ({low}-{high})"


def _within(value: float, low: float, high: float) -> str:
    """A figure and its interval; an end that so few values leave open is not written."""
    if math.isnan(value):
        return ""
    ends = ["" if math.isinf(end) else f"{end:.1f}" for end in (low, high)]
    return f"{value:.1f} ({ends[0]}-{ends[1]})"

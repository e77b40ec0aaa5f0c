"""What a behaviour is: a declaration, a function on arrays that detects, and one that judges.

``detect`` sees columns and yields :class:`Episodes`; ``judge`` sees one episode and the whole picture and returns
:class:`Found` or :class:`SetAside`. Thresholds are the keyword arguments of ``detect``, whose types carry the
unit; ``judge`` names those that it needs too. Neither sees a clock, a setting, a file or another behaviour's state.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_type_hints

from watchkeeper.model.episodes import Episodes
from watchkeeper.model.finding import Confidence, Measured, TrustState
from watchkeeper.model.records import Array
from watchkeeper.model.units import Unit

HEADINGS: Final = ("Why it matters:", "Innocent causes:", "Next step:")


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a rule or a figure comes from: the work, how to find it, and the figure taken from it."""

    title: str
    where: str
    figure: str


@dataclass(frozen=True, slots=True)
class Found:
    """The episode is a finding. ``shows`` says what the first, the last and the other evidence row show.

    ``other`` names the other vessel where only the whole picture shows which it is.
    """

    measured: tuple[Measured, ...]
    summary: str
    confidence: Confidence
    confidence_reason: str
    shows: tuple[str, str, str] = ("beginning", "end", "")
    start: int | None = None
    end: int | None = None
    place: tuple[float, float] | None = None
    asset: int = -1
    other: int = -1


@dataclass(frozen=True, slots=True)
class SetAside:
    """The episode is not a finding, for this reason (counted in the run's record)."""

    reason: str


Verdict = Found | SetAside
Detect = Callable[..., Episodes]
Judge = Callable[..., Verdict]
Together = Callable[..., Array]
Observes = Literal["fixes", "vessels"]
RestsOn = Literal["reports", "silence"]


@dataclass(slots=True)
class Threshold:
    """A keyword of a behaviour: its default, unit and the reference it comes from."""

    name: str
    default: float
    unit: Unit


@dataclass(slots=True)
class Behaviour:
    """A declared behaviour. Made by :func:`behaviour`; completed by ``@that.judge``."""

    id: str
    version: int
    title: str
    observes: Observes
    references: tuple[Reference, ...]
    detect: Detect
    thresholds: dict[str, Threshold]
    doc: dict[str, str]
    monotone: dict[str, int] = field(default_factory=dict)
    marks: TrustState = "trusted"
    explained_by: tuple[str, ...] = ()
    rests_on: RestsOn = "reports"
    at_once: bool = False
    judging: Judge | None = None
    judge_needs: tuple[str, ...] = ()
    grouping: Together | None = None
    grouping_needs: tuple[str, ...] = ()

    def judge(self, function: Judge) -> Judge:
        """Register the function that judges; its keyword-only arguments are thresholds of ``detect``."""
        self.judging, self.judge_needs = function, self._needs(function)
        return function

    def together(self, function: Together) -> Together:
        """Register the function that says which candidates are one event.

        It takes all :class:`Episodes` of the behaviour ``(m,)``, thresholds of ``detect`` as keyword-only arguments,
        and gives ``(m,)`` int64, equal for those of one event. Judges see it through :meth:`Context.event`.
        """
        self.grouping, self.grouping_needs = function, self._needs(function)
        return function

    def _needs(self, function: Callable[..., Any]) -> tuple[str, ...]:
        keywords = [
            p.name for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY
        ]
        unknown = set(keywords) - set(self.thresholds)
        assert not unknown, f"{self.id}: thresholds are asked for that detect does not declare: {unknown}"
        return tuple(keywords)


def behaviour(
    *,
    id: str,
    version: int,
    references: tuple[Reference, ...],
    observes: Observes = "fixes",
    monotone: dict[str, int] | None = None,
    marks: TrustState = "trusted",
    explained_by: tuple[str, ...] = (),
    rests_on: RestsOn = "reports",
    at_once: bool = False,
) -> Callable[[Detect], Behaviour]:
    """Declare a behaviour. The function's docstring has the headings of :data:`HEADINGS`.

    Args:
        id: kebab-case, also the file's name; never reused.
        version: raised whenever results on the same data may change.
        references: at least one.
        observes: ``"fixes"`` (called for every batch) or ``"vessels"`` (called once, when the data end).
        monotone: thresholds of which a larger (+1) or a smaller (-1) value can only remove findings: those that
            filter episodes. One that says which reports belong to an episode can also split it, or shorten it so
            that nothing explains it any more.
        marks: what its findings say of the ship's positions between their start and end. Behaviours that mark are
            judged before all others, which then read :meth:`Context.trust`.
        explained_by: behaviours whose marks explain what this one finds: a finding at a time that one of them marked
            is set aside. Those behaviours must mark; they may be explained by others, but not in a circle.
        rests_on: ``"silence"`` where what was *not* heard is the evidence: a finding is then *unknown* while the feed
            through which the ship was last heard was not live.
        at_once: its verdict rests on lists and on what the ship says of herself alone: a watch need not wait for the
            rest of the picture.
    """

    def declare(function: Detect) -> Behaviour:
        assert references, f"{id}: at least one reference"
        return Behaviour(
            id=id,
            version=version,
            title=_sections(function)["title"],
            observes=observes,
            references=references,
            detect=function,
            thresholds=_thresholds(id, function),
            doc=_sections(function),
            monotone=dict(monotone or {}),
            marks=marks,
            explained_by=explained_by,
            rests_on=rests_on,
            at_once=at_once,
        )

    return declare


def _thresholds(behaviour_id: str, function: Detect) -> dict[str, Threshold]:
    hints = get_type_hints(function, include_extras=True)
    thresholds: dict[str, Threshold] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            continue
        metadata: tuple[Any, ...] = getattr(hints[parameter.name], "__metadata__", ())
        unit = next((m for m in metadata if isinstance(m, Unit)), None)
        assert unit is not None, f"{behaviour_id}: {parameter.name} has no unit type"
        assert parameter.default is not parameter.empty, f"{behaviour_id}: {parameter.name} has no default"
        thresholds[parameter.name] = Threshold(parameter.name, parameter.default, unit)
    return thresholds


def _sections(function: Detect) -> dict[str, str]:
    """Cut the docstring at its headings: title, measures, why, innocent, next."""
    text = inspect.getdoc(function) or ""
    keys = ("measures", "why", "innocent", "next")
    sections: dict[str, str] = {}
    rest = text
    for key, heading in zip(keys, HEADINGS, strict=False):
        assert heading in rest, f"{function.__name__}: the docstring lacks {heading!r}"
        sections[key], rest = (" ".join(part.split()) for part in rest.split(heading, 1))
    sections["next"] = " ".join(rest.split())
    sections["title"] = sections["measures"].split(": ", 1)[0]
    return sections

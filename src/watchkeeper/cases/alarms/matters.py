"""Which findings of a ship are one matter: a chain in which each begins within a day of the end of another."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from watchkeeper.cases.alarms.rules import rules
from watchkeeper.model.finding import Finding
from watchkeeper.model.time import from_iso

_NEVER: Final = 2**62
"""The end of a finding that is open: whatever begins later begins while it lasts."""


class Matter(msgspec.Struct, frozen=True):
    """Findings of one ship that belong together, in order of start.

    ``anchors`` are the ids of those that make it this matter: all but the standing facts about the ship, or those
    facts where there is nothing else.
    """

    findings: tuple[Finding, ...]
    anchors: tuple[str, ...]

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its findings."""
        return frozenset(finding.id for finding in self.findings)


def is_standing(behaviour: str) -> bool:
    """Whether a finding of the behaviour is a fact about the ship, which links nothing."""
    return behaviour in rules().standing


def matters(findings: Iterable[Finding]) -> list[Matter]:
    """The matters of one ship, in order of time.

    Args:
        findings: those of the ship, each once, in any order.
    """
    ordered = sorted(findings, key=lambda f: (f.start, f.behaviour, f.id))
    events = [f for f in ordered if not is_standing(f.behaviour)]
    standing = [f for f in ordered if is_standing(f.behaviour)]
    chains = _chains(events)
    made: list[Matter] = []
    placed: set[str] = set()
    for chain in chains:
        begins, ends = span(chain)
        here = [f for f in standing if _overlaps(f, begins, ends)]
        placed.update(f.id for f in here)
        together = sorted((*chain, *here), key=lambda f: (f.start, f.behaviour, f.id))
        made.append(Matter(tuple(together), tuple(f.id for f in chain)))
    alone = tuple(f for f in standing if f.id not in placed)
    if alone:
        made.append(Matter(alone, tuple(f.id for f in alone)))
    return sorted(made, key=lambda matter: (matter.findings[0].start, matter.findings[0].id))


def span(findings: Sequence[Finding]) -> tuple[int, int | None]:
    """When some findings begin and end [ms UTC]; None while one is open."""
    ends = [None if f.end is None else from_iso(f.end) for f in findings]
    known = [end for end in ends if end is not None]
    return min(from_iso(f.start) for f in findings), None if len(known) < len(ends) else max(known)


def _chains(ordered: Sequence[Finding]) -> list[list[Finding]]:
    chains: list[list[Finding]] = []
    reach = 0
    for finding in ordered:
        start = from_iso(finding.start)
        end = _NEVER if finding.end is None else from_iso(finding.end)
        if chains and start <= reach + rules().link_ms:
            chains[-1].append(finding)
            reach = max(reach, end)
        else:
            chains.append([finding])
            reach = end
    return chains


def _overlaps(finding: Finding, begins: int, ends: int | None) -> bool:
    """Whether a standing fact holds at some time of a chain, a link's length around it included."""
    link = rules().link_ms
    end = _NEVER if finding.end is None else from_iso(finding.end)
    return end + link >= begins and from_iso(finding.start) <= (_NEVER if ends is None else ends) + link

"""Scenario files held against what they expect."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from watchkeeper.exercises.rehearse import rehearse
from watchkeeper.exercises.scenario import Expect, Scenario, load_scenario
from watchkeeper.exercises.stage import of_scenario
from watchkeeper.model.finding import Finding
from watchkeeper.model.time import MINUTE, from_iso


class Expectation(msgspec.Struct, frozen=True):
    """One expectation of a scenario, in words, and whether it was met."""

    scenario: str
    behaviour: str
    expected: str
    met: bool


def evaluate_scenario(path: Path) -> list[Expectation]:
    """Work a scenario through.

    Raises:
        InputError: the file is not a scenario.
    """
    scenario = load_scenario(path)
    outcomes = rehearse(of_scenario(scenario), f"exercise:{path.stem}")
    findings = [finding for outcome in outcomes.values() for finding in outcome.findings]
    return list(expectations(path, scenario, findings))


def expectations(path: Path, scenario: Scenario, findings: Iterable[Finding]) -> Iterator[Expectation]:
    """Every expectation of a scenario beside what was found."""
    given = list(findings)
    for expect in scenario.expect:
        found = any(fits(finding, expect, scenario.start_ms) for finding in given)
        said = f"{expect.behaviour} {'on' if expect.found else 'not on'} {expect.mmsi}"
        yield Expectation(f"{path.parent.name}/{path.stem}", expect.behaviour, said, found == expect.found)


def fits(finding: Finding, expect: Expect, start_ms: int) -> bool:
    """Whether a finding is the one expected, in a scenario that begins at ``start_ms``."""
    ships = {finding.mmsi, finding.other_mmsi}
    return (
        finding.behaviour == expect.behaviour
        and expect.mmsi in ships
        and (expect.other_mmsi is None or expect.other_mmsi in ships)
        and (expect.asset is None or finding.asset == expect.asset)
        and _near(finding.start, expect.start, start_ms, expect.tolerance)
        and (
            finding.end is None if expect.open else _near(finding.end, expect.end, start_ms, expect.tolerance)
        )
    )


def _near(found: str | None, minutes: float | None, start_ms: int, tolerance: float) -> bool:
    if minutes is None:
        return True
    return found is not None and abs(from_iso(found) - start_ms - minutes * MINUTE) <= tolerance * MINUTE

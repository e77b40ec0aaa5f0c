"""The scoreboard, on small tables whose scores can be counted by hand."""

from typing import Any

import msgspec
import pytest

from watchkeeper.exercises.scoring import BehaviourScore, score
from watchkeeper.exercises.truth import TruthCase


def case(
    name: str,
    behaviour: str,
    mmsi: int,
    start: str,
    end: str,
    positive: bool = True,
    other: int | None = None,
):
    return TruthCase(
        name, behaviour, positive, mmsi, other, f"2025-03-01T{start}Z", f"2025-03-01T{end}Z", None, ""
    )


def finding(
    behaviour: str, mmsi: int, start: str, end: str | None, other: int | None = None
) -> dict[str, Any]:
    return {
        "behaviour": behaviour, "mmsi": mmsi, "other_mmsi": other, "start": f"2025-03-01T{start}Z",
        "end": f"2025-03-01T{end}Z" if end else None,
    }  # fmt: skip


GAP = case("gap", "ais-gap", 1, "10:00:00", "12:00:00")
QUIET = case("quiet", "ais-gap", 2, "10:00:00", "12:00:00", positive=False)
PAIR = case("pair", "encounter", 3, "10:00:00", "14:00:00", other=4)


def row(truth: list[TruthCase], findings: list[dict[str, Any]], behaviour: str = "ais-gap") -> BehaviourScore:
    return next(r for r in score(truth, findings, 500.0).behaviours if r.behaviour == behaviour)


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("10:00:00", "12:00:00", 1),
        ("12:30:00", "13:00:00", 1),
        ("12:30:01", "13:00:00", 0),
        ("09:00:00", "09:30:00", 1),
        ("09:00:00", "09:29:59", 0),
        ("11:00:00", None, 1),
        ("13:00:00", None, 0),
    ],
)
def test_times_overlap_within_half_an_hour(start: str, end: str | None, found: int) -> None:
    result = row([GAP], [finding("ais-gap", 1, start, end)])
    assert (result.found, result.recall, result.extra) == (found, float(found), 1 - found)


def test_another_ship_or_behaviour_does_not_count() -> None:
    result = row(
        [GAP],
        [finding("ais-gap", 9, "10:00:00", "12:00:00"), finding("loitering", 1, "10:00:00", "11:00:00")],
    )
    assert (result.found, result.extra, result.extra_per_1000_vessel_days) == (0, 1, 2.0)


def test_either_ship_of_a_pair_counts() -> None:
    for mmsi, other in ((3, 4), (4, 3), (9, 4)):
        assert (
            row([PAIR], [finding("encounter", mmsi, "10:10:00", "13:00:00", other)], "encounter").found == 1
        )


def test_a_look_alike_reported_is_a_violation_and_extra_without_slack() -> None:
    inside = row([QUIET], [finding("ais-gap", 2, "11:00:00", "15:00:00")])
    assert (inside.negatives, inside.violated, inside.extra, inside.recall) == (1, 1, 1, None)
    after = row([QUIET], [finding("ais-gap", 2, "12:00:01", "15:00:00")])
    assert after.violated == 0


def test_another_behaviour_of_a_ship_with_a_case_is_related() -> None:
    found = [finding("loitering", 4, "11:00:00", "12:00:00"), finding("loitering", 4, "20:00:00", "21:00:00")]
    result = row([PAIR], found, "loitering")
    assert (result.findings, result.related, result.extra, result.cases) == (2, 1, 1, 0)


def test_start_error_is_the_median_of_the_best_matches() -> None:
    truth = [
        GAP,
        case("b", "ais-gap", 5, "10:00:00", "12:00:00"),
        case("c", "ais-gap", 6, "10:00:00", "12:00:00"),
    ]
    found = [
        finding("ais-gap", 1, "10:04:00", "12:00:00"),
        finding("ais-gap", 1, "11:00:00", "12:00:00"),
        finding("ais-gap", 5, "09:50:00", "12:00:00"),
        finding("ais-gap", 6, "10:06:00", "12:00:00"),
    ]
    board = score(truth, found, 10.0)
    assert board.behaviours[0].start_error_min == 6.0
    assert board.missed == ()


def test_nothing_found_and_nothing_injected() -> None:
    board = score([GAP, PAIR, QUIET], [], 0.0)
    assert board.missed == ("gap", "pair")
    assert board.violated == ()
    assert [b.recall for b in board.behaviours] == [0.0, 0.0]
    assert score([], [], 1.0).behaviours == ()


def test_a_look_alike_may_rightly_show_another_behaviour() -> None:
    dark = msgspec.structs.replace(QUIET, behaviour="asset-gap", shows=("ais-gap",))
    result = row([GAP, dark], [finding("ais-gap", 2, "10:00:00", "12:00:00")])
    assert (result.findings, result.related, result.extra) == (1, 1, 0)
    assert row([dark], [finding("asset-gap", 2, "10:00:00", "12:00:00")], "asset-gap").violated == 1

"""Times, boxes and rates as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.cli import options
from watchkeeper.errors import UsageError
from watchkeeper.model.time import DAY, from_iso

DEGREES = st.floats(-180, 180, allow_nan=False)
LATITUDES = st.floats(-90, 90, allow_nan=False)


def test_a_window_of_dates_holds_its_last_day() -> None:
    start, end = options.window("2024-11-18", "2024-11-18")
    assert start == from_iso("2024-11-18T00:00:00Z")
    assert end == start + DAY - 1


def test_a_window_of_times_ends_where_it_says() -> None:
    assert options.window(None, "2024-11-18T06:00:00Z") == (None, from_iso("2024-11-18T06:00:00Z"))


def test_nothing_asked_is_no_limit() -> None:
    assert options.window(None, None) == (None, None)
    assert options.box(None) is None
    assert options.rate_of(None, None) is None


@pytest.mark.parametrize(
    "pair",
    [("2024-11-19", "2024-11-18"), ("soon", None), (None, ""), ("2024-13-01", None), ("0001-01-01", "x")],
)
def test_a_window_that_makes_no_sense(pair: tuple[str | None, str | None]) -> None:
    with pytest.raises(UsageError):
        options.window(*pair)


@given(DEGREES, LATITUDES, DEGREES, LATITUDES)
def test_boxes(west: float, south: float, east: float, north: float) -> None:
    text = f"{west!r},{south!r},{east!r},{north!r}"
    if south < north and west != east:
        assert options.box(text) == (west, south, east, north)
    else:
        with pytest.raises(UsageError):
            options.box(text)


def test_a_box_across_the_antimeridian() -> None:
    assert options.box("170,-20,-170,-10") == (170.0, -20.0, -170.0, -10.0)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,0,nan,1", "0,-91,1,1", "-181,0,1,1", "0,1,1,0"]
)
def test_boxes_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="--bbox"):
        options.box(text)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_rates_that_are_none(rate: float) -> None:
    with pytest.raises(UsageError, match="--rate"):
        options.rate_of(rate, "2024-11-18")


def test_a_rate_needs_a_start() -> None:
    with pytest.raises(UsageError, match="--start"):
        options.rate_of(10.0, None)
    assert options.rate_of(10.0, "2024-11-18") == 10.0

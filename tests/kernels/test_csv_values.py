"""Field conversion against Python's own."""

import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.kernels import csv_values
from watchkeeper.kernels.csv_moments import read_moment
from watchkeeper.kernels.csv_values import State, word_keys

NOTHING = word_keys(("unknown", "nan", "undefined"))


def laid_out(texts: list[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ends = np.cumsum([len(t) + 1 for t in texts]).astype(np.int32) - 1
    begins = ends - np.array([len(t) for t in texts], np.int32)
    return np.frombuffer(b",".join(texts) + bytes(65), np.uint8), begins.astype(np.int32), ends


def decimals(texts: list[bytes]) -> tuple[list[float], list[int]]:
    data, begin, end = laid_out(texts)
    out, state = np.empty(len(texts)), np.empty(len(texts), np.int8)
    csv_values.read_decimals(data, begin, end, NOTHING, out, state)
    return out.tolist(), state.tolist()


def moments(texts: list[bytes], pattern: str) -> tuple[list[int], list[int]]:
    data, begin, end = laid_out(texts)
    written = np.frombuffer(pattern.encode(), np.uint8)
    found = [read_moment(data, b, e, written, NOTHING) for b, e in zip(begin, end, strict=True)]
    return [t for t, _ in found], [state for _, state in found]


@given(
    st.lists(
        st.one_of(
            st.floats(-1000, 1000).map(repr),
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.decimals(-180, 180, places=14).map(str),
            st.integers(-(10**30), 10**30).map(str),
            st.from_regex(r"[+-]?[0-9]{1,12}\.[0-9]{0,20}(e[+-]?[0-9]{1,2})?", fullmatch=True),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_a_number_is_the_one_python_reads(texts: list[str]) -> None:
    values, states = decimals([t.encode() for t in texts])
    for text, value, state in zip(texts, values, states, strict=True):
        assert state == State.READ, text
        assert math.isclose(value, float(text), rel_tol=1e-11, abs_tol=1e-300), text
        if abs(float(text)) <= 180:
            assert abs(value - float(text)) <= 1e-9, text


@given(st.lists(st.text("0123456789.+-eE x_", max_size=12), min_size=1, max_size=10))
def test_what_python_does_not_read_is_not_read(texts: list[str]) -> None:
    _, states = decimals([t.encode() for t in texts])
    for text, state in zip(texts, states, strict=True):
        try:
            readable = math.isfinite(float(text)) and "_" not in text
        except ValueError:
            readable = False
        if not text.strip():
            assert state == State.MISSING
        elif not readable:
            assert state == State.UNREADABLE, text


def test_words_for_nothing_are_missing_and_others_are_not() -> None:
    _, states = decimals([b"", b"  ", b"Unknown", b"NaN", b"UNDEFINED", b"north", b"inf", b"1e999"])
    assert states == [State.MISSING] * 5 + [State.UNREADABLE] * 3


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_a_moment_is_the_one_python_reads(naive: datetime, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    utc, zoned = naive.replace(tzinfo=UTC), naive.replace(tzinfo=zone)
    texts = [utc.isoformat(), naive.isoformat(" "), zoned.isoformat(), naive.isoformat("T", "seconds") + "Z"]
    values, states = moments([t.encode() for t in texts], "Y-m-d H:M:S")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    whole = utc.replace(microsecond=0)
    expected = [(m - epoch) // timedelta(milliseconds=1) for m in (utc, utc, zoned, whole)]
    assert states == [State.READ] * 4
    # a fraction is cut towards zero of the clock, not of the epoch
    assert values == expected


@pytest.mark.parametrize(
    "text",
    ["31/02/2026 00:00:00", "01/13/2026 00:00:00", "29/02/2025 00:00:00", "1/1/2026 00:00:00",
     "01/01/26 00:00:00",
     "01/01/2026 24:00:00", "01/01/2026 00:60:00", "01/01/2026", "01/01/2026 00:00:00x",
     "01-01-2026 00:00:00",
     "0١/01/2026 00:00:00", "01/01/2026 00:00:00+25:00"],
)  # fmt: skip
def test_a_moment_that_is_none_is_unreadable(text: str) -> None:
    _, states = moments([b"01/01/2026 00:00:00", text.encode(), b"29/02/2024 23:59:60"], "d/m/Y H:M:S")
    assert states == [State.READ, State.UNREADABLE, State.READ]


def test_text_is_upper_case_trimmed_and_cut() -> None:
    data, begin, end = laid_out(
        [b"  Ever Given@@@ ", b"Unknown", b'say ""hi""', b"a\0b", b"Abcdefghijklmnop"]
    )
    out = np.full((5, 12), 7, np.uint8)
    assert csv_values.read_texts(data, begin, end, NOTHING, out) == 0
    assert out.view("S12")[:, 0].tolist() == [b"EVER GIVEN", b"", b'SAY "HI"', b"A B", b"ABCDEFGHIJKL"]

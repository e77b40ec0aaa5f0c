"""Candidate episodes: what a shape found in the stream, before the whole picture is known. Columns again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import msgspec
import numpy as np
from numpy.typing import DTypeLike

from watchkeeper.model.records import Array, _Columns


@dataclass(slots=True)
class Episodes(_Columns):
    """One row per episode, of one vessel (``other`` < 0) or of a pair.

    ``vessel``, ``other``: dense vessel numbers of the run; ``start``, ``end`` [ms UTC]; ``open`` whether it
    still went on when the data ended; ``first_row``, ``last_row`` packed raw rows (of ``vessel``);
    ``other_row`` raw row of ``other``, or the row at which ``low`` was reached; ``lat0 lon0 lat1 lon1``
    first and last position [deg]; ``lat lon`` mean position; ``n`` reports (or time slots); ``path_m`` distance
    sailed; ``span_m`` diagonal of the bounding box; ``sog_min sog_max sog_mean`` [kn]; ``value`` mean of one
    column the behaviour passed, ``low`` and ``low_t`` least of another and its time; ``asset`` its number or -1;
    ``course_deg`` mean course over ground and ``course_r`` its mean resultant length (1: one course, 0: all round;
    Mardia and Jupp, Directional Statistics, 2.2), ``crab_deg`` mean absolute difference of heading and course;
    ``every_s`` mean time from the report before to each of its reports [s];
    ``circle_m`` radius of the circle that fits best, ``circle_off_m`` root mean square distance from it [m],
    ``circle_turns`` turns about its middle, anticlockwise positive.
    """

    vessel: Array
    other: Array
    start: Array
    end: Array
    open: Array
    first_row: Array
    last_row: Array
    other_row: Array
    lat0: Array
    lon0: Array
    lat1: Array
    lon1: Array
    lat: Array
    lon: Array
    n: Array
    path_m: Array
    span_m: Array
    sog_min: Array
    sog_max: Array
    sog_mean: Array
    value: Array
    low: Array
    low_t: Array
    asset: Array
    course_deg: Array
    course_r: Array
    crab_deg: Array
    every_s: Array
    circle_m: Array
    circle_off_m: Array
    circle_turns: Array

    DTYPES: ClassVar[dict[str, DTypeLike]] = {
        "vessel": "i4", "other": "i4", "start": "i8", "end": "i8", "open": "?", "first_row": "i8",
        "last_row": "i8", "other_row": "i8", "lat0": "f8", "lon0": "f8", "lat1": "f8", "lon1": "f8",
        "lat": "f8", "lon": "f8", "n": "i8", "path_m": "f8", "span_m": "f8", "sog_min": "f8", "sog_max": "f8",
        "sog_mean": "f8", "value": "f8", "low": "f8", "low_t": "i8", "asset": "i4", "course_deg": "f8",
        "course_r": "f8", "crab_deg": "f8", "every_s": "f8",
        "circle_m": "f8", "circle_off_m": "f8", "circle_turns": "f8",
    }  # fmt: skip

    def __len__(self) -> int:
        return len(self.start)

    def __iter__(self) -> "Iterator[Episode]":
        names = list(self.DTYPES)
        columns = [getattr(self, name).tolist() for name in names]
        for values in zip(*columns, strict=True):
            yield Episode(*values)

    @classmethod
    def build(cls, count: int, **given: Array) -> "Episodes":
        """Columns ``given``; the rest -1 (references, times), NaN (measures), ``False``, or zero (``n``)."""
        blank = {"i4": -1, "i8": -1, "f8": np.nan, "?": False}
        columns = {
            name: np.asarray(given[name], dtype)
            if name in given
            else np.full(count, blank[str(dtype)], dtype)
            for name, dtype in cls.DTYPES.items()
        }
        return cls(**columns)


class Episode(msgspec.Struct, frozen=True, gc=False):
    """One row of :class:`Episodes`, as plain numbers, for judging."""

    vessel: int
    other: int
    start: int
    end: int
    open: bool
    first_row: int
    last_row: int
    other_row: int
    lat0: float
    lon0: float
    lat1: float
    lon1: float
    lat: float
    lon: float
    n: int
    path_m: float
    span_m: float
    sog_min: float
    sog_max: float
    sog_mean: float
    value: float
    low: float
    low_t: int
    asset: int
    course_deg: float
    course_r: float
    crab_deg: float
    every_s: float
    circle_m: float
    circle_off_m: float
    circle_turns: float

    @property
    def hours(self) -> float:
        """How long it lasted [h]."""
        return (self.end - self.start) / 3_600_000


assert Episode.__struct_fields__ == tuple(Episodes.DTYPES)

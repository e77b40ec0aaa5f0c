"""How alerts are kept, as data: ``alarms.toml``, read once."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from watchkeeper.model.time import SECOND
from watchkeeper.model.units import UNITS, parse_quantity


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Alerts from a score upwards, and how long one may stay unacknowledged [ms]."""

    name: str
    score_at_least: float
    after_ms: int


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that ``alarms.toml`` says. ``bands`` from the highest score down; durations in ms."""

    link_ms: int
    standing: frozenset[str]
    score_factor: float
    snooze_ms: int
    snooze_most_ms: int
    mute_most_ms: int
    settled_after_ms: int
    ourselves: dict[str, float]
    levels: tuple[str, ...]
    bands: tuple[Band, ...]

    def band(self, score: float) -> Band:
        """The band of a score."""
        return next((band for band in self.bands if score >= band.score_at_least), self.bands[-1])


@cache
def rules() -> Rules:
    """The rules in force."""
    written = tomllib.loads(files(__package__).joinpath("alarms.toml").read_text("utf-8"))
    bands = [
        Band(one["name"], one["score_at_least"], duration_ms(one["after"]))
        for one in written["escalation"]["band"]
    ]
    return Rules(
        link_ms=_ms(written, "matter", "link"),
        standing=frozenset(written["matter"]["standing"]),
        score_factor=written["worse"]["score_factor"],
        snooze_ms=_ms(written, "snooze", "usual"),
        snooze_most_ms=_ms(written, "snooze", "at_most"),
        mute_most_ms=_ms(written, "mute", "at_most"),
        settled_after_ms=_ms(written, "ourselves", "settled_after"),
        ourselves=written["ourselves"]["score"],
        levels=tuple(written["escalation"]["levels"]),
        bands=tuple(sorted(bands, key=lambda band: -band.score_at_least)),
    )


def duration_ms(text: str) -> int:
    """A duration written with its unit, such as ``60 min`` [ms].

    Raises:
        ConfigError: not a duration.
    """
    return round(parse_quantity(text, UNITS["s"]) * SECOND)


def _ms(written: Mapping[str, Any], table: str, key: str) -> int:
    return duration_ms(written[table][key])

"""One unit of time inside: integer milliseconds since 1970 UTC. ISO 8601 with Z at every edge."""

from datetime import UTC, datetime
from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

NO_TIME: Final = -(2**63)
"""What stands for an unknown time in an ``int64`` column."""


def to_iso(ms: int) -> str:
    """Write milliseconds since 1970 UTC as ISO 8601, without the fraction where it is zero."""
    moment = datetime.fromtimestamp(ms // SECOND, UTC)
    fraction = f".{ms % SECOND:03d}" if ms % SECOND else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def from_iso(text: str) -> int:
    """Read ISO 8601 (a date, or a date and time; no zone means UTC) into milliseconds.

    Raises:
        ValueError: the text is not ISO 8601.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * SECOND)

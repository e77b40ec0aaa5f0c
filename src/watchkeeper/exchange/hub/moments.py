"""Timestamps as STIX and TAXII write them, in microseconds: RFC 3339, UTC, always with ``Z``."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_FORM: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?Z", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def read_us(text: str) -> int:
    """Microseconds since 1970 UTC; finer digits are cut off.

    Raises:
        ValueError: it is no timestamp of STIX.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no timestamp")
    day, clock, fraction = found.groups()
    return _second_us(f"{day}T{clock}+00:00") + int((fraction or "0")[:6].ljust(6, "0"))


@lru_cache(4096)
def _second_us(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND


def write_us(us: int) -> str:
    """A moment with six digits of a second."""
    return f"{_EPOCH + us * _MICROSECOND:%Y-%m-%dT%H:%M:%S.%f}Z"

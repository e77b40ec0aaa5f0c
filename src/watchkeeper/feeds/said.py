"""What a line of a spool says of its own time, without decoding it: enough to see how far two clocks are apart."""

import re
from contextlib import suppress
from typing import Final

from watchkeeper.model.time import NO_TIME, SECOND, from_iso

_TAG: Final = re.compile(rb"\\[^\\\n]*\bc:(\d{9,14})[^\\\n]*\\")
_NUMBER: Final = re.compile(rb'"(?:time|timestamp|timestampExternal|msgtime)":\s*(\d{9,14})')
_TEXT: Final = re.compile(
    rb'"(?:time_utc|msgtime)":\s*"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z| ?\+00:?00(?: UTC)?)"'
)
_MILLISECONDS_FROM: Final = 10**11
_HEARD: Final = re.compile(rb'\{"heard":(\d+)')


def own_time(lines: bytes) -> int | None:
    """The time [ms UTC] that the last line gives itself; None where it gives none, or only when it was heard."""
    begin = lines.rfind(b"\n", 0, -1) + 1
    line = lines[begin : begin + 4096]
    if line[:1] == b"{":
        text = _TEXT.search(line)
        if text:
            with suppress(ValueError):
                found = from_iso(f"{text[1].decode()}T{text[2].decode()}Z")
                return found if found != NO_TIME else None
        return _milliseconds(_NUMBER.search(line, _end_of_heard(line)))
    return _milliseconds(_TAG.match(line))


def _end_of_heard(line: bytes) -> int:
    match = _HEARD.match(line)
    return match.end() if match else 0


def _milliseconds(match: re.Match[bytes] | None) -> int | None:
    if match is None:
        return None
    number = int(match[1])
    return number if number >= _MILLISECONDS_FROM else number * SECOND

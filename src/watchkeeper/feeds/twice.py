"""Which share of a feed's messages another feed brings too: looked at in one second of every sixteen.

Only the rate: that a ship's report is used once is the engine's business.
"""

from typing import Final

_EVERY: Final = 16
_MEMORY_S: Final = 32
_LINES: Final = 2_000


class Twice:
    """Compares the AIS sentences of all feeds by their payload."""

    def __init__(self) -> None:
        self._seen: dict[bytes, str] = {}
        self._before: dict[bytes, str] = {}
        self._turned = 0

    def compare(self, feed: str, lines: bytes, heard: int) -> tuple[int, int]:
        """How many lines were looked at, and how many of them another feed brought within the last half minute."""
        second = heard // 1000
        if second % _EVERY:
            return 0, 0
        if second - self._turned >= _MEMORY_S:
            self._before, self._seen, self._turned = self._seen, {}, second
        looked = again = 0
        for line in lines.split(b"\n", _LINES)[:_LINES]:
            payload = _payload(line)
            if payload is None:
                continue
            looked += 1
            first = self._seen.get(payload) or self._before.get(payload)
            if first is None:
                self._seen[payload] = feed
            elif first != feed:
                again += 1
        return looked, again


def _payload(line: bytes) -> bytes | None:
    begin = line.rfind(b"!")
    fields = line[begin:].split(b",", 6) if begin >= 0 else ()
    return fields[5] if len(fields) == 7 and fields[5] else None

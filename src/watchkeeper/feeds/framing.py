r"""From what came to lines of the spool: cut, held to a length, and given the time they were heard.

A line of the spool is what a file of the same format would hold, so that ``scan`` reads it too. An AIS sentence whose
time is not known gets ``c:`` in a tag block (NMEA 0183 4.10), in milliseconds; a JSON object gets ``"heard"``, and
``"topic"`` where it has one, as its first keys. Everything else stays as it came: what is no record of anything is
quarantined by the source that reads the spool.
"""

import re
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from watchkeeper.feeds.tagged import timed_sentences

LINE_LIMIT: Final = 1 << 20
"""Bytes of a line. A longer one is cut just behind this, so that it is still too long for every source."""

_NMEA_LIMIT: Final = 16_000
"""A line of NMEA 0183 that is longer gets no tag block: with one it might be too long for its reader."""
_SENTENCE: Final = re.compile(rb"!..VD[MO],", re.DOTALL)
_PLAIN: Final = re.compile(rb"^!..VD[MO],", re.MULTILINE)
_TIME_BEHIND: Final = re.compile(rb"\*[0-9A-Fa-f]{2},(?:[^\n!\\]*,)?\d{9,}")
_CLOCK: Final = re.compile(rb"(?:^|,)c:\d")
_LATER_PART: Final = re.compile(rb"(?:^|,)g:(?!0*1-)\d+-")
_HEX: Final = re.compile(rb"\*[0-9A-Fa-f]{2}$")
_RECEIVE_TIME: Final = b"$PGHP,"
_WORTH_IT: Final = 16
"""From so many backslashes on, lines are looked at all at once."""


class Framer:
    """Makes lines of one connection. ``cut`` counts lines that were too long, ``halves`` those that had no end."""

    def __init__(self) -> None:
        self.cut = 0
        self.halves = 0
        self._carry = bytearray()
        self._skipping = False
        self._time_is_known = False

    def stream(self, data: bytes, heard: int) -> bytes:
        """The lines that end in ``data``, a piece of a stream heard at ``heard`` [ms UTC]; each ends in a newline."""
        return self._stamped(self._whole(data), heard)

    def message(self, payload: bytes, heard: int, topic: str = "") -> bytes:
        """The lines of one message: a line for a JSON object, else as many as it holds."""
        body = payload.strip()
        if not body or body[:1] == b"{":
            return self._short(_object_line(body or b"{}", heard, topic))
        return self._stamped(self._short(body + b"\n"), heard)

    def end(self, heard: int) -> bytes:
        """The connection ended: what has no line end is a line all the same."""
        half = bytes(self._carry)
        self._carry.clear()
        self._skipping = False
        if half:
            self.halves += 1
            half += b"\n"
        lines = self._stamped(half, heard)
        self._time_is_known = False
        return lines

    def _whole(self, data: bytes) -> bytes:
        last = data.rfind(b"\n") + 1
        if not last:
            return self._grown(data)
        first = 0
        if self._skipping:
            first = data.find(b"\n") + 1
            self._skipping = False
        block = bytes(self._carry) + data[first:last] if self._carry else data[first:last]
        self._carry.clear()
        return self._short(block) + self._grown(data[last:])

    def _grown(self, data: bytes) -> bytes:
        """Keep the beginning of a line; give it at once where it has grown too long."""
        if self._skipping:
            return b""
        self._carry += data
        if len(self._carry) <= LINE_LIMIT:
            return b""
        self.cut += 1
        self._skipping = True
        beginning = bytes(self._carry[: LINE_LIMIT + 1]) + b"\n"
        self._carry.clear()
        return beginning

    def _short(self, block: bytes) -> bytes:
        if len(block) <= LINE_LIMIT:
            return block
        lines = block.splitlines(keepends=True) if b"\n" not in block else _lines(block)
        for k, line in enumerate(lines):
            if len(line) > LINE_LIMIT + 1:
                lines[k] = line[: LINE_LIMIT + 1] + b"\n"
                self.cut += 1
        return b"".join(lines)

    def _stamped(self, block: bytes, heard: int) -> bytes:
        if not block:
            return block
        if not self._time_is_known and _is_plain(block):
            tag = tag_block(b"c:%d" % heard)
            return tag + block[:-1].replace(b"\n", b"\n" + tag) + b"\n"
        if block.count(b"\\") < _WORTH_IT:
            return b"".join([self._line(line, heard) for line in _lines(block)])
        return self._but_timed(block, heard)

    def _but_timed(self, block: bytes, heard: int) -> bytes:
        """The same where many lines tell their time: these stay as they are, whatever was said before them."""
        fine, edges = timed_sentences(block)
        turns = [0, *(np.flatnonzero(fine[1:] != fine[:-1]) + 1).tolist(), len(fine)]
        parts: list[bytes] = []
        for first, stop in pairwise(turns):
            part = block[edges[first] : edges[stop]]
            if fine[first]:
                self._time_is_known = False
                parts.append(part)
            else:
                parts += [self._line(line, heard) for line in _lines(part)]
        return b"".join(parts)

    def _line(self, line: bytes, heard: int) -> bytes:
        if line[:1] == b"{":
            return _object_line(line.strip(), heard, "")
        found = _SENTENCE.search(line) if line[:1] != b"#" else None
        if found is None:
            self._note(line)
            return line
        before = line[: found.start()]
        known = self._time_is_known or _RECEIVE_TIME in before or _is_timed(before)
        self._time_is_known = False
        if known or len(line) > _NMEA_LIMIT or _TIME_BEHIND.search(line, found.start()):
            return line
        content = _valid_content(before)
        if content is not None and len(content) + 5 == len(before):
            return tag_block(content + b",c:%d" % heard) + line[len(before) :]
        return tag_block(b"c:%d" % heard) + line

    def _note(self, line: bytes) -> None:
        """A line without an AIS sentence may tell the time of the next sentence."""
        if line[:1] == b"#":
            return
        if _RECEIVE_TIME in line or _is_timed(line):
            self._time_is_known = True
        elif b"!" in line or b"$" in line:
            self._time_is_known = False


def tag_block(content: bytes) -> bytes:
    r"""``content`` as a tag block with its checksum: ``\c:1700000000000*5A\``."""
    return b"\\%b*%02X\\" % (content, xor_of(content))


def xor_of(content: bytes) -> int:
    """All bytes by exclusive or: the checksum of NMEA 0183."""
    # Folding one long number takes a few steps where a loop takes one for each byte.
    width = 8
    while width < len(content) * 8:
        width *= 2
    folded = int.from_bytes(content, "big")
    while width > 8:
        width //= 2
        folded = (folded >> width) ^ (folded & ((1 << width) - 1))
    return folded


def _lines(block: bytes) -> list[bytes]:
    """The lines with their ends. Only the newline ends a line, as in every reader of the house."""
    parts = block.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _is_plain(block: bytes) -> bool:
    """Whether it holds nothing but AIS sentences without any time, one a line: the usual feed, handled at once."""
    return (
        block[:1] == b"!"
        and b"\\" not in block
        and b"$" not in block
        and len(_PLAIN.findall(block)) == block.count(b"\n")
        and len(block) < _NMEA_LIMIT * 64
        and _TIME_BEHIND.search(block) is None
        and max(map(len, block.split(b"\n"))) < _NMEA_LIMIT
    )


def _valid_content(text: bytes) -> bytes | None:
    """What is between the backslashes of the tag block at the beginning, without checksum; None if it is not valid."""
    if text[:1] != b"\\":
        return None
    close = text.find(b"\\", 1)
    content = text[1 : close - 3]
    if close < 0 or not _HEX.search(text[1:close]) or int(text[close - 2 : close], 16) != xor_of(content):
        return None
    return content


def _is_timed(text: bytes) -> bool:
    """Whether a valid tag block tells a time, or belongs to a group whose first sentence does."""
    at = text.find(b"\\")
    while at >= 0:
        content = _valid_content(text[at:])
        if content is not None and (_CLOCK.search(content) or _LATER_PART.search(content)):
            return True
        close = text.find(b"\\", at + 1)
        at = text.find(b"\\", close + 1) if close >= 0 else -1
    return False


def _object_line(body: bytes, heard: int, topic: str) -> bytes:
    """A JSON object with the time it was heard in front. Between its tokens a line end is as good as a space."""
    rest = body[1:].replace(b"\r", b" ").replace(b"\n", b" ").lstrip()
    named = b',"topic":' + msgspec.json.encode(topic) if topic else b""
    comma = b"" if rest[:1] == b"}" else b","
    return b'{"heard":%d%b%b%b\n' % (heard, named, comma, rest)

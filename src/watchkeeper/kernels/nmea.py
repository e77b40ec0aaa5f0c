"""From bytes of an NMEA log to AIS messages: lines, sentences, receive times, messages of several parts.

One kernel reads complete lines of a chunk and appends to :class:`Messages` and :class:`Unusable`.
Everything that must survive the edge of a chunk is in :class:`Reader`, so where a chunk ends changes nothing.
Reading stops early, between two lines, when an output array might not hold the next line.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from watchkeeper.kernels import nmea_messages, nmea_parts, nmea_sentence
from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.nmea_bytes import NO_KEY, copy
from watchkeeper.kernels.nmea_parts import MOST_MESSAGE, MOST_PARTS, NONE, TEXT, Parts, keep_text, new_parts
from watchkeeper.kernels.nmea_sentence import BACKSLASH, BANG, DOLLAR, HASH, Sentence
from watchkeeper.model.time import NO_TIME

LINE_LIMIT: Final = 16_384
"""Bytes in a line. A line of NMEA 0183 has 82 and a tag block as many; some logs glue a few together."""
MOST_SENTENCES: Final = 8
"""AIS sentences in a line."""

_NEWLINE, _RETURN, _SPACE = 10, 13, 32

REASONS: Final = (
    "",
    "sentence without a checksum",
    "checksum does not match",
    "not the fields of an AIS sentence",
    "payload has a character that is no six-bit character",
    "payload is empty",
    f"payload is longer than {nmea_sentence.MOST_PAYLOAD} characters",
    "fill bits are not 0 to 5, or in a part that is not the last",
    "message type or part that ITU-R M.1371 does not define",
    "message is shorter than its type",
    "message is longer than its type, and the rest is neither padding nor its check sequence",
    "part of a message whose earlier part is missing",
    "incomplete multi-part message",
    f"line is longer than {LINE_LIMIT} bytes",
    f"more than {MOST_SENTENCES} sentences in one line",
)
_MESSAGE_FAULTS: Final = nmea_sentence.FILL_BITS
ORPHAN: Final = 11
INCOMPLETE: Final = 12
LINE_LONG: Final = 13
LINE_CROWDED: Final = 14

COUNTS: Final = (
    "line_empty", "line_comment", "line_tag_block", "line_pghp", "line_not_ais", "text_before_sentence",
    "pghp_unreadable", "tag_block_unreadable", "tag_block_time_unreadable", "tag_block_group_unknown", "own_ship_sentence",
    "time_from_tag_block", "time_from_pghp", "time_from_line_end",
)  # fmt: skip
(
    _EMPTY, _COMMENT, _TAG_LINE, _PGHP, _NOT_AIS, _TEXT_BEFORE, _PGHP_BAD, _TAG_BAD, _TAG_TIME_BAD,
    _GROUP_UNKNOWN, _OWN_SHIP, _FROM_TAG, _FROM_PGHP, _FROM_END,
) = range(len(COUNTS))  # fmt: skip

# Places in Reader.state. The first four are totals, the next what waits for the next sentence.
LINES, MESSAGES, SIXBIT_USED, UNUSABLE = 0, 1, 2, 3
_SENTENCES, _SKIPPING, _TAG_T, _STATION, _NETWORK, _PGHP_T, _PGHP_KEY = 4, 5, 6, 7, 8, 9, 10
_STATES: Final = 11

_GROUPS: Final = 256
"""Tag-block groups remembered, by number. The sentences of a group follow each other closely."""


class Messages(NamedTuple):
    """Complete AIS messages: time [ms UTC] or ``NO_TIME``, line of the first part, type, payload place."""

    t: Any
    line: Any
    kind: Any
    offset: Any
    sixbit: Any


class Unusable(NamedTuple):
    """Sentences and lines that could not be used: line, place in ``REASONS``, the raw bytes."""

    line: Any
    reason: Any
    length: Any
    text: Any


class Reader(NamedTuple):
    """What is remembered from line to line."""

    state: Any
    counts: Any
    group: Any
    group_t: Any
    group_station: Any
    parts: Parts
    messages: Messages
    unusable: Unusable


_UNUSABLE_A_LINE: Final = MOST_SENTENCES * (nmea_parts.MOST_PARTS + 1) + 1


def new_reader(messages: int = 100_000, unusable: int = 4_000) -> Reader:
    """A reader at the beginning of a log, with room for so many messages and unusable sentences a batch."""
    state = np.zeros(_STATES, np.int64)
    state[_TAG_T] = state[_PGHP_T] = NO_TIME
    rows = messages + MOST_SENTENCES
    bad = unusable + _UNUSABLE_A_LINE
    return Reader(
        state=state,
        counts=np.zeros(len(COUNTS), np.int64),
        group=np.full(_GROUPS, -1, np.int64),
        group_t=np.zeros(_GROUPS, np.int64),
        group_station=np.zeros(_GROUPS, np.int64),
        parts=new_parts(),
        messages=Messages(
            t=np.zeros(rows, np.int64),
            line=np.zeros(rows, np.int64),
            kind=np.zeros(rows, np.uint8),
            offset=np.zeros(rows, np.int64),
            sixbit=np.zeros(40 * messages + (MOST_SENTENCES + 1) * MOST_MESSAGE, np.uint8),
        ),
        unusable=Unusable(
            line=np.zeros(bad, np.int64),
            reason=np.zeros(bad, np.int64),
            length=np.zeros(bad, np.int64),
            text=np.zeros(bad * TEXT, np.uint8),
        ),
    )


@kernel
def read_lines(buf: Any, start: int, stop: int, r: Reader) -> int:
    """Read the lines in ``buf[start:stop]``, whose last byte is a newline. Returns where reading stopped."""
    pos = start
    while pos < stop and _has_room(r):
        end = pos
        while buf[end] != _NEWLINE:
            end += 1
        r.state[LINES] += 1
        if r.state[_SKIPPING]:
            r.state[_SKIPPING] = 0
        elif end - pos > LINE_LIMIT:
            _set_aside(r, LINE_LONG, r.state[LINES], buf, pos, end)
        else:
            _read_line(buf, pos, end, r)
        pos = end + 1
    return pos


@kernel
def skip_line(buf: Any, start: int, stop: int, r: Reader) -> None:
    """Set aside the line that begins at ``start`` and has grown too long before its end was seen."""
    _set_aside(r, LINE_LONG, r.state[LINES] + 1, buf, start, stop)
    r.state[_SKIPPING] = 1


def skipping(r: Reader) -> bool:
    """Whether the next bytes are the rest of a line that was set aside."""
    return bool(r.state[_SKIPPING])


@kernel
def close_parts(r: Reader) -> bool:
    """At the end of the log, set aside what still waits for parts. False: empty the outputs and call again."""
    for i in range(len(r.parts.got)):
        if not _has_room(r):
            return False
        _give_up(r, i, INCOMPLETE)
    return True


@kernel
def _has_room(r: Reader) -> bool:
    m, u = r.messages, r.unusable
    return bool(
        r.state[MESSAGES] + MOST_SENTENCES <= len(m.t)
        and r.state[SIXBIT_USED] + (MOST_SENTENCES + 1) * MOST_MESSAGE <= len(m.sixbit)
        and r.state[UNUSABLE] + _UNUSABLE_A_LINE <= len(u.line)
    )


@kernel
def _set_aside(r: Reader, reason: int, line: int, text: Any, start: int, stop: int) -> None:
    """Note an unusable sentence; its raw bytes are ``text[start:stop]``."""
    i = r.state[UNUSABLE]
    kept = min(stop - start, TEXT)
    r.unusable.line[i], r.unusable.reason[i], r.unusable.length[i] = line, reason, kept
    copy(text, start, start + kept, r.unusable.text, i * TEXT)
    r.state[UNUSABLE] = i + 1


@kernel
def _give_up(r: Reader, i: int, reason: int) -> None:
    """Set aside all parts of the open message ``i``."""
    for k in range(i * MOST_PARTS, i * MOST_PARTS + r.parts.got[i]):
        start = k * TEXT
        _set_aside(r, reason, r.parts.line[k], r.parts.text, start, start + r.parts.text_length[k])
    r.parts.got[i] = 0


@kernel
def _read_line(buf: Any, pos: int, end: int, r: Reader) -> None:
    while end > pos and (buf[end - 1] == _RETURN or buf[end - 1] == _SPACE):
        end -= 1
    sentences = 0
    what = _EMPTY
    p = start = pos
    if pos < end and buf[pos] == HASH:
        what = _COMMENT
        p = end
    while p < end:
        byte = buf[p]
        if byte == BACKSLASH:
            after = _take_tag_block(buf, p, end, r)
            what = max(what, _TAG_LINE) if after else _NOT_AIS
            p = after if after else p + 1
        elif byte == BANG and nmea_sentence.is_ais(buf, p, end):
            if sentences == MOST_SENTENCES:
                _set_aside(r, LINE_CROWDED, r.state[LINES], buf, start, end)
                break
            if sentences == 0 and what == _NOT_AIS:
                r.counts[_TEXT_BEFORE] += 1
            sentences += 1
            p = start = _take_sentence(buf, p, start, end, r)
        elif byte == DOLLAR and nmea_sentence.is_receive_time(buf, p, end):
            p = max(p + 1, _take_receive_time(buf, p, end, r))
            what = max(what, _PGHP)
        else:
            if byte in (BANG, DOLLAR):
                _forget(r)
            if byte != _SPACE:
                what = _NOT_AIS
            p += 1
    if sentences == 0:
        r.counts[what] += 1


@kernel
def _forget(r: Reader) -> None:
    """The next sentence came: what was said about it holds for no other."""
    r.state[_TAG_T] = r.state[_PGHP_T] = NO_TIME
    r.state[_STATION] = r.state[_NETWORK] = r.state[_PGHP_KEY] = NO_KEY


@kernel
def _take_tag_block(buf: Any, p: int, end: int, r: Reader) -> int:
    """Note what the tag block at ``p`` says of the next sentence. Returns where it ends, 0 if it does not."""
    tag = nmea_sentence.read_tag_block(buf, p, end)
    if not tag.valid:
        r.counts[_TAG_BAD] += 1
        return tag.after
    if tag.timed and tag.t == NO_TIME:
        r.counts[_TAG_TIME_BAD] += 1
    t, station = tag.t, tag.station
    if tag.group >= 0:
        slot = tag.group % _GROUPS
        if tag.group_part == 1:
            r.group[slot], r.group_t[slot], r.group_station[slot] = tag.group, t, station
        elif r.group[slot] == tag.group:
            t = r.group_t[slot] if t == NO_TIME else t
            station = r.group_station[slot] if station == NO_KEY else station
        else:
            r.counts[_GROUP_UNKNOWN] += 1
    if t != NO_TIME:
        r.state[_TAG_T] = t
    if station != NO_KEY:
        r.state[_STATION] = station
    if tag.network != NO_KEY:
        r.state[_NETWORK] = tag.network
    return tag.after


@kernel
def _take_receive_time(buf: Any, p: int, end: int, r: Reader) -> int:
    after, t, key = nmea_sentence.read_receive_time(buf, p, end)
    if t == NO_TIME:
        r.counts[_PGHP_BAD] += 1
    else:
        r.state[_PGHP_T], r.state[_PGHP_KEY] = t, key
    return after


@kernel
def _take_sentence(buf: Any, p: int, start: int, end: int, r: Reader) -> int:
    """Read the AIS sentence at ``p`` and what follows it; its text, tag block included, begins at ``start``."""
    at = r.state[SIXBIT_USED]
    s = nmea_sentence.read_sentence(buf, p, end, r.messages.sixbit, at)
    after, end_t, end_receiver = nmea_sentence.read_trailer(buf, s.after, end)
    r.state[_SENTENCES] += 1
    if buf[p + 5] == 79:
        r.counts[_OWN_SHIP] += 1
    if s.fault:
        _set_aside(r, s.fault, r.state[LINES], buf, start, after)
        _forget(r)
        return after
    t = r.state[_TAG_T]
    if t != NO_TIME:
        r.counts[_FROM_TAG] += 1
    elif r.state[_PGHP_T] != NO_TIME:
        t = r.state[_PGHP_T]
        r.counts[_FROM_PGHP] += 1
    elif end_t != NO_TIME:
        t = end_t
        r.counts[_FROM_END] += 1
    if s.parts == 1:
        fault = _take_message(r, at, 6 * s.characters - s.fill, s.characters, t, r.state[LINES])
        if fault:
            _set_aside(r, fault, r.state[LINES], buf, start, after)
    else:
        place = _take_part(r, s, _receiver(r, end_receiver), t, at)
        if place == NONE:
            _set_aside(r, ORPHAN, r.state[LINES], buf, start, after)
        else:
            keep_text(r.parts, place, s.part, buf, start, after)
            if s.part == s.parts:
                _finish(r, place, s.fill, at)
    _forget(r)
    return after


@kernel
def _receiver(r: Reader, end_receiver: int) -> int:
    """Who received the sentence: the station of its tag block, else of ``$PGHP``, else of its trailing fields."""
    station, network, pghp = int(r.state[_STATION]), int(r.state[_NETWORK]), int(r.state[_PGHP_KEY])
    if station != NO_KEY:
        return station
    if pghp != NO_KEY:
        return pghp ^ (network >> 1)
    return end_receiver if end_receiver != NO_KEY else network


@kernel
def _take_message(r: Reader, at: int, bits: int, characters: int, t: int, line: int) -> int:
    """Append the message whose payload lies at ``at``. Returns why not, if it cannot be one."""
    fault = nmea_messages.check_message(r.messages.sixbit, at, bits)
    if fault:
        return _MESSAGE_FAULTS + fault
    i = r.state[MESSAGES]
    m = r.messages
    m.t[i], m.line[i], m.kind[i], m.offset[i] = t, line, m.sixbit[at], at
    r.state[MESSAGES] = i + 1
    r.state[SIXBIT_USED] = at + characters
    return 0


@kernel
def _take_part(r: Reader, s: Sentence, receiver: int, t: int, at: int) -> int:
    """Begin or continue a message of several parts. Returns its place, ``NONE`` if an earlier part is missing."""
    parts = r.parts
    now = r.state[_SENTENCES]
    i = nmea_parts.find_open(parts, s, receiver)
    if i != NONE and (s.part == 1 or nmea_parts.too_old(parts, i, now, t)):
        _give_up(r, i, INCOMPLETE)
        i = NONE
    if s.part == 1:
        i = nmea_parts.place_for(parts, s)
        _give_up(r, i, INCOMPLETE)
    elif i == NONE or parts.got[i] != s.part - 1:
        return NONE
    nmea_parts.add_part(parts, i, s, receiver, t, now, r.state[LINES], r.messages.sixbit, at)
    return i


@kernel
def _finish(r: Reader, i: int, fill: int, at: int) -> None:
    """All parts of message ``i`` are there: make it a message, or set all its sentences aside."""
    parts = r.parts
    characters = parts.characters[i]
    start = i * MOST_MESSAGE
    copy(parts.sixbit, start, start + characters, r.messages.sixbit, at)
    fault = _take_message(r, at, 6 * characters - fill, characters, parts.t[i], parts.line[i * MOST_PARTS])
    if fault:
        _give_up(r, i, fault)
    parts.got[i] = 0

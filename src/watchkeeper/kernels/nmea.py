"""From bytes of an NMEA log to AIS messages: lines, sentences, receive times, messages of several parts.

One kernel reads complete lines of a chunk. Its memory is one record of fixed size, :data:`READER`: what waits for
the next line, the open messages, and the messages and unusable sentences read so far, which the caller takes away.
So where a chunk ends changes nothing, and reading stops early, between two lines, when the next might not fit.
(A record, because every call counts a reference to every array handed to it, which took most of the time.)
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels import nmea_messages, nmea_parts, nmea_sentence
from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.nmea_bytes import NO_KEY, byte_at, copy, find
from watchkeeper.kernels.nmea_parts import MOST_MESSAGE, MOST_PARTS, NONE, PART_FIELDS, TEXT, keep_text
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

_GROUPS: Final = 256
"""Tag-block groups remembered, by number. The sentences of a group follow each other closely."""

MOST_CHUNK: Final = 4 << 20
"""Bytes read at a time, at most."""
MOST_MESSAGES: Final = 100_000
"""Messages the reader holds at most; about as many records make a batch."""
_MOST_UNUSABLE: Final = 4_000
_UNUSABLE_A_LINE: Final = MOST_SENTENCES * (MOST_PARTS + 1) + 1
_USUAL_PAYLOAD: Final = 40
_MOST_SIXBIT: Final = _USUAL_PAYLOAD * MOST_MESSAGES
_SIXBIT_A_LINE: Final = (MOST_SENTENCES + 1) * MOST_MESSAGE

READER: Final = np.dtype(
    [
        ("buffer", "u1", (MOST_CHUNK + LINE_LIMIT + 1,)),
        ("lines", "i8"),
        ("sentences", "i8"),
        ("skipping", "i8"),
        ("counts", "i8", (len(COUNTS),)),
        # What is known of the next sentence.
        ("tag_t", "i8"),
        ("station", "i8"),
        ("network", "i8"),
        ("pghp_t", "i8"),
        ("pghp_key", "i8"),
        ("group", "i8", (_GROUPS,)),
        ("group_t", "i8", (_GROUPS,)),
        ("group_station", "i8", (_GROUPS,)),
        *PART_FIELDS,
        # Messages: time [ms UTC] or NO_TIME, line of the first part, type, where the payload begins in sixbit.
        ("messages", "i8"),
        ("t", "i8", (MOST_MESSAGES,)),
        ("line", "i8", (MOST_MESSAGES,)),
        ("kind", "u1", (MOST_MESSAGES,)),
        ("offset", "i8", (MOST_MESSAGES,)),
        ("sixbit_used", "i8"),
        ("sixbit", "u1", (_MOST_SIXBIT,)),
        # Unusable sentences: line, place in REASONS, raw bytes.
        ("unusable", "i8"),
        ("unusable_line", "i8", (_MOST_UNUSABLE,)),
        ("unusable_reason", "i8", (_MOST_UNUSABLE,)),
        ("unusable_length", "i8", (_MOST_UNUSABLE,)),
        ("unusable_text", "u1", (_MOST_UNUSABLE * TEXT,)),
    ],
    align=True,
)


def new_reader() -> NDArray[np.void]:
    """A reader at the beginning of a log: an array of one :data:`READER` record. Unused pages take no memory."""
    readers = np.zeros(1, READER)
    readers["tag_t"] = readers["pghp_t"] = NO_TIME
    readers["group"] = -1
    return readers


def empty(readers: NDArray[np.void]) -> None:
    """Forget the messages, the unusable sentences and the counts: the caller has taken them."""
    for name in ("messages", "sixbit_used", "unusable", "counts"):
        readers[name] = 0


@kernel
def read_lines(readers: Any, start: int, stop: int) -> int:
    """Read the lines in ``buffer[start:stop]``, whose last byte is a newline. Returns where reading stopped."""
    r = readers[0]
    buf = r.buffer
    pos = start
    while pos < stop and _has_room(r):
        end = find(buf, _NEWLINE, pos, stop)
        r.lines += 1
        if r.skipping:
            r.skipping = 0
        elif end - pos > LINE_LIMIT:
            _set_aside(r, LINE_LONG, r.lines, buf, pos, end)
        else:
            _read_line(buf, pos, end, r)
        pos = end + 1
    return pos


@kernel
def skip_line(readers: Any, stop: int) -> None:
    """Set aside the line in ``buffer[:stop]``, which has grown too long before its end was seen."""
    r = readers[0]
    _set_aside(r, LINE_LONG, r.lines + 1, r.buffer, 0, stop)
    r.skipping = 1


@kernel
def close_parts(readers: Any) -> bool:
    """At the end of the log, set aside what still waits for parts. False: empty the outputs and call again."""
    r = readers[0]
    for i in range(len(r.part_got)):
        if not _has_room(r):
            return False
        _give_up(r, i, INCOMPLETE)
    return True


@kernel
def _has_room(r: Any) -> bool:
    return bool(
        r.messages + MOST_SENTENCES <= MOST_MESSAGES
        and r.sixbit_used + _SIXBIT_A_LINE <= _MOST_SIXBIT
        and r.unusable + _UNUSABLE_A_LINE <= _MOST_UNUSABLE
    )


@kernel
def _set_aside(r: Any, reason: int, line: int, text: Any, start: int, stop: int) -> None:
    """Note an unusable sentence; its raw bytes are ``text[start:stop]``."""
    i = r.unusable
    kept = min(stop - start, TEXT)
    r.unusable_line[i], r.unusable_reason[i], r.unusable_length[i] = line, reason, kept
    copy(text, start, start + kept, r.unusable_text, i * TEXT)
    r.unusable = i + 1


@kernel
def _give_up(r: Any, i: int, reason: int) -> None:
    """Set aside all parts of the open message ``i``."""
    for k in range(i * MOST_PARTS, i * MOST_PARTS + r.part_got[i]):
        start = k * TEXT
        _set_aside(r, reason, r.part_line[k], r.part_text, start, start + r.part_text_length[k])
    r.part_got[i] = 0


@kernel
def _read_line(buf: Any, pos: int, end: int, r: Any) -> None:
    while end > pos and (byte_at(buf, end - 1) == _RETURN or byte_at(buf, end - 1) == _SPACE):
        end -= 1
    sentences = 0
    what = _EMPTY
    p = start = pos
    if pos < end and byte_at(buf, pos) == HASH:
        what = _COMMENT
        p = end
    while p < end:
        byte = byte_at(buf, p)
        if byte == BACKSLASH:
            after = _take_tag_block(buf, p, end, r)
            what = max(what, _TAG_LINE) if after else _NOT_AIS
            p = after if after else p + 1
        elif byte == BANG and nmea_sentence.is_ais(buf, p, end):
            if sentences == MOST_SENTENCES:
                _set_aside(r, LINE_CROWDED, r.lines, buf, start, end)
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
def _forget(r: Any) -> None:
    """The next sentence came: what was said about it holds for no other."""
    r.tag_t = r.pghp_t = NO_TIME
    r.station = r.network = r.pghp_key = NO_KEY


@kernel
def _take_tag_block(buf: Any, p: int, end: int, r: Any) -> int:
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
        r.tag_t = t
    if station != NO_KEY:
        r.station = station
    if tag.network != NO_KEY:
        r.network = tag.network
    return tag.after


@kernel
def _take_receive_time(buf: Any, p: int, end: int, r: Any) -> int:
    after, t, key = nmea_sentence.read_receive_time(buf, p, end)
    if t == NO_TIME:
        r.counts[_PGHP_BAD] += 1
    else:
        r.pghp_t, r.pghp_key = t, key
    return after


@kernel
def _take_sentence(buf: Any, p: int, start: int, end: int, r: Any) -> int:
    """Read the AIS sentence at ``p`` and what follows it; its text, tag block included, begins at ``start``."""
    at = r.sixbit_used
    s = nmea_sentence.read_sentence(buf, p, end, r.sixbit, at)
    after, end_t, end_receiver = nmea_sentence.read_trailer(buf, s.after, end)
    r.sentences += 1
    if byte_at(buf, p + 5) == 79:
        r.counts[_OWN_SHIP] += 1
    if s.fault:
        _set_aside(r, s.fault, r.lines, buf, start, after)
        _forget(r)
        return after
    t = r.tag_t
    if t != NO_TIME:
        r.counts[_FROM_TAG] += 1
    elif r.pghp_t != NO_TIME:
        t = r.pghp_t
        r.counts[_FROM_PGHP] += 1
    elif end_t != NO_TIME:
        t = end_t
        r.counts[_FROM_END] += 1
    if s.parts == 1:
        fault = _take_message(r, at, 6 * s.characters - s.fill, s.characters, t, r.lines)
        if fault:
            _set_aside(r, fault, r.lines, buf, start, after)
    else:
        place = _take_part(r, s, _receiver(r, end_receiver), t, at)
        if place == NONE:
            _set_aside(r, ORPHAN, r.lines, buf, start, after)
        else:
            keep_text(r, place, s.part, buf, start, after)
            if s.part == s.parts:
                _finish(r, place, s.fill, at)
    _forget(r)
    return after


@kernel
def _receiver(r: Any, end_receiver: int) -> int:
    """Who received the sentence: the station of its tag block, else of ``$PGHP``, else of its trailing fields."""
    station, network, pghp = int(r.station), int(r.network), int(r.pghp_key)
    if station != NO_KEY:
        return station
    if pghp != NO_KEY:
        return pghp ^ (network >> 1)
    return end_receiver if end_receiver != NO_KEY else network


@kernel
def _take_message(r: Any, at: int, bits: int, characters: int, t: int, line: int) -> int:
    """Append the message whose payload lies at ``at``. Returns why not, if it cannot be one."""
    fault = nmea_messages.check_message(r.sixbit, at, bits)
    if fault:
        return _MESSAGE_FAULTS + fault
    i = r.messages
    r.t[i], r.line[i], r.kind[i], r.offset[i] = t, line, r.sixbit[at], at
    r.messages = i + 1
    r.sixbit_used = at + characters
    return 0


@kernel
def _take_part(r: Any, s: Sentence, receiver: int, t: int, at: int) -> int:
    """Begin or continue a message of several parts. Returns its place, ``NONE`` if an earlier part is missing."""
    now = r.sentences
    i = nmea_parts.find_open(r, s, receiver)
    if i != NONE and (s.part == 1 or nmea_parts.too_old(r, i, now, t)):
        _give_up(r, i, INCOMPLETE)
        i = NONE
    if s.part == 1:
        i = nmea_parts.place_for(r, s)
        _give_up(r, i, INCOMPLETE)
    elif i == NONE or r.part_got[i] != s.part - 1:
        return NONE
    nmea_parts.add_part(r, i, s, receiver, t, now, r.lines, r.sixbit, at)
    return i


@kernel
def _finish(r: Any, i: int, fill: int, at: int) -> None:
    """All parts of message ``i`` are there: make it a message, or set all its sentences aside."""
    characters = r.part_characters[i]
    start = i * MOST_MESSAGE
    copy(r.part_sixbit, start, start + characters, r.sixbit, at)
    fault = _take_message(r, at, 6 * characters - fill, characters, r.part_t[i], r.part_line[i * MOST_PARTS])
    if fault:
        _give_up(r, i, fault)
    r.part_got[i] = 0

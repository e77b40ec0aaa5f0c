"""From bytes of an NMEA log to AIS messages: lines, sentences, receive times, messages of several parts.

One kernel reads complete lines of a chunk. All it remembers is in the reader's record, so where a chunk ends changes
nothing. Reading stops early, between two lines, when the reader might not hold what the next line brings.
"""

from typing import Any, Final

from watchkeeper.kernels import nmea_messages, nmea_parts, nmea_sentence
from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.nmea_bytes import NO_KEY, byte_at, copy, find
from watchkeeper.kernels.nmea_parts import MOST_MESSAGE, MOST_PARTS, NONE, keep_text
from watchkeeper.kernels.nmea_reader import (
    COMMENT,
    EMPTY,
    FROM_END,
    FROM_PGHP,
    FROM_TAG,
    GROUP_UNKNOWN,
    GROUPS,
    INCOMPLETE,
    LINE_CROWDED,
    LINE_LIMIT,
    LINE_LONG,
    MESSAGE_FAULTS,
    MOST_SENTENCES,
    NOT_AIS,
    ORPHAN,
    OWN_SHIP,
    PGHP,
    PGHP_BAD,
    TAG_BAD,
    TAG_LINE,
    TAG_TIME_BAD,
    TEXT_BEFORE,
    give_up,
    has_room,
    set_aside,
)
from watchkeeper.kernels.nmea_sentence import BACKSLASH, BANG, DOLLAR, HASH, Sentence
from watchkeeper.model.time import NO_TIME

_NEWLINE: Final = 10
_RETURN: Final = 13
_SPACE: Final = 32
_LETTER_O: Final = 79


@kernel
def read_lines(readers: Any, start: int, stop: int) -> int:
    """Read the lines in ``buffer[start:stop]``, which ends in a newline. Returns where reading stopped."""
    r = readers[0]
    buf = r.buffer
    pos = start
    while pos < stop and has_room(r):
        end = find(buf, _NEWLINE, pos, stop)
        r.lines += 1
        if r.skipping:
            r.skipping = 0
        elif end - pos > LINE_LIMIT:
            set_aside(r, LINE_LONG, r.lines, buf, pos, end)
        else:
            _read_line(buf, pos, end, r)
        pos = end + 1
    return pos


@kernel
def skip_line(readers: Any, stop: int) -> None:
    """Set aside the line in ``buffer[:stop]``, which has grown too long before its end was seen."""
    r = readers[0]
    set_aside(r, LINE_LONG, r.lines + 1, r.buffer, 0, stop)
    r.skipping = 1


@kernel
def close_parts(readers: Any) -> bool:
    """At the end of the log, set aside what waits for parts. False: empty the reader and call again."""
    r = readers[0]
    for i in range(len(r.part_got)):
        if not has_room(r):
            return False
        give_up(r, i, INCOMPLETE)
    return True


@kernel
def _read_line(buf: Any, pos: int, end: int, r: Any) -> None:
    while end > pos and (byte_at(buf, end - 1) == _RETURN or byte_at(buf, end - 1) == _SPACE):
        end -= 1
    sentences = 0
    what = EMPTY
    p = start = pos
    if pos < end and byte_at(buf, pos) == HASH:
        what = COMMENT
        p = end
    while p < end:
        byte = byte_at(buf, p)
        if byte == BACKSLASH:
            after = _take_tag_block(buf, p, end, r)
            what = max(what, TAG_LINE) if after else NOT_AIS
            p = after if after else p + 1
        elif byte == BANG and nmea_sentence.is_ais(buf, p, end):
            if sentences == MOST_SENTENCES:
                set_aside(r, LINE_CROWDED, r.lines, buf, start, end)
                break
            if sentences == 0 and what == NOT_AIS:
                r.counts[TEXT_BEFORE] += 1
            sentences += 1
            p = start = _take_sentence(buf, p, start, end, r)
        elif byte == DOLLAR and nmea_sentence.is_receive_time(buf, p, end):
            p = max(p + 1, _take_receive_time(buf, p, end, r))
            what = max(what, PGHP)
        else:
            if byte in (BANG, DOLLAR):
                _forget(r)
            if byte != _SPACE:
                what = NOT_AIS
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
        r.counts[TAG_BAD] += 1
        return tag.after
    if tag.timed and tag.t == NO_TIME:
        r.counts[TAG_TIME_BAD] += 1
    t, station = tag.t, tag.station
    if tag.group >= 0:
        slot = tag.group % GROUPS
        if tag.group_part == 1:
            r.group[slot], r.group_t[slot], r.group_station[slot] = tag.group, t, station
        elif r.group[slot] == tag.group:
            t = r.group_t[slot] if t == NO_TIME else t
            station = r.group_station[slot] if station == NO_KEY else station
        else:
            r.counts[GROUP_UNKNOWN] += 1
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
        r.counts[PGHP_BAD] += 1
    else:
        r.pghp_t, r.pghp_key = t, key
    return after


@kernel
def _take_sentence(buf: Any, p: int, start: int, end: int, r: Any) -> int:
    """Read the AIS sentence at ``p`` and what follows; its text, tag block included, begins at ``start``."""
    at = r.sixbit_used
    s = nmea_sentence.read_sentence(buf, p, end, r.sixbit, at)
    after, end_t, end_receiver = nmea_sentence.read_trailer(buf, s.after, end)
    r.sentences += 1
    if byte_at(buf, p + 5) == _LETTER_O:
        r.counts[OWN_SHIP] += 1
    if s.fault:
        set_aside(r, s.fault, r.lines, buf, start, after)
        _forget(r)
        return after
    t = r.tag_t
    if t != NO_TIME:
        r.counts[FROM_TAG] += 1
    elif r.pghp_t != NO_TIME:
        t = r.pghp_t
        r.counts[FROM_PGHP] += 1
    elif end_t != NO_TIME:
        t = end_t
        r.counts[FROM_END] += 1
    if s.parts == 1:
        fault = _take_message(r, at, 6 * s.characters - s.fill, s.characters, t, r.lines)
        if fault:
            set_aside(r, fault, r.lines, buf, start, after)
    else:
        place = _take_part(r, s, _receiver(r, end_receiver), t, at)
        if place == NONE:
            set_aside(r, ORPHAN, r.lines, buf, start, after)
        else:
            keep_text(r, place, s.part, buf, start, after)
            if s.part == s.parts:
                _finish(r, place, s.fill, at)
    _forget(r)
    return after


@kernel
def _receiver(r: Any, end_receiver: int) -> int:
    """Who received the sentence, by its tag block, else by ``$PGHP``, else by its trailing fields."""
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
        return MESSAGE_FAULTS + fault
    i = r.messages
    r.t[i], r.line[i], r.kind[i], r.offset[i] = t, line, r.sixbit[at], at
    r.messages = i + 1
    r.sixbit_used = at + characters
    return 0


@kernel
def _take_part(r: Any, s: Sentence, receiver: int, t: int, at: int) -> int:
    """Begin or continue a message of several parts. Returns its place, ``NONE`` if a part is missing."""
    now = r.sentences
    i = nmea_parts.find_open(r, s, receiver)
    if i != NONE and (s.part == 1 or nmea_parts.too_old(r, i, now, t)):
        give_up(r, i, INCOMPLETE)
        i = NONE
    if s.part == 1:
        i = nmea_parts.place_for(r, s)
        give_up(r, i, INCOMPLETE)
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
        give_up(r, i, fault)
    r.part_got[i] = 0

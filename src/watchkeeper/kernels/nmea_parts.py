"""Putting messages of several sentences together.

A sequence number (0-9) and a channel do not name a message: two receivers use the same at once. A part therefore
belongs to the open message of its *receiver* (tag block, ``$PGHP`` or trailing field). Where a part does not say
who received it, as the second parts in Gatehouse logs, the talker stands in and the message touched last is meant.
Parts must come in order: a second part that waited for its first would be joined to the first of another message.

The table has a fixed size. It never grows with hostile input; the message untouched for longest makes room.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.nmea_bytes import NO_KEY, copy
from watchkeeper.kernels.nmea_sentence import MOST_PAYLOAD, Sentence
from watchkeeper.model.time import NO_TIME

MOST_PARTS: Final = 9
MOST_MESSAGE: Final = MOST_PARTS * MOST_PAYLOAD
TEXT: Final = 500
"""Bytes of a raw sentence kept for the quarantine."""

MOST_AGE_SENTENCES: Final = 10_000
MOST_AGE_MS: Final = 30_000
"""A message is on the air for 0.14 s at most (M.1371-5, annex 2: five slots of 26.67 ms); the rest is delay on the
way from receiver to log. Sequence numbers come round again, so waiting long joins wrongly."""

_SETS: Final = 32
_WAYS: Final = 32

NONE: Final = -1


class Parts(NamedTuple):
    """The open messages, a set-associative table of 32 x 32. ``got`` parts were read; 0 is an empty place.

    Arrays have one item a place; ``line`` and ``text_length`` nine, ``sixbit`` and ``text`` their most bytes.
    """

    got: Any
    code: Any
    receiver: Any
    talker: Any
    t: Any
    touched: Any
    characters: Any
    sixbit: Any
    line: Any
    text: Any
    text_length: Any


def new_parts() -> Parts:
    """An empty table. Only the pages that are used take memory."""
    places = _SETS * _WAYS
    return Parts(
        got=np.zeros(places, np.int64),
        code=np.zeros(places, np.int64),
        receiver=np.zeros(places, np.int64),
        talker=np.zeros(places, np.int64),
        t=np.zeros(places, np.int64),
        touched=np.zeros(places, np.int64),
        characters=np.zeros(places, np.int64),
        sixbit=np.zeros(places * MOST_MESSAGE, np.uint8),
        line=np.zeros(places * MOST_PARTS, np.int64),
        text=np.zeros(places * MOST_PARTS * TEXT, np.uint8),
        text_length=np.zeros(places * MOST_PARTS, np.int64),
    )


@kernel
def code_of(s: Sentence) -> int:
    """What all parts of one message share."""
    return (s.channel * 16 + s.sequence) * 16 + s.parts


@kernel
def first_place(code: int) -> int:
    """Where the set of a code begins in the table. Sequence and channel spread, receivers fill the ways."""
    return ((code >> 4) * 7 + (code >> 8) * 3 + (code & 15)) % _SETS * _WAYS


@kernel
def find_open(parts: Parts, s: Sentence, receiver: int) -> int:
    """The open message that sentence ``s`` belongs to, touched last if several fit; ``NONE`` if none does.

    A first part belongs to (and so replaces) only a message of exactly its own receiver.
    """
    code = code_of(s)
    start = first_place(code)
    best = NONE
    for i in range(start, start + _WAYS):
        if parts.got[i] == 0 or parts.code[i] != code:
            continue
        same = parts.receiver[i] == receiver
        if receiver == NO_KEY or (parts.receiver[i] == NO_KEY and s.part > 1):
            same = parts.talker[i] == s.talker and (same or s.part > 1)
        if same and (best == NONE or parts.touched[i] > parts.touched[best]):
            best = i
    return best


@kernel
def place_for(parts: Parts, s: Sentence) -> int:
    """An empty place for a new message, or the one untouched for longest."""
    start = first_place(code_of(s))
    oldest = start
    for i in range(start, start + _WAYS):
        if parts.got[i] == 0:
            return i
        if parts.touched[i] < parts.touched[oldest]:
            oldest = i
    return oldest


@kernel
def too_old(parts: Parts, i: int, now: int, t: int) -> bool:
    """Whether message ``i`` waited too long for the part that comes as sentence ``now`` at time ``t``."""
    if now - parts.touched[i] > MOST_AGE_SENTENCES:
        return True
    return t != NO_TIME and parts.t[i] != NO_TIME and abs(t - parts.t[i]) > MOST_AGE_MS


@kernel
def add_part(
    parts: Parts, i: int, s: Sentence, receiver: int, t: int, now: int, line: int, sixbit: Any, at: int
) -> None:
    """Put sentence ``s`` behind the parts of message ``i``, or begin it; its payload lies at ``sixbit[at:]``."""
    if s.part == 1:
        parts.code[i], parts.receiver[i], parts.talker[i] = code_of(s), receiver, s.talker
        parts.t[i], parts.characters[i] = t, 0
    elif parts.t[i] == NO_TIME:
        parts.t[i] = t
    parts.got[i], parts.touched[i] = s.part, now
    copy(sixbit, at, at + s.characters, parts.sixbit, i * MOST_MESSAGE + parts.characters[i])
    parts.characters[i] += s.characters
    parts.line[i * MOST_PARTS + s.part - 1] = line


@kernel
def keep_text(parts: Parts, i: int, part: int, buf: Any, start: int, stop: int) -> None:
    """Keep the raw bytes of a part, in case the message stays incomplete."""
    k = i * MOST_PARTS + part - 1
    parts.text_length[k] = min(stop - start, TEXT)
    copy(buf, start, start + parts.text_length[k], parts.text, k * TEXT)

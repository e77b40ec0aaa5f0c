"""Putting messages of several sentences together.

A sequence number (0-9) and a channel do not name a message: two receivers use the same at once. A part
therefore belongs to the open message of its *receiver* (tag block, ``$PGHP`` or trailing field). Where a
part does not say who received it, as the second parts in Gatehouse logs, the talker stands in and the
message touched last is meant. Parts must come in order: a second part that waited for its first would be
joined to the first of another message.

The table has a fixed size. It never grows with hostile input; the message untouched for longest makes room.
"""

from typing import Any, Final

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
"""A message is on the air for 0.14 s at most (M.1371-5, annex 2: five slots of 26.67 ms); the rest is delay
on the way from receiver to log. Sequence numbers come round again, so waiting long joins wrongly."""

_SETS: Final = 32
_WAYS: Final = 32

NONE: Final = -1

_PLACES: Final = _SETS * _WAYS
PART_FIELDS: Final = [
    ("part_got", "i8", (_PLACES,)),  # parts read; 0: an empty place
    ("part_code", "i8", (_PLACES,)),
    ("part_receiver", "i8", (_PLACES,)),
    ("part_talker", "i8", (_PLACES,)),
    ("part_t", "i8", (_PLACES,)),
    ("part_touched", "i8", (_PLACES,)),  # number of the sentence that added the last part
    ("part_characters", "i8", (_PLACES,)),
    ("part_sixbit", "u1", (_PLACES * MOST_MESSAGE,)),
    ("part_line", "i8", (_PLACES * MOST_PARTS,)),
    ("part_text", "u1", (_PLACES * MOST_PARTS * TEXT,)),
    ("part_text_length", "i8", (_PLACES * MOST_PARTS,)),
]
"""The table of open messages, as fields of the reader's record: a set-associative table of 32 x 32 places."""


@kernel
def code_of(s: Sentence) -> int:
    """What all parts of one message share."""
    return (s.channel * 16 + s.sequence) * 16 + s.parts


@kernel
def first_place(code: int) -> int:
    """Where the set of a code begins in the table. Sequence and channel spread, receivers fill the ways."""
    return ((code >> 4) * 7 + (code >> 8) * 3 + (code & 15)) % _SETS * _WAYS


@kernel
def find_open(r: Any, s: Sentence, receiver: int) -> int:
    """The open message that sentence ``s`` belongs to, touched last if several fit; ``NONE`` if none does.

    A first part belongs to (and so replaces) only a message of exactly its own receiver.
    """
    code = code_of(s)
    start = first_place(code)
    best = NONE
    for i in range(start, start + _WAYS):
        if r.part_got[i] == 0 or r.part_code[i] != code:
            continue
        same = r.part_receiver[i] == receiver
        if receiver == NO_KEY or (r.part_receiver[i] == NO_KEY and s.part > 1):
            same = r.part_talker[i] == s.talker and (same or s.part > 1)
        if same and (best == NONE or r.part_touched[i] > r.part_touched[best]):
            best = i
    return best


@kernel
def place_for(r: Any, s: Sentence) -> int:
    """An empty place for a new message, or the one untouched for longest."""
    start = first_place(code_of(s))
    oldest = start
    for i in range(start, start + _WAYS):
        if r.part_got[i] == 0:
            return i
        if r.part_touched[i] < r.part_touched[oldest]:
            oldest = i
    return oldest


@kernel
def too_old(r: Any, i: int, now: int, t: int) -> bool:
    """Whether message ``i`` waited too long for the part that comes as sentence ``now`` at time ``t``."""
    if now - r.part_touched[i] > MOST_AGE_SENTENCES:
        return True
    return t != NO_TIME and r.part_t[i] != NO_TIME and abs(t - r.part_t[i]) > MOST_AGE_MS


@kernel
def add_part(
    r: Any, i: int, s: Sentence, receiver: int, t: int, now: int, line: int, sixbit: Any, at: int
) -> None:
    """Put sentence ``s`` behind the parts of message ``i``, or begin it; its payload is ``sixbit[at:]``."""
    if s.part == 1:
        r.part_code[i], r.part_receiver[i], r.part_talker[i] = code_of(s), receiver, s.talker
        r.part_t[i], r.part_characters[i] = t, 0
    elif r.part_t[i] == NO_TIME:
        r.part_t[i] = t
    r.part_got[i], r.part_touched[i] = s.part, now
    copy(sixbit, at, at + s.characters, r.part_sixbit, i * MOST_MESSAGE + r.part_characters[i])
    r.part_characters[i] += s.characters
    r.part_line[i * MOST_PARTS + s.part - 1] = line


@kernel
def keep_text(r: Any, i: int, part: int, buf: Any, start: int, stop: int) -> None:
    """Keep the raw bytes of a part, in case the message stays incomplete."""
    k = i * MOST_PARTS + part - 1
    r.part_text_length[k] = min(stop - start, TEXT)
    copy(buf, start, start + r.part_text_length[k], r.part_text, k * TEXT)

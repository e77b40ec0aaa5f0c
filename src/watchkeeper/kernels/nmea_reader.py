"""The memory of the NMEA reader: one record of fixed size, and what its numbers mean.

It holds the chunk being read, what waits for the next sentence, the open messages, and the messages and unusable
sentences read so far, which the caller takes away. A record, and not a tuple of arrays, because every call counts a
reference to every array handed to it, and that took most of the time.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels import nmea_sentence
from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.nmea_bytes import copy
from watchkeeper.kernels.nmea_parts import MOST_MESSAGE, MOST_PARTS, PART_FIELDS, TEXT
from watchkeeper.model.time import NO_TIME

LINE_LIMIT: Final = 16_384
"""Bytes in a line. A line of NMEA 0183 has 82 and a tag block as many; some logs glue a few together."""
MOST_SENTENCES: Final = 8
"""AIS sentences in a line."""

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
MESSAGE_FAULTS: Final = nmea_sentence.FILL_BITS
ORPHAN: Final = 11
INCOMPLETE: Final = 12
LINE_LONG: Final = 13
LINE_CROWDED: Final = 14

COUNTS: Final = (
    "line_empty",
    "line_comment",
    "line_tag_block",
    "line_pghp",
    "line_not_ais",
    "text_before_sentence",
    "pghp_unreadable",
    "tag_block_unreadable",
    "tag_block_time_unreadable",
    "tag_block_group_unknown",
    "own_ship_sentence",
    "time_from_tag_block",
    "time_from_pghp",
    "time_from_line_end",
)
(
    EMPTY, COMMENT, TAG_LINE, PGHP, NOT_AIS, TEXT_BEFORE, PGHP_BAD, TAG_BAD, TAG_TIME_BAD,
    GROUP_UNKNOWN, OWN_SHIP, FROM_TAG, FROM_PGHP, FROM_END,
) = range(len(COUNTS))  # fmt: skip

GROUPS: Final = 256
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
        ("group", "i8", (GROUPS,)),
        ("group_t", "i8", (GROUPS,)),
        ("group_station", "i8", (GROUPS,)),
        *PART_FIELDS,
        # Messages: time [ms UTC] or NO_TIME, line of the first part, type, where the payload begins in
        # sixbit.
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


REMEMBERED: Final = (
    "lines", "sentences", "skipping", "tag_t", "station", "network", "pghp_t", "pghp_key", "group", "group_t",
    "group_station", *(field[0] for field in PART_FIELDS),
)  # fmt: skip
"""What outlasts :func:`empty`: what is known of the next sentence, and the open messages."""


def new_reader() -> NDArray[np.void]:
    """A reader at the beginning of a log: an array of one record. Unused pages take no memory."""
    readers = np.zeros(1, READER)
    readers["tag_t"] = readers["pghp_t"] = NO_TIME
    readers["group"] = -1
    return readers


def empty(readers: NDArray[np.void]) -> None:
    """Forget the messages, the unusable sentences and the counts: the caller has taken them."""
    for name in ("messages", "sixbit_used", "unusable", "counts"):
        readers[name] = 0


@kernel
def has_room(r: Any) -> bool:
    return bool(
        r.messages + MOST_SENTENCES <= MOST_MESSAGES
        and r.sixbit_used + _SIXBIT_A_LINE <= _MOST_SIXBIT
        and r.unusable + _UNUSABLE_A_LINE <= _MOST_UNUSABLE
    )


@kernel
def set_aside(r: Any, reason: int, line: int, text: Any, start: int, stop: int) -> None:
    """Note an unusable sentence; its raw bytes are ``text[start:stop]``."""
    i = r.unusable
    kept = min(stop - start, TEXT)
    r.unusable_line[i], r.unusable_reason[i], r.unusable_length[i] = line, reason, kept
    copy(text, start, start + kept, r.unusable_text, i * TEXT)
    r.unusable = i + 1


@kernel
def give_up(r: Any, i: int, reason: int) -> None:
    """Set aside all parts of the open message ``i``."""
    for k in range(i * MOST_PARTS, i * MOST_PARTS + r.part_got[i]):
        start = k * TEXT
        set_aside(r, reason, r.part_line[k], r.part_text, start, start + r.part_text_length[k])
    r.part_got[i] = 0

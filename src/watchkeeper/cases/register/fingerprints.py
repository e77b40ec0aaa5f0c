"""Fingerprints of a text: hashes of its word grams, of which winnowing keeps a few that any shared run will share.

Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence


def grams(folded: Sequence[str], size: int) -> list[int]:
    """The hash of every run of ``size`` words, in order: 64 bits of BLAKE2b, the same on every machine."""
    return [_hash(" ".join(folded[k : k + size])) for k in range(len(folded) - size + 1)]


def winnowed(hashes: Sequence[int], window: int) -> dict[int, list[int]]:
    """The hashes that winnowing keeps, each with the places where it stands, in order.

    Of every ``window`` hashes in a row the least is kept, the rightmost of equal ones; so two texts that share
    ``window`` grams in a row keep one of these in common.
    """
    kept: dict[int, list[int]] = defaultdict(list)
    last = -1
    for begin in range(max(len(hashes) - window + 1, min(len(hashes), 1))):
        some = hashes[begin : begin + window]
        place = begin + max(k for k, value in enumerate(some) if value == min(some))
        if place != last:
            kept[hashes[place]].append(place)
            last = place
    return dict(kept)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())

"""Cursors: where the next page begins. Nothing is kept between requests, so a page can be asked for again."""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from watchkeeper.api.declare import Items
from watchkeeper.api.problems import Refused

K = TypeVar("K", int, str)
R = TypeVar("R")
T = TypeVar("T")

_GREATEST = 2**63
"""Above what a database counts to."""


def write_cursor(key: int | str) -> str:
    """The key of the last item of a page, as text for addresses."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def read_cursor(cursor: str | None, kind: type[K]) -> K | None:
    """The key in a cursor; None where there is none.

    Raises:
        Refused: 400, it is not one of ours.
    """
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=kind)
    except (UnicodeEncodeError, UnicodeDecodeError, binascii.Error, msgspec.DecodeError) as error:
        raise bad_cursor() from error
    if (isinstance(key, int) and not 0 <= key < _GREATEST) or (isinstance(key, str) and "\0" in key):
        raise bad_cursor()
    return key


def bad_cursor() -> Refused:
    """400: a cursor that none of our pages gave."""
    return Refused(400, "The cursor is not one that a page gave.", "Begin again without it.")


def page_of(
    rows: list[R], limit: int, key: Callable[[R], int | str], make: Callable[[R], T], total: int | None = None
) -> Items[T]:
    """A page of rows of which one more than ``limit`` was asked for, to see whether there is a next."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Items(
        items=[make(row) for row in shown], total=total, next=write_cursor(key(shown[-1])) if more else None
    )


def slice_after(rows: Iterable[R], after: K | None, limit: int, key: Callable[[R], K]) -> list[R]:
    """Of rows in order of key, those after one: ``limit`` and one more."""
    chosen: list[R] = []
    for row in rows:
        if after is None or key(row) > after:
            chosen.append(row)
            if len(chosen) > limit:
                break
    return chosen

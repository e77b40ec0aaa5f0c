"""Flag states: from the country code in an MMSI, and from the many ways in which lists write a country.

``mid.csv`` follows the ITU *Table of Maritime Identification Digits* (ITU-R M.585-9; as known at the end of
2025, with 374 Panama, 471 United Arab Emirates and 550 Timor-Leste). Where the table names a part of a state
that has an ISO 3166-1 code of its own, that code is used (518 Cook Islands: CK); where it has none, the
state's (255 Madeira: PT). 306 is shared by Bonaire, Curaçao and Sint Maarten and stands as NL, the kingdom
the table names.
"""

import csv
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from watchkeeper.lists.names import normal_text
from watchkeeper.lists.values import FIRST_MID, LAST_MID, clean

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MILLION: Final = 1_000_000
_LONGEST_NAME: Final = 200
"""Characters of a country's name; what is longer is none."""
_WORDS: Final = {"st": "saint", "ste": "saint", "is": "islands", "rep": "republic", "dem": "democratic"}


def _table(name: str) -> list[dict[str, str]]:
    text = files("watchkeeper.lists").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def mids() -> dict[int, str]:
    """Country code of an MMSI (MID) -> ISO 3166-1 alpha-2."""
    return {int(row["mid"]): row["iso2"] for row in _table("mid.csv")}


@cache
def _countries() -> dict[str, str]:
    return {row["iso2"]: row["name"] for row in _table("countries.csv")}


@cache
def _by_text() -> dict[str, str]:
    known: dict[str, str] = {}
    for row in _table("countries.csv"):
        for text in (row["iso2"], row["name"], *row["also"].split("|")):
            if text:
                known[_country_key(text)] = row["iso2"]
    return known


def flag_of_mmsi(mmsi: int) -> str | None:
    """Flag (ISO 3166-1 alpha-2) of a ship station's MMSI.

    None where the country code is not allocated, and for everything that is no ship (coast stations, groups,
    search and rescue aircraft, navigation marks).
    """
    mid = mmsi // _MILLION
    return mids().get(mid) if FIRST_MID <= mid <= LAST_MID else None


def flags_of_mmsis(mmsi: "NDArray[Any]") -> "NDArray[Any]":
    """The same for a column. Shape ``(n,)`` integers in, ``(n,)`` ``U2`` out, empty where there is none."""
    import numpy as np

    table = np.zeros(LAST_MID + 2, "U2")
    for mid, flag in mids().items():
        table[mid] = flag
    return table[np.clip(mmsi.astype(np.int64) // _MILLION, 0, LAST_MID + 1)]


def country_name(alpha2: str) -> str:
    """The short English name; the code itself where it is not in ISO 3166-1."""
    return _countries().get(alpha2, alpha2)


@lru_cache(maxsize=4096)  # a list repeats few countries many times
def flag_from_text(text: str | None) -> str | None:
    """ISO 3166-1 alpha-2 of a country as lists write it: ``PA``, ``Panama (Republic of)``, ``St. Lucia``.

    None where the text names none; the text itself stays with the entry.
    """
    plain = clean(text)
    if plain is None or len(plain) > _LONGEST_NAME:
        return None
    known = _by_text()
    return known.get(_country_key(plain)) or known.get(_country_key(re.sub(r"\(.*?\)", " ", plain)))


def _country_key(text: str) -> str:
    words = normal_text(text.replace("&", " and ")).split()
    return " ".join(_WORDS.get(word, word) for word in words if word != "the")

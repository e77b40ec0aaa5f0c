"""The normal form in which names are compared: equal or not, nothing in between.

AIS carries names in six-bit ASCII (ITU-R M.1371, table of 6-bit characters), so accents of a list can never
be in what a ship sends; they are folded. Fuzzy likeness is left out on purpose: it invents matches.
"""

import re
import unicodedata
from typing import Final

_PREFIXES: Final = frozenset(("mv", "mt", "ms", "ss"))
"""Written before a name, not part of it: motor vessel, motor tanker, motor ship, steam ship."""

_SPELLED: Final = re.compile(r"^(m) ([vts])(?= )|^(s) (s)(?= )")
"""``M/V``, ``M. T.`` once their punctuation is gone."""

_LETTERS: Final = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i"})
"""Latin letters that do not decompose into a base letter and a mark."""


_ASCII: Final = {code: None if code == ord("'") else " " for code in range(128) if not chr(code).isalnum()}


def normal_text(text: str) -> str:
    """Unicode compatibility form (NFKD), accents and case folded, only letters, digits and blanks left."""
    if text.isascii():
        return " ".join(text.casefold().translate(_ASCII).split())
    for _ in range(2):  # folding can bring back composed or upper-case forms: Unicode 15, 3.13 D146
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c)).casefold().translate(_LETTERS)
    text = text.replace("'", "")
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())


def normal_name(text: str) -> str:
    """The normal form of a ship's name, without ``M/V``, ``MT`` and their like. Idempotent."""
    name = normal_text(text)
    while True:
        name = _SPELLED.sub(r"\1\2\3\4", name)
        first, _, rest = name.partition(" ")
        if first not in _PREFIXES or not rest:
            return name
        name = rest

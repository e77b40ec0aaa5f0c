"""States without a coast, and what fills a field without saying anything: data of :mod:`identity_invalid`."""

from typing import Final

LANDLOCKED: Final = frozenset(
    ("AD", "AF", "AM", "BF", "BI", "BO", "BT", "BW", "BY", "CF", "CZ", "HU", "KG", "LA", "LI", "LS", "MD", "MK",
     "ML", "MN", "MW", "NE", "NP", "PY", "RS", "RW", "SK", "SM", "SS", "SZ", "TD", "TJ", "UG", "UZ", "VA", "ZM",
     "ZW")
)  # fmt: skip
"""ISO 3166-1 alpha-2: the landlocked developing countries of UN OHRLLS and the landlocked states of Europe, but for
those whose merchant fleets are known to sail the seas or the Caspian (AT, AZ, CH, ET, KZ, LU, TM)."""

PLACEHOLDER_NAMES: Final = frozenset(
    ("AIS", "AIS TEST", "DEFAULT", "NAME", "NAUT", "NO NAME", "NONAME", "NIL", "NONE", "SHIP", "SHIP NAME",
     "SHIPNAME", "TEST", "TEST SHIP", "TESTSHIP", "UNKNOWN", "VESSEL", "VESSEL NAME")
)  # fmt: skip
"""Texts of makers, installers and testers."""

PLACEHOLDER_SERIALS: Final = frozenset({*(111_111 * digit for digit in range(10)), 123_456, 654_321})
"""Last six digits of an MMSI that nobody assigned: one digit all along, or counted up or down."""


def is_placeholder(name: str, mmsi: int) -> bool:
    """Whether a name says nothing: no letter in it, one sign all along, a maker's text, or the MMSI."""
    plain = " ".join(name.split())
    return bool(plain) and (
        plain in PLACEHOLDER_NAMES
        or not any(c.isalpha() for c in plain)
        or len(set(plain) - {" "}) == 1
        or plain == str(mmsi)
    )

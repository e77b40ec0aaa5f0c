"""Ship and cargo type codes (ITU-R M.1371-5, table 53) in the groups behaviours speak of."""

from typing import Final

FISHING: Final = frozenset({30})
TOWING: Final = frozenset({31, 32, 52})
SERVICE: Final = frozenset({33, 34, 35, 50, 51, 53, 54, 55, 58, 59})
"""Dredging, diving, military, pilot, search and rescue, port tender, anti-pollution, law enforcement, medical,
ships of states not party to a conflict: lying still, meeting others and turning about is their work."""
PLEASURE: Final = frozenset({36, 37})
HIGH_SPEED: Final = frozenset(range(40, 50))
MERCHANT: Final = frozenset({*range(60, 90)})
"""Passenger 60-69, cargo 70-79, tanker 80-89."""
PASSENGER: Final = frozenset(range(60, 70))
CARGO: Final = frozenset(range(70, 80))
TANKER: Final = frozenset(range(80, 90))

_NAMES: Final = {
    30: "fishing", 31: "towing", 32: "towing, long", 33: "dredging", 34: "diving", 35: "military", 36: "sailing",
    37: "pleasure", 50: "pilot", 51: "search and rescue", 52: "tug", 53: "port tender", 54: "anti-pollution",
    55: "law enforcement", 58: "medical", 59: "non-combatant",
}  # fmt: skip
_TENS: Final = {
    2: "wing in ground",
    4: "high speed craft",
    6: "passenger",
    7: "cargo",
    8: "tanker",
    9: "other type",
}


def type_name(code: int) -> str:
    """The type in words; ``"type unknown"`` for codes not allocated."""
    return _NAMES.get(code) or _TENS.get(code // 10, "type unknown")

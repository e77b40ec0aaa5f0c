"""The words files write for AIS codes, and the words for *nothing*.

Codes are those of ITU-R M.1371-5: navigational status table 45, ship and cargo type table 53. The Danish
words are those of the Danish Maritime Authority's day files; the four-digit ship types are those of the
U.S. Coast Guard's register as published with MarineCadastre (VesselTypeCodes 2018).
"""

from typing import Final

from watchkeeper.model.records import CLASS_A, CLASS_B

NOTHING: Final = (
    "unknown",
    "undefined",
    "unknown value",
    "nan",
    "null",
    "none",
    "na",
    "n/a",
    "not available",
)

NAV_STATUS: Final[dict[str, int]] = {
    "under way using engine": 0,
    "at anchor": 1,
    "not under command": 2,
    "restricted maneuverability": 3,
    "restricted manoeuvrability": 3,
    "constrained by her draught": 4,
    "moored": 5,
    "aground": 6,
    "engaged in fishing": 7,
    "under way sailing": 8,
    "reserved for future amendment [hsc]": 9,
    "reserved for future amendment [wig]": 10,
    "power-driven vessel towing astern": 11,
    "power-driven vessel pushing ahead or towing alongside": 12,
    "reserved for future use": 13,
    "ais-sart": 14,
    "ais-sart (active)": 14,
}
SHIP_TYPE: Final[dict[str, int]] = {
    "wig": 20, "fishing": 30, "towing": 31, "towing long/wide": 32, "dredging": 33, "diving": 34,
    "military": 35, "sailing": 36, "pleasure": 37, "hsc": 40, "pilot": 50, "sar": 51, "tug": 52,
    "port tender": 53, "anti-pollution": 54, "law enforcement": 55, "spare 1": 56, "spare 2": 57,
    "medical": 58, "reserved": -1, "not party to conflict": 59, "passenger": 60, "cargo": 70, "tanker": 80,
    "other": 90, "1001": 30, "1002": 30, "1003": 70, "1004": 70, "1005": 90, "1006": 90, "1007": 90,
    "1008": 90, "1009": 90, "1010": 90, "1011": 90, "1012": 60, "1013": 60, "1014": 60, "1015": 60, "1016":
    70, "1017": 80, "1018": 90, "1019": 37, "1020": 90, "1021": 90, "1022": 90, "1023": 80, "1024": 80,
    "1025": 31,
}  # fmt: skip
_OTHER_STATIONS: Final = (
    "base station", "aton", "sar airborne", "search and rescue transponder", "man overboard device",
)  # fmt: skip
FIRST_OTHER_STATION: Final = 10
"""Codes of ``AIS_CLASS`` from here on are stations that are no ships."""
OTHER_STATIONS: Final = {
    FIRST_OTHER_STATION + i: word.replace(" ", "_") for i, word in enumerate(_OTHER_STATIONS)
}
AIS_CLASS: Final[dict[str, int]] = {
    "a": CLASS_A, "class a": CLASS_A, "b": CLASS_B, "class b": CLASS_B,
    **{word: FIRST_OTHER_STATION + i for i, word in enumerate(_OTHER_STATIONS)},
}  # fmt: skip


def with_numbers(words: dict[str, int], count: int) -> dict[str, int]:
    """``words`` and the codes below ``count`` themselves, also as ``7.0``, as some exports write them."""
    numbers = {text: code for code in range(count) for text in (str(code), f"{code}.0", f"{code:02d}")}
    return words | numbers

"""What kind of station an MMSI names (ITU-R M.585-9) and the columns that say so.

Only ships are watched. The other classes are counted: search-and-rescue helicopters and
navigation marks read as impostors is a known fault of this field.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class MmsiClass(IntEnum):
    """Station classes of ITU-R M.585-9, annex 1."""

    MALFORMED = 0
    SHIP = 1
    COAST_STATION = 2  # 00MIDxxxx
    GROUP = 3  # 0MIDxxxxx
    SAR_AIRCRAFT = 4  # 111MIDxxx
    HANDHELD = 5  # 8MIDxxxxx
    ATON = 6  # 99MIDxxxx
    CRAFT = 7  # 98MIDxxxx, associated with a parent ship
    SART = 8  # 970xxxxxx
    MOB = 9  # 972xxxxxx
    EPIRB = 10  # 974xxxxxx


def classify(mmsi: NDArray[np.integer]) -> NDArray[np.int8]:
    """The :class:`MmsiClass` of each MMSI, as ``int8``. Shape ``(n,)`` in, ``(n,)`` out.

    An MMSI is nine digits; as a number the coast stations' leading zeros are lost, so seven
    digits beginning with a country code 201-775 are a coast station and eight digits a group.
    """
    number = mmsi.astype(np.int64)
    result = np.zeros(len(number), np.int8)
    mid = number // 1_000_000

    def mark(where: NDArray[np.bool_], kind: MmsiClass) -> None:
        result[where] = kind

    def is_mid(code: NDArray[np.integer]) -> NDArray[np.bool_]:
        return (code >= 201) & (code <= 775)

    mark(is_mid(mid), MmsiClass.SHIP)
    mark((number < 10_000_000) & is_mid(number // 10_000), MmsiClass.COAST_STATION)
    mark((number >= 10_000_000) & (number < 100_000_000) & is_mid(number // 100_000), MmsiClass.GROUP)
    mark(mid == 111, MmsiClass.SAR_AIRCRAFT)
    mark(number // 100_000_000 == 8, MmsiClass.HANDHELD)
    mark((number // 10_000_000 == 99) & (number < 1_000_000_000), MmsiClass.ATON)
    mark((number // 10_000_000 == 98) & (number < 1_000_000_000), MmsiClass.CRAFT)
    mark(mid == 970, MmsiClass.SART)
    mark(mid == 972, MmsiClass.MOB)
    mark(mid == 974, MmsiClass.EPIRB)
    return result

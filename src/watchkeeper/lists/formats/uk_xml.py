"""The UK Sanctions List as XML (Foreign, Commonwealth & Development Office)."""

from typing import Any, Final

from watchkeeper.lists.formats.uk_csv import KINDS, TITLE, full_name, owners
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.values import clean, iso_date, names_in, split
from watchkeeper.lists.xmlrecords import records, text, texts

FORMAT: Final = "UK Sanctions List XML"


def recognises(head: bytes) -> bool:
    """The root element is ``Designations``."""
    return b"<Designations" in head


def read(file: ListFile) -> Reading:
    """Read designation by designation.

    Raises:
        ListError: broken off.
    """
    reading = Reading("uk-sanctions", TITLE)
    row = 0
    for tag, element in records(file, ("DateGenerated", "Designation")):
        if tag == "DateGenerated":
            reading.as_of = iso_date(element.text, "day first")
        elif tag == "Designation":
            row += 1
            kind = (text(element, "IndividualEntityShip") or "").strip().title()
            if kind not in KINDS:
                reason = f"IndividualEntityShip is {kind[:40]!r}, not one of {', '.join(KINDS)}"
                reading.reject(row, reason, text(element, "UniqueID") or "")
            elif kind == "Ship":
                _add(reading, row, element)
            else:
                reading.set_aside[kind] += 1
    return reading


def _add(reading: Reading, row: int, element: Any) -> None:
    names = sorted(
        element.iterfind("{*}Names/{*}Name"),
        key=lambda name: not (text(name, "NameType") or "").casefold().startswith("primary"),
    )
    full = (full_name([text(name, f"Name{k}") for k in range(1, 7)]) for name in names)

    def ship(path: str) -> list[str]:
        return [found for one in texts(element, f"ShipDetails/Ship/{path}") if (found := clean(one))]

    flags = ship("CurrentBelievedFlagOfShips/CurrentBelievedFlagOfShip")
    owned = ship("CurrentOwnerOperators/CurrentOwnerOperator")
    reading.add(
        row,
        id=text(element, "UniqueID"),
        names=[name for one in full for name in names_in(one)],
        imo=ship("IMONumbers/IMONumber"),
        flag=next(iter(flags), None),
        ship_type=next(iter(ship("TypeOfShipDetails/TypeOfShip")), None),
        programs=[text(element, "RegimeName"), *split(text(element, "SanctionsImposed"))],
        source=TITLE,
        as_of=text(element, "DateDesignated"),
        date_order="day first",
        parties=owners(owned),
        facts={
            "built": "; ".join(ship("YearsBuilt/YearBuilt")),
            "gross_tonnage": "; ".join(ship("TonnageOfShipDetails/TonnageOfShip")),
            "length_m": "; ".join(ship("LengthOfShipDetails/LengthOfShip")),
            "flag_history": "; ".join(ship("PreviousFlags/PreviousFlag")),
            "owner": "; ".join(owned),
        },
    )

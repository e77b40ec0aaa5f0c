"""A register of ships as CSV with a header: an IMO number and facts on the hull.

Taken for a register where an IMO number and two or more columns of facts are there, and none that says why a
ship is listed (a programme or regime): a register names nobody.
"""

from typing import Final

from watchkeeper.errors import ListError
from watchkeeper.lists.facts import FIELDS
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.registers import RegisterReading
from watchkeeper.lists.table import Table, has_columns

FORMAT: Final = "ship register CSV"
GENERIC: Final = 1

_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "imo": ("imo", "imonumber", "imono", "imonr", "lrimoshipno", "imoshipnumber"),
    "name": ("name", "shipname", "vesselname", "nameofship", "currentname"),
    "former_names": ("formernames", "formername", "previousnames", "exnames", "aliases"),
    "built": ("built", "yearbuilt", "yearofbuild", "builtyear", "buildyear", "dateofbuild", "builddate"),
    "gross_tonnage": ("grosstonnage", "gt", "gross", "tonnage", "grt"),
    "deadweight_t": ("deadweightt", "deadweight", "dwt", "deadweighttonnage"),
    "length_m": ("lengthm", "length", "lengthoverall", "loa", "loam"),
    "beam_m": ("beamm", "beam", "breadth", "breadthm", "width"),
    "ship_type": ("shiptype", "vesseltype", "type", "typeofship"),
    "flag": ("flag", "flagstate", "currentflag", "flagname"),
    "flag_history": ("flaghistory", "previousflags", "formerflags", "pastflags"),
    "owner": ("owner", "registeredowner", "shipowner", "ownername", "beneficialowner"),
    "operator": ("operator", "operatorname", "technicalmanager"),
    "manager": ("manager", "shipmanager", "ismmanager", "commercialmanager", "managername"),
    "insurer": ("insurer", "piclub", "pandiclub", "pi", "insurance"),
    "class_society": ("classsociety", "class", "classificationsociety", "classedby"),
    "as_of": ("asof", "date", "updated", "lastupdated", "lastupdate"),
}
"""Field -> column names, letters and digits only, in lower case; the first that is there is used."""
_FACTS: Final = tuple(field for field in FIELDS if field not in ("name", "flag", "ship_type"))
_NAMES_A_REASON: Final = (
    "program",
    "programs",
    "programme",
    "programmes",
    "regime",
    "sanctions",
    "sanctionprogram",
)
_FEWEST_FACTS: Final = 2


def recognises(head: bytes) -> bool:
    """A header with an IMO number and facts, and without a reason for listing."""
    imo = next((column for column in _HEADERS["imo"] if has_columns(head, column)), None)
    if imo is None or any(has_columns(head, imo, reason) for reason in _NAMES_A_REASON):
        return False
    facts = [f for f in _FACTS if any(has_columns(head, imo, column) for column in _HEADERS[f])]
    return len(facts) >= _FEWEST_FACTS


def read(file: ListFile) -> RegisterReading:
    """Read row by row; a row without one valid IMO number is rejected.

    Raises:
        ListError: none of many rows has an IMO number.
    """
    reading = RegisterReading(file.stem, f"register {file.stem}")
    imo = next((column for column in _HEADERS["imo"] if has_columns(file.head, column)), "imo")
    columns: dict[str, str] = {}
    count = 0
    for row, cells in Table(file, (imo,)).rows(reading):
        if not count:
            columns = {field: c for field, names in _HEADERS.items() for c in reversed(names) if c in cells}
            if unused := [column for column in cells if column not in columns.values()]:
                reading.notes.append(f"columns not read: {', '.join(unused)}")
        count += 1
        said = {field: cells[column] for field, column in columns.items()}
        reading.add(row, said["imo"], said, said.get("as_of"))
    if count and not reading.ships:
        raise ListError(
            f"{file.path}: none of {count:,} rows has a valid IMO number in the column {imo!r}.",
            "Check whether the columns are shifted against the header.",
        )
    return reading

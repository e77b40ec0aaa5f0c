"""A simulated day as CSV: the Danish Maritime Authority's 26 columns, or MarineCadastre's 17."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from watchkeeper.errors import OutputError
from watchkeeper.exercises.bytes_out import ROW_BYTES, dma_rows, noaa_rows
from watchkeeper.exercises.geo import Array
from watchkeeper.exercises.ships import Identity, Station
from watchkeeper.exercises.simulation import Simulation
from watchkeeper.model.time import DAY, SECOND

DMA_HEADER: Final = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,"
    "Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,"
    "ETA,Data source type,A,B,C,D\n"
)
NOAA_HEADER: Final = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,"
    "TransceiverClass\n"
)
MOBILES: Final = {
    Station.CLASS_A: "Class A", Station.CLASS_B: "Class B", Station.BASE: "Base Station",
    Station.ATON: "AtoN",
    Station.SAR_AIRCRAFT: "SAR Airborne", Station.SART: "Search and Rescue Transponder",
    Station.MOB: "Man Overboard Device",
}  # fmt: skip
STATUSES: Final = (
    "Under way using engine", "At anchor", "Not under command", "Restricted maneuverability",
    "Constrained by her draught", "Moored", "Aground", "Engaged in fishing", "Under way sailing",
    "Reserved for future amendment [HSC]", "Reserved for future amendment [WIG]",
    "Power-driven vessel towing astern",
    "Power-driven vessel pushing ahead or towing alongside", "Reserved for future use", "AIS-SART (active)",
    "Unknown value",
)  # fmt: skip
SHIP_TYPES: Final = {
    3: "Reserved", 30: "Fishing", 31: "Towing", 33: "Dredging", 36: "Sailing", 37: "Pleasure", 4: "HSC",
    50: "Pilot",
    51: "SAR", 52: "Tug", 6: "Passenger", 7: "Cargo", 8: "Tanker", 9: "Other",
}  # fmt: skip
_CARGO_TYPES: Final = {1: "Category X", 2: "Category Y", 9: "No additional information"}
_CHUNK: Final = 200_000


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is whole.

    Raises:
        OutputError: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}.", "Choose another place or make room.") from error
    finally:
        part.unlink(missing_ok=True)


def table(texts: list[str]) -> tuple[Array, Array]:
    """Texts as one byte column and the ``len + 1`` bounds between them."""
    encoded = [text.encode("ascii") for text in texts]
    bounds = np.cumsum([0] + [len(text) for text in encoded], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), np.uint8), bounds


def midnight_ms(simulation: Simulation) -> int:
    """The first midnight at or before the start."""
    return simulation.spec.start_ms // DAY * DAY


def dates(simulation: Simulation, form: str) -> tuple[Array, Array]:
    """The text of each day the simulation touches, late echoes included."""
    first = datetime.fromtimestamp(midnight_ms(simulation) / SECOND, UTC)
    days = int((simulation.spec.start_ms - midnight_ms(simulation)) / DAY + simulation.spec.hours / 24.0) + 2
    return table([(first + timedelta(days=n)).strftime(form) for n in range(days)])


def write_dma(simulation: Simulation, path: Path) -> None:
    """Write the Danish layout (26 columns, day first, whole seconds).

    Raises:
        OutputError: the file cannot be written.
    """
    reports = simulation.reports
    mobiles = table([f",{MOBILES[station]}," for station in Station])
    # Only class A reports a rate of turn; it is always zero here.
    statuses = table([f",{status},," for status in STATUSES])
    statics = table([_dma_static(one) for one in simulation.identities] + [_DMA_UNKNOWN])
    day_texts = dates(simulation, "%d/%m/%Y ")
    out = np.empty(_CHUNK * ROW_BYTES, np.uint8)
    with written(path) as file:
        file.write(DMA_HEADER.encode())
        for start in range(0, len(reports), _CHUNK):
            rows = slice(start, start + _CHUNK)
            size = dma_rows(
                out, (reports.t[rows] - midnight_ms(simulation)) // SECOND, *day_texts,
                simulation.stations[reports.ship[rows]], *mobiles, reports.mmsi[rows], reports.lat[rows],
                reports.lon[rows], reports.nav_status[rows], *statuses, reports.sog_kn[rows],
                reports.cog_deg[rows],
                reports.heading_deg[rows], _known(reports.static[rows], len(simulation.identities)), *statics,
            )  # fmt: skip
            file.write(out[:size].data)


def write_noaa(simulation: Simulation, path: Path) -> None:
    """Write MarineCadastre's layout: ships only, rows without a position left out, as there.

    Raises:
        OutputError: the file cannot be written.
    """
    reports = simulation.reports
    station = simulation.stations
    sends_b = np.zeros(len(simulation.identities) + 2, np.bool_)
    sends_b[simulation.statics.static] = station[simulation.statics.ship] == Station.CLASS_B
    identities = simulation.identities
    names = table([_noaa_name(one) for one in identities] + [",,,,,"] * 2)
    sizes = table([_noaa_size(one, bool(b)) for one, b in zip(identities, sends_b, strict=False)]
                  + [",,,,,A\n", ",,,,,B\n"])  # fmt: skip
    day_texts = dates(simulation, "%Y-%m-%dT")
    out = np.empty(_CHUNK * ROW_BYTES, np.uint8)
    with written(path) as file:
        file.write(NOAA_HEADER.encode())
        for start in range(0, len(reports), _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, len(reports)))
            kind = station[reports.ship[rows]]
            rows = rows[(kind <= Station.CLASS_B) & (reports.lat[rows] <= 90.0)]
            unknown = len(identities) + (station[reports.ship[rows]] == Station.CLASS_B)
            static = np.where(reports.static[rows] < 0, unknown, reports.static[rows])
            size = noaa_rows(
                out, (reports.t[rows] - midnight_ms(simulation)) // SECOND, *day_texts, reports.mmsi[rows],
                reports.lat[rows], reports.lon[rows], reports.nav_status[rows],
                np.nan_to_num(reports.sog_kn[rows], nan=102.3), np.nan_to_num(reports.cog_deg[rows],
                nan=360.0),
                np.nan_to_num(reports.heading_deg[rows], nan=511.0), static, *names, *sizes,
            )  # fmt: skip
            file.write(out[:size].data)


def _known(static: Array, unknown: int) -> Array:
    return np.where(static < 0, unknown, static)


def ship_type_words(code: int) -> tuple[str, str]:
    """Ship type and cargo type in the Danish words."""
    if code == 0:
        return "Undefined", ""
    word = SHIP_TYPES.get(code) or SHIP_TYPES.get(code // 10, "Undefined")
    return word, _CARGO_TYPES.get(code % 10, "") if code >= 60 else ""


_DMA_UNKNOWN: Final = ",Unknown,Unknown,,Undefined,,,,Undefined,,Unknown,,AIS,,,,\n"


def _dma_static(one: Identity) -> str:
    kind, cargo = ship_type_words(one.ship_type)
    size = (str(one.beam_m), str(one.length_m)) if one.length_m else ("", "")
    bow, port = one.length_m // 3, one.beam_m // 2
    reach = (bow, one.length_m - bow, port, one.beam_m - port) if one.length_m else ("",) * 4
    columns = (
        "", one.imo or "Unknown", one.callsign or "Unknown", one.name, kind, cargo, *size, "GPS",
        f"{one.draught_m:.1f}" if one.draught_m else "", one.destination or "Unknown", "", "AIS", *reach,
    )  # fmt: skip
    return ",".join(str(column) for column in columns) + "\n"


def _noaa_name(one: Identity) -> str:
    imo = f"IMO{one.imo}" if one.imo else ""
    return f",{one.name},{imo},{one.callsign},{one.ship_type or ''},"


def _noaa_size(one: Identity, class_b: bool) -> str:
    draught = f"{one.draught_m:.1f}" if one.draught_m else ""
    size = f"{one.length_m:.1f},{one.beam_m:.1f}" if one.length_m else ","
    cargo = f"{one.ship_type:.1f}" if one.ship_type >= 60 else ""
    return f",{size},{draught},{cargo},{'B' if class_b else 'A'}\n"

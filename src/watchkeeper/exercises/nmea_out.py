"""A simulated day as an NMEA log: VDM sentences with tag blocks, static messages among the reports."""

from pathlib import Path
from typing import Final

import numpy as np

from watchkeeper.exercises import nmea_kernels
from watchkeeper.exercises.csv_out import written
from watchkeeper.exercises.geo import Array
from watchkeeper.exercises.ships import Identity, Station
from watchkeeper.exercises.simulation import Simulation
from watchkeeper.model.time import SECOND

_CHUNK: Final = 100_000
_SYMBOLS: Final = 80
_TAG: Final = np.frombuffer(b"s:simulated,c:", np.uint8)
_TALKER: Final = np.frombuffer(b"AIVDM,", np.uint8)
_NAME, _CALLSIGN, _DESTINATION = 20, 7, 20


def write_nmea(simulation: Simulation, path: Path) -> None:
    """Write the day as ``!AIVDM`` with tag blocks (types 1, 4, 5, 9, 18, 21, 24).

    Raises:
        OutputError: the file cannot be written.
    """
    reports, said = simulation.reports, simulation.statics
    texts, size, imo, ship_type = _columns(simulation.identities)
    heard_until = np.maximum.accumulate(reports.t)
    # A ship's static message goes out where the log has come to its time; marks send theirs in type 21.
    ships = np.flatnonzero(simulation.stations[said.ship] <= Station.CLASS_B)
    out = np.empty(_CHUNK * nmea_kernels.LINE_BYTES, np.uint8)
    word = np.zeros(_SYMBOLS, np.int64)
    written_until = 0
    with written(path) as file:
        for start in range(0, len(reports), _CHUNK):
            rows = slice(start, min(start + _CHUNK, len(reports)))
            due = int(np.searchsorted(said.t[ships], heard_until[rows.stop - 1], side="right"))
            for first in range(written_until, due, _CHUNK // 3):
                now = ships[first : min(first + _CHUNK // 3, due)]
                end = nmea_kernels.static_lines(
                    out, 0, word, said.t[now] // SECOND,
                    simulation.stations[said.ship[now]] == Station.CLASS_B,
                    said.mmsi[now], imo, ship_type, size, texts, said.static[now], _TAG, _TALKER,
                )  # fmt: skip
                file.write(out[:end].data)
            written_until = due
            epoch = reports.t[rows] // SECOND
            end = nmea_kernels.position_lines(
                out, 0, word, epoch, _clocks(reports.t[rows]),
                simulation.stations[reports.ship[rows]].astype(np.int64),
                reports.mmsi[rows], reports.lat[rows], reports.lon[rows], reports.sog_kn[rows],
                reports.cog_deg[rows],
                reports.heading_deg[rows], reports.nav_status[rows], texts, reports.static[rows], _TAG,
                _TALKER,
            )  # fmt: skip
            file.write(out[:end].data)


def _clocks(t: Array) -> Array:
    """Year, month, day, hour, minute, second of each time. Shape ``(n, 6)``."""
    moment = t.astype("datetime64[ms]")
    day, month, year = (moment.astype(f"datetime64[{unit}]") for unit in "DMY")
    second = t // SECOND % 86_400
    return np.column_stack(
        (year.astype(int) + 1970, month.astype(int) % 12 + 1, (day - month).astype(int) + 1,
         second // 3600, second // 60 % 60, second % 60)
    )  # fmt: skip


def _columns(identities: list[Identity]) -> tuple[Array, Array, Array, Array]:
    """Identities as six-bit texts ``(n + 1, 47)``, sizes ``(n + 1, 5)``, IMO numbers and ship types.

    The last row is empty: *nothing static heard*.
    """
    empty = Identity(0, "", "", 0, 0, 0, 0.0, "")
    everyone = [*identities, empty]
    joined = "".join(
        one.name.ljust(_NAME, "@")[:_NAME] + one.callsign.ljust(_CALLSIGN, "@")[:_CALLSIGN]
        + one.destination.ljust(_DESTINATION, "@")[:_DESTINATION]
        for one in everyone
    )  # fmt: skip
    code = np.frombuffer(joined.upper().encode("ascii"), np.uint8).astype(np.int64)
    texts = np.where(code >= 64, code - 64, code).reshape(len(everyone), -1)
    size = np.array(
        [
            (one.length_m // 3, one.length_m - one.length_m // 3, one.beam_m // 2,
            one.beam_m - one.beam_m // 2,
             round(one.draught_m * 10))
            for one in everyone
        ],
        np.int64,
    )  # fmt: skip
    return texts, size, np.array([one.imo for one in everyone]), np.array([one.ship_type for one in everyone])

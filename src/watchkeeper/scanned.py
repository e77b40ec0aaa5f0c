"""The folder that a scan wrote, opened for questions: assets, vessels, findings, tracks a part at a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
import numpy as np

from watchkeeper.errors import InputError
from watchkeeper.model.asset import Asset
from watchkeeper.model.records import Array
from watchkeeper.model.time import from_iso
from watchkeeper.sources.ahead import begun

if TYPE_CHECKING:
    from watchkeeper.stored import Stored

T = TypeVar("T")

STORE: Final = "store.toml"
"""The file by which a store is known."""

_AGAIN: Final = "Give the folder that `watchkeeper scan --out` wrote, or run the scan again."
_TIME: Final = "t"
_VESSEL_COLUMNS: Final = [
    "mmsi", "imo", "name", "callsign", "flag", "ship_type", "ais_class", "length_m", "draught_m",
]  # fmt: skip


class Noted(msgspec.Struct, frozen=True):
    """What is read of a finding here."""

    id: str
    behaviour: str
    mmsi: int
    start: str
    end: str | None
    summary: str
    other_mmsi: int | None = None
    trust: str = "trusted"
    trust_reason: str = ""


class _Run(msgspec.Struct, frozen=True):
    start: str | None
    end: str | None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """First and last report of the data [ms UTC]."""

    start: int
    end: int


class Scanned:
    """A scan's output folder. Files are read when asked for.

    Raises:
        InputError: the folder, or a file that is needed, is missing or is not what a scan writes.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(f"{folder}: there is no such folder.", _AGAIN)
        self.folder = folder
        run = self._decode("run.json", self._bytes("run.json"), _Run)
        self.simulated = run.simulated
        if run.start is None or run.end is None:
            raise InputError(f"{folder}: the scan kept no position.", "Scan a file with positions.")
        self.span: Final = Span(from_iso(run.start), from_iso(run.end))

    @cached_property
    def assets(self) -> list[Asset]:
        """The assets that the scan compared with."""
        return read_assets(self.folder / "assets.geojson")

    def vessels(self) -> dict[int, dict[str, Any]]:
        """Rows of the vessel file by MMSI."""
        import pyarrow.parquet as pq

        path = self.folder / "vessels.parquet"
        try:
            rows = pq.read_table(path, columns=_VESSEL_COLUMNS).to_pylist()
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read: {error}.", _AGAIN) from error
        return {row["mmsi"]: row for row in rows}

    def findings(self) -> list[Noted]:
        """All findings of the scan."""
        name = "findings.ndjson"
        decoder = msgspec.json.Decoder(Noted)
        try:
            return [decoder.decode(line) for line in self._bytes(name).splitlines() if line.strip()]
        except msgspec.DecodeError as error:
            raise InputError(f"{self.folder / name} is not what a scan writes: {error}.", _AGAIN) from error

    def rows(
        self, columns: Sequence[str], start: int, end: int, mmsi: Collection[int] | None = None
    ) -> Iterator[dict[str, Array]]:
        """Columns of the track file, a row group at a time: those groups whose times touch ``start`` to ``end`` [ms].

        Rows of a group may lie outside the times. Times come as ms UTC, missing numbers as NaN. With ``mmsi`` only the
        rows of these ships. Reading begins at once, in a thread.
        """
        return begun(self._rows(columns, start, end, mmsi))

    def _rows(
        self, columns: Sequence[str], start: int, end: int, mmsi: Collection[int] | None
    ) -> Iterator[dict[str, Array]]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / "tracks.parquet"
        try:
            with pq.ParquetFile(path) as file:
                wanted = None if mmsi is None else np.array(sorted(mmsi), np.int32)
                for group in _groups(file, start, end):
                    part = _part(file, group, columns, wanted)
                    if part is not None:
                        yield part
        except (OSError, pa.ArrowException, KeyError) as error:
            raise InputError(f"{path} cannot be read: {error}.", _AGAIN) from error

    def _bytes(self, name: str) -> bytes:
        path = self.folder / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}.", _AGAIN) from error

    def _decode(self, name: str, text: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(text, type=kind)
        except msgspec.DecodeError as error:
            raise InputError(f"{self.folder / name} is not what a scan writes: {error}.", _AGAIN) from error


def open_data(folder: Path) -> "Scanned | Stored":
    """What a scan wrote, or a store."""
    if (folder / STORE).is_file():
        from watchkeeper.stored import Stored  # what a database needs is not loaded for a scan's folder

        return Stored(folder)
    return Scanned(folder)


def read_assets(path: Path) -> list[Asset]:
    """Assets from the file that a scan or a watch wrote of them.

    Raises:
        InputError: it cannot be read, or is none.
    """
    try:
        read = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        flat = [
            f.get("properties", {}) | {"id": str(f.get("id", "")), "geometry": f.get("geometry")}
            for f in read.get("features", [])
        ]
        return msgspec.convert(flat, list[Asset])
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", _AGAIN) from error
    except msgspec.DecodeError as error:
        raise InputError(f"{path} is not what a scan writes: {error}.", _AGAIN) from error


def _groups(file: Any, start: int, end: int) -> Iterator[int]:
    """Row groups whose times touch a span, by their statistics."""
    column = file.schema_arrow.get_field_index(_TIME)
    for group in range(file.metadata.num_row_groups):
        known = file.metadata.row_group(group).column(column).statistics
        if (
            known is None
            or not known.has_min_max
            or (
                known.min_raw <= end and known.max_raw >= start
            )  # ms, as stored: `min` imports pandas if it can
        ):
            yield group


def _part(file: Any, group: int, columns: Sequence[str], wanted: Array | None) -> dict[str, Array] | None:
    """Columns of a row group as numpy; None where no row of the ships wanted is in it."""
    mask = None
    if wanted is not None:
        mmsi = file.read_row_group(group, columns=["mmsi"])["mmsi"].to_numpy()
        at = np.minimum(np.searchsorted(wanted, mmsi), max(len(wanted) - 1, 0))
        mask = wanted[at] == mmsi if len(wanted) else np.zeros(len(mmsi), np.bool_)
        if not mask.any():
            return None
    table = file.read_row_group(group, columns=list(columns))
    if table.num_columns != len(columns):
        raise KeyError(f"columns {sorted(set(columns) - set(table.column_names))} are missing")
    part = {name: table[name].to_numpy() for name in columns}
    part[_TIME] = part[_TIME].astype("datetime64[ms]", copy=False).view(np.int64)
    return part if mask is None else {name: column[mask] for name, column in part.items()}

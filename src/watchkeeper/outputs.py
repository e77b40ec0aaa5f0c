"""The files of a scan, and the folder that is there whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from watchkeeper.errors import OutputError
from watchkeeper.model.asset import Asset
from watchkeeper.model.finding import Finding

FILES: Final = (
    "findings.ndjson",
    "findings.geojson",
    "alerts.ndjson",
    "tracks.parquet",
    "vessels.parquet",
    "quarantine.ndjson",
    "assets.geojson",
    "places.geojson",
    "interference.geojson",
    "run.json",
    "report.html",
    "stdin",
)


@contextmanager
def output_folder(out: Path, *, force: bool) -> Iterator[Path]:
    """A folder to write into, beside ``out``, whose files become those of ``out`` when all went well.

    Leftovers of a run that was killed are removed. With ``force`` the files of an earlier scan are replaced;
    other files in the folder are never touched.

    Raises:
        OutputError: ``out`` is not empty, or cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())) and not force:
        raise OutputError(
            f"{out} is not empty.", "Choose another folder, or add --force to replace an earlier scan."
        )
    for stale in out.parent.glob(f".{out.name}.unfinished-*"):
        if not _running(int(stale.name.rsplit("-", 1)[1])):
            shutil.rmtree(stale, ignore_errors=True)
    partial = out.parent / f".{out.name}.unfinished-{os.getpid()}"
    try:
        partial.mkdir(parents=True)
        yield partial
        _publish(partial, out)
    except OSError as error:
        raise _described(error, out) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _publish(partial: Path, out: Path) -> None:
    if not out.exists():
        partial.rename(out)
        return
    for name in FILES:
        if (partial / name).exists():
            (partial / name).replace(out / name)
        else:
            (out / name).unlink(missing_ok=True)


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _described(error: OSError, out: Path) -> OutputError:
    if error.errno == errno.ENOSPC:
        return OutputError(
            f"The disk of {out} is full.", "Free some space or choose another folder; nothing was kept."
        )
    return OutputError(
        f"{out} cannot be written: {error.strerror or error}.", "Check the folder and its rights."
    )


def write_lines(path: Path, records: Iterable[Any]) -> None:
    """One JSON object a line."""
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for record in records:
            file.write(encoder.encode(record) + b"\n")


def write_json(path: Path, record: Any) -> None:
    """One JSON object, indented."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


def write_features(path: Path, features: Iterable[dict[str, Any]]) -> None:
    """A GeoJSON feature collection (RFC 7946)."""
    path.write_bytes(msgspec.json.encode({"type": "FeatureCollection", "features": list(features)}) + b"\n")


def finding_feature(finding: Finding) -> dict[str, Any]:
    """A finding as a GeoJSON point with its fields as properties."""
    properties = msgspec.to_builtins(finding)
    return {
        "type": "Feature",
        "id": finding.id,
        "geometry": {"type": "Point", "coordinates": [finding.lon, finding.lat]},
        "properties": {k: v for k, v in properties.items() if k not in ("id", "lat", "lon")},
    }


def asset_feature(asset: Asset) -> dict[str, Any]:
    """An asset as a GeoJSON feature."""
    properties = msgspec.to_builtins(asset)
    return {
        "type": "Feature",
        "id": asset.id,
        "geometry": properties.pop("geometry"),
        "properties": {k: v for k, v in properties.items() if k != "id" and v is not None},
    }

"""Checkpoints: named arrays and a description in one file that is there whole or not at all.

Two are kept. A file is the arrays one after the other as they are in memory, then an index of them, then where the
index begins and a checksum of all that. One that ends early or does not match makes the older checkpoint count. (A
state has more than a thousand arrays, most of them small: an archive with an entry for each takes long to open.)
"""

import hashlib
import os
import struct
import zlib
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.lib.format import descr_to_dtype, dtype_to_descr

from watchkeeper.errors import StateError, StoreError
from watchkeeper.model.records import Array

KEPT: Final = 2
SUFFIX: Final = ".state"
_MAGIC: Final = b"wkstate1"
_END: Final = struct.Struct("<QI8s")
"""Where the index begins, the checksum of everything before, the magic."""


class _Index(msgspec.Struct, frozen=True):
    """The description; of each array its name, type, shape, and where it begins [bytes]."""

    description: dict[str, Any]
    arrays: list[tuple[str, Any, tuple[int, ...], int]]


def fingerprint(*parts: Any) -> str:
    """A short hash of plain values: of what a state depends on."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()[:16]


class Checkpoints:
    """The checkpoints in a folder, for one configuration.

    Args:
        folder: where they lie; made when the first is written.
        made_for: the fingerprint of what the state depends on: behaviours with their versions and thresholds, settings,
            assets.
    """

    def __init__(self, folder: Path, made_for: str) -> None:
        self.folder, self.made_for = folder, made_for
        self._looked_at: tuple[dict[str, Array], dict[str, Any]] | None = None

    def write(self, arrays: dict[str, Array], description: dict[str, Any], number: int) -> Path:
        """Write checkpoint ``number`` (they only grow) and drop the oldest but two.

        Raises:
            StoreError: there is no room; those before stay.
        """
        self._looked_at = None
        path = self.folder / f"{number:012d}{SUFFIX}"
        partial = path.with_suffix(".partial")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                checksum, at, index = 0, 0, _Index({"made_for": self.made_for, **description}, [])
                for name, array in arrays.items():
                    flat = np.ascontiguousarray(array)
                    index.arrays.append((name, dtype_to_descr(array.dtype), array.shape, at))
                    data = flat.reshape(-1).view(np.uint8).data if flat.size else b""
                    checksum = zlib.crc32(data, checksum)
                    at += file.write(data)
                text = msgspec.json.encode(index)
                file.write(text + _END.pack(at, zlib.crc32(text, checksum), _MAGIC))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise StoreError(f"{path} cannot be written: {error.strerror}.", "Look at the disk.") from error
        for old in self._all()[KEPT:]:
            old.unlink()
        return path

    def look(self) -> dict[str, Any] | None:
        """What the newest checkpoint describes, as :meth:`newest`, which then need not read it again."""
        self._looked_at = self.newest()
        return self._looked_at[1] if self._looked_at is not None else None

    def newest(self) -> tuple[dict[str, Array], dict[str, Any]] | None:
        """The newest checkpoint that is whole: its arrays and description; None where there is none.

        Raises:
            StateError: it was made for another configuration.
        """
        found, self._looked_at = self._looked_at, None
        if found is not None:
            return found
        for path in self._all():
            found = _read(path)
            if found is None:
                continue
            if found[1]["made_for"] != self.made_for:
                raise StateError(
                    f"The checkpoint {path.name} was made with other behaviours, thresholds or assets.",
                    "Go back to those, or add --fresh to forget it and begin with what comes now.",
                )
            return found
        return None

    def clear(self) -> None:
        """Forget all."""
        self._looked_at = None
        for path in self._all():
            path.unlink()

    def _all(self) -> list[Path]:
        """Newest first."""
        return sorted(self.folder.glob(f"*{SUFFIX}"), reverse=True)


def descriptions(folder: Path) -> list[dict[str, Any]]:
    """What the checkpoints of a folder describe, whatever they are for; those that are not whole are left out."""
    found = (_read(path) for path in sorted(folder.glob(f"*{SUFFIX}")))
    return [one[1] for one in found if one is not None]


def _read(path: Path) -> tuple[dict[str, Array], dict[str, Any]] | None:
    """The arrays and the description of a file; None where it is not whole."""
    try:
        content = np.fromfile(path, np.uint8)
        begin, checksum, magic = _END.unpack(content[-_END.size :].tobytes())
        if magic != _MAGIC or zlib.crc32(content[: -_END.size].data) != checksum:
            return None
        index = msgspec.json.decode(content[begin : -_END.size].data, type=_Index)
    except (OSError, struct.error, msgspec.DecodeError, ValueError):
        return None
    arrays: dict[str, Array] = {}
    for name, descr, shape, at in index.arrays:
        dtype = descr_to_dtype([tuple(field) for field in descr] if isinstance(descr, list) else descr)
        array = np.empty(shape, dtype)  # of its own: the whole file is not to stay in memory for one of them
        if array.size:
            array.reshape(-1).view(np.uint8)[:] = content[at : at + array.nbytes]
        arrays[name] = array
    return arrays, index.description

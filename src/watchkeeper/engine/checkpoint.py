"""Checkpoints: named arrays and a description in one file that is there whole or not at all.

Two are kept. The file is a zip of numpy arrays, so every array has a checksum of its own; one that does not match, or a
file that ends early, makes the older checkpoint count.
"""

import hashlib
import os
import zipfile
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from watchkeeper.errors import StateError, StoreError
from watchkeeper.model.records import Array

KEPT: Final = 2
_DESCRIPTION: Final = "description"


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

    def write(self, arrays: dict[str, Array], description: dict[str, Any], number: int) -> Path:
        """Write checkpoint ``number`` (they only grow) and drop the oldest but two.

        Raises:
            StoreError: there is no room; those before stay.
        """
        text = msgspec.json.encode({"made_for": self.made_for, **description})
        path = self.folder / f"{number:012d}.npz"
        partial = path.with_suffix(".partial")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                np.savez(file, allow_pickle=False, **{_DESCRIPTION: np.frombuffer(text, np.uint8)}, **arrays)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise StoreError(f"{path} cannot be written: {error.strerror}.", "Look at the disk.") from error
        for old in self._all()[KEPT:]:
            old.unlink()
        return path

    def newest(self) -> tuple[dict[str, Array], dict[str, Any]] | None:
        """The newest checkpoint that is whole: its arrays and description; None where there is none.

        Raises:
            StateError: it was made for another configuration.
        """
        for path in self._all():
            try:
                with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                    arrays = {name: file[name] for name in file.files}
                    description = msgspec.json.decode(arrays.pop(_DESCRIPTION).tobytes())
            except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, msgspec.DecodeError):
                continue
            if description["made_for"] != self.made_for:
                raise StateError(
                    f"The checkpoint {path.name} was made with other behaviours, thresholds or assets.",
                    "Go back to those, or add --fresh to forget it and begin with what comes now.",
                )
            return arrays, description
        return None

    def clear(self) -> None:
        """Forget all."""
        for path in self._all():
            path.unlink()

    def _all(self) -> list[Path]:
        """Newest first."""
        return sorted(self.folder.glob("*.npz"), reverse=True)

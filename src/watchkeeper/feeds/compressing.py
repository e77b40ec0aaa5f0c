"""Finished files of a spool made small, without a moment in which their lines are not there."""

import os
from pathlib import Path
from typing import Final

import zstandard

from watchkeeper.feeds.spooled import COMPRESSED, UNFINISHED

_LEVEL: Final = 3
_BLOCK: Final = 1 << 20


def compress(path: Path) -> Path:
    """Write ``path`` as ``path.zst``, bring it to the disk, then remove ``path``. The new file.

    A kill in between leaves the plain file, which counts where both are there.

    Raises:
        OSError: there is no room; the plain file stays.
    """
    target = path.with_name(path.name + COMPRESSED)
    unfinished = path.with_name(target.name + UNFINISHED)
    try:
        with path.open("rb") as plain, unfinished.open("wb") as small:
            zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).copy_stream(
                plain, small, read_size=_BLOCK, write_size=_BLOCK
            )
            small.flush()
            os.fsync(small.fileno())
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    at = path.stat()
    os.utime(unfinished, ns=(at.st_atime_ns, at.st_mtime_ns))
    unfinished.replace(target)
    path.unlink()
    return target

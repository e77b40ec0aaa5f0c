"""Decompression of streams, within limits; what is damaged or cut off gives what can be read, and a fault."""

import bz2
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

import zstandard
from isal import isal_zlib

from watchkeeper.errors import LimitError
from watchkeeper.sources.streams import Source, Stream

RATIO_LIMIT: Final = 250
RATIO_FROM_BYTES: Final = 64 << 20
"""Beyond 64 MiB, content that unpacks to more than 250 times its size is refused. AIS files reach 10-40."""
SIZE_LIMIT: Final = 1 << 40
"""No input unpacks to more than 1 TiB; a day of the world's ships is below 100 GB."""
DEFLATE_BLOCK: Final = 1 << 16
_DENSE_BLOCK: Final = 1 << 12
"""Packed bytes handed over at once. Deflate makes at most 1,032 bytes of one, zstd and bzip2 some 30,000;
either way one block unpacks to less than 150 MB."""
_DAMAGED: Final[tuple[type[Exception], ...]] = (
    cast(type[Exception], isal_zlib.error),
    zstandard.ZstdError,
    OSError,
    EOFError,
    ValueError,
)
"""What the decompressors raise for content they do not understand."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class Unpacked(Stream):
    """The decompressed content of ``raw``, limited; several compressed streams in a row are one."""

    def __init__(
        self,
        raw: Source,
        start: Callable[[], _Decompressor],
        name: str,
        block: int = _DENSE_BLOCK,
        packed: int | None = None,
    ) -> None:
        super().__init__(raw)
        self._start, self._name, self._block, self._left = start, name, block, packed
        self._decompressor = start()
        self._ready = memoryview(b"")
        self._read = self._made = 0
        self._pending = b""

    def readinto(self, target: Any, /) -> int:
        while not self._ready:
            if not self._unpack():
                return 0
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpack(self) -> bool:
        """Unpack one more block; False at the end."""
        if self._fault:
            return False
        block = self._pending or self._packed_block()
        self._pending = b""
        if self._decompressor.eof:
            if not block.strip(b"\0"):
                return False
            self._decompressor = self._start()
        elif not block:
            self._fault = "truncated compressed stream"
            return False
        try:
            self._ready = memoryview(self._decompressor.decompress(block))
        except _DAMAGED as error:
            self._fault = f"damaged compressed stream ({error})"
            return False
        self._made += len(self._ready)
        self._check_limits()
        if self._decompressor.eof:
            self._pending = self._decompressor.unused_data
        return True

    def _packed_block(self) -> bytes:
        wanted = self._block if self._left is None else min(self._block, self._left)
        block = self.raw.read(wanted) or b""
        if self._left is not None:
            self._left -= len(block)
        self._read += len(block)
        return block

    def _check_limits(self) -> None:
        if self._made > SIZE_LIMIT:
            raise LimitError(f"{self._name} unpacks to more than {SIZE_LIMIT >> 30} GiB.", "Split the file.")
        if self._made > RATIO_FROM_BYTES and self._made > RATIO_LIMIT * self._read:
            raise LimitError(
                f"{self._name} unpacks to more than {RATIO_LIMIT} times its size, as no AIS file does.",
                "If the file can be trusted, unpack it and give the unpacked file.",
            )


class Member(Unpacked):
    """A deflated member of a zip archive, checked against its checksum at the end."""

    def __init__(self, raw: Source, info: zipfile.ZipInfo, name: str) -> None:
        super().__init__(raw, start_deflate, name, DEFLATE_BLOCK, info.compress_size)
        self._wanted, self._crc = info.CRC, 0

    def readinto(self, target: Any, /) -> int:
        count = super().readinto(target)
        self._crc = zlib.crc32(memoryview(target)[:count], self._crc)
        if not count and not self._fault and self._crc != self._wanted:
            self._fault = "damaged compressed stream (checksum)"
        return count


class Stored:
    """The decompressor of content that is not compressed."""

    unused_data = b""

    def __init__(self, size: int) -> None:
        self._left = size
        self.eof = size == 0

    def decompress(self, data: bytes, /) -> bytes:
        self._left -= len(data)
        self.eof = self._left <= 0
        return data


def start_gzip() -> _Decompressor:
    """A decompressor of one gzip member."""
    return isal_zlib.decompressobj(wbits=31)


def start_deflate() -> _Decompressor:
    """A decompressor of a raw deflate stream, as in zip archives."""
    return isal_zlib.decompressobj(wbits=-15)


def start_zstd() -> _Decompressor:
    """A decompressor of one Zstandard frame."""
    return zstandard.ZstdDecompressor().decompressobj()


def start_bzip2() -> _Decompressor:
    """A decompressor of one bzip2 stream."""
    return bz2.BZ2Decompressor()

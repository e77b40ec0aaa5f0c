"""Bytes from files, compressed files, archives and standard input, as one kind of stream.

Compression is recognised by its first bytes, never by the file name. A stream that ends early or is
damaged gives what can be read; its ``fault`` then says what is wrong. Nothing is ever written to disk, so
archive member names cannot escape a folder.
"""

import bz2
import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

import zstandard
from isal import isal_zlib

from watchkeeper.errors import InputError, LimitError

STDIN: Final = "-"
STDIN_SPOOL: Final = "stdin"
"""The name under which standard input is kept in the spool folder."""
MEMBER: Final = "::"
"""Between the path of a zip archive and the name of its member."""
RATIO_LIMIT: Final = 250
RATIO_FROM_BYTES: Final = 64 << 20
"""Beyond 64 MiB, content that unpacks to more than 250 times its size is refused. AIS files reach 10-40."""
SIZE_LIMIT: Final = 1 << 40
"""No input unpacks to more than 1 TiB; a day of the world's ships is below 100 GB."""
_DEFLATE_BLOCK: Final = 1 << 16
_DENSE_BLOCK: Final = 1 << 12
"""Packed bytes handed over at once. Deflate makes at most 1,032 bytes of one, zstd and bzip2 some 30,000;
either way one block unpacks to less than 150 MB."""
_GZIP, _ZSTD, _BZ2, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_DEFLATED: Final = 8
_LOCAL_HEADER: Final = struct.Struct("<26xHH")
_ENCRYPTED: Final = 0x1
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


Source = io.RawIOBase | io.BufferedIOBase | BinaryIO


class Stream(io.RawIOBase):
    """Bytes to read; ``fault`` is empty unless something ended them early."""

    def __init__(self, raw: Source) -> None:
        self.raw = raw
        self._fault = ""

    @property
    def fault(self) -> str:
        """What ended the content early, here or in what lies beneath."""
        return self._fault or (self.raw.fault if isinstance(self.raw, Stream) else "")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any, /) -> int:
        return self.raw.readinto(target) or 0  # type: ignore[union-attr]

    def close(self) -> None:
        self.raw.close()
        super().close()


class _File(Stream):
    """A file as it is, in which one can move."""

    def seekable(self) -> bool:
        return self.raw.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self.raw.seek(offset, whence)

    def tell(self) -> int:
        return self.raw.tell()


class _Tee(Stream):
    """Keeps what is read from ``raw`` in the file ``spool``."""

    def __init__(self, raw: Source, spool: Path) -> None:
        super().__init__(raw)
        spool.parent.mkdir(parents=True, exist_ok=True)
        self._kept = spool.open("wb")

    def readinto(self, target: Any, /) -> int:
        count = super().readinto(target)
        self._kept.write(memoryview(target)[:count])
        return count

    def close(self) -> None:
        self._kept.close()
        super().close()


class _Replayed(Stream):
    """``raw`` with bytes that were already taken from it put back in front."""

    def __init__(self, head: bytes, raw: Source) -> None:
        super().__init__(raw)
        self._head = memoryview(head)

    def readinto(self, target: Any, /) -> int:
        if not self._head:
            return super().readinto(target)
        count = min(len(target), len(self._head))
        target[:count] = self._head[:count]
        self._head = self._head[count:]
        return count


def replayed(head: bytes, raw: Source) -> Stream:
    """``raw`` with ``head``, which was taken from it, put back in front; a fault of ``raw`` stays visible."""
    return _Replayed(head, raw)


class _Unpacked(Stream):
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


class _Member(_Unpacked):
    """A deflated member of a zip archive, checked against its checksum at the end."""

    def __init__(self, raw: Source, info: zipfile.ZipInfo, name: str) -> None:
        super().__init__(raw, _start_deflate, name, _DEFLATE_BLOCK, info.compress_size)
        self._wanted, self._crc = info.CRC, 0

    def readinto(self, target: Any, /) -> int:
        count = super().readinto(target)
        self._crc = zlib.crc32(memoryview(target)[:count], self._crc)
        if not count and not self._fault and self._crc != self._wanted:
            self._fault = "damaged compressed stream (checksum)"
        return count


def is_zip(path: str) -> bool:
    """Whether a file begins like a zip archive."""
    with open_file(path) as raw:
        return raw.read(4) in (_ZIP, _EMPTY_ZIP)


def zip_members(path: str) -> list[str]:
    """The files in a zip archive, as names for :func:`open_stream`.

    Raises:
        InputError: the archive's directory cannot be read.
    """
    with _archive(path) as archive:
        return [f"{path}{MEMBER}{info.filename}" for info in archive.infolist() if not info.is_dir()]


def open_stream(path: str, spool: Path | None = None) -> Stream:
    """The content of a file, of a zip member (``archive.zip::member``) or of standard input, unpacked.

    ``spool`` is the folder in which standard input is kept as ``stdin``.

    Raises:
        InputError: missing, unreadable, or an archive of a kind that cannot be read here.
    """
    if path == STDIN:
        raw = _Tee(sys.stdin.buffer, spool / STDIN_SPOOL) if spool else Stream(sys.stdin.buffer)
        return _unpacked(raw, "standard input")
    archive, mark, member = path.partition(MEMBER)
    if mark and not Path(path).exists():
        return _open_member(archive, member, path)
    return _unpacked(open_file(path), path)


def open_file(path: str) -> io.FileIO:
    """A file as it is.

    Raises:
        InputError: it cannot be opened.
    """
    try:
        return Path(path).open("rb", buffering=0)
    except IsADirectoryError:
        raise InputError(f"{path} is a folder.", "Give the files in it.") from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions."
        ) from error


def _unpacked(raw: Source, name: str) -> Stream:
    head = raw.read(4) or b""
    if raw.seekable():
        raw.seek(0)
        plain: Stream = _File(raw)
    else:
        plain = replayed(head, raw)
    if head.startswith(_GZIP):
        return _Unpacked(plain, _start_gzip, name, _DEFLATE_BLOCK)
    if head == _ZSTD:
        return _Unpacked(plain, _start_zstd, name)
    if head.startswith(_BZ2):
        return _Unpacked(plain, bz2.BZ2Decompressor, name)
    if head in (_ZIP, _EMPTY_ZIP):
        raise InputError(f"A zip archive cannot be read from {name}.", "Give the archive as a file.")
    return plain


def _open_member(path: str, member: str, name: str) -> Stream:
    with _archive(path) as archive:
        try:
            info = archive.getinfo(member)
        except KeyError:
            raise InputError(f"{path} holds no file {member!r}.", "Check the name.") from None
    if info.flag_bits & _ENCRYPTED:
        raise InputError(f"{name} is encrypted.", "Decrypt it and give the decrypted file.")
    if info.compress_type not in (zipfile.ZIP_STORED, _DEFLATED):
        raise InputError(
            f"{name} is packed by a method that is not read here.", "Unpack it or pack it with deflate."
        )
    raw = open_file(path)
    raw.seek(info.header_offset)
    name_length, extra_length = _LOCAL_HEADER.unpack(raw.read(_LOCAL_HEADER.size))
    raw.seek(name_length + extra_length, io.SEEK_CUR)
    if info.compress_type == zipfile.ZIP_STORED:
        return _Unpacked(raw, lambda: _Stored(info.file_size), name, _DEFLATE_BLOCK, info.compress_size)
    return _Member(raw, info, name)


class _Stored:
    """The decompressor of content that is not compressed."""

    unused_data = b""

    def __init__(self, size: int) -> None:
        self._left = size
        self.eof = size == 0

    def decompress(self, data: bytes, /) -> bytes:
        self._left -= len(data)
        self.eof = self._left <= 0
        return data


def _archive(path: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(
            f"{path} is not a readable zip archive: {error}.", "Download or pack it again."
        ) from error


def _start_gzip() -> _Decompressor:
    return isal_zlib.decompressobj(wbits=31)


def _start_deflate() -> _Decompressor:
    return isal_zlib.decompressobj(wbits=-15)


def _start_zstd() -> _Decompressor:
    return zstandard.ZstdDecompressor().decompressobj()

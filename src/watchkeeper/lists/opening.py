"""A list file opened safely: plain, gzip, zstd, bzip2, zip or a spreadsheet; what may come out of it is limited.

Every format sees UTF-8: text that begins with the byte order mark of UTF-16 is converted on the way.
"""

import bz2
import codecs
import gzip
import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

import zstandard

from watchkeeper.errors import ListError
from watchkeeper.lists.spreadsheet import NotASheetError, SheetAsCsv, is_spreadsheet

MAX_BYTES: Final = 8 << 30
"""Bytes read of one list: far above any list known, far below an archive made to fill a machine."""
MAX_LINE: Final = 16 << 20
"""Bytes of one line, which is held in memory whole."""
MAX_DOCUMENT: Final = 512 << 20
"""Bytes of a JSON document, which is read whole."""
HEAD: Final = 65_536
"""Bytes a format may look at to recognise itself."""

_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BROKEN = (
    EOFError,
    NotASheetError,
    OSError,
    NotImplementedError,  # a zip packed by a method that is not known
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
    zstandard.ZstdError,
)
_DAMAGED = "The file is damaged or was not downloaded whole: fetch it again."


class ListFile:
    """One file that should hold a list.

    ``utf16`` tells that the text was UTF-16, whatever an XML declaration in it says.

    Raises:
        ListError: missing, unreadable, empty or a folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self.utf16 = False
        try:
            self.sha256 = _sha256(path)
            written = path.stat().st_mtime
        except OSError as error:
            raise ListError(f"{path}: {error.strerror}.", "Check the path given for the list.") from error
        self.file_written = f"{datetime.fromtimestamp(written, UTC):%Y-%m-%dT%H:%M:%SZ}"
        with self.open() as stream:
            self.head = stream.read(HEAD)
        if not self.head.strip():
            raise ListError(f"{path}: the file is empty.", _DAMAGED)
        self.head = self.head.removeprefix(b"\xef\xbb\xbf")

    @property
    def stem(self) -> str:
        """The file's name without its endings, in lower case: ``sdn`` of ``SDN.CSV.gz``."""
        return self.path.name.split(".")[0].lower()

    def open(self) -> IO[bytes]:
        """The bytes of the list, decompressed, from the beginning.

        Raises:
            ListError: the archive is damaged, or holds more than the list.
        """
        try:
            inner, outer = _decompressed(self.path)
        except _BROKEN as error:
            raise ListError(f"{self.path}: {error}.", _DAMAGED) from error
        limited = io.BufferedReader(_Limited(self.path, inner, outer), 1 << 16)
        self.utf16 = limited.peek(2)[:2] in _UTF16_MARKS
        return io.BufferedReader(_FromUtf16(limited)) if self.utf16 else limited

    def lines(self) -> Iterator[bytes]:
        """The lines as bytes, without a byte order mark. ``rows`` is the number of the line last given.

        Raises:
            ListError: a line longer than ``MAX_LINE``; a damaged archive.
        """
        self.rows = 0
        with self.open() as stream:
            while line := stream.readline(MAX_LINE + 1):
                self.rows += 1
                if len(line) > MAX_LINE:
                    raise ListError(
                        f"{self.path}:{self.rows}: a line of more than {MAX_LINE >> 20} MiB.",
                        "Check that this is the list itself.",
                    )
                yield line.removeprefix(b"\xef\xbb\xbf") if self.rows == 1 else line

    def document(self) -> bytes:
        """All bytes, for formats that are one document.

        Raises:
            ListError: longer than ``MAX_DOCUMENT``.
        """
        with self.open() as stream:
            content = stream.read(MAX_DOCUMENT + 1)
        if len(content) > MAX_DOCUMENT:
            raise ListError(
                f"{self.path}: more than {MAX_DOCUMENT >> 20} MiB.", "Check that this is the list itself."
            )
        return content.removeprefix(b"\xef\xbb\xbf")


def text_of(line: bytes) -> str:
    """UTF-8, else Windows-1252 (older OFAC files, spreadsheets); bytes of neither become ``\\ufffd``."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


class _Limited(io.RawIOBase):
    """Decompressed bytes of a file, counted; a broken archive is a :class:`ListError`."""

    def __init__(self, path: Path, inner: IO[bytes], outer: IO[bytes]) -> None:
        self._path, self._inner, self._outer = path, inner, outer
        self._left = MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            chunk = self._inner.read(len(view))
        except _BROKEN as error:
            raise ListError(
                f"{self._path}: the archive cannot be read to its end ({error}).", _DAMAGED
            ) from error
        self._left -= len(chunk)
        if self._left < 0:
            raise ListError(
                f"{self._path}: more than {MAX_BYTES >> 30} GiB when unpacked.",
                "Check that this is the list itself.",
            )
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
            self._outer.close()
        super().close()


class _FromUtf16(io.RawIOBase):
    """UTF-16 with a byte order mark as UTF-8; what is no character becomes ``\\ufffd``."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._ready:
            chunk = self._inner.read(1 << 15)
            self._ready = self._decoder.decode(chunk, final=not chunk).encode()
            if not chunk and not self._ready:
                return 0
        count = min(len(view), len(self._ready))
        view[:count], self._ready = self._ready[:count], self._ready[count:]
        return count

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def _decompressed(path: Path) -> tuple[IO[bytes], IO[bytes]]:
    """The stream of the content, and the stream of the file below it."""
    raw = path.open("rb")
    try:
        return _unpacked(path, raw), raw
    except BaseException:
        raw.close()
        raise


def _unpacked(path: Path, raw: IO[bytes]) -> IO[bytes]:
    magic = raw.read(4)
    raw.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]
    if magic == b"\x28\xb5\x2f\xfd":
        return io.BufferedReader(_Zstd(raw))
    if magic[:3] == b"BZh":
        return bz2.BZ2File(raw)
    if magic == b"PK\x03\x04":
        return _only_member(path, raw)
    return raw


def _only_member(path: Path, raw: IO[bytes]) -> IO[bytes]:
    archive = zipfile.ZipFile(raw)
    if is_spreadsheet(archive):
        return io.BufferedReader(SheetAsCsv(archive))
    members = [m for m in archive.infolist() if not m.is_dir()]
    if len(members) != 1 or members[0].flag_bits & 1:
        kind = "an encrypted file" if len(members) == 1 else f"{len(members)} files"
        raise ListError(f"{path}: the archive holds {kind}.", "Unpack it and give the list itself.")
    return archive.open(members[0])


class _Zstd(io.RawIOBase):
    """Zstandard frames, one after another. The library's own reader takes a cut frame for the end."""

    _INPUT: Final = 1024
    """Compressed bytes taken at a time: few enough that what they unpack to stays small."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._ready:
            piece = self._frame.unused_data if self._frame.eof else b""
            piece = piece or self._raw.read(self._INPUT)
            if not piece:
                if not self._frame.eof:
                    raise EOFError("the last frame is cut")
                return 0
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._ready = self._frame.decompress(piece)
        count = min(len(view), len(self._ready))
        view[:count], self._ready = self._ready[:count], self._ready[count:]
        return count


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

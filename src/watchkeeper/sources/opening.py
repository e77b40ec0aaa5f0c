"""Bytes from files, compressed files, archives and standard input, as one kind of stream.

Compression is recognised by its first bytes, never by the file name. A stream that ends early or is
damaged gives what can be read; its ``fault`` then says what is wrong. Nothing is ever written to disk, so
archive member names cannot escape a folder.
"""

import io
import struct
import sys
import zipfile
from pathlib import Path
from typing import Final

from watchkeeper.errors import InputError
from watchkeeper.sources.streams import File, Replayed, Source, Stream, Tee
from watchkeeper.sources.unpacking import (
    DEFLATE_BLOCK,
    Member,
    Stored,
    Unpacked,
    start_bzip2,
    start_gzip,
    start_zstd,
)

STDIN: Final = "-"
STDIN_SPOOL: Final = "stdin"
"""The name under which standard input is kept in the spool folder."""
MEMBER: Final = "::"
"""Between the path of a zip archive and the name of its member."""
_GZIP, _ZSTD, _BZ2, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_DEFLATED: Final = 8
_LOCAL_HEADER: Final = struct.Struct("<26xHH")
_ENCRYPTED: Final = 0x1


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
        raw = Tee(sys.stdin.buffer, spool / STDIN_SPOOL) if spool else Stream(sys.stdin.buffer)
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
        plain: Stream = File(raw)
    else:
        plain = Replayed(head, raw)
    if head.startswith(_GZIP):
        return Unpacked(plain, start_gzip, name, DEFLATE_BLOCK)
    if head == _ZSTD:
        return Unpacked(plain, start_zstd, name)
    if head.startswith(_BZ2):
        return Unpacked(plain, start_bzip2, name)
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
        return Unpacked(raw, lambda: Stored(info.file_size), name, DEFLATE_BLOCK, info.compress_size)
    return Member(raw, info, name)


def _archive(path: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(
            f"{path} is not a readable zip archive: {error}.", "Download or pack it again."
        ) from error

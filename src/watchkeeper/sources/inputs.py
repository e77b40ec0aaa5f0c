"""From what the user names to inputs of known format: files, folders, patterns, archives, standard input.

The folder is the registry: every module here with ``NAME``, ``sniff`` and ``batches`` is a format; so is
every entry point of the group ``watchkeeper.sources``.
"""

import glob
import pkgutil
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from watchkeeper import sources
from watchkeeper.errors import InputError
from watchkeeper.model.records import Batch, Positions, Quarantined, Statics
from watchkeeper.sources.opening import STDIN, STDIN_SPOOL, is_zip, open_stream, zip_members
from watchkeeper.sources.options import ReadOptions
from watchkeeper.sources.streams import File, Landmarks, Replayed, Stream

HEAD_BYTES: Final = 1 << 16
"""What a format may look at to recognise itself: a header line, or a log's first sentences after comments."""
ENTRY_POINTS: Final = "watchkeeper.sources"
MEMBERS_LIMIT: Final = 10_000
INPUTS_LIMIT: Final = 8_000
"""Input and line are kept in one number that is exact as a float up to 8,191 inputs of 2**40 lines."""


class Source(Protocol):
    """A format. ``GENERIC`` (optional, True): asked after the others, for a format that claims much."""

    NAME: str

    def sniff(self, head: bytes, filename: str) -> bool:
        """Whether a file that begins so is of this format."""
        ...

    def batches(self, stream: BinaryIO, index: int, name: str, options: ReadOptions) -> Iterator[Batch]:
        """The records of the stream; ``index`` and ``name`` go into references and quarantine."""
        ...


class Input:
    """An input of known format: ``name`` as the user gave it, ``path`` to open it again, ``index`` from 0."""

    def __init__(
        self, index: int, path: str, source: Source, options: ReadOptions, stream: Stream | None = None
    ) -> None:
        self.index = index
        self.name = STDIN_SPOOL if path == STDIN else path
        self.path = str(options.spool / STDIN_SPOOL) if path == STDIN and options.spool else path
        self.format = source.NAME
        self._source, self._options, self._stream = source, options, stream
        self._opens = path

    def batches(self) -> Iterator[Batch]:
        """All batches, and one more that says so where the stream ended early."""
        with self._stream or open_stream(self._opens) as stream:
            self._stream = stream
            yield from self._source.batches(cast(BinaryIO, stream), self.index, self.name, self._options)
            if stream.fault:
                yield self._ended_early(stream.fault)

    @property
    def size(self) -> int | None:
        """How large it is as stored [bytes]; None for standard input and archive members."""
        return Path(self._opens).stat().st_size if Path(self._opens).is_file() else None

    @property
    def landmarks(self) -> Landmarks | None:
        """Where its lines are, if it is a file that was read by lines."""
        return self._stream.landmarks if isinstance(self._stream, File) else None

    @property
    def bytes_read(self) -> int:
        """How much of that was read."""
        if self._stream is None:
            return 0
        return (self.size or 0) if self._stream.closed else self._stream.bytes_read

    def _ended_early(self, fault: str) -> Batch:
        batch = Batch(self.index, Positions.empty(), Statics.empty())
        batch.noticed = Counter({fault.partition(" (")[0].replace(" ", "_"): 1})
        batch.quarantine = [Quarantined(self.name, 0, fault, "")]
        return batch


def open_inputs(paths: Sequence[str], options: ReadOptions) -> list[Input]:
    """The inputs named by ``paths``: files, folders, patterns, zip archives, ``-`` for standard input.

    Raises:
        InputError: nothing there, unreadable, empty, or of no known format; says what was found.
    """
    found: list[Input] = []
    for path in listed(paths):
        if path != STDIN and is_zip(path):
            found += _members(path, len(found), options)
        else:
            found.append(_input(path, len(found), options))
    if len(found) > INPUTS_LIMIT:
        raise InputError(
            f"{len(found)} inputs are too many at once.", f"Scan at most {INPUTS_LIMIT} together."
        )
    return found


@cache
def formats() -> tuple[Source, ...]:
    """All formats, those that claim much last."""
    modules = [
        import_module(f"{sources.__name__}.{found.name}") for found in pkgutil.iter_modules(sources.__path__)
    ]
    own = [cast(Source, module) for module in modules if hasattr(module, "sniff")]
    others = [cast(Source, point.load()) for point in entry_points(group=ENTRY_POINTS)]
    return tuple(sorted([*others, *own], key=lambda source: getattr(source, "GENERIC", False)))


def listed(paths: Sequence[str]) -> list[str]:
    """The files that paths name: files, folders' contents, patterns' matches."""
    found: list[str] = []
    for path in paths:
        if path == STDIN or Path(path).is_file():
            found.append(path)
        elif Path(path).is_dir():
            inside = sorted(
                str(p) for p in Path(path).iterdir() if p.is_file() and not p.name.startswith(".")
            )
            if not inside:
                raise InputError(f"The folder {path} holds no files.", "Give the files or another folder.")
            found += inside
        elif matching := sorted(p for p in glob.glob(path, recursive=True) if Path(p).is_file()):  # noqa: PTH207
            found += matching
        else:
            raise InputError(f"There is no file {path}.", "Check the path.")
    return found


def _members(path: str, start: int, options: ReadOptions) -> list[Input]:
    """The members of known format of a zip archive; readmes and the like beside them are passed over."""
    names = zip_members(path)
    if len(names) > MEMBERS_LIMIT:
        raise InputError(f"{path} holds {len(names)} files.", f"An archive may hold {MEMBERS_LIMIT}.")
    found: list[Input] = []
    reasons: list[InputError] = []
    for name in names:
        try:
            found.append(_input(name, start + len(found), options))
        except InputError as error:
            reasons.append(error)
    if not found:
        raise (
            reasons[0]
            if len(reasons) == 1
            else InputError(f"{path} holds no file of a known format ({len(names)} files).", _known())
        )
    return found


def recognised(path: str, spool: Path | None = None) -> tuple[Source, Stream]:
    """The format of an input and its content from the beginning.

    Raises:
        InputError: unreadable, empty, or of no known format.
    """
    if path == STDIN:
        stream = open_stream(path, spool)
        head = _head(stream)
        return _format_of(head, path, stream.fault), Replayed(head, stream)
    with open_stream(path) as stream:
        source = _format_of(_head(stream), path, stream.fault)
    return source, open_stream(path)


def _format_of(head: bytes, path: str, fault: str) -> Source:
    if not head:
        raise InputError(f"{path} is empty{f' ({fault})' if fault else ''}.", "Download it again.")
    for source in formats():
        if source.sniff(head, Path(path).name):
            return source
    raise InputError(f"{path} is of no known format; it begins {head[:40]!r}.", _known())


def _input(path: str, index: int, options: ReadOptions) -> Input:
    source, stream = recognised(path, options.spool)
    if path == STDIN:
        return Input(index, path, source, options, stream)
    stream.close()  # opened again when its turn comes: there may be thousands
    return Input(index, path, source, options)


def _head(stream: Stream) -> bytes:
    head = bytearray()
    while len(head) < HEAD_BYTES and (more := stream.read(HEAD_BYTES - len(head))):
        head += more
    return bytes(head)


def _known() -> str:
    names = ", ".join(sorted(source.NAME for source in formats()))
    return f"Known formats: {names}; each also as gz, zst, bz2 or zip."

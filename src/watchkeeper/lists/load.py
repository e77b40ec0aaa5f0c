"""Opens a list of whichever kind and format. The folder ``formats/`` is the registry: one module, one format."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from watchkeeper.errors import ListError
from watchkeeper.lists import formats
from watchkeeper.lists.entries import FlagPerformance, ShipRegister, UnreadableList, VesselList
from watchkeeper.lists.flag_performance import FlagReading
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.registers import RegisterReading

AnyList = VesselList | ShipRegister | FlagPerformance


class Format(Protocol):
    """What a module in ``formats/`` offers. At most one format recognises a file.

    ``GENERIC`` (optional): how much it claims; the more, the later it is asked (0 where nothing is said).
    """

    FORMAT: str

    @staticmethod
    def recognises(head: bytes) -> bool:
        """Whether a file that begins with ``head`` (decompressed, no byte order mark) is of this format."""

    @staticmethod
    def read(file: ListFile) -> Reading | RegisterReading | FlagReading:
        """Read the whole file.

        Raises:
            ListError: the file as a whole cannot be trusted (truncated, columns missing).
        """


@cache
def known_formats() -> dict[str, Format]:
    """Module name -> format, those that claim much last."""
    names = sorted(module.name for module in pkgutil.iter_modules(formats.__path__))
    known = {name: cast(Format, importlib.import_module(f"{formats.__name__}.{name}")) for name in names}
    return dict(sorted(known.items(), key=lambda one: int(getattr(one[1], "GENERIC", 0))))


def load_any(path: str | Path) -> AnyList:
    """Read a vessel list, a ship register or a flag performance list, found by its content.

    Raises:
        ListError: missing, empty, damaged, of no known format, or with nothing to use.
    """
    file = ListFile(Path(path))
    for one in known_formats().values():
        if one.recognises(file.head):
            return one.read(file).done(file, one.FORMAT)
    readable = ", ".join(one.FORMAT for one in known_formats().values())
    raise ListError(
        f"{path}: not a list of a known format ({_beginning(file.head)}).", f"Give one of: {readable}."
    )


def load_list(path: str | Path) -> VesselList:
    """Read a sanctions or vessel list.

    Raises:
        ListError: as :func:`load_any`; or the file is a register or a list of flags, which name no ship.
    """
    one = load_any(path)
    if not isinstance(one, VesselList):
        raise ListError(f"{path}: a {one.format}, which names no ship.", "Give a vessel list.")
    return one


def load_lists(paths: Iterable[str | Path]) -> list[AnyList | UnreadableList]:
    """Read several; one that cannot be read stands in the result with the reason."""
    loaded: list[AnyList | UnreadableList] = []
    for path in paths:
        try:
            loaded.append(load_any(path))
        except ListError as error:
            loaded.append(UnreadableList(str(path), error.what, error.next_step))
    return loaded


def _beginning(head: bytes) -> str:
    """The first line, cut, for the message."""
    first = head.lstrip().split(b"\n", 1)[0][:80].decode("utf-8", "replace")
    return "begins " + repr("".join(c if c.isprintable() else "?" for c in first))

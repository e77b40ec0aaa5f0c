"""What really happened: the injected cases and the look-alikes that must stay quiet, one line each."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from watchkeeper.errors import InputError


class TruthCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One case. ``positive``: the behaviour was shown; otherwise a look-alike.

    Of a look-alike ``behaviour`` must not be reported on ``mmsi`` between ``start`` and ``end`` (ISO 8601). ``also``:
    further ships that show it, where it is an area's and not one ship's. ``kind``: the builder that made it.
    ``shows``: behaviours that a look-alike rightly shows besides (dark, but not near the asset).
    """

    case: str
    behaviour: str
    positive: bool
    mmsi: int
    other_mmsi: int | None
    start: str
    end: str
    asset: str | None
    what: str
    also: tuple[int, ...] = ()
    kind: str = ""
    shows: tuple[str, ...] = ()


def dump_truth(cases: Iterable[TruthCase], path: Path) -> None:
    """Write NDJSON."""
    path.write_bytes(msgspec.json.Encoder().encode_lines(list(cases)))


def load_truth(path: Path) -> Sequence[TruthCase]:
    """Read NDJSON written by :func:`dump_truth`.

    Raises:
        InputError: the file cannot be read, or a line is not a truth case.
    """
    cases = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}.", "Give the truth file that `simulate` wrote."
        ) from error
    for number, line in enumerate(lines, 1):
        try:
            cases.append(msgspec.json.decode(line, type=TruthCase))
        except msgspec.MsgspecError as error:
            raise InputError(
                f"{path}:{number}: not a truth case: {error}.", "Give the truth file that `simulate` wrote."
            ) from error
    return cases

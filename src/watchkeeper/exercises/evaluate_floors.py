"""The recorded floor of each behaviour, and the gate that says whether a sample is worse than it.

A floor is the bound that a large evaluation leaves open: the lower end of the interval of recall and precision, the
upper end of that of quiet findings and of the median start error. A small sample is worse only where its own
interval lies wholly on the wrong side of the floor, so that chance alone does not turn the gate red.
"""

import math
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from watchkeeper.errors import InputError
from watchkeeper.exercises.evaluate import Quality

HEAD: Final = (
    "# Written by `make quality-lock`: what a behaviour may not fall below. See docs/reference/quality.md.\n"
    "# Lowering a floor is a decision: say why in CHANGELOG.md.\n"
)


class Floor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was recorded of one behaviour: shares, findings per 1,000 quiet vessel-days, median minutes."""

    recall: float
    precision: float
    quiet_per_1000_vessel_days: float
    start_error_min: float


def floor_of(quality: Quality) -> Floor:
    """The floor that an evaluation supports, rounded to the lenient side."""
    _, _, latest = quality.start_error(0.5)
    if math.isinf(latest):  # too few cases to say more than the worst of them
        latest = max(quality.start_errors_min)
    return Floor(
        recall=math.floor(quality.recall[1][0] * 1000) / 1000,
        precision=math.floor(quality.precision[1][0] * 1000) / 1000,
        quiet_per_1000_vessel_days=math.ceil(quality.quiet_rate[1][1] * 100) / 100,
        start_error_min=math.ceil(latest * 10) / 10,
    )


def worse(quality: Quality, floor: Floor) -> list[str]:
    """In what a sample is worse than the floor, beyond what its own interval allows; empty if in nothing."""
    (recall, (_, best_recall)), (precision, (_, best_precision)) = quality.recall, quality.precision
    rate, (least_rate, _) = quality.quiet_rate
    error, least_error, _ = quality.start_error(0.5)
    faults = [f"stopped with {failure}" for failure in quality.failures]
    if best_recall < floor.recall:
        faults.append(f"recall {recall:.2f} ({quality.found} of {quality.cases}), floor {floor.recall:.3f}")
    if best_precision < floor.precision:
        faults.append(f"precision {precision:.2f} ({quality.extra} extra), floor {floor.precision:.3f}")
    if least_rate > floor.quiet_per_1000_vessel_days:
        faults.append(
            f"{rate:.1f} findings per 1,000 quiet vessel-days, floor {floor.quiet_per_1000_vessel_days:.2f}"
        )
    if least_error > floor.start_error_min:
        faults.append(f"start off by {error:.1f} min, floor {floor.start_error_min:.1f}")
    return faults


def gate(measured: Iterable[Quality], floors: dict[str, Floor]) -> dict[str, list[str]]:
    """What is worse than its floor, by behaviour; a measured behaviour without a floor is a fault too."""
    red: dict[str, list[str]] = {}
    for quality in measured:
        if not quality.measured:
            continue
        floor = floors.get(quality.behaviour)
        faults = worse(quality, floor) if floor else ["no floor is recorded: run `make quality-lock`"]
        if faults:
            red[quality.behaviour] = faults
    return red


def load_floors(path: Path) -> dict[str, Floor]:
    """Read the recorded floors.

    Raises:
        InputError: the file cannot be read or does not have the form that is written.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), dict[str, Floor])
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}.", "Write it anew with `make quality-lock`.") from error


def floors_text(measured: Sequence[Quality]) -> str:
    """The text of the lock file: a table for each behaviour that was measured."""
    tables = []
    for quality in measured:
        if quality.measured and quality.found:
            lines = [
                f"{name} = {value:g}" for name, value in msgspec.structs.asdict(floor_of(quality)).items()
            ]
            tables.append("\n".join([f"[{quality.behaviour}]", *lines]))
    return HEAD + "\n" + "\n\n".join(tables) + "\n"

"""Record each behaviour's version and defaults in ``behaviours.lock``.

A changed default changes what past data show, so it needs a raised version: this script refuses to record it
without, and a test refuses a lock that does not agree with the code.

Run by ``make behaviours-lock``.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

from watchkeeper.behaviours import all_behaviours

LOCK = Path(__file__).parent.parent / "behaviours.lock"
_HEAD = "# Written by `make behaviours-lock`. A changed default needs a raised version: it changes results.\n"

Locked = dict[str, dict[str, Any]]


def declared() -> Locked:
    """Version and defaults as the code declares them."""
    return {
        each.id: {"version": each.version}
        | {
            name: f"{threshold.default:g} {threshold.unit.symbol}"
            for name, threshold in each.thresholds.items()
        }
        for each in all_behaviours().values()
    }


def locked() -> Locked:
    """Version and defaults as they were recorded."""
    return tomllib.loads(LOCK.read_text()) if LOCK.exists() else {}


def silent_changes(before: Locked, after: Locked) -> list[str]:
    """What may not be recorded: other defaults under the same version, a version that went back."""
    faults = []
    for behaviour, now in after.items():
        old = before.get(behaviour, now)
        if now["version"] < old["version"]:
            faults.append(f"{behaviour}: version {old['version']} became {now['version']}")
        elif now != old and now["version"] == old["version"]:
            changed = sorted(name for name in old.keys() | now.keys() if old.get(name) != now.get(name))
            faults.append(
                f"{behaviour}: {', '.join(changed)} changed, but the version is still {now['version']}"
            )
    return faults


def written(behaviours: Locked) -> str:
    """The text of the lock file."""
    tables = [
        f"[{behaviour}]\nversion = {values['version']}\n"
        + "".join(f'{name} = "{value}"\n' for name, value in values.items() if name != "version")
        for behaviour, values in sorted(behaviours.items())
    ]
    return "\n".join([_HEAD, *tables])


def main() -> None:
    """Write the lock, or say why not."""
    now = declared()
    if faults := silent_changes(locked(), now):
        sys.exit(
            "\n".join(
                [*faults, "Raise the version in the behaviour's declaration and say so in CHANGELOG.md."]
            )
        )
    LOCK.write_text(written(now))
    sys.stdout.write(f"{len(now)} behaviours recorded in {LOCK.name}\n")


if __name__ == "__main__":
    main()

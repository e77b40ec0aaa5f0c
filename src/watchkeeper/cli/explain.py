"""``explain``: one finding, or all of one ship, down to the raw line."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_text
from watchkeeper.errors import InputError, UsageError

if TYPE_CHECKING:
    from watchkeeper.cases.alerts import Alert
    from watchkeeper.model.behaviour import Behaviour
    from watchkeeper.model.finding import Finding

T = TypeVar("T")

_AGAIN: Final = "Give the folder that `watchkeeper scan --out` wrote."
_LEAST_PREFIX: Final = 4
_MMSI_DIGITS: Final = 9


def explain(
    which: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Finding (its id or the beginning of it), or the MMSI of an alert."
        ),
    ],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="What scan wrote, or a store.")],
    as_json: options.Json = None,
) -> None:
    """Show what was measured against which threshold, the raw lines, innocent causes and the next step.

    Of a ship also how its rank came about, what would change it, red flags, and what lists say.

    Example: watchkeeper explain 219165000 --data result
    """
    from watchkeeper.behaviours import all_behaviours

    alert, findings = _asked_for(which, data)
    known, in_force = all_behaviours(), _thresholds(data / "run.json")

    def about(finding: "Finding") -> "tuple[Finding, Behaviour | None, dict[str, float]]":
        return finding, known.get(finding.behaviour), in_force.get(finding.behaviour, {})

    if for_programs(as_json):
        records = [_record(*about(finding)) for finding in findings]
        print_lines([{"alert": alert, "findings": records}] if alert else records)
        return
    from watchkeeper.cli.explaining import alert_lines, finding_lines

    if alert is not None:
        first = known.get(findings[0].behaviour) if findings else None
        print_text(
            (*alert_lines(alert, first.doc["next"] if first else ""), "", f"Findings ({len(findings)})")
        )
    for finding in findings:
        print_text(finding_lines(*about(finding), flags=alert is None))


def _asked_for(which: str, data: Path) -> "tuple[Alert | None, list[Finding]]":
    from watchkeeper.cases.alerts import Alert
    from watchkeeper.model.finding import Finding
    from watchkeeper.scanned import STORE

    if (data / STORE).is_file():
        return None, _asked_of_store(which, data)
    if which.isdecimal():
        alert = next((a for a in _lines(data / "alerts.ndjson", Alert) if which == str(a.mmsi)), None)
        if alert is not None:
            findings = {
                f.id: f for f in _lines(data / "findings.ndjson", Finding) if f.id in alert.finding_ids
            }
            return alert, [findings[finding_id] for finding_id in alert.finding_ids]
        # Findings that only describe the network raise no alert, and can be asked for all the same.
        alone = [
            f for f in _lines(data / "findings.ndjson", Finding) if which in (str(f.mmsi), str(f.other_mmsi))
        ]
        if alone:
            return None, alone
    if len(which) < _LEAST_PREFIX:
        raise UsageError(f"{which} is too short for an id.", f"Give at least {_LEAST_PREFIX} characters.")
    found = [f for f in _lines(data / "findings.ndjson", Finding) if f.id.startswith(which.lower())]
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} findings begin with {which}.", f"The first two: {found[0].id}, {found[1].id}."
        )
    if not found:
        raise UsageError(
            f"{data} has no finding and no alert {which}.", "See alerts.ndjson and findings.ndjson there."
        )
    return None, found


def _asked_of_store(which: str, data: Path) -> "list[Finding]":
    """Findings that hold, of a ship or by the beginning of an id."""
    import msgspec

    from watchkeeper.model.event import Query
    from watchkeeper.model.finding import Finding
    from watchkeeper.store.folder import Store

    found: list[Finding] = []
    after = None
    with Store.open(data, write=False) as store:
        while True:
            mmsi = int(which) if len(which) == _MMSI_DIGITS and which.isdecimal() else None
            page = store.decisions.documents(
                Query(collection="findings", states=("open", "closed"), mmsi=mmsi, limit=1000, after=after)
            )
            held = (msgspec.convert(d.body["finding"], Finding) for d in page.items)
            found += [f for f in held if mmsi is not None or f.id.startswith(which.lower())]
            after = page.next
            if after is None:
                break
    if not found:
        raise UsageError(
            f"{data} has no finding {which}.", "`watchkeeper alerts list` names ships and findings."
        )
    return sorted(found, key=lambda f: f.start)


def _lines(path: Path, kind: type[T]) -> Iterator[T]:
    """The records of a file of JSON lines, one at a time.

    Raises:
        InputError: missing, unreadable, or not what a scan writes.
    """
    import msgspec

    decoder = msgspec.json.Decoder(kind)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield decoder.decode(line)
                except msgspec.MsgspecError as error:
                    raise InputError(f"{path}:{number}: {error}.", _AGAIN) from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", _AGAIN) from error


def _thresholds(path: Path) -> dict[str, dict[str, float]]:
    """The thresholds in force when the findings were made, by behaviour; none where the run does not say.

    Raises:
        InputError: the file is there, and is not what a scan writes.
    """
    import msgspec

    class Run(msgspec.Struct):
        thresholds: dict[str, dict[str, float]] = {}

    try:
        return msgspec.json.decode(path.read_bytes(), type=Run).thresholds
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", _AGAIN) from error
    except msgspec.MsgspecError as error:
        raise InputError(f"{path}: {error}.", _AGAIN) from error


def _record(finding: "Finding", declared: "Behaviour | None", in_force: dict[str, float]) -> dict[str, Any]:
    from watchkeeper.cases.redflags import catalogue, flags_of
    from watchkeeper.cli.explaining import setting_of

    record: dict[str, Any] = {
        "finding": finding,
        "red_flags": [
            {
                "id": flag.id,
                "title": flag.title,
                "sources": [{"citation": catalogue().citation(s), "says": s.says} for s in flag.source],
            }
            for flag in flags_of(finding.behaviour)
        ],
        "no_red_flag": catalogue().no_flag.get(finding.behaviour),
    }
    if declared is not None:
        record |= {
            "behaviour_version": declared.version,
            "settings": {m.name: setting_of(m, declared, in_force) for m in finding.measured},
            "thresholds": in_force,
            "sources": [
                {"title": r.title, "where": r.where, "figure": r.figure} for r in declared.references
            ],
            "why": declared.doc["why"],
            "innocent_causes": declared.doc["innocent"],
            "next_step": declared.doc["next"],
        }
    return record

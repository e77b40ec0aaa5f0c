"""``redflags``: what authorities say to look out for, and where it would show."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_text

if TYPE_CHECKING:
    from watchkeeper.cases.redflags import RedFlag


def redflags(as_json: options.Json = None) -> None:
    """List the red flags of authorities: who names each, and which finding or field shows it, or why none can.

    Example: watchkeeper redflags --json
    """
    from watchkeeper.cases.redflags import catalogue

    if for_programs(as_json):
        print_lines(map(_record, catalogue().flag))
        return
    for flag in catalogue().flag:
        print_text(_lines(flag))


def shown_by(flag: "RedFlag") -> str:
    """What shows a red flag, in a sentence, or why nothing does."""
    if flag.not_observable:
        return f"not observable here: {flag.not_observable}"
    fields = (f"{test.name} says {' or '.join(test.contains)}" for test in flag.fields)
    return ", ".join((*flag.behaviours, *fields))


def _lines(flag: "RedFlag") -> Iterator[str]:
    from watchkeeper.cases.redflags import catalogue
    from watchkeeper.cli.explaining import wrapped

    yield from wrapped(f"{flag.title} ({flag.id})", 0)
    yield from wrapped(shown_by(flag), 12, first="  Shown by  ")
    for source in flag.source:
        yield from wrapped(f"{catalogue().citation(source)}: {source.says}", 4, first="  ")
    yield ""


def _record(flag: "RedFlag") -> dict[str, Any]:
    from watchkeeper.cases.redflags import catalogue

    documents = catalogue().document
    return {
        "id": flag.id,
        "title": flag.title,
        "behaviours": flag.behaviours,
        "fields": flag.fields,
        "not_observable": flag.not_observable or None,
        "sources": [
            {
                "document": documents[source.document].title,
                "date": documents[source.document].date,
                "updated": documents[source.document].updated,
                "where": documents[source.document].where,
                "section": source.section or None,
                "verified": source.verified,
                "says": source.says,
            }
            for source in flag.source
        ],
    }

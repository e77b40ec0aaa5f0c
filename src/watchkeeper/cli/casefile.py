"""How cases are shown: as rows, as a page with its timeline, and two reports side by side."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from watchkeeper.cli.desk import SHORT, as_record, when
from watchkeeper.cli.output import for_programs, print_lines, print_page, table
from watchkeeper.log import one_line

if TYPE_CHECKING:
    from watchkeeper.cases.register.case import Case
    from watchkeeper.cases.register.circular import Pair
    from watchkeeper.cases.register.sources import Report
    from watchkeeper.cases.register.timeline import Moment
    from watchkeeper.model.event import Decisions, Document


def print_cases(found: "list[Document]", as_json: bool | None) -> None:
    """Cases as a table or as lines."""
    from watchkeeper.cases.register.case import case_of

    if for_programs(as_json):
        print_lines(map(as_record, found))
        return
    rows = []
    for document in found:
        case = case_of(document)
        counts = (len(case.alerts), len(case.claims), len(case.sources))
        rows.append(
            (
                document.id[:SHORT],
                case.kind,
                case.status,
                document.state,
                when(document.t),
                *counts,
                case.title,
            )
        )
    columns = ("case", "kind", "status", "state", "time (UTC)", ">alerts", ">claims", ">sources", "title")
    print_page(table(columns, rows))


def page(id: str, state: str, case: "Case") -> Iterator[str]:
    """A case in words, without its timeline."""
    from watchkeeper.cases.register.vocabulary import grade_in_words
    from watchkeeper.cli.explaining import wrapped

    yield one_line(f"{case.kind.capitalize()} {id}: {case.title}")
    because = f" ({case.status_reason})" if case.status_reason else ""
    yield one_line(f"{case.status}{because}, {state}, opened {when(case.opened_at)} by {case.opened_by}")
    if case.when is not None:
        yield f"  When     {when(case.when.begins)} to {when(case.when.ends)}, known to the {case.when.precision}"
    if case.place is not None:
        yield one_line(f"  Where    {_where(case)}")
    facts = (
        ("Target", case.target),
        ("Effect", case.effect),
        ("Tags", ", ".join(case.tags)),
        ("Known", case.summary),
    )
    for label, text in facts:
        if text:
            yield from wrapped(text, 11, first=f"  {label:<9}")
    for source in case.sources:
        yield one_line(
            f"  Source   {source.title} {source.sha256[:12]}: {source.grade}, {grade_in_words(source.grade)}"
        )
    for taken in case.taken:
        place = f"{taken.sha256[:12]} {taken.start}-{taken.end}"
        yield one_line(f"  Quote    {taken.field} = {taken.value}: “{taken.quote}” ({place})")
    for exhibit in case.evidence:
        yield one_line(f"  Evidence {exhibit.kind} {exhibit.id} {exhibit.shows}")
    yield from ("", "Timeline (UTC):")


def _where(case: "Case") -> str:
    place = case.place
    if place is None:
        return ""
    point = None if place.lat is None or place.lon is None else f"{place.lat:.4f}, {place.lon:.4f}"
    within = None if place.within_m is None else f"within {place.within_m:g} m"
    area = None if place.area is None else "area " + ",".join(f"{x:g}" for x in place.area)
    return ", ".join(filter(None, (place.name, place.asset, point, within, area)))


def timeline_of(log: "Decisions", document: "Document") -> "list[Moment]":
    """The timeline of a case, with what its alerts rest on."""
    from watchkeeper.cases.alarms.alert import ALERTS, standing_of
    from watchkeeper.cases.alarms.findings import FINDINGS
    from watchkeeper.cases.alarms.keeping import events_of
    from watchkeeper.cases.register.case import case_of
    from watchkeeper.cases.register.timeline import timeline

    case = case_of(document)
    alerts = [alert for id in case.alerts if (alert := log.document(ALERTS, id)) is not None]
    ids = [f.id for alert in alerts for f in standing_of(alert).says.findings]
    ids += [exhibit.id for exhibit in case.evidence if exhibit.kind == "finding"]
    findings = [found for id in dict.fromkeys(ids) if (found := log.document(FINDINGS, id)) is not None]
    events = [
        event
        for subject in (document.id, *case.alerts)
        for event in events_of(log, 0, kinds=("case.", "alert."), subject=subject)
    ]
    return timeline(document, alerts, findings, events)


def line_of(moment: "Moment") -> str:
    """A moment in one line."""
    who = f"{moment.who}: " if moment.who else ""
    return one_line(f"  {when(moment.at)}  [{moment.kind}] {who}{moment.what}")


def side_by_side(pair: "Pair", reports: "Mapping[str, Report]") -> Iterator[str]:
    """Two reports, what is said of them, and the passages that they share."""
    one, other = reports[pair.one], reports[pair.other]
    verdict = "one source" if pair.leans else "two sources"
    yield from ("", one_line(f"{report_named(one)} | {report_named(other)}: {verdict}; {pair.because}"))
    for p in pair.passages:
        counts = "" if p.why == "counts" else f", {p.why}"
        yield f"  {p.words} words, {p.alike:.0%} alike{counts}"
        yield one_line(f"    {p.start}-{p.end}: {one.text[p.start : p.end]}")
        yield one_line(f"    {p.other_start}-{p.other_end}: {other.text[p.other_start : p.other_end]}")


def report_named(report: "Report") -> str:
    """A report in a few words."""
    by = f" ({report.publisher})" if report.publisher else ""
    return f"{report.title}{by} {report.sha256[:SHORT]}"


def report_in(log: "Decisions", sha256: str, realm: str) -> "Report | None":
    """The stored report with a SHA-256."""
    from watchkeeper.cases.alarms.wording import in_realm
    from watchkeeper.cases.register.sources import REPORTS, report_of

    document = log.document(REPORTS, in_realm(realm, sha256))
    return None if document is None else report_of(document)

"""``incidents``: the register: what happened, where and when, from which reports, and whether these are independent."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchkeeper.cli import options
from watchkeeper.cli.casefile import print_cases, report_in, report_named, side_by_side
from watchkeeper.cli.cases import work
from watchkeeper.cli.desk import As, Realm, StoreDir, actor, done, named, now_ms, opened
from watchkeeper.cli.output import for_programs, print_lines, print_page, print_text, table
from watchkeeper.errors import InputError, UsageError
from watchkeeper.log import one_line
from watchkeeper.model.finding import REAL

if TYPE_CHECKING:
    from watchkeeper.cases.register.case import Place, When

app = typer.Typer(no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, or how it begins.")]
From = Annotated[str | None, typer.Option("--from", metavar="TIME", help="When it began, at the earliest.")]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="When it ended, at the latest.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag of the vocabularies. Repeatable.")]


@app.callback()
def incidents() -> None:
    """Keep the incident register.

    Example: watchkeeper incidents search --tag rsit:availability: --store watch
    """


@app.command("list")
def list_incidents(store: StoreDir, realm: Realm = REAL, as_json: options.Json = None) -> None:
    """All incidents, latest first.

    Example: watchkeeper incidents list --store watch
    """
    _search(store, realm, as_json)


@app.command()
def search(
    store: StoreDir,
    text: Annotated[str, typer.Argument(metavar="[WORDS]", help="Words that it holds, all of them.")] = "",
    tag: Tags = None,
    status: Annotated[str, typer.Option("--status", help="suspected, confirmed or refuted.")] = "",
    t_from: From = None,
    t_to: To = None,
    bbox: Annotated[
        str | None, typer.Option("--bbox", metavar="W,S,E,N", help="An area, in degrees.")
    ] = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Incidents by words, tag, time, place and status. A tag that ends in ":" stands for all that begin so.

    Example: watchkeeper incidents search cable --tag hybrid-tool: --from 2024-11-01 --bbox 9,53,31,66 --store watch
    """
    from watchkeeper.cases.register.actions import status_of

    start, end = options.window(t_from, t_to)
    wanted: dict[str, Any] = {
        "text": text,
        "tags": tuple(tag or ()),
        "status": status_of(status) if status else "",
        "t_from": start,
        "t_to": end,
        "area": options.box(bbox),
    }
    _search(store, realm, as_json, **wanted)


@app.command()
def show(incident: Id, store: StoreDir, realm: Realm = REAL, as_json: options.Json = None) -> None:
    """One incident, its quotes checked against the stored reports, and its timeline.

    Example: watchkeeper incidents show 51d0 --store watch
    """
    from watchkeeper.cases.register.case import CASES, case_of
    from watchkeeper.cases.register.sources import verify
    from watchkeeper.cli import cases

    cases.show(incident, store, realm, as_json)
    with opened(store) as log:
        held = case_of(named(log, CASES, incident, realm))
        broken = verify(held.taken, lambda sha256: report_in(log, sha256, realm))
    if broken and not for_programs(as_json):
        print_text(
            one_line(f"QUOTE DOES NOT MATCH: {b.taken.field} “{b.taken.quote}”: {b.why}") for b in broken
        )


@app.command()
def new(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What happened, in a few words.")],
    store: StoreDir,
    t_from: From = None,
    t_to: To = None,
    precision: Annotated[
        str, typer.Option("--precision", help="minute, hour, day, month or unknown.")
    ] = "day",
    point: Annotated[
        str | None, typer.Option("--point", metavar="LAT,LON", help="Where, in degrees.")
    ] = None,
    bbox: Annotated[str | None, typer.Option("--bbox", metavar="W,S,E,N", help="Where, as an area.")] = None,
    asset: Annotated[str | None, typer.Option("--asset", help="At which asset.")] = None,
    target: Annotated[str, typer.Option("--target", help="What was affected.")] = "",
    effect: Annotated[str, typer.Option("--effect", help="How: outage, cost, people.")] = "",
    summary: Annotated[str, typer.Option("--summary", metavar="TEXT", help="What is known.")] = "",
    tag: Tags = None,
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Enter an incident by hand.

    Example: watchkeeper incidents new "C-Lion1 cut" --from 2024-11-18 --asset C-Lion1 --tag hybrid-domain:infrastructure --store watch
    """  # noqa: E501
    when = _when(t_from, t_to, precision)
    place = _place(point, bbox, asset)
    said = {"when": when, "place": place, "target": target, "effect": effect, "summary": summary}
    _enter(store, title, name, realm, as_json, said, tag or [])


@app.command("import")
def import_report(
    report: Annotated[Path, typer.Argument(metavar="REPORT.txt", help="A report as UTF-8 text.")],
    store: StoreDir,
    into: Annotated[
        str | None, typer.Option("--into", metavar="INCIDENT", help="An incident that is there.")
    ] = None,
    title: Annotated[
        str, typer.Option("--title", help="Of the report.", show_default="the file's name")
    ] = "",
    publisher: Annotated[str, typer.Option("--publisher", help="Who published it.")] = "",
    published: Annotated[str, typer.Option("--published", metavar="DATE", help="When.")] = "",
    url: Annotated[str, typer.Option("--url", help="Where it was read.")] = "",
    grade: Annotated[str, typer.Option("--grade", help="On the admiralty scale; F6 is not judged.")] = "F6",
    layer: options.Layers = None,
    accept: Annotated[
        list[int] | None,
        typer.Option("--accept", metavar="NUMBER", help="A proposal to take over. Repeatable."),
    ] = None,
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Store a report, and say what it may state: dates, IMO numbers, MMSI, assets. Nothing is taken over unasked.

    Look at the numbered proposals first; run again with --into and --accept to take some over, with their quotes.

    Example: watchkeeper incidents import release.txt --publisher Cinia --grade B2 --store watch
    """
    from watchkeeper.cases.register.actions import Worker
    from watchkeeper.cases.register.case import CASES
    from watchkeeper.cases.register.extraction import propose
    from watchkeeper.cases.register.sources import Report, take
    from watchkeeper.cases.register.sources import store as stored

    text = _text(report)
    proposals = propose(text, _assets(layer or []))
    at, by = now_ms(), actor(name)
    draft = stored(
        text,
        title=title or report.name,
        at=at,
        actor=by,
        publisher=publisher,
        published=published,
        url=url,
        realm=realm,
    )
    chosen = [_chosen(proposals, number) for number in accept or ()]
    if chosen and into is None:
        raise UsageError("--accept is given without --into.", "Say into which incident the values go.")
    held = Report(sha256=draft.subject, text=text, at=at, by=by, title=title or report.name)
    with opened(store, write=True) as log:
        drafts = [draft]
        if into is not None:
            taken = [take(held, p.field, p.value, p.start, p.end) for p in chosen]
            worker = Worker(named(log, CASES, into, realm), at=at, actor=by)
            drafts += [worker.source(held.sha256, grade, held.title)]
            drafts += [worker.describe(taken=taken)] if taken else []
        events = log.append(drafts)
    if for_programs(as_json):
        print_lines([{"sha256": held.sha256, "events": events, "proposals": proposals}])
        return
    done(events, as_json=False)
    rows = ((k, p.field, p.value, f"{p.start}-{p.end}", p.quote, p.doubt) for k, p in enumerate(proposals, 1))
    print_page(table((">no.", "may state", "value", "signs", "quote", "doubt"), rows))


@app.command()
def tag(
    incident: Id,
    tags: Annotated[list[str], typer.Argument(metavar="TAG...", help="Such as rsit:availability:sabotage.")],
    store: StoreDir,
    remove: Annotated[bool, typer.Option("--remove", help="Take them away.")] = False,
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Tag an incident; `incidents tags` lists the words.

    Example: watchkeeper incidents tag 51d0 hybrid-tool:physical-operations nis2-sector:energy --store watch
    """
    work(
        store,
        incident,
        name,
        realm,
        as_json,
        lambda worker, log: worker.untag(tags) if remove else worker.tag(tags),
    )


@app.command()
def tags(as_json: options.Json = None) -> None:
    """The vocabularies: every tag, and where its vocabulary comes from.

    Example: watchkeeper incidents tags --json
    """
    from watchkeeper.cases.register.vocabulary import vocabularies

    if for_programs(as_json):
        print_lines(vocabularies().values())
        return
    for vocabulary in vocabularies().values():
        print_text(
            [vocabulary.title, f"  {vocabulary.origin}", f"  {vocabulary.licence}; {vocabulary.verified}"]
        )
        print_text(f"    {vocabulary.name}:{entry.id}  {entry.title}" for entry in vocabulary.entry)


@app.command()
def sources(incident: Id, store: StoreDir, realm: Realm = REAL, as_json: options.Json = None) -> None:
    """How many sources an incident's reports really are, with the passages that they share side by side.

    Example: watchkeeper incidents sources 51d0 --store watch
    """
    from watchkeeper.cases.register.case import CASES, case_of
    from watchkeeper.cases.register.circular import sources as counted

    with opened(store) as log:
        held = case_of(named(log, CASES, incident, realm))
        found = (report_in(log, source.sha256, realm) for source in held.sources)
        reports = {report.sha256: report for report in found if report is not None}
    result = counted(list(reports.values()))
    if for_programs(as_json):
        print_lines([{"sources": result.count, "groups": result.groups, "pairs": result.pairs}])
        return
    print_text([f"{len(reports)} reports, {result.count} sources"])
    for number, group in enumerate(result.groups, 1):
        print_text(one_line(f"  {number}. {report_named(reports[sha])}") for sha in group)
    for pair in result.pairs:
        print_text(side_by_side(pair, reports))


def _search(store: Path, realm: str, as_json: bool | None, **wanted: Any) -> None:
    from watchkeeper.cases.alarms.keeping import everything
    from watchkeeper.cases.register.case import CASES
    from watchkeeper.cases.register.search import Wanted, search
    from watchkeeper.model.event import Query

    with opened(store) as log:
        found = everything(log, Query(collection=CASES, realm=realm, order="t"))
    print_cases(search(found, Wanted(incidents_only=True, **wanted)), as_json)


def _enter(
    store: Path,
    title: str,
    name: str | None,
    realm: str,
    as_json: bool | None,
    said: dict[str, Any],
    tags: list[str],
) -> None:
    """Open, describe and tag an incident; all of it is written, or nothing."""
    from watchkeeper.cases.register.actions import Worker, open_case
    from watchkeeper.cases.register.case import CASES
    from watchkeeper.model.event import Document

    at, by = now_ms(), actor(name)
    draft = open_case(title, at=at, actor=by, kind="incident", realm=realm)
    opening = Document(collection=CASES, id=draft.subject, state="open", t=at, body={}, realm=realm)
    worker = Worker(opening, at=at, actor=by)
    drafts = [draft]
    drafts += [worker.describe(**said)] if any(said.values()) else []
    drafts += [worker.tag(tags)] if tags else []
    with opened(store, write=True) as log:
        done(log.append(drafts), as_json)


def _chosen(proposals: list[Any], number: int) -> Any:
    if not 1 <= number <= len(proposals):
        raise UsageError(f"There is no proposal {number}.", f"Choose from 1 to {len(proposals)}.")
    return proposals[number - 1]


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text.", "Save the report as plain text in UTF-8.") from error


def _assets(layers: list[Path]) -> dict[str, str]:
    """The ids of assets by their names."""
    if not layers:
        return {}
    from watchkeeper.layers.reading import load_layer

    return {asset.name: asset.id for layer in layers for asset in load_layer(layer)}


def _when(t_from: str | None, t_to: str | None, precision: str) -> "When | None":
    from watchkeeper.cases.register.case import When

    if precision not in ("minute", "hour", "day", "month", "unknown"):
        raise UsageError(f"--precision {precision} is none.", "Choose of minute, hour, day, month, unknown.")
    begins, ends = options.window(t_from, t_to if t_to is not None else t_from)
    if begins is None or ends is None:
        if t_to is not None:
            raise UsageError("--to is given without --from.", "Give both, or --from alone.")
        return None
    return When(begins=begins, ends=ends, precision=precision)  # type: ignore[arg-type]


def _place(point: str | None, bbox: str | None, asset: str | None) -> "Place | None":
    from watchkeeper.cases.register.case import Place

    lat = lon = None
    if point is not None:
        try:
            lat, lon = (float(part) for part in point.split(","))
        except ValueError as error:
            raise UsageError(
                f"--point {point} is no point.", "Write latitude,longitude in degrees."
            ) from error
    area = options.box(bbox)
    return Place(lat=lat, lon=lon, area=area, asset=asset) if (point or bbox or asset) else None

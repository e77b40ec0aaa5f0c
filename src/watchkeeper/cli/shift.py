"""``alerts mute``, ``mutes``, ``unmute``, ``handover``: what goes beyond one alert."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchkeeper.cli import options
from watchkeeper.cli.desk import (
    SHORT,
    As,
    For,
    Realm,
    Reason,
    StoreDir,
    Until,
    actor,
    done,
    end_of,
    named,
    now_ms,
    opened,
    when,
)
from watchkeeper.cli.output import for_programs, print_lines, print_page, print_text, table
from watchkeeper.errors import UsageError
from watchkeeper.model.finding import REAL
from watchkeeper.model.time import HOUR

if TYPE_CHECKING:
    from watchkeeper.model.event import Decisions


def mute(
    store: StoreDir,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why this is known and harmless.")],
    mmsi: Annotated[int | None, typer.Option("--mmsi", help="A ship.")] = None,
    behaviour: Annotated[str | None, typer.Option("--behaviour", help="A kind of finding.")] = None,
    asset: Annotated[str | None, typer.Option("--asset", help="An asset, as findings name it.")] = None,
    bbox: Annotated[
        str | None, typer.Option("--bbox", metavar="W,S,E,N", help="An area, in degrees.")
    ] = None,
    how_long: For = None,
    until: Until = None,
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Keep known alerts quiet, by a rule with an end (30 days at most). What is given must all fit.

    Example: watchkeeper alerts mute --mmsi 219000606 --behaviour loitering --for "7 d" --reason "survey" --store watch
    """
    from watchkeeper.cases.alarms.mutes import Rule, set_mute

    now = now_ms()
    end = end_of(how_long, until, now)
    if end is None:
        raise UsageError("A mute needs an end.", 'Give --for, such as "7 d", or --until.')
    rule = Rule(mmsi=mmsi, behaviour=behaviour, asset=asset, area=options.box(bbox))
    draft = set_mute(rule, reason=reason, until=end, at=now, actor=actor(name), realm=realm)
    with opened(store, write=True) as log:
        done(log.append([draft]), as_json)


def mutes(store: StoreDir, realm: Realm = REAL, as_json: options.Json = None) -> None:
    """The mutes that hold now.

    Example: watchkeeper alerts mutes --store watch
    """
    from watchkeeper.cases.alarms.keeping import everything
    from watchkeeper.cases.alarms.mutes import MUTES, in_force
    from watchkeeper.model.event import Query

    with opened(store) as log:
        found = in_force(everything(log, Query(collection=MUTES, realm=realm, order="t")), now_ms())
    if for_programs(as_json):
        print_lines(found)
    else:
        rows = ((m.id[:SHORT], m.rule.words(), when(m.ends), m.author, m.reason) for m in found)
        print_page(table(("mute", "keeps quiet", "until", "author", "reason"), rows))


def unmute(
    mute: Annotated[str, typer.Argument(metavar="MUTE", help="Its id, or how it begins.")],
    store: StoreDir,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """End a mute early.

    Example: watchkeeper alerts unmute 9c01 --store watch
    """
    from watchkeeper.cases.alarms.mutes import MUTES, lift

    with opened(store, write=True) as log:
        draft = lift(named(log, MUTES, mute, realm), at=now_ms(), actor=actor(name), reason=reason)
        done(log.append([draft]), as_json)


def handover(
    store: StoreDir,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Beginning of the shift.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Write it into the log.")] = False,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="What else the next shift should know.")
    ] = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """The hand-over of the shift that ends now: what to look at first, what was done, what is not live.

    Example: watchkeeper alerts handover --from 2025-03-02T00:00Z --note "Tug delayed." --keep --store watch
    """
    from watchkeeper.cases.alarms.handover import handed_over, text

    now = now_ms()
    begins = now - 8 * HOUR if since is None else options.moment(since, "--from")
    if begins is None or begins >= now:
        raise UsageError("The shift has not begun.", "Give --from before now.")
    with opened(store, write=keep) as log:
        shift = _shift(log, begins, now, actor(name), note, realm)
        if keep:
            log.append([handed_over(shift, at=now, actor=actor(name), realm=realm)])
    if for_programs(as_json):
        print_lines([shift])
    else:
        print_text(text(shift).splitlines())


def _shift(log: "Decisions", begins: int, now: int, by: str, note: str, realm: str) -> Any:
    from watchkeeper.cases.alarms.alert import ALERTS
    from watchkeeper.cases.alarms.findings import HEALTH
    from watchkeeper.cases.alarms.handover import handover as make
    from watchkeeper.cases.alarms.keeping import events_of, everything, seq_at
    from watchkeeper.cases.alarms.mutes import MUTES
    from watchkeeper.model.event import Query

    kinds = ("alert.", "feed.", "behaviour.")
    every = {
        c: everything(log, Query(collection=c, realm=realm, order="id")) for c in (ALERTS, MUTES, HEALTH)
    }
    events = [e for e in events_of(log, seq_at(log, begins), kinds=kinds) if e.realm == realm]
    return make(every[ALERTS], every[MUTES], every[HEALTH], events, begins=begins, ends=now, by=by, note=note)

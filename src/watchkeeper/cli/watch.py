"""``watch`` and ``replay``: a watch on live feeds, and a stretch of it again."""

import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchkeeper import log
from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_text
from watchkeeper.cli.scan import present
from watchkeeper.log import one_line
from watchkeeper.model.time import SECOND, to_iso

if TYPE_CHECKING:
    from watchkeeper.model.event import Event
    from watchkeeper.watch import Progress

_SAY_EVERY_MS: Final = 60 * SECOND
_SHORT: Final = 8
_TURN_S: Final = 0.0005
"""How long a thread keeps the interpreter while others wait: receiving needs it often and briefly."""


def watch(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...", help="tcp://host:port, udp://:port, serial:///dev/..., a file, - and others."
        ),
    ],
    store: Annotated[
        Path,
        typer.Option(
            "--store", metavar="DIR", help="Where it is kept; made if need be.", envvar="WATCHKEEPER_STORE"
        ),
    ],
    layers: options.Layers = None,
    lists: options.Lists = None,
    combinations: options.Combinations = None,
    config: options.Config = None,
    settings: options.Set = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what was remembered; begin with what comes now.")
    ] = False,
    end_after: Annotated[
        str | None,
        typer.Option("--end-after", metavar="DURATION", help="End when nothing has come for so long."),
    ] = None,
    health_port: Annotated[
        int | None,
        typer.Option(
            "--health-port", help="Answer /health and /metrics on this port of 127.0.0.1; 0: a free one."
        ),
    ] = None,
    as_json: options.Json = None,
) -> None:
    """Keep a watch on live feeds: findings and alerts as they come, everything in a store.

    It can be stopped, or killed, at any moment; started again with the same words it goes on.

    Example: watchkeeper watch tcp://receiver:10110 --store watch --layer cables.geojson --list sdn.csv
    """
    from watchkeeper.cases.alarms.rules import duration_ms
    from watchkeeper.cli.config import in_force
    from watchkeeper.cli.warm import announce_compiling
    from watchkeeper.feeds.address import parse_all
    from watchkeeper.watch import WatchRequest
    from watchkeeper.watch import watch as run

    feeds = parse_all(sources)
    chosen = in_force(config, settings)
    request = WatchRequest(
        feeds=tuple(feeds),
        store=store,
        settings=chosen,
        layers=(*chosen.layers, *(layers or ())),
        lists=(*chosen.lists, *(lists or ())),
        combinations=(*chosen.combinations, *(combinations or ())),
        fresh=fresh,
        quiet_ms=None if end_after is None else duration_ms(end_after),
    )
    announce_compiling()
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.talk().print(
        f"watching {', '.join(f.name for f in feeds)} into {store}; Ctrl-C ends it, nothing is lost"
    )
    sys.setswitchinterval(_TURN_S)
    with ExitStack() as stack:
        heard: list[Callable[[Progress], object]] = [_Saying()]
        if health_port is not None:
            from watchkeeper.watch_health import Standing, answering

            standing = Standing(present)
            heard.append(standing)
            port = stack.enter_context(answering(standing, health_port))
            log.talk().print(f"health and metrics at http://127.0.0.1:{port}/health and /metrics")

        def progress(how: "Progress") -> None:
            for each in heard:
                each(how)

        run(request, present, stop, teller(for_programs(as_json)), progress)
    log.talk().print("the watch has ended; its state is kept")


def replay(
    store: Annotated[
        Path,
        typer.Option("--store", metavar="DIR", help="The store of the watch.", envvar="WATCHKEEPER_STORE"),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The store of the replay, a new folder.")],
    t_from: Annotated[str, typer.Option("--from", metavar="T", help="Where it begins (ISO 8601).")],
    t_to: Annotated[str, typer.Option("--to", metavar="T", help="Where it ends; a date is its whole day.")],
    speed: Annotated[
        float, typer.Option("--speed", help="So many times as fast as it was.", min=0.01)
    ] = 60.0,
    layers: options.Layers = None,
    lists: options.Lists = None,
    combinations: options.Combinations = None,
    config: options.Config = None,
    settings: options.Set = None,
    as_json: options.Json = None,
) -> None:
    """Replay a stretch of a store with a simulated clock, into a store of its own and the realm `exercise:replay`.

    Example: watchkeeper replay --store watch --out again --from 2025-03-01T06:00Z --to 2025-03-01T18:00Z --speed 600
    """
    from watchkeeper.cli.config import in_force
    from watchkeeper.cli.warm import announce_compiling
    from watchkeeper.replay import ReplayRequest
    from watchkeeper.replay import replay as run

    span = options.window(t_from, t_to)
    assert span[0] is not None
    assert span[1] is not None
    chosen = in_force(config, settings)
    request = ReplayRequest(
        store=store,
        out=out,
        t_from=span[0],
        t_to=span[1],
        speed=speed,
        settings=chosen,
        layers=(*chosen.layers, *(layers or ())),
        lists=(*chosen.lists, *(lists or ())),
        combinations=(*chosen.combinations, *(combinations or ())),
    )
    announce_compiling()
    stop = Flag()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    tell = teller(for_programs(as_json))
    run(request, present, stop, lambda events, then: tell(events))
    log.talk().print(f"replayed into {out}; see it with --realm exercise:replay")


def teller(programs: bool) -> "Callable[[Sequence[Event]], None]":
    """Shows events as they come: JSON lines, or a line each of what an officer wants to know at once."""

    def tell(events: "Sequence[Event]") -> None:
        if programs:
            print_lines(events)
        else:
            print_text(line for event in events if (line := _in_words(event)))
        sys.stdout.flush()

    return tell


def _in_words(event: "Event") -> str:
    what, _, happened = event.kind.partition(".")
    at = to_iso(event.at)[11:19]
    if what == "alert" and happened in ("raised", "updated", "escalated"):
        says: dict[str, Any] = event.body.get("says") or {}
        who = f"{says.get('name') or ''} {says.get('mmsi') or ''}".strip()
        return one_line(f"{at} alert {happened:9} {event.subject[:_SHORT]} {who}: {says.get('headline', '')}")
    if what == "finding" and happened == "withdrawn":
        return one_line(f"{at} withdrawn {event.body['finding']['summary']} Now: {event.body['reason']}")
    if what in ("feed", "behaviour"):
        return one_line(f"{at} {what} {event.subject} is {happened}: {event.body.get('reason') or ''}")
    return ""


class _Saying:
    """A line of how the watch stands, every minute, on standard error."""

    def __init__(self) -> None:
        self._at = 0

    def __call__(self, progress: "Progress") -> None:
        now = present()
        if now - self._at < _SAY_EVERY_MS:
            return
        self._at = now
        feeds = ", ".join(f"{p.feed} {p.state} {p.per_s:.0f}/s" for p in progress.feeds)
        heard = to_iso(progress.heard_until) if progress.ships else "nothing yet"
        log.talk().print(
            f"{feeds}; {progress.lines:,} lines, {progress.ships:,} ships, worked through to {heard}"
        )

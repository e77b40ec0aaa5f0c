"""The one module of this room that reads and writes a log: what the runner calls.

All of it may be called again at any time, by several processes: what was written is not written twice.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set

import msgspec

from watchkeeper.cases.alarms.alert import ALERTS, OPEN, standing_of
from watchkeeper.cases.alarms.changes import changes
from watchkeeper.cases.alarms.escalation import due
from watchkeeper.cases.alarms.findings import CURRENT, FINDINGS, HEALTH, PAIRS
from watchkeeper.cases.alarms.mutes import MUTES, in_force, muted_by
from watchkeeper.cases.alarms.ourselves import id_of, on_ourselves
from watchkeeper.cases.alarms.projector import KEPT, MARK, MARKS
from watchkeeper.cases.alarms.wording import in_realm
from watchkeeper.cases.combinations import Combination
from watchkeeper.cases.known import NOTHING, Known
from watchkeeper.model.event import Decisions, Document, Draft, Event, Query
from watchkeeper.model.finding import REAL, Finding
from watchkeeper.model.picture import Ship

_PAGE = 1000
_AT_ONCE = 50
"""Documents that are read in the time of one question."""


def after_judging(
    log: Decisions,
    *,
    now: int,
    ship_of: Callable[[int], Ship],
    known_of: Callable[[int], Known] = lambda mmsi: NOTHING,
    combinations: Sequence[Combination] | None = None,
    actor: str = "watch",
    realm: str = REAL,
) -> list[Event]:
    """Bring the alerts up to the findings: call it after the events of a judging are written.

    It looks only at ships whose findings have changed since it last did, by a mark that is kept in the log itself.
    It does what :func:`beat` does, too.

    Args:
        log: of decisions, opened with the projectors of this room.
        now: the time the events bear [ms UTC]; of the clock by which people are given time to acknowledge.
        ship_of: what is known of the ship with an MMSI.
        known_of: what lists and registers know of it.
        combinations: those to look for; the built-in ones where none are given.
        actor: who writes.
        realm: which findings.

    Returns:
        The events that were written, in order.
    """
    through, ships = _changed(log, realm)
    written: list[Event] = []
    if ships:
        drafts = changes(
            _findings(log, ships, realm),
            _alerts(log, ships, realm),
            ships,
            now=now,
            ship_of=ship_of,
            known_of=known_of,
            combinations=combinations,
            actor=actor,
            realm=realm,
        )
        mark = Draft(
            kind=KEPT,
            subject=MARK,
            at=now,
            actor=actor,
            body={"through": through},
            realm=realm,
            key=f"{KEPT}:{realm}:{through}",
        )
        written = log.append([*drafts, mark])
    return written + beat(log, now=now, actor=actor, realm=realm)


def beat(log: Decisions, *, now: int, actor: str = "watch", realm: str = REAL) -> list[Event]:
    """Write what time and the health of feeds make due: call it every minute or so, also while nothing is heard.

    Alerts on ourselves, the ends of snoozes and mutes, escalations.

    Args:
        log: of decisions.
        now: the time [ms UTC].
        actor: who writes.
        realm: which alerts.

    Returns:
        The events that were written, in order.
    """
    health = everything(log, Query(collection=HEALTH, realm=realm, order="id"))
    alerts = {
        a.id: a for a in everything(log, Query(collection=ALERTS, realm=realm, states=OPEN, order="id"))
    }
    known = [*alerts.values(), *_decided_on_ourselves(log, health, alerts)]
    drafts = on_ourselves(
        health, [a for a in known if standing_of(a).says.about != "ship"], now=now, actor=actor
    )
    touched = {draft.subject for draft in drafts}
    mutes = everything(log, Query(collection=MUTES, realm=realm, states=("in force",), order="id"))
    drafts += due([a for a in alerts.values() if a.id not in touched], mutes, now=now, actor=actor)
    return log.append(drafts) if drafts else []


def muted_alerts(log: Decisions, now: int, realm: str = REAL) -> frozenset[str]:
    """The ids of the open alerts that are muted at a time [ms UTC]: what notifications are not sent of."""
    mutes = in_force(
        everything(log, Query(collection=MUTES, realm=realm, states=("in force",), order="id")), now
    )
    if not mutes:
        return frozenset()
    alerts = everything(log, Query(collection=ALERTS, realm=realm, states=OPEN, order="id"))
    return frozenset(alert.id for alert in alerts if muted_by(alert, mutes, now))


def everything(log: Decisions, query: Query) -> list[Document]:
    """All documents of a query, page after page."""
    found: list[Document] = []
    page = log.documents(msgspec.structs.replace(query, limit=_PAGE))
    found.extend(page.items)
    while page.next is not None:
        page = log.documents(msgspec.structs.replace(query, limit=_PAGE, after=page.next))
        found.extend(page.items)
    return found


def events_of(
    log: Decisions, after: int, *, kinds: Sequence[str], subject: str | None = None
) -> Iterator[Event]:
    """All events after a number, page after page."""
    while page := log.read(after, kinds=kinds, subject=subject, limit=_PAGE):
        yield from page
        after = page[-1].seq


def seq_at(log: Decisions, t: int) -> int:
    """The number of an event before all that were written at a time [ms UTC] or later; 0 for the beginning.

    Found by halving, as events are written in order of time; where two clocks differed, a little early or late.
    """
    low, high = 0, log.head()
    while low < high:
        middle = (low + high) // 2
        (event,) = log.read(middle, limit=1)
        if event.at < t:
            low = middle + 1
        else:
            high = middle
    return low


def _changed(log: Decisions, realm: str) -> tuple[int, set[int]]:
    """Up to which event findings were read, and the ships that they are about."""
    mark = log.document(MARKS, in_realm(realm, MARK))
    through = 0 if mark is None else int(mark.body["through"])
    ships: set[int] = set()
    for event in events_of(log, through, kinds=("finding.",)):
        through = event.seq
        if event.realm == realm:
            ships |= _ships_of(log, event)
    return through, ships


def _ships_of(log: Decisions, event: Event) -> set[int]:
    told = event.body.get("finding")
    if told is None:
        document = log.document(FINDINGS, event.subject)
        told = {} if document is None else document.body["finding"]
    return {told[key] for key in ("mmsi", "other_mmsi") if told.get(key) is not None}


def _findings(log: Decisions, ships: Set[int], realm: str) -> list[Finding]:
    query = Query(collection=FINDINGS, realm=realm, states=CURRENT, order="id")
    found = {document.id: document for document in _of_ships(log, query, ships)}
    for pair in _of_ships(log, msgspec.structs.replace(query, collection=PAIRS), ships):
        if pair.id not in found:
            document = log.document(FINDINGS, pair.id)
            if document is not None:
                found[pair.id] = document
    return [msgspec.convert(document.body["finding"], Finding) for document in found.values()]


def _alerts(log: Decisions, ships: Set[int], realm: str) -> list[Document]:
    return _of_ships(log, Query(collection=ALERTS, realm=realm, order="id"), ships)


def _of_ships(log: Decisions, query: Query, ships: Set[int]) -> list[Document]:
    """The documents of some ships: asked for one by one, or all read and sorted out, whichever is less work."""
    total = log.documents(msgspec.structs.replace(query, limit=1)).total
    if total is not None and total <= _AT_ONCE * len(ships):
        return [document for document in everything(log, query) if document.mmsi in ships]
    of_each = (everything(log, msgspec.structs.replace(query, mmsi=mmsi)) for mmsi in sorted(ships))
    return [document for found in of_each for document in found]


def _decided_on_ourselves(
    log: Decisions, health: Iterable[Document], known: dict[str, Document]
) -> Iterator[Document]:
    """Alerts on feeds and behaviours that were closed: they may have to be raised again."""
    for one in health:
        if id_of(one) not in known:
            alert = log.document(ALERTS, id_of(one))
            if alert is not None:
                yield alert

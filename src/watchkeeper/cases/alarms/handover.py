"""The hand-over of a shift: as data, and as a page that can be read in the middle of the night.

What wants a look comes first, in plain sentences with times of day; what only has to be known comes after.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from watchkeeper.cases.alarms.alert import Standing
from watchkeeper.cases.alarms.listing import Row, listed
from watchkeeper.cases.alarms.mutes import Mute, in_force
from watchkeeper.cases.alarms.projector import HANDED_OVER
from watchkeeper.cases.alarms.states import MOVE_KINDS
from watchkeeper.cases.alarms.wording import SHORT, json_values, name_of, plain
from watchkeeper.model.event import Document, Draft, Event
from watchkeeper.model.finding import REAL
from watchkeeper.model.time import DAY, MINUTE, to_iso

_FIRST = 5
"""How many alerts stand under *look at first*."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An open alert of the hand-over."""

    id: str
    state: str
    name: str
    mmsi: int | None
    headline: str
    score: float
    why: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody, or the watch, did with an alert in the shift."""

    at: int
    actor: str
    did: str
    alert: str
    name: str
    reason: str | None


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """A feed or behaviour that was not live at some time of the shift."""

    at: int
    name: str
    state: str
    reason: str
    now: str


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """A shift: from, to [ms UTC], by whom; the five to look at first, all other open ones, and what was done."""

    begins: int
    ends: int
    by: str
    look_first: tuple[Entry, ...]
    also_open: tuple[Entry, ...]
    muted: int
    mutes: tuple[Mute, ...]
    done: tuple[Done, ...]
    raised: int
    troubles: tuple[Trouble, ...]
    note: str = ""


def handover(
    alerts: Sequence[Document],
    mutes: Iterable[Document],
    health: Iterable[Document],
    events: Iterable[Event],
    *,
    begins: int,
    ends: int,
    by: str,
    note: str = "",
) -> Handover:
    """The hand-over of a shift.

    Args:
        alerts: all that are open, and those that the events are about.
        mutes: all that may be in force.
        health: of every feed and behaviour, as it is now.
        events: those of alerts, feeds and behaviours; those outside the shift are passed over.
        begins: of the shift [ms UTC].
        ends: of the shift, and now [ms UTC].
        by: who hands over.
        note: what they want to say besides.
    """
    holding = in_force(mutes, ends)
    rows = listed(alerts, holding, ends)
    spoken = sorted((r for r in rows if not r.muted_by and r.state != "snoozed"), key=_urgency)
    rest = [*spoken[_FIRST:], *(r for r in rows if not r.muted_by and r.state == "snoozed")]
    within = [event for event in events if begins <= event.at <= ends]
    names = {alert.id: _name(alert.body["says"]["name"], alert.mmsi) for alert in alerts}
    return Handover(
        begins=begins,
        ends=ends,
        by=by,
        look_first=tuple(_entry(row) for row in spoken[:_FIRST]),
        also_open=tuple(_entry(row) for row in rest),
        muted=sum(bool(row.muted_by) for row in rows),
        mutes=tuple(holding),
        done=tuple(_done(event, names) for event in within if event.kind in MOVE_KINDS),
        raised=len({event.subject for event in within if event.kind == "alert.raised"}),
        troubles=tuple(_troubles(within, health)),
        note=note.strip(),
    )


def handed_over(shift: Handover, *, at: int, actor: str, realm: str = REAL) -> Draft:
    """The event that keeps a hand-over, data and text."""
    body = {"handover": json_values(shift), "text": text(shift)}
    id = name_of("handover", realm, shift.begins, shift.ends, actor)
    return Draft(
        kind=HANDED_OVER, subject=id, at=at, actor=actor, body=body, realm=realm, key=f"handover:{id}"
    )


def text(shift: Handover) -> str:
    """The hand-over to be read by a person: short lines, what matters first."""
    return "\n".join(_lines(shift)) + "\n"


def _lines(shift: Handover) -> Iterator[str]:
    yield f"HAND-OVER by {_who(shift.by)}"
    yield f"Shift {to_iso(shift.begins)[:16]} to {to_iso(shift.ends)[:16]} UTC. All times are UTC."
    if shift.note:
        yield from ("", f"NOTE: {plain(shift.note, 2000)}")
    down = [t for t in _last(shift.troubles) if t.now != "live"]
    if down:
        yield from ("", "NOT LIVE NOW: what these would have shown is unknown, not absent.")
        yield from (f"  {plain(t.name)}: {t.now}, {plain(t.reason)}" for t in down)
    yield from (
        "",
        f"LOOK AT FIRST ({len(shift.look_first)} of {len(shift.look_first) + len(shift.also_open)} open)",
    )
    if not shift.look_first:
        yield "  Nothing is waiting."
    for number, entry in enumerate(shift.look_first, 1):
        yield f"  {number}. {_title(entry)}"
        yield f"     {plain(entry.headline)}"
        yield f"     {entry.why}"
    if shift.also_open:
        yield from ("", "ALSO OPEN")
        yield from (f"  {_title(entry)}: {entry.why}" for entry in shift.also_open)
    yield from _what_was_done(shift)
    yield from ("", "MUTED" if shift.mutes else "MUTED: nothing")
    if shift.mutes:
        yield f"  Open alerts that these rules keep quiet: {shift.muted}"
    for mute in shift.mutes:
        rule, reason = plain(mute.rule.words()), plain(mute.reason)
        yield f"  {rule} until {to_iso(mute.ends)[:16]}: {reason} ({_who(mute.author)})"


def _what_was_done(shift: Handover) -> Iterator[str]:
    people = [done for done in shift.done if done.actor.startswith("user:")]
    counts = Counter(done.did for done in shift.done)
    summary = ", ".join(f"{n} {did}" for did, n in sorted(counts.items())) or "nothing else"
    yield from ("", f"THIS SHIFT: {shift.raised} raised; {summary}")
    told: list[tuple[int, str]] = []
    for done in people:
        reason = f": {plain(done.reason)}" if done.reason else ""
        what = f"{_who(done.actor)} {done.did} {plain(done.name)} ({done.alert[:SHORT]})"
        told.append((done.at, f"{what}{reason}"))
    for trouble in shift.troubles:
        told.append((trouble.at, f"{plain(trouble.name)} {trouble.state}: {plain(trouble.reason)}"))
    for at, words in sorted(told, key=lambda one: one[0]):
        yield f"  {_clock(at, shift)} {words}"


def _who(actor: str) -> str:
    return plain(actor.removeprefix("user:"))


def _clock(at: int, shift: Handover) -> str:
    """The time of day; with the date where the shift is longer than a day."""
    return to_iso(at)[11:16] if shift.ends - shift.begins <= DAY else to_iso(at)[5:16].replace("T", " ")


def _title(entry: Entry) -> str:
    return f"[{entry.id[:SHORT]}] {plain(_name(entry.name, entry.mmsi))}, score {entry.score:g}"


def _name(name: str, mmsi: int | None) -> str:
    return f"{name or 'no name'} (MMSI {mmsi})" if mmsi is not None else name


def _urgency(row: Row) -> tuple[int, float, str]:
    """Escalated ones first, then what is new, then by score."""
    standing = row.standing
    return -standing.level - (row.state == "new"), -standing.says.score, row.id


def _entry(row: Row) -> Entry:
    says = row.standing.says
    return Entry(
        id=row.id,
        state=row.state,
        name=says.name,
        mmsi=says.mmsi,
        headline=says.headline,
        score=says.score,
        why=_why(row.state, row.standing),
    )


def _why(state: str, standing: Standing) -> str:
    """Where it stands, in a sentence."""
    match state:
        case "new":
            escalated = f", escalated {standing.level} times" if standing.level else ""
            return f"Nobody has acknowledged it since {to_iso(standing.new_since)[11:16]}{escalated}."
        case "acknowledged":
            return f"{_who(standing.acknowledged_by or '')} has acknowledged it; nobody has decided."
        case "assigned":
            return f"Assigned to {plain(standing.assigned_to or '')}."
        case "snoozed":
            until = standing.snoozed_until or 0
            when = to_iso(until - until % MINUTE)[5:16].replace("T", " ")
            return f"Snoozed until {when} by {_who(standing.last.actor)}."
        case _:
            return f"Confirmed by {_who(standing.last.actor)}; not closed yet."


def _done(event: Event, names: dict[str, str]) -> Done:
    return Done(
        at=event.at,
        actor=event.actor,
        did=event.kind.removeprefix("alert.").replace("-", " "),
        alert=event.subject,
        name=names.get(event.subject, "an alert"),
        reason=event.body.get("reason"),
    )


def _troubles(events: Sequence[Event], health: Iterable[Document]) -> Iterator[Trouble]:
    states = {(one.body["what"], one.body["name"]): one for one in health}
    told = {(event.kind.partition(".")[0], event.subject) for event in events}
    for key, one in states.items():
        if one.state != "live" and key not in told:  # it began before the shift and lasts
            since, reason = one.body["since"], one.body["reason"] or "no reason given"
            yield Trouble(at=since, name=key[1], state=one.state, reason=reason, now=one.state)
    for event in events:
        what, _, state = event.kind.partition(".")
        if what in ("feed", "behaviour") and state != "live":
            now = states.get((what, event.subject))
            yield Trouble(
                at=event.at,
                name=event.subject,
                state=state,
                reason=event.body.get("reason") or "no reason given",
                now=state if now is None else now.state,
            )


def _last(troubles: Iterable[Trouble]) -> list[Trouble]:
    return list({trouble.name: trouble for trouble in troubles}.values())

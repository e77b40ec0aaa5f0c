"""The states of an alert: who may do what from where, as one table, and actions as events.

::

    new -> acknowledged -> assigned -> confirmed -> closed
                                    -> dismissed -> closed       (with a reason)
    snoozed: from any open state, and back to it when the time has come, or to new when it has become worse
    dismissed, closed -> new                                     (reopened)

Confirming or dismissing from ``new`` says that it was looked at; nobody has to press two keys for one decision.
"""

from typing import Final, Literal

import msgspec

from watchkeeper.cases.alarms.alert import DONE, OPEN, standing_of
from watchkeeper.cases.alarms.rules import rules
from watchkeeper.cases.alarms.wording import SHORT
from watchkeeper.errors import UsageError
from watchkeeper.model.event import Document, Draft
from watchkeeper.model.time import DAY, to_iso

Role = Literal["viewer", "analyst", "supervisor", "admin", "system"]
PEOPLE: Final[tuple[Role, ...]] = ("viewer", "analyst", "supervisor", "admin")
"""Each may do what those before it may. ``system`` is the watch itself: what it may do, people may not."""

_REASON_MOST: Final = 2000
_NAME_MOST: Final = 100


class Move(msgspec.Struct, frozen=True):
    """One row of the table: from these states, by at least this role, to this state.

    ``to`` is ``=`` where the state stays, and ``<`` where the event says which (the end of a snooze).
    """

    action: str
    kind: str
    sources: tuple[str, ...]
    to: str
    role: Role
    needs: tuple[str, ...] = ()


WORKED: Final = ("new", "acknowledged", "assigned", "snoozed")
"""Open, and nobody has decided yet."""

TABLE: Final = (
    Move("acknowledge", "alert.acknowledged", ("new", "snoozed"), "acknowledged", "analyst"),
    Move("assign", "alert.assigned", WORKED, "assigned", "analyst", ("to",)),
    Move("snooze", "alert.snoozed", OPEN, "snoozed", "analyst", ("until",)),
    Move("confirm", "alert.confirmed", WORKED, "confirmed", "analyst"),
    Move("dismiss", "alert.dismissed", WORKED, "dismissed", "analyst", ("reason",)),
    Move("dismiss", "alert.dismissed", ("confirmed",), "dismissed", "supervisor", ("reason",)),
    Move("close", "alert.closed", ("confirmed", "dismissed"), "closed", "analyst"),
    Move("reopen", "alert.reopened", DONE, "new", "analyst", ("reason",)),
    Move("raise again", "alert.raised-again", DONE, "new", "system", ("reason",)),
    Move("wake", "alert.woken", ("snoozed",), "<", "system", ("reason",)),
    Move("escalate", "alert.escalated", ("new",), "=", "system", ("level",)),
    Move("settle", "alert.settled", WORKED, "closed", "system", ("reason",)),
    Move(
        "merge", "alert.merged", (*WORKED, "confirmed", "dismissed", "closed"), "closed", "system", ("into",)
    ),
)
MOVE_KINDS: Final = frozenset(move.kind for move in TABLE)
ACTIONS: Final = tuple(dict.fromkeys(move.action for move in TABLE if move.role != "system"))
"""What people can do."""


def allowed(state: str, role: Role) -> list[str]:
    """The actions that a role may take on an alert in a state, in order of the table."""
    return [move.action for move in TABLE if state in move.sources and _may(role, move.role)]


def move_of(kind: str, state: str) -> Move | None:
    """The row by which an event of a kind moves an alert in a state; None where it does not fit."""
    return next((move for move in TABLE if move.kind == kind and state in move.sources), None)


def act(
    alert: Document,
    action: str,
    *,
    at: int,
    actor: str,
    role: Role = "analyst",
    reason: str = "",
    to: str = "",
    until: int | None = None,
) -> Draft:
    """The event of a person's action on an alert.

    Args:
        alert: its document as it is now.
        action: one of :data:`ACTIONS`.
        at: now [ms UTC].
        actor: who does it, such as ``user:anna``.
        role: what they are.
        reason: needed to dismiss and to reopen; a remark elsewhere.
        to: whom to assign it to.
        until: when a snooze ends [ms UTC]; 60 minutes from ``at`` where not given.

    Raises:
        UsageError: the table does not allow it, or something needed is missing.
    """
    move = _row(alert, action, role)
    if until is None and action == "snooze":
        until = at + rules().snooze_ms
    _check(move, at=at, reason=reason, to=to, until=until)
    body: dict[str, object] = {"role": role, "from": alert.state}
    if reason.strip():
        body["reason"] = reason.strip()
    if action == "assign":
        body["to"] = to.strip()
    if action == "snooze":
        body["until"] = until
    return Draft(kind=move.kind, subject=alert.id, at=at, actor=actor, body=body, realm=alert.realm)


def by_system(alert: Document, action: str, *, at: int, actor: str, key: str, **body: object) -> Draft | None:
    """The event of something the watch does by itself; None where the table does not allow it.

    ``key`` is joined with the alert's id and the event its document rests on: what is found due twice happens once.
    """
    move = next((m for m in TABLE if m.action == action and alert.state in m.sources), None)
    if move is None:
        return None
    return Draft(
        kind=move.kind,
        subject=alert.id,
        at=at,
        actor=actor,
        body={"role": "system", "from": alert.state, **body},
        realm=alert.realm,
        key=f"{move.kind}:{alert.id}:{key}",
    )


def _row(alert: Document, action: str, role: Role) -> Move:
    rows = [move for move in TABLE if move.action == action and move.role != "system"]
    if not rows:
        raise UsageError(
            f"{action} is nothing that can be done with an alert.", f"Choose of {', '.join(ACTIONS)}."
        )
    here = [move for move in rows if alert.state in move.sources]
    if not here:
        possible = ", ".join(allowed(alert.state, role)) or "nothing"
        raise UsageError(
            f"Alert {alert.id[:SHORT]} is {alert.state}{_whose(alert)}: it cannot be {_past(action)}.",
            f"From here a {role} can: {possible}.",
        )
    for move in here:
        if _may(role, move.role):
            return move
    raise UsageError(
        f"A {role} may not {action} an alert that is {alert.state}.", f"Ask a {here[0].role} to do it."
    )


def _whose(alert: Document) -> str:
    last = standing_of(alert).last
    return f" (by {last.actor}, {to_iso(last.at)})"


def _past(action: str) -> str:
    return {"dismiss": "dismissed", "confirm": "confirmed", "assign": "assigned"}.get(
        action, action.rstrip("e") + "ed"
    )


def _may(role: Role, least: Role) -> bool:
    if role == "system" or least == "system":
        return role == least
    return PEOPLE.index(role) >= PEOPLE.index(least)


def _check(move: Move, *, at: int, reason: str, to: str, until: int | None) -> None:
    if "reason" in move.needs and not reason.strip():
        raise UsageError(f"To {move.action} an alert needs a reason.", "Say in a sentence why.")
    if len(reason) > _REASON_MOST:
        raise UsageError(
            f"The reason is longer than {_REASON_MOST} signs.", "Put the rest into a note of a case."
        )
    if "to" in move.needs and not 0 < len(to.strip()) <= _NAME_MOST:
        raise UsageError("It is not said whom to assign the alert to.", "Give a name.")
    if "until" in move.needs:
        most = rules().snooze_most_ms
        if until is None or not at < until <= at + most:
            raise UsageError(
                f"A snooze ends after now and within {most // DAY} days.",
                "For what is to be quiet for longer, make a mute, which has an author and a reason.",
            )

"""The officer's list: open alerts, those on ourselves and the highest scores first, muted ones below."""

from collections.abc import Iterable

import msgspec

from watchkeeper.cases.alarms.alert import OPEN, Standing, standing_of
from watchkeeper.cases.alarms.escalation import next_level_at
from watchkeeper.cases.alarms.mutes import Mute, covering
from watchkeeper.model.event import Document


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as it stands in the list. ``muted_by`` are ids of mutes; ``next_level_at`` when the next
    level is told.
    """

    id: str
    state: str
    standing: Standing
    muted_by: tuple[str, ...]
    next_level_at: int | None


def listed(
    alerts: Iterable[Document], mutes: Iterable[Mute], now: int, states: tuple[str, ...] = OPEN
) -> list[Row]:
    """The list at a time [ms UTC], with the alerts of these states.

    New ones before those somebody has, those before snoozed ones, muted ones last; the highest score first.
    """
    holding = tuple(mutes)
    rows = [_row(alert, holding, now) for alert in alerts if alert.state in states]
    return sorted(rows, key=_place)


def _row(alert: Document, mutes: tuple[Mute, ...], now: int) -> Row:
    standing = standing_of(alert)
    muted = tuple(mute.id for mute in covering(standing.says, mutes, now))
    return Row(
        id=alert.id,
        state=alert.state,
        standing=standing,
        muted_by=muted,
        next_level_at=None if muted else next_level_at(alert),
    )


def _place(row: Row) -> tuple[bool, int, float, str]:
    order = {"new": 0, "acknowledged": 1, "assigned": 1, "confirmed": 1, "snoozed": 2}
    return bool(row.muted_by), order.get(row.state, 3), -row.standing.says.score, row.id

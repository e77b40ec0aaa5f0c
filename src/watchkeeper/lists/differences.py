"""What changed between two versions of a list: entries added, removed, changed."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from watchkeeper.lists.entries import FlagPerformance, ListEntry, ShipRegister, VesselList
from watchkeeper.lists.names import normal_name
from watchkeeper.model.imo import valid_imo

Change = tuple[str, str, str]
"""Field, before, after."""

_NOT_COMPARED: Final = frozenset(("list", "row", "as_of", "source", "unread", "url", "imo", "list_title"))


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """An entry: what it is known by, its name, and for a changed one the fields with both values."""

    key: str
    name: str
    fields: tuple[Change, ...] = ()


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """``before`` and ``after`` count entries; ``same`` those in both without a change."""

    before: int
    after: int
    added: tuple[Changed, ...]
    removed: tuple[Changed, ...]
    changed: tuple[Changed, ...]
    same: int


def differences(
    old: VesselList | ShipRegister | FlagPerformance, new: VesselList | ShipRegister | FlagPerformance
) -> Differences:
    """Compare two versions by IMO number, else by the publisher's id, else by name; flags by their code.

    An entry that got an IMO number between the versions is found again by its id. Versions of different
    kinds have nothing in common.
    """
    before, after = _keyed(old), _keyed(new)
    _reunite(before, after)
    changed: list[Changed] = []
    same = 0
    for key in before.keys() & after.keys():
        fields = tuple(_changes(before[key], after[key]))
        if fields:
            changed.append(Changed(key=_shown(key), name=_name(after[key]), fields=fields))
        else:
            same += 1
    return Differences(
        before=len(before),
        after=len(after),
        added=_sorted(Changed(key=_shown(k), name=_name(after[k])) for k in after.keys() - before.keys()),
        removed=_sorted(Changed(key=_shown(k), name=_name(before[k])) for k in before.keys() - after.keys()),
        changed=_sorted(changed),
        same=same,
    )


_Key = tuple[str, str, int]


def _keyed(one: VesselList | ShipRegister | FlagPerformance) -> dict[_Key, dict[str, Any]]:
    """Entries as plain values; the third part of the key counts entries that share the first two."""
    entries = one.entries if isinstance(one, VesselList) else ()
    records: list[tuple[tuple[str, str], Any]] = [(_key(entry), entry) for entry in entries]
    if isinstance(one, ShipRegister):
        records = [(("IMO", str(ship.imo)), ship) for ship in one.ships]
    elif isinstance(one, FlagPerformance):
        records = [(("flag", flag.flag), flag) for flag in one.flags]
    seen: Counter[tuple[str, str]] = Counter()
    keyed: dict[_Key, dict[str, Any]] = {}
    for key, record in records:
        seen[key] += 1
        keyed[*key, seen[key]] = msgspec.to_builtins(record)
    return keyed


def _key(entry: ListEntry) -> tuple[str, str]:
    valid = next((imo for imo in entry.imos if valid_imo(imo)), None)
    if valid is not None:
        return "IMO", str(valid)
    if entry.id != str(entry.row):
        return "id", entry.id
    return "name", normal_name(entry.name or "") or entry.id


def _reunite(before: dict[_Key, dict[str, Any]], after: dict[_Key, dict[str, Any]]) -> None:
    """Give an entry the key it has now, where its id says that it is the same."""
    gone = {before[key]["id"]: key for key in before.keys() - after.keys() if _has_own_id(before[key])}
    for key in list(after.keys() - before.keys()):
        old_key = gone.get(after[key].get("id")) if _has_own_id(after[key]) else None
        if old_key is not None and "IMO" in (key[0], old_key[0]) and old_key in before:
            before[key] = before.pop(old_key)


def _has_own_id(record: dict[str, Any]) -> bool:
    return "id" in record and record["id"] != str(record.get("row"))


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterable[Change]:
    for field in sorted((old.keys() | new.keys()) - _NOT_COMPARED):
        before, after = old.get(field), new.get(field)
        if field == "facts":
            yield from _changes(before or {}, after or {})
        elif before != after and not (field == "id" and not _has_own_id(new)):
            yield field.replace("_", " "), _text(before), _text(after)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value) or "none"
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values() if one)
    return "none" if value is None else str(value)


def _name(record: dict[str, Any]) -> str:
    return str(record.get("name") or record.get("standing") or "no name")


def _shown(key: _Key) -> str:
    kind, value, again = key
    return f"{kind} {value}" + (f" ({again})" if again > 1 else "")


def _sorted(found: Iterable[Changed]) -> tuple[Changed, ...]:
    return tuple(sorted(found, key=lambda one: one.key))

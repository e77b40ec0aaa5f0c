"""Which alert says which matter, when late or withdrawn findings have joined or split matters."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from watchkeeper.cases.alarms.alert import DONE, Standing, standing_of
from watchkeeper.cases.alarms.matters import Matter, is_standing
from watchkeeper.model.event import Document


class Pairing(msgspec.Struct, frozen=True):
    """A matter, the alert that says it, and the alerts that say it no longer.

    No alert: the matter is new. No matter: nothing is left of what the alert said.
    """

    matter: Matter | None
    alert: Document | None
    merged: tuple[Document, ...] = ()


def paired(now: Sequence[Matter], alerts: Iterable[Document]) -> Iterator[Pairing]:
    """Every matter and every alert of one ship, once.

    An alert goes with the matter that holds the finding it is named by; failing that, with the one that shares most of
    its findings. Of several alerts with one matter, one that is open is kept before one that was decided, the
    oldest first.
    """
    wanted: list[list[Document]] = [[] for _ in now]
    resting: list[list[Document]] = [[] for _ in now]
    left: list[Document] = []
    taken: set[int] = set()
    for alert in sorted(alerts, key=_age):
        standing = standing_of(alert)
        place = _by_anchor(now, standing)
        if place is None:
            left.append(alert)
        elif standing.into is not None:
            resting[place].append(alert)
        else:
            wanted[place].append(alert)
            taken.add(place)
    for alert in left:
        standing = standing_of(alert)
        free = [k for k in range(len(now)) if k not in taken and not resting[k]]
        place = None if standing.into is not None else _most_shared(now, free, _ids(standing))
        if place is None:
            yield Pairing(None, alert)
        else:
            wanted[place].append(alert)
            taken.add(place)
    for matter, these, others in zip(now, wanted, resting, strict=True):
        yield _kept(matter, these or others[:1])


def _kept(matter: Matter, alerts: list[Document]) -> Pairing:
    if not alerts:
        return Pairing(matter, None)
    first, *others = sorted(alerts, key=lambda alert: (alert.state in DONE, _age(alert)))
    return Pairing(matter, first, tuple(others))


def _age(alert: Document) -> tuple[int, str]:
    return standing_of(alert).raised_at, alert.id


def _by_anchor(now: Sequence[Matter], standing: Standing) -> int | None:
    founder = standing.says.founder
    for k, matter in enumerate(now):
        if founder in matter.anchors:
            return k
    anchors = {f.id for f in standing.says.findings if not is_standing(f.behaviour)}
    places = range(len(now))
    return _most_shared(now, places, anchors or _ids(standing), anchors_only=True)


def _most_shared(
    now: Sequence[Matter], places: Iterable[int], ids: set[str], *, anchors_only: bool = False
) -> int | None:
    shared = [(-len(ids & {*(now[k].anchors if anchors_only else now[k].ids)}), k) for k in places]
    best = min(shared, default=(0, 0))
    return best[1] if best[0] else None


def _ids(standing: Standing) -> set[str]:
    return {f.id for f in standing.says.findings}

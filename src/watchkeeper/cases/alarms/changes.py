"""From the findings of some ships to what has to be written about their alerts.

Pure, and named by what it rests on: run twice on the same documents it gives drafts with the same keys, of which the
log keeps one; run again after they are written it gives none.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from watchkeeper.cases.alarms.alert import DONE, Says, Shown, Standing, counts, standing_of, worse
from watchkeeper.cases.alarms.matters import Matter, matters, span
from watchkeeper.cases.alarms.pairing import Pairing, paired
from watchkeeper.cases.alarms.projector import RAISED, UPDATED
from watchkeeper.cases.alarms.states import WORKED, by_system
from watchkeeper.cases.alarms.wording import SHORT, json_values, name_of
from watchkeeper.cases.alerts import Alert, raise_alerts
from watchkeeper.cases.combinations import Combination
from watchkeeper.cases.known import NOTHING, Known
from watchkeeper.model.event import Document, Draft
from watchkeeper.model.finding import REAL, Finding
from watchkeeper.model.picture import Ship

_OF_OTHERS = ("rank", "sensitivity")
"""Fields of an alert that depend on the other ships: they are made where the list is shown."""
_NOTHING_LEFT = "all of its findings were withdrawn"
_NETWORK_LEFT = "what is left of it is about the network around the ship"


def changes(
    findings: Iterable[Finding],
    alerts: Iterable[Document],
    ships: Iterable[int],
    *,
    now: int,
    ship_of: Callable[[int], Ship],
    known_of: Callable[[int], Known] = lambda mmsi: NOTHING,
    combinations: Sequence[Combination] | None = None,
    actor: str = "watch",
    realm: str = REAL,
) -> list[Draft]:
    """What is to be written so that the alerts of some ships say what their findings say.

    Args:
        findings: all that hold (open or closed, none withdrawn) of these ships, each once; those about a pair too.
        alerts: all alerts about these ships, whatever their state.
        ships: the MMSI of the ships to look at.
        now: the time the drafts bear [ms UTC].
        ship_of: what is known of the ship with an MMSI.
        known_of: what lists and registers know of it.
        combinations: those to look for; the built-in ones where none are given.
        actor: who writes.
        realm: of the findings and alerts given.
    """
    of_ship: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        for mmsi in {finding.mmsi, finding.other_mmsi or finding.mmsi}:
            of_ship[mmsi].append(finding)
    held: defaultdict[int, list[Document]] = defaultdict(list)
    for alert in alerts:
        if alert.mmsi is not None:
            held[alert.mmsi].append(alert)
    writer = _Writer(now, ship_of, known_of, combinations, actor, realm)
    return [draft for mmsi in sorted({*ships}) for draft in writer.of_ship(mmsi, of_ship[mmsi], held[mmsi])]


def alert_id(realm: str, mmsi: int, founder: str) -> str:
    """The id of the alert of a ship that is named by a finding."""
    return name_of("alert", realm, mmsi, founder)


class _Writer:
    """Writes the drafts of one ship after the other."""

    def __init__(
        self,
        now: int,
        ship_of: Callable[[int], Ship],
        known_of: Callable[[int], Known],
        combinations: Sequence[Combination] | None,
        actor: str,
        realm: str,
    ) -> None:
        self.now = now
        self.ship_of = ship_of
        self.known_of = known_of
        self.combinations = combinations
        self.actor = actor
        self.realm = realm

    def of_ship(self, mmsi: int, findings: Sequence[Finding], alerts: Sequence[Document]) -> Iterator[Draft]:
        for pairing in paired(matters(findings), alerts):
            yield from self._of_pairing(mmsi, pairing)

    def _of_pairing(self, mmsi: int, pairing: Pairing) -> Iterator[Draft]:
        alert, matter = pairing.alert, pairing.matter
        told = None if matter is None else self._told(mmsi, matter)
        if alert is None:
            if told is not None and matter is not None:
                yield self._raised(mmsi, told, matter)
            return
        if told is None or matter is None:
            yield from self._emptied(alert, _NOTHING_LEFT if matter is None else _NETWORK_LEFT)
            return
        yield from self._updated(alert, self._says(mmsi, told, matter, standing_of(alert).says.founder))
        for other in pairing.merged:
            yield from self._merged(other, alert)

    def _told(self, mmsi: int, matter: Matter) -> Alert | None:
        """What the list of a single day would say of the matter; None where it is about the network only."""
        raised = raise_alerts(matter.findings, self.ship_of, self.known_of, self.combinations)
        return next((alert for alert in raised if alert.mmsi == mmsi), None)

    def _says(self, mmsi: int, told: Alert, matter: Matter, founder: str) -> Says:
        begins, ends = span(matter.findings)
        fields = msgspec.structs.asdict(told)
        return Says(
            about="ship",
            name=told.name or "",
            mmsi=mmsi,
            headline=told.headline,
            score=told.score,
            founder=founder,
            kinds=tuple(dict.fromkeys(f.behaviour for f in matter.findings)),
            findings=tuple(_shown(f) for f in matter.findings),
            begins=begins,
            ends=ends,
            content=json_values({key: value for key, value in fields.items() if key not in _OF_OTHERS}),
        )

    def _raised(self, mmsi: int, told: Alert, matter: Matter) -> Draft:
        founder = matter.anchors[0]
        id = alert_id(self.realm, mmsi, founder)
        says = self._says(mmsi, told, matter, founder)
        return self._draft(RAISED, id, f"{RAISED}:{id}", {"says": json_values(says)})

    def _updated(self, alert: Document, says: Says) -> Iterator[Draft]:
        standing = standing_of(alert)
        worsened = worse(standing.seen, says)
        if json_values(says) != json_values(standing.says) or worsened:
            body = {"says": json_values(says), "worse": list(worsened)}
            yield self._draft(UPDATED, alert.id, f"{UPDATED}:{alert.id}:{alert.seq}", body)
        if alert.state == "snoozed" and worsened:
            yield from self._system(alert, "wake", reason="; ".join(worsened), to="new")
        elif alert.state in DONE:
            yield from self._again(alert, standing, says)

    def _again(self, alert: Document, standing: Standing, says: Says) -> Iterator[Draft]:
        """A decision holds for the kinds of finding that were there; another kind opens the matter again."""
        fresh = [k for k in says.kinds if k not in standing.settled_kinds and counts(k)]
        reason = f"a kind of finding that was not there when it was {alert.state}: {', '.join(fresh)}"
        if not standing.says.findings and standing.last.action == "settle":
            # It was closed because nothing was left of it; now something is.
            fresh, reason = list(says.kinds), "its findings hold again"
        if standing.into is not None:
            fresh, reason = list(says.kinds), f"no longer one matter with {standing.into[:SHORT]}"
        if fresh:
            yield from self._system(alert, "raise again", reason=reason)

    def _emptied(self, alert: Document, reason: str) -> Iterator[Draft]:
        """Nothing is left of the matter. What nobody decided is closed; a decision stands, and is told so."""
        standing = standing_of(alert)
        if standing.says.findings:
            empty = msgspec.structs.replace(
                standing.says, findings=(), score=0.0, ends=standing.says.ends or standing.says.begins
            )
            body = {"says": json_values(empty), "worse": []}
            yield self._draft(UPDATED, alert.id, f"{UPDATED}:{alert.id}:{alert.seq}", body)
        if alert.state in WORKED:
            yield from self._system(alert, "settle", reason=reason)

    def _merged(self, alert: Document, into: Document) -> Iterator[Draft]:
        if standing_of(alert).into != into.id:
            yield from self._system(
                alert,
                "merge",
                into=into.id,
                reason=f"one matter with {into.id[:SHORT]}: what lay between was found",
            )

    def _system(self, alert: Document, action: str, **body: object) -> Iterator[Draft]:
        draft = by_system(alert, action, at=self.now, actor=self.actor, key=str(alert.seq), **body)
        if draft is not None:
            yield draft

    def _draft(self, kind: str, id: str, key: str, body: dict[str, object]) -> Draft:
        return Draft(
            kind=kind, subject=id, at=self.now, actor=self.actor, body=body, realm=self.realm, key=key
        )


def _shown(f: Finding) -> Shown:
    return Shown(
        id=f.id, behaviour=f.behaviour, start=f.start, end=f.end, lat=f.lat, lon=f.lon, asset=f.asset
    )

"""What the formats say alike of things: names, times, measured values in words."""

import uuid
from collections.abc import Iterator
from typing import Final

from watchkeeper.exchange.stix.ids import NAMESPACE
from watchkeeper.exchange.things import Things, Vessel
from watchkeeper.model.finding import REAL, Finding, Measured
from watchkeeper.model.time import from_iso

NO_MOMENT: Final = 0


def newest(things: Things) -> int:
    """When the newest of the things was said [ms UTC]: the time of a message, so that the same things give the same."""
    return max(_moments(things), default=NO_MOMENT)


def changed_at(things: Things, finding: Finding) -> int:
    """When a finding was last told [ms UTC]."""
    return things.changed.get(finding.id) or from_iso(finding.end or finding.start)


def measured_words(measured: Measured) -> str:
    """``loss of speed 3.2 kn (>= 2)``."""
    value = f"{measured.value:g}" if isinstance(measured.value, float) else str(measured.value)
    limit = f" ({measured.comparison} {measured.threshold})" if measured.threshold is not None else ""
    return f"{measured.name} {value} {measured.unit}".rstrip() + limit


def title_of(things: Things, behaviour: str) -> str:
    """The title of a behaviour; its id where its declaration is not known."""
    known = things.behaviours.get(behaviour)
    return known.title if known else behaviour


def ship_words(vessel: Vessel) -> str:
    """``ESTELLE (IMO 9000001, MMSI 273000001, RU)``."""
    numbers = (
        f"IMO {vessel.imo}" if vessel.imo else "",
        f"MMSI {vessel.mmsi}" if vessel.mmsi else "",
        vessel.flag or "",
    )
    return f"{vessel.name or 'unnamed'} ({', '.join(filter(None, numbers))})"


def vessel_key(vessel: Vessel) -> str:
    """By which a ship is named alike by everybody: its IMO number, else its MMSI."""
    return f"vessel:imo:{vessel.imo}" if vessel.imo else f"vessel:mmsi:{vessel.mmsi}"


def apart(things: Things, key: str) -> str:
    """A key under which nothing rehearsed or simulated is named as what was observed."""
    realm = "" if things.realm == REAL else f"{things.realm}/"
    return f"{realm}{'simulated/' if things.simulated else ''}{key}"


def uuid_of(things: Things, key: str) -> str:
    """The UUID that a thing has in every format: that of its STIX object."""
    return str(uuid.uuid5(NAMESPACE, apart(things, key)))


def vessels_by_mmsi(things: Things) -> dict[int, Vessel]:
    """Ships by MMSI; those that only findings or alerts name have no more than what these say."""
    known = {vessel.mmsi: vessel for vessel in things.vessels if vessel.mmsi}
    for finding in things.findings:
        at = changed_at(things, finding)
        known.setdefault(
            finding.mmsi, Vessel(mmsi=finding.mmsi, imo=finding.imo, name=finding.name, as_of=at)
        )
        if finding.other_mmsi:
            known.setdefault(finding.other_mmsi, Vessel(mmsi=finding.other_mmsi, as_of=at))
    for alert in things.alerts:
        if alert.mmsi:
            known.setdefault(alert.mmsi, Vessel(mmsi=alert.mmsi, name=alert.name, as_of=alert.changed_at))
    return known


def _moments(things: Things) -> Iterator[int]:
    yield from (changed_at(things, finding) for finding in things.findings)
    yield from (vessel.as_of for vessel in things.vessels)
    yield from (fix.t for fix in things.fixes)
    yield from (alert.changed_at for alert in things.alerts)
    yield from (case.case.changed_at for case in things.cases)
    yield from (report.at for report in things.reports)

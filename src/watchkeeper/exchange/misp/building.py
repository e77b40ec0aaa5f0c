"""Ships, findings, listings and assets as objects of a MISP event, made with PyMISP.

A ship is an object ``ftm-Vessel``, a finding one of our ``ship-behaviour`` with its place as a ``geolocation``, a
listing an ``ftm-Sanction``, assets one ``geojson``.
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import msgspec

from watchkeeper.exchange.caveats import banner, together
from watchkeeper.exchange.geojson import write
from watchkeeper.exchange.misp import marks
from watchkeeper.exchange.misp.vocabulary import OBJECT, cluster_tag, tag, template
from watchkeeper.exchange.stix.ids import NAMESPACE
from watchkeeper.exchange.things import Things, Vessel
from watchkeeper.exchange.words import (
    measured_words,
    title_of,
    uuid_of,
    vessel_key,
    vessels_by_mmsi,
)
from watchkeeper.model.finding import Finding
from watchkeeper.model.shiptypes import type_name
from watchkeeper.model.time import SECOND, from_iso, to_iso

if TYPE_CHECKING:
    from pymisp import MISPObject

LONGEST: Final = 60_000
"""Bytes of a text attribute; MISP stores 65 535."""
_UNDEFINED: Final = 4
_ONGOING: Final = 1
_CONFIDENCE: Final = {"high": "high", "medium": "moderate", "low": "low"}


class Builder:
    """An event in the making."""

    def __init__(self, things: Things, key: str, info: str, at: int) -> None:
        from pymisp import MISPEvent, MISPOrganisation, MISPSharingGroup

        self.things, self.at = things, at
        self.made = MISPEvent(force_timestamps=True)
        self.uuid = uuid_of(things, key)
        over = banner(things)
        marking = together(things)
        self.made.from_dict(
            uuid=self.uuid,
            info=f"{over}: {info}" if over else info,
            date=to_iso(at)[:10],
            timestamp=at // SECOND,
            threat_level_id=_UNDEFINED,
            analysis=_ONGOING,
            distribution=marks.distribution(marking),
            published=False,
        )
        self.made.Orgc = MISPOrganisation()
        self.made.Orgc.from_dict(
            name=things.author or "watchkeeper", uuid=marks.organisation_uuid(things.author)
        )
        group = marks.sharing_group(marking, things.author)
        if group is not None:
            self.made.SharingGroup = MISPSharingGroup()
            self.made.SharingGroup.from_dict(**group)
        for name in (*marks.tags(marking), *marks.realm_tags(things)):
            self.made.add_tag(name)

    def object(
        self, name: str, key: str, fields: Iterable[tuple[str, Any]], comment: str = ""
    ) -> "MISPObject":
        """An object, with those of its fields that say something."""
        from pymisp import MISPObject

        custom: dict[str, Any] = {"misp_objects_template_custom": template()} if name == OBJECT else {}
        made = MISPObject(name, standalone=False, force_timestamps=True, **custom)
        made.from_dict(
            uuid=self._uuid(key), distribution=marks.INHERITED, timestamp=self.at // SECOND, comment=comment
        )
        for number, (relation, value) in enumerate(fields):
            if value not in (None, "", ()):
                made.add_attribute(
                    relation, value=value if isinstance(value, datetime) else str(value), timestamp=self.at // SECOND,
                    uuid=self._uuid(f"{key}:{relation}:{number}"), distribution=marks.INHERITED, to_ids=False,
                )  # fmt: skip
        self.made.add_object(made)
        return made

    def refer(self, source: "MISPObject", target: "MISPObject", relation: str) -> None:
        """One object leads to another."""
        reference = source.add_reference(target.uuid, relation)
        reference.uuid = self._uuid(f"{source.uuid}:{relation}:{target.uuid}")

    def report(self, title: str, text: str, key: str) -> None:
        """A text beside the event."""
        self.made.add_event_report(
            title, text, uuid=self._uuid(key), distribution=marks.INHERITED, timestamp=self.at // SECOND
        )

    def attribute(self, value: str, comment: str) -> None:
        """A text of ours."""
        self.made.add_attribute(
            "text", value, category="Other", comment=comment, uuid=self._uuid(comment), to_ids=False,
            disable_correlation=True, distribution=marks.INHERITED, timestamp=self.at // SECOND,
        )  # fmt: skip

    def sea(self) -> None:
        """Ships, findings, listings and assets."""
        vessels = vessels_by_mmsi(self.things)
        ships = {mmsi: self._ship(vessel) for mmsi, vessel in vessels.items()}
        for vessel in (vessel for vessel in self.things.vessels if not vessel.mmsi):
            self._ship(vessel)
        for finding in self.things.findings:
            self._finding(finding, ships)
        for listing in (listing for listing in self.things.listings if listing.mmsi in ships):
            match = listing.match
            fields = (
                ("authority", match.list_title), ("program", match.programs), ("recordId", match.entry),
                ("modifiedAt", match.as_of), ("summary", match.reason),
            )  # fmt: skip
            sanction = self.object(
                "ftm-Sanction", f"listing:{match.list_title}:{match.entry}:{listing.mmsi}", fields
            )
            self.refer(sanction, ships[listing.mmsi], "related-to")
        if self.things.assets:
            self._assets()

    def _ship(self, vessel: Vessel) -> "MISPObject":
        facts = vessel.facts
        kind = (facts.ship_type if facts else None) or (
            type_name(vessel.ship_type) if vessel.ship_type else None
        )
        fields: list[tuple[str, Any]] = [
            ("name", vessel.name or f"MMSI {vessel.mmsi}"), ("imoNumber", vessel.imo), ("mmsi", vessel.mmsi or None),
            ("callSign", vessel.callsign), ("flag", vessel.flag), ("type", kind),
        ]  # fmt: skip
        if facts is not None:
            fields += [("buildDate", facts.built), ("grossRegisteredTonnage", facts.gross_tonnage)]
            fields += [("previousName", name) for name in facts.former_names]
            fields += [("pastFlags", spell.flag or spell.flag_text) for spell in facts.flag_history]
        return self.object("ftm-Vessel", vessel_key(vessel), fields)

    def _finding(self, finding: Finding, ships: "dict[int, MISPObject]") -> None:
        title = title_of(self.things, finding.behaviour)
        seen = (
            ("first-seen", _moment(finding.start)),
            ("last-seen", _moment(finding.end) if finding.end else None),
        )
        place = self.object(
            "geolocation", f"place:{finding.id}",
            (("latitude", finding.lat), ("longitude", finding.lon), *seen, ("text", f"{title}: {finding.summary}")),
        )  # fmt: skip
        record = msgspec.json.encode(finding).decode()
        found = self.object(
            OBJECT, f"finding:{finding.id}",
            (
                ("behaviour", finding.behaviour), ("summary", finding.summary), ("start", _moment(finding.start)),
                ("end", _moment(finding.end) if finding.end else None), ("mmsi", finding.mmsi),
                ("mmsi", finding.other_mmsi), ("imo", finding.imo), ("asset", finding.asset),
                *(("measured", measured_words(one)) for one in finding.measured), ("confidence", finding.confidence),
                ("confidence-reason", finding.confidence_reason), ("position-trust", finding.trust),
                ("record", record if len(record.encode()) <= LONGEST else None),
            ),
            comment=title,
        )  # fmt: skip
        for attribute in found.Attribute[:1]:
            attribute.add_tag(cluster_tag(title))
            attribute.add_tag(tag("behaviour", finding.behaviour))
            level = _CONFIDENCE[finding.confidence]
            attribute.add_tag(f'estimative-language:confidence-in-analytic-judgment="{level}"')
        self.refer(found, place, "located-at")
        for mmsi, relation in ((finding.mmsi, "performed-by"), (finding.other_mmsi, "related-to")):
            if mmsi in ships:
                self.refer(found, ships[mmsi], relation)

    def _assets(self) -> None:
        out = BytesIO()
        write(replace(self.things, findings=(), vessels=(), fixes=(), alerts=(), cases=()), out)
        names = ", ".join(asset.name for asset in self.things.assets)
        kept = self.object(
            "geojson", "assets", (("name", names[:200]), ("feature-count", len(self.things.assets)))
        )
        out.seek(0)
        kept.add_attribute(
            "attachment", value="assets.geojson", data=out, uuid=self._uuid("assets:attachment"),
            distribution=marks.INHERITED, timestamp=self.at // SECOND, to_ids=False,
        )  # fmt: skip

    def _uuid(self, key: str) -> str:
        """A server knows each UUID once: what stands in two events has two."""
        return str(uuid.uuid5(NAMESPACE, f"misp:{self.uuid}:{key}"))


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(from_iso(text) / SECOND, UTC)

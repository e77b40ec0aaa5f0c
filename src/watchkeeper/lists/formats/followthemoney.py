"""FollowTheMoney entities, one JSON object per line, as OpenSanctions publishes them (``entities.ftm.json``).

Schema: https://followthemoney.tech/explorer/schemata/Vessel/. Every property is a list of texts. Entities
that are no vessels (owners, ownerships, sanctions) are counted by schema and set aside.
"""

from typing import Final

import msgspec

from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.values import iso_date

FORMAT: Final = "FollowTheMoney NDJSON"
VESSEL: Final = "Vessel"


class _Entity(msgspec.Struct):
    id: str
    schema: str
    caption: str | None = None
    properties: dict[str, list[str]] = {}
    datasets: list[str] = []
    last_change: str | None = None
    last_seen: str | None = None

    def all(self, *names: str) -> list[str]:
        """The values of some properties, in order."""
        return [value for name in names for value in self.properties.get(name, ())]

    def first(self, name: str) -> str | None:
        return next(iter(self.properties.get(name, ())), None)


def recognises(head: bytes) -> bool:
    """The first line is a JSON object that names its schema."""
    first = head.lstrip().split(b"\n", 1)[0]
    return first.startswith(b"{") and b'"schema"' in first


def read(file: ListFile) -> Reading:
    """Read line by line. The list's date is the newest on which an entity was seen, else changed."""
    reading = Reading(file.stem, f"FollowTheMoney {file.stem}")
    decoder = msgspec.json.Decoder(_Entity)
    seen: str | None = None
    several_flags = 0
    for line in file.lines():
        if not line.strip():
            continue
        try:
            entity = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            reading.reject(file.rows, str(error), line.decode("utf-8", "replace"))
            continue
        seen = max(filter(None, (seen, iso_date(entity.last_seen or entity.last_change))), default=None)
        if entity.schema == VESSEL:
            _add(reading, file.rows, entity)
            several_flags += len(entity.all("flag")) > 1
        else:
            reading.set_aside[entity.schema] += 1
    reading.as_of = seen
    if several_flags:
        reading.notes.append(f"{several_flags:,} vessels have several flags; the first of each is used")
    return reading


def _add(reading: Reading, row: int, entity: _Entity) -> None:
    reading.add(
        row,
        id=entity.id,
        names=(entity.caption, *entity.all("name", "alias", "previousName", "weakAlias")),
        imo=entity.all("imoNumber"),
        mmsi=entity.all("mmsi"),
        callsign=entity.first("callSign"),
        flag=entity.first("flag"),
        ship_type=entity.first("type"),
        programs=entity.all("topics", "programId", "program"),
        source=", ".join(entity.datasets),
        as_of=entity.last_change,
        url=entity.first("sourceUrl"),
    )

"""FollowTheMoney: by its documented schema, read back, and read by the reader of vessel lists."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from exchange.formats.made_up import AMBER, exercise, things, written
from watchkeeper.errors import InputError
from watchkeeper.exchange.formats import recognised
from watchkeeper.exchange.ftm.reading import read
from watchkeeper.exchange.things import Things, Vessel
from watchkeeper.lists.entries import VesselList
from watchkeeper.lists.load import load_any

# Properties of the schemata used, from https://followthemoney.tech/explorer/ (of Thing, Asset, Vehicle and Interest).
THING = {"name", "summary", "notes", "country", "alias", "previousName", "topics", "sourceUrl", "modifiedAt"}
SCHEMATA = {
    "Vessel": THING | {"imoNumber", "mmsi", "callSign", "flag", "type", "buildDate", "pastFlags", "tonnage",
                       "grossRegisteredTonnage", "deadweightTonnage"},
    "LegalEntity": THING,
    "Ownership": {"owner", "asset", "role"},
    "UnknownLink": {"subject", "object", "role"},
    "Sanction": {"entity", "authority", "recordId", "program", "reason", "summary", "modifiedAt", "sourceUrl"},
}  # fmt: skip


def lines(some: Things) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written("ftm", some).splitlines()]


def test_entities_are_of_the_documented_schema() -> None:
    found = lines(things())
    ids = {entity["id"] for entity in found}
    assert len(ids) == len(found)
    for entity in found:
        assert set(entity["properties"]) <= SCHEMATA[entity["schema"]], entity
        assert all(isinstance(v, str) for values in entity["properties"].values() for v in values)
        for name in ("owner", "asset", "subject", "object", "entity"):
            assert set(entity["properties"].get(name, ())) <= ids
    ship = next(entity for entity in found if entity["schema"] == "Vessel")
    assert ship["properties"]["imoNumber"] == ["IMO9074729"]
    assert ship["properties"]["flag"] == ["ru"]


def test_what_went_comes_back() -> None:
    sent = things()
    data = written("ftm", sent)
    assert recognised(data, "file").name == "ftm"
    came = read(data)
    assert not came.refused
    ship, other = came.things.vessels
    was = sent.vessels[0]
    assert (ship.mmsi, ship.imo, ship.name, ship.callsign, ship.flag) == (
        was.mmsi,
        was.imo,
        was.name,
        was.callsign,
        was.flag,
    )
    assert ship.facts is not None
    assert was.facts is not None
    for field in ("built", "gross_tonnage", "deadweight_t", "former_names", "owner", "manager", "insurer"):
        assert getattr(ship.facts, field) == getattr(was.facts, field)
    assert (other.mmsi, other.imo, other.name) == (230_000_002, None, "=NEVA")
    match = came.things.listings[0].match
    assert (match.list_title, match.entry, match.programs) == ("EU designated vessels", "XLII-17", "833/2014")
    assert came.things.markings.marking("vessel", "273000001") == AMBER
    assert len(came.kept) == len(data.splitlines())


def test_the_reader_of_vessel_lists_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "ships.ftm.json"
    path.write_bytes(written("ftm", things()))
    listed = load_any(path)
    assert isinstance(listed, VesselList)
    assert listed.format == "FollowTheMoney NDJSON"
    first = listed.entries[0]
    assert (first.imo, first.mmsi, first.flag) == (9_074_729, 273_000_001, "RU")
    assert {(party.role, party.name) for party in first.parties} == {
        ("owner", "Owner Ltd"), ("manager", "Manager Ltd"), ("insurer", "Club"),
    }  # fmt: skip


def test_ships_of_a_real_list(sample_data: Path) -> None:
    packed = (sample_data / "sanctions" / "ofac_sdn_vessels_2026-03-22.json.gz").read_bytes()
    listed = json.loads(gzip.decompress(packed))
    ships = tuple(Vessel(mmsi=0, imo=one["imo"], name=one["name"], as_of=0) for one in listed["vessels"])
    came = read(written("ftm", Things(vessels=ships)))
    assert {ship.imo for ship in came.things.vessels} <= {ship.imo for ship in ships}
    assert len(came.things.vessels) + len(came.refused) == len({ship.imo for ship in ships})
    assert len(came.things.vessels) > 1_000


def test_exercises_stay_exercises() -> None:
    data = written("ftm", exercise())
    assert read(data).things.realm == "exercise:baltic-26"
    assert not {line["id"] for line in lines(exercise())} & {line["id"] for line in lines(things())}
    with pytest.raises(InputError, match="several realms"):
        read(data + written("ftm", things()))


@pytest.mark.parametrize(
    "data", [b"", b"\xff\n{}", b"[1]\n2\n", b'{"id": 1, "schema": "Vessel"}', b"[" * 100_000]
)
def test_what_is_no_entity_is_refused_whole(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


def test_lines_that_are_none_are_counted() -> None:
    bad = (
        b"x",
        b'{"id":"a","schema":"Vessel","properties":{"imoNumber":["123"],"mmsi":[7,null]}}',
        b"\xff",
        b"{" * 5_000,
    )
    came = read(written("ftm", things()) + b"\n".join(bad))
    assert len(came.refused) == 4
    assert len(came.things.vessels) == 2

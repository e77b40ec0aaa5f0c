"""Messages of Digitraffic's broker and of BarentsWatch's stream."""

import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sources.json_feeds import lines_of, read, recognised, same_by_pieces
from watchkeeper.feeds.framing import Framer
from watchkeeper.model.records import unpack_row
from watchkeeper.model.time import from_iso
from watchkeeper.sources import barentswatch, digitraffic_mqtt

HEARD = from_iso("2026-10-01T12:00:05Z")
LOCATION = {
    "time": HEARD // 1000 - 3, "sog": 10.7, "cog": 326.6, "navStat": 0, "rot": 0, "posAcc": True, "raim": False,
    "heading": 325, "lon": 20.345818, "lat": 60.03802,
}  # fmt: skip
METADATA = {
    "timestamp": HEARD - 1_500, "destination": "UST LUGA", "name": "EXAMPLE SHIP", "draught": 68, "eta": 733376,
    "posType": 15, "refA": 160, "refB": 33, "refC": 20, "refD": 12, "callSign": "V7XX7", "imo": 9074729, "type": 70,
}  # fmt: skip


def spooled(topic: str, payload: Any) -> bytes:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Framer().message(body, HEARD, topic)


EVERYTHING = b"".join(
    [
        spooled("vessels-v2/status", {"version": 1}),
        spooled("vessels-v2/538007561/location", LOCATION),
        spooled("vessels-v2/538007561/metadata", METADATA),
        spooled("vessels-v2/992301234/location", LOCATION),
        spooled("vessels-v2/538007561/location", {**LOCATION, "lat": 91.0, "lon": 181.0}),
    ]
)


def test_positions_and_static_data() -> None:
    found = read(digitraffic_mqtt, EVERYTHING)
    assert found.rows == {
        "read": 5,
        "other": 1,
        "position": 1,
        "static": 1,
        "not_a_ship": 1,
        "no_position": 1,
    }
    p, s = found.positions, found.statics
    assert (p.mmsi[0], p.t[0], unpack_row(p.row[0])) == (538007561, HEARD // 1000 * 1000 - 3_000, (2, 2))
    assert (p.lat[0], p.lon[0], p.heading_deg[0], p.nav_status[0]) == (60.03802, 20.345818, 325, 0)
    np.testing.assert_allclose([p.sog_kn[0], p.cog_deg[0]], [10.7, 326.6], rtol=1e-6)
    assert (s.t[0], s.imo[0], s.name[0], s.callsign[0]) == (HEARD - 1_500, 9074729, b"EXAMPLE SHIP", b"V7XX7")
    np.testing.assert_allclose([s.draught_m[0], s.length_m[0], s.beam_m[0]], [6.8, 193, 32], rtol=1e-6)
    assert (s.ship_type[0], s.destination[0]) == (70, b"UST LUGA")


def test_what_cannot_be_read() -> None:
    content = b"".join(
        [
            spooled("vessels-v2/1/location", b'{"time": '),
            spooled("vessels-v2/1/location", b'{"time": "soon"}'),
            spooled("other/1/location", LOCATION),
            spooled("vessels-v2/99999999999/location", LOCATION),
            b"\xff\n",
            spooled("vessels-v2/538007561/location", b""),
        ]
    )
    found = read(digitraffic_mqtt, content)
    assert [(q.line, q.reason) for q in found.quarantine] == [
        (1, "not a JSON object"), (2, "time cannot be read"), (3, "no topic of Digitraffic"), (5, "not a JSON object"),
    ]  # fmt: skip
    assert found.rows["other"] == 1, "a topic of another shape"
    assert found.rows["no_position"] == 1, "an empty message says nothing"


def test_they_are_recognised() -> None:
    assert recognised(EVERYTHING) == digitraffic_mqtt.NAME
    assert recognised(BARENTS) == barentswatch.NAME


@given(st.lists(st.integers(0, 20), max_size=4))
def test_pieces_of_a_feed_give_what_the_file_gives(cuts: list[int]) -> None:
    same_by_pieces(digitraffic_mqtt, EVERYTHING + b"garbage\n" + EVERYTHING, cuts)
    same_by_pieces(barentswatch, BARENTS + b"garbage\n" + BARENTS, cuts)


BARENTS = lines_of(
    {
        "courseOverGround": 87.3, "latitude": 62.1, "longitude": 5.2, "name": "FJORD", "rateOfTurn": None,
        "shipType": 60, "speedOverGround": 12.4, "trueHeading": 88, "navigationalStatus": 0, "mmsi": 257_000_001,
        "msgtime": "2026-10-01T12:00:00+00:00", "imoNumber": None, "callSign": "LAAA", "destination": None,
        "draught": 41, "shipLength": 90, "shipWidth": 15,
    },
    {"type": "Position", "mmsi": 257_000_002, "msgtime": "2026-10-01T12:00:01.5Z", "latitude": 60.5, "longitude": 4.5},
    {
        "type": "Staticdata", "mmsi": 257_000_002, "msgtime": "2026-10-01T12:00:02Z", "name": "SMALL",
        "dimensionA": 9, "dimensionB": 3,
    },
    {"type": "Aton", "mmsi": 992_570_001, "msgtime": "2026-10-01T12:00:02Z", "latitude": 60.5, "longitude": 4.5},
    {"mmsi": 257_000_002, "latitude": 60.5, "longitude": 4.5},
)  # fmt: skip


def test_barentswatch() -> None:
    found = read(barentswatch, BARENTS)
    assert found.rows == {
        "read": 5, "position_and_static": 1, "position": 1, "static": 1, "not_a_ship": 1, "quarantined": 1,
    }  # fmt: skip
    assert found.quarantine[0].reason == "no time"
    assert found.positions.t.tolist() == [
        from_iso("2026-10-01T12:00:00Z"),
        from_iso("2026-10-01T12:00:01.5Z"),
    ]
    np.testing.assert_allclose(found.positions.sog_kn, [12.4, np.nan], rtol=1e-6)
    assert found.statics.name.tolist() == [b"FJORD", b"SMALL"]
    np.testing.assert_allclose(found.statics.length_m, [90, 12])
    np.testing.assert_allclose(found.statics.draught_m[0], 4.1, rtol=1e-6)

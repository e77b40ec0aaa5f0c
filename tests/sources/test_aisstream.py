"""Messages of aisstream.io: positions, static data of both kinds, codes for nothing, damaged and hostile lines."""

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.json_feeds import OPTIONS, lines_of, read, recognised, same_by_pieces
from watchkeeper.model.records import CLASS_A, CLASS_B, unpack_row
from watchkeeper.model.time import from_iso
from watchkeeper.sources import aisstream


def message(kind: str, body: dict[str, Any], *, mmsi: int = 259_000_420, **more: Any) -> dict[str, Any]:
    return {
        "heard": from_iso("2026-10-01T18:22:40Z"),
        "MessageType": kind,
        "MetaData": {"MMSI": mmsi, "time_utc": "2026-10-01 18:22:32.318353 +0000 UTC"},
        "Message": {kind: {"UserID": mmsi, "Valid": True, **body}},
        **more,
    }


POSITION = message(
    "PositionReport",
    {
        "Latitude": 66.02695,
        "Longitude": 12.25382,
        "Sog": 3.5,
        "Cog": 308.2,
        "TrueHeading": 235,
        "NavigationalStatus": 5,
    },
)
CLASS_B_POSITION = message(
    "StandardClassBPositionReport", {"Latitude": 10.5, "Longitude": -20.25, "Sog": 7, "Cog": 1}
)
EXTENDED = message(
    "ExtendedClassBPositionReport",
    {
        "Latitude": 1.5,
        "Longitude": 2.5,
        "Name": "BOTH  ",
        "Type": 37,
        "Dimension": {"A": 10, "B": 2, "C": 2, "D": 2},
    },
)
STATIC = message(
    "ShipStaticData",
    {
        "ImoNumber": 9074729, "Name": "NORDIC @@@@", "CallSign": "LAXX", "Type": 82, "Destination": "PRIMORSK",
        "MaximumStaticDraught": 12.3, "Dimension": {"A": 200, "B": 40, "C": 20, "D": 22},
    },
)  # fmt: skip
PART_A = message(
    "StaticDataReport",
    {"ReportA": {"Valid": True, "Name": "SAIL"}, "ReportB": {"Valid": False, "CallSign": "NO"}},
)
PART_B = message(
    "StaticDataReport",
    {
        "ReportA": {"Valid": False, "Name": ""},
        "ReportB": {
            "Valid": True,
            "CallSign": "SV1",
            "ShipType": 36,
            "Dimension": {"A": 8, "B": 4, "C": 2, "D": 1},
        },
    },
)
EVERYTHING = lines_of(POSITION, CLASS_B_POSITION, EXTENDED, STATIC, PART_A, PART_B)


def test_positions() -> None:
    found = read(aisstream, EVERYTHING)
    p = found.positions
    assert p.mmsi.tolist() == [259_000_420] * 3
    assert set(p.t.tolist()) == {from_iso("2026-10-01T18:22:32.318Z")}
    assert [unpack_row(r) for r in p.row.tolist()] == [(2, 1), (2, 2), (2, 3)]
    np.testing.assert_allclose(p.lat, [66.02695, 10.5, 1.5])
    np.testing.assert_allclose(p.sog_kn, [3.5, 7, np.nan], rtol=1e-6)
    assert p.heading_deg[0] == 235
    assert p.nav_status.tolist() == [5, 15, 15]
    assert p.ais_class.tolist() == [CLASS_A, CLASS_B, CLASS_B]
    assert found.rows == {"read": 6, "position": 2, "position_and_static": 1, "static": 3}


def test_static_data() -> None:
    s = read(aisstream, EVERYTHING).statics
    assert s.name.tolist() == [b"BOTH", b"NORDIC", b"SAIL", b""]
    assert s.callsign.tolist() == [b"", b"LAXX", b"", b"SV1"]
    assert s.imo.tolist() == [0, 9074729, 0, 0]
    assert s.ship_type.tolist() == [37, 82, -1, 36]
    np.testing.assert_allclose(s.length_m, [12, 240, np.nan, 12])
    np.testing.assert_allclose(s.draught_m[1], 12.3, rtol=1e-6)
    assert s.destination[1] == b"PRIMORSK"


def test_codes_for_nothing_and_stations() -> None:
    nothing = {"Latitude": 91, "Longitude": 181, "Sog": 102.3, "Cog": 360, "TrueHeading": 511}
    unknown = message("PositionReport", {**nothing, "Latitude": 60.5, "Longitude": 20.5})
    found = read(
        aisstream,
        lines_of(
            message("PositionReport", nothing), unknown, message("BaseStationReport", {"Latitude": 1, "Longitude": 1}),
            message("AddressedBinaryMessage", {}),
        ),
    )  # fmt: skip
    assert found.rows == {"read": 4, "no_position": 1, "position": 1, "not_a_ship": 1, "other": 1}
    assert np.isnan(found.positions.sog_kn[0])
    assert np.isnan(found.positions.cog_deg[0])
    assert np.isnan(found.positions.heading_deg[0])


def test_what_cannot_be_read_says_why_and_where() -> None:
    invalid = copy.deepcopy(POSITION)
    invalid["Message"]["PositionReport"]["Valid"] = False
    content = lines_of(
        POSITION,
        b'{"heard":1,"error":"Api Key Is Not Valid"}',
        b'{"heard":1,"MessageType":"PositionReport","MetaData":{"MM',
        b"[1,2]",
        b"\xff\xfe",
        b"",
        invalid,
        message("PositionReport", {"Latitude": 1, "Longitude": 1, "UserID": "x"}),
        b"A" * ((1 << 20) + 5),
        POSITION,
    )
    found = read(aisstream, content)
    assert [(q.line, q.reason) for q in found.quarantine] == [
        (2, "the service says: Api Key Is Not Valid"),
        (3, "not a JSON object"),
        (4, "not a JSON object"),
        (5, "not a JSON object"),
        (7, "the service says that the message is not valid"),
        (8, "MMSI cannot be read"),
        (9, "not a JSON object"),
    ]
    assert [unpack_row(r)[1] for r in found.positions.row.tolist()] == [1, 10]
    assert found.noticed["empty_line"] == 1


def test_the_time_it_was_heard_stands_in() -> None:
    late = copy.deepcopy(POSITION)
    late["MetaData"]["time_utc"] = "yesterday"
    assert read(aisstream, lines_of(late)).positions.t.tolist() == [late["heard"]]
    del late["heard"]
    assert read(aisstream, lines_of(late)).quarantine[0].reason == "no time"


def test_it_is_recognised_with_and_without_the_time_it_was_heard() -> None:
    bare = {key: value for key, value in POSITION.items() if key != "heard"}
    assert recognised(lines_of(POSITION)) == aisstream.NAME
    assert recognised(lines_of(bare)) == aisstream.NAME
    assert recognised(lines_of(b'{"heard":1,"error":"Api Key Is Not Valid"}')) == aisstream.NAME
    assert recognised(lines_of(b"half a line}", POSITION)) == aisstream.NAME
    assert not aisstream.sniff(b'{"mmsi":1,"time":2}\n', "x.ndjson")


@given(st.lists(st.integers(0, 20), max_size=4))
def test_pieces_of_a_feed_give_what_the_file_gives(cuts: list[int]) -> None:
    same_by_pieces(aisstream, EVERYTHING + b"garbage\n" + EVERYTHING, cuts)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


KEYS = sorted(
    {*STATIC["Message"]["ShipStaticData"], *POSITION["Message"]["PositionReport"], "ReportA", "ReportB"}
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.sampled_from(sorted(aisstream.KINDS)))
def test_any_values_are_read_or_set_aside(body: dict[str, Any], kind: str) -> None:
    found = read(aisstream, lines_of(json.dumps(message(kind, body)).encode("utf-8", "replace")))
    assert found.rows["read"] == 1
    assert len(found.positions) + len(found.statics) <= 2


@pytest.mark.parametrize("cut", range(0, 200, 7))
def test_a_message_that_breaks_off_is_one_unreadable_line(cut: int) -> None:
    whole = lines_of(POSITION)
    found = read(aisstream, whole[:cut] + b"\n" + whole, OPTIONS)
    assert len(found.positions) == 1
    assert len(found.quarantine) == (cut > 0)

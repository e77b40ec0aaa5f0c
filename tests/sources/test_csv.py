"""Danish, American and other tables: a plain reader as oracle, cuts that change nothing, counted dirt."""

import csv
import io
import math
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import InputError
from watchkeeper.model.records import Batch, Positions, Quarantined, Statics, unpack_row
from watchkeeper.model.time import from_iso
from watchkeeper.sources import dma, noaa, table
from watchkeeper.sources.options import ReadOptions, TableMapping

OPTIONS = ReadOptions(now=from_iso("2026-05-01"))
HEADER = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,"
    "Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,"
    "Data source type,A,B,C,D"
)
ROW = (
    "26/04/2026 00:00:00,Class A,219000001,55.5,11.25,Under way using engine,0.0,12.3,45.6,46,9329760,OXYZ,"
    'Ever Given,Tanker,,20,180,GPS,7.5,"GOTEBORG, SE",,AIS,90,90,10,10'
)


def read(
    source: object, text: str | bytes, options: ReadOptions = OPTIONS, chunk_bytes: int = 1 << 20
) -> Batch:
    content = text if isinstance(text, bytes) else text.encode()
    parts = list(source.batches(io.BytesIO(content), 0, "day", options, chunk_bytes=chunk_bytes))  # type: ignore[attr-defined]
    rows, noticed, quarantine = Counter[str](), Counter[str](), list[Quarantined]()
    for part in parts:
        assert sum(part.rows.values()) == 2 * part.rows["read"]
        rows += part.rows
        noticed += part.noticed
        quarantine += part.quarantine
    positions = Positions.concat(part.positions for part in parts)
    statics = Statics.concat(part.statics for part in parts)
    return Batch(0, positions, statics, rows, noticed, quarantine)


def same(left: Batch, right: Batch) -> None:
    for kind in ("positions", "statics"):
        for column in getattr(left, kind).DTYPES:
            a, b = getattr(getattr(left, kind), column), getattr(getattr(right, kind), column)
            np.testing.assert_array_equal(a, b, err_msg=column)
    assert (left.rows, left.noticed, left.quarantine) == (right.rows, right.noticed, right.quarantine)


def test_a_row_is_read_whole() -> None:
    batch = read(dma, f"{HEADER}\n{ROW}\n")
    assert batch.rows == {"read": 1, "position_and_static": 1}
    p, s = batch.positions, batch.statics
    assert (p.t[0], p.mmsi[0], p.lat[0], p.lon[0]) == (from_iso("2026-04-26"), 219000001, 55.5, 11.25)
    assert (p.sog_kn[0], p.cog_deg[0], p.heading_deg[0]) == (np.float32(12.3), np.float32(45.6), 46)
    assert (p.nav_status[0], p.ais_class[0], unpack_row(p.row[0])) == (0, 1, (0, 2))
    assert (s.imo[0], s.name[0], s.callsign[0], s.destination[0]) == (
        9329760, b"EVER GIVEN", b"OXYZ", b"GOTEBORG, SE",
    )  # fmt: skip
    assert (s.ship_type[0], s.length_m[0], s.beam_m[0], s.draught_m[0]) == (80, 180, 20, 7.5)


cells = st.one_of(
    st.sampled_from(
        ["", "Unknown", "0", "91", "181", "102.3", "360.0", "511", "abc", "-1", "12.34567890123456", "1e3"]
    ),
    st.floats(-200, 200).map(repr),
    st.text(st.characters(exclude_characters='\r\n",\0', exclude_categories=["Cs", "Cc"]), max_size=8),
    st.sampled_from(["GOTHENBURG, SE", 'SAY ""HI""', " padded "]).map(lambda text: f'"{text}"'),
)
dirty_rows = st.fixed_dictionaries(
    {
        "# Timestamp": st.sampled_from(
            ["26/04/2026 00:00:00", "26/04/2026 00:00:01", "04/26/2026 00:00:00", "", "26/04/2026"]
        ),
        "Type of mobile": st.sampled_from(["Class A", "Class B", "Base Station", "AtoN", "?", ""]),
        "MMSI": st.sampled_from(["219000001", "219000002", "2190064", "12345678901", "x", ""]),
        "Latitude": st.one_of(st.just("55.123456"), st.floats(-89, 89).map(repr), cells),
        "Longitude": st.one_of(st.just("11.5"), st.floats(-179, 179).map(repr), cells),
        "SOG": cells, "COG": cells, "Heading": cells, "IMO": cells, "Name": cells, "Length": cells,
        "Destination": cells,
    }
)  # fmt: skip


def written(rows: list[dict[str, str]], end: str) -> str:
    names = HEADER.split(",")
    return end.join([HEADER, *(",".join(row.get(name, "") for name in names) for row in rows)])


def plain_number(text: str) -> float | None:
    """What a cell says as a number: NaN where it says nothing, None where it cannot be read."""
    word = text.strip(" ").lower()
    if word in ("", "unknown"):
        return math.nan
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in word and word.isascii() else None


@given(st.lists(dirty_rows, max_size=25), st.sampled_from(["\n", "\r\n"]))
def test_every_row_is_what_a_plain_reader_makes_of_it(rows: list[dict[str, str]], end: str) -> None:
    text = written([r for r in rows for _ in range(1)], end)
    try:
        batch = read(dma, text)
    except InputError:
        assert len(rows) >= 10
        return
    seen: set[str] = set()
    fates: Counter[str] = Counter()
    kept: list[tuple[int, float, float, float | None]] = []
    lines = text.split(end)[1:]
    for line, row in zip(lines, csv.DictReader(io.StringIO(text, newline="")), strict=True):
        lat, lon = plain_number(row["Latitude"]), plain_number(row["Longitude"])
        try:
            datetime.strptime(row["# Timestamp"], "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            fates["quarantined"] += 1
            continue
        if not row["MMSI"].isdigit() or lat is None or lon is None:
            fates["quarantined"] += 1
        elif line in seen:
            fates["exact_duplicate"] += 1
        else:
            seen.add(line)
            if row["MMSI"] not in ("219000001", "219000002") or row["Type of mobile"] in (
                "Base Station",
                "AtoN",
            ):
                fates["not_a_ship"] += 1
            elif math.isnan(lat) or math.isnan(lon) or lat == 91 or abs(lon) == 181:
                fates["no_position"] += 1
            elif abs(lat) > 90 or abs(lon) > 180:
                fates["out_of_range"] += 1
            else:
                fates["position"] += 1
                kept.append((int(row["MMSI"]), lat, lon, plain_number(row["SOG"])))
    found = Counter(batch.rows)
    found["position"] += found.pop("position_and_static", 0)
    assert found == Counter({"read": len(rows)}) + fates
    assert len(batch.quarantine) == fates["quarantined"]
    for i, (mmsi, lat, lon, sog) in enumerate(kept):
        assert batch.positions.mmsi[i] == mmsi
        assert abs(batch.positions.lat[i] - lat) < 1e-9
        assert abs(batch.positions.lon[i] - lon) < 1e-9
        if sog is None or not 0 <= np.float32(sog) < 102.25:
            assert np.isnan(batch.positions.sog_kn[i])
        else:
            assert batch.positions.sog_kn[i] == pytest.approx(sog, rel=1e-6)


@given(st.lists(dirty_rows, min_size=1, max_size=25), st.integers(200, 3000), st.sampled_from(["\n", "\r\n"]))
def test_cuts_change_nothing(rows: list[dict[str, str]], chunk_bytes: int, end: str) -> None:
    good = dict.fromkeys(HEADER.split(","), "") | {
        "# Timestamp": "26/04/2026 00:00:00", "MMSI": "219000009", "Latitude": "1", "Longitude": "2"
    }  # fmt: skip
    text = written([good, *rows, good], end)
    same(read(dma, text), read(dma, text, chunk_bytes=chunk_bytes))


def test_static_data_are_emitted_when_they_change() -> None:
    def row(second: int, name: str, lat: str = "55.5") -> str:
        return ROW.replace("00:00:00", f"00:00:{second:02d}").replace("Ever Given", name).replace("55.5", lat)

    rows = [row(0, "ONE"), row(1, "ONE"), row(2, "TWO", lat="91"), row(3, "TWO"), row(4, "ONE")]
    batch = read(dma, "\n".join([HEADER, *rows]))
    assert batch.statics.name.tolist() == [b"ONE", b"TWO", b"ONE"]
    assert [unpack_row(r)[1] for r in batch.statics.row] == [2, 4, 6]
    assert batch.rows == {"read": 5, "position": 2, "position_and_static": 2, "no_position": 1}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,2,3", "another number of fields than the header"),
        (
            ROW.replace('"GOTEBORG', "GOTEBORG").replace(' SE"', ' "SE'),
            "another number of fields than the header",
        ),
        (ROW.replace(' SE"', " SE"), "a quote that is not closed"),
        (ROW.replace("26/04/2026", "04/26/2026"), "time is month first, the format is day first"),
        (ROW.replace("26/04/2026 00:00:00", "2026-04-26"), "time cannot be read"),
        (ROW.replace("26/04/2026 00:00:00", ""), "no time"),
        (ROW.replace("219000001", ""), "no MMSI"),
        (ROW.replace("219000001", "21900000l"), "MMSI cannot be read"),
        (ROW.replace("55.5", "55,5"), "another number of fields than the header"),
        (ROW.replace("55.5", "N55.5"), "latitude cannot be read"),
        (ROW.replace("11.25", "11\0.25"), "longitude cannot be read"),
        (ROW.replace("11.25", "11\xff.25"), "longitude cannot be read"),
    ],
)
def test_a_line_that_cannot_be_read_is_set_aside_with_the_reason(line: str, reason: str) -> None:
    content = f"{HEADER}\n{ROW}\n{line}\n{ROW[:-2]}11\n".encode("latin-1")
    batch = read(dma, content)
    assert [(q.source, q.line, q.reason) for q in batch.quarantine] == [("day", 3, reason)]
    assert batch.quarantine[0].text == line.replace("\xff", "\ufffd")
    assert batch.rows == {"read": 3, "quarantined": 1, "position_and_static": 1, "position": 1}


def test_a_line_without_end_is_skipped_and_the_next_is_read() -> None:
    endless = "x" * 5_000_000
    batch = read(dma, f"{HEADER}\n{ROW}\n{endless}\n\n{ROW[:-2]}12", chunk_bytes=300_000)
    assert [(q.line, q.reason, len(q.text)) for q in batch.quarantine] == [
        (3, "line longer than 1048576 bytes", 500)
    ]
    assert batch.rows == {"read": 3, "quarantined": 1, "position_and_static": 1, "position": 1}
    assert batch.noticed["empty_line"] == 1
    assert unpack_row(batch.positions.row[1])[1] == 5
    same(batch, read(dma, f"{HEADER}\n{ROW}\n{endless}\n\n{ROW[:-2]}12", chunk_bytes=8 << 20))


def test_marks_and_line_ends_make_no_difference() -> None:
    plain = read(dma, f"{HEADER}\n{ROW}\n")
    same(plain, read(dma, f"\ufeff{HEADER}\r\n{ROW}\r\n"))
    same(plain, read(dma, f"{HEADER}\n{ROW}"))
    indexed = read(dma, f",{HEADER}\n17,{ROW}\n")
    np.testing.assert_array_equal(plain.positions.lat, indexed.positions.lat)
    assert plain.statics.destination.tolist() == indexed.statics.destination.tolist()


def test_a_header_alone_is_a_day_without_rows() -> None:
    assert read(dma, HEADER + "\n").rows == {}


def test_the_whole_file_month_first_is_refused_with_the_reason() -> None:
    rows = [ROW.replace("26/04", "04/26").replace("00:00:00", f"00:00:{i:02d}") for i in range(20)]
    with pytest.raises(InputError, match="month first"):
        read(dma, "\n".join([HEADER, *rows]))


@pytest.mark.parametrize(
    ("column", "said"), [("Latitude", "latitude"), ("# Timestamp", "timestamp"), ("MMSI", "mmsi")]
)
def test_a_missing_or_doubled_column_is_named(column: str, said: str) -> None:
    with pytest.raises(InputError, match=f'no column "{said}"'):
        read(dma, HEADER.replace(column, "Other", 1) + f"\n{ROW}\n")
    with pytest.raises(InputError, match=f'"{said}" more than once'):
        read(dma, HEADER.replace("ROT", column) + f"\n{ROW}\n")


CAMEL = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,"
    "TransceiverClass"
)
SNAKE = (
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,"
    "draft,cargo,transceiver"
)


def test_both_american_headers_say_the_same() -> None:
    old = (
        f"{CAMEL}\n636021061,2026-04-26T00:00:00,26.1,-80.2,8.8,272.7,270.0,MSC NAISHA,IMO9307839,5LCB4,1004,"
        "8.0,208.0,30.0,8.0,70.0,A\n"
    )
    new = (
        f"{SNAKE}\n636021061,2026-04-26 00:00:00,-80.2,26.1,8.8,272.7,270,MSC NAISHA,IMO9307839,5LCB4,70,8,"
        "208,30,8.0,70,A\n"
    )
    assert [noaa.sniff(text.encode(), "") for text in (old, new, HEADER)] == [True, True, False]
    assert [dma.sniff(text.encode(), "") for text in (old, new, HEADER)] == [False, False, True]
    same(read(noaa, old), read(noaa, new))
    batch = read(noaa, old)
    assert (batch.statics.imo[0], batch.statics.ship_type[0], batch.positions.nav_status[0]) == (
        9307839,
        70,
        8,
    )


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        (
            "Time,MMSI,Latitude_degrees,Longitude_degrees\n2026-04-26 00:00:00.500,219000001,55.5,11.25\n",
            None,
        ),
        ("timestamp;mmsi;lat;lon\n1777161600.5;219000001;55.5;11.25\n", None),
        ("ts\tMMSI\tlat\tlng\n1777161600500\t219000001\t55.5\t11.25\n", None),
        (
            "Zeit|Schiff|Breite|Länge\n26.04.2026 00-00-00.5|219000001|55.5|11.25\n",
            TableMapping(
                {"t": "Zeit", "mmsi": "Schiff", "lat": "Breite", "lon": "Länge"}, "%d.%m.%Y %H-%M-%S"
            ),
        ),
        ('{"time": "2026-04-26T00:00:00.5Z", "mmsi": 219000001, "lat": 55.5, "lon": 11.25}\n', None),
        (
            '{"time": 1777161600.5, "ship": {"mmsi": 219000001}, "point": {"xy": [11.25, 55.5]}}\n',
            TableMapping({"mmsi": "ship.mmsi", "lon": "point.xy.0", "lat": "point.xy.1"}),
        ),
    ],
)
def test_a_table_of_unknown_make_is_read(text: str, mapping: TableMapping | None) -> None:
    batch = read(table, text, ReadOptions(now=OPTIONS.now, table=mapping))
    p = batch.positions
    assert (p.t.tolist(), p.mmsi.tolist()) == ([from_iso("2026-04-26") + 500], [219000001])
    assert (p.lat.tolist(), p.lon.tolist()) == ([55.5], [11.25])


def test_columns_that_cannot_be_guessed_are_named_with_the_mapping_to_write() -> None:
    with pytest.raises(InputError, match=r"lat, lon among.*breite.*\[sources.table\].*lat = ") as error:
        read(table, "time,mmsi,Breite,Laenge\n")
    assert error.value.exit_code == 3
    with pytest.raises(InputError, match="'speed', which is no field"):
        read(table, "a,b\n", ReadOptions(now=0, table=TableMapping({"speed": "a"})))
    with pytest.raises(InputError, match="not a time format"):
        read(table, "time,mmsi,lat,lon\n", ReadOptions(now=0, table=TableMapping(time="%q")))


def test_a_json_line_that_is_none_is_set_aside() -> None:
    good = '{"time": 1777161600, "mmsi": 219000001, "lat": 55.5, "lon": 11.25}'
    batch = read(table, f'{good}\n{{"time": 17\n[1]\n\n{good.replace("55.5", "55.6")}\n')
    assert [(q.line, q.reason) for q in batch.quarantine] == [
        (2, "not a JSON object"),
        (3, "not a JSON object"),
    ]
    assert batch.rows["position"] == 2
    assert [unpack_row(r)[1] for r in batch.positions.row] == [1, 5]

"""Opening what the user names: compression, archives, folders, standard input, and what is wrong there."""

import bz2
import gzip
import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import InputError, LimitError
from watchkeeper.model.records import Batch, Positions, unpack_row
from watchkeeper.model.time import from_iso
from watchkeeper.sources import unpacking
from watchkeeper.sources.chunks import chunks
from watchkeeper.sources.inputs import Input, open_inputs
from watchkeeper.sources.options import ReadOptions
from watchkeeper.sources.raw import read_lines, read_rows
from watchkeeper.sources.streams import File

OPTIONS = ReadOptions(now=from_iso("2026-05-01"))
START = from_iso("2026-04-26")
ROWS = 3000
TABLE = "time,mmsi,lat,lon,name\n" + "".join(
    f"{START + 1000 * i},{219000000 + i % 7},{50 + i / 1000},11.5,SHIP {i % 7}\n" for i in range(ROWS)
)


def total(source: Input) -> tuple[Positions, Counter[str], list[Batch]]:
    batches = list(source.batches())
    rows: Counter[str] = Counter()
    for batch in batches:
        rows += batch.rows
    return Positions.concat(b.positions for b in batches), rows, batches


def read_all(path: Path) -> None:
    for source in open_inputs([str(path)], OPTIONS):
        total(source)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return out.getvalue()


def truncated(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


COMPRESSED = {
    "gz": gzip.compress(TABLE.encode()),
    "gz_members": gzip.compress(TABLE[:5000].encode()) + gzip.compress(TABLE[5000:].encode()) + bytes(512),
    "zst": zstandard.compress(TABLE.encode()),
    "zst_frames": zstandard.compress(TABLE[:5000].encode()) + zstandard.compress(TABLE[5000:].encode()),
    "bz2": bz2.compress(TABLE.encode()),
    "zip": zipped(day_csv=TABLE.encode(), readme=b"Credit the source.", **{"__MACOSX__x": b"\0\1"}),
}


@pytest.mark.parametrize("kind", COMPRESSED)
def test_compressed_is_as_plain(kind: str, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text(TABLE)
    (tmp_path / "no-suffix-says-so").write_bytes(COMPRESSED[kind])
    plain, rows, _ = total(open_inputs([str(tmp_path / "plain.csv")], OPTIONS)[0])
    inputs = open_inputs([str(tmp_path / "no-suffix-says-so")], OPTIONS)
    assert len(inputs) == 1
    packed, packed_rows, batches = total(inputs[0])
    assert rows == packed_rows
    assert rows["read"] == ROWS
    for column in Positions.DTYPES:
        np.testing.assert_array_equal(getattr(plain, column), getattr(packed, column))
    assert not any(b.quarantine for b in batches)
    lines = TABLE.splitlines()
    assert read_rows(inputs[0].path, [2, 1500, ROWS + 1]) == {n: lines[n - 1] for n in (2, 1500, ROWS + 1)}


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2"])
def test_a_truncated_stream_gives_what_can_be_read(kind: str, tmp_path: Path) -> None:
    digits = np.random.default_rng(1).random(20 * ROWS)  # zstd and bzip2 give whole blocks of up to 900 kB
    table = "time,mmsi,lat,lon\n" + "".join(
        f"{START + i},219000001,{50 + x},11\n" for i, x in enumerate(digits)
    )
    pack = {"gz": gzip.compress, "zst": zstandard.compress, "bz2": bz2.compress}[kind]
    (tmp_path / "day").write_bytes(truncated(pack(table.encode())))
    positions, rows, batches = total(open_inputs([str(tmp_path / "day")], OPTIONS)[0])
    assert 100 < len(positions) < 20 * ROWS
    assert [q.reason for q in batches[-1].quarantine] == ["truncated compressed stream"]
    assert batches[-1].noticed == {"truncated_compressed_stream": 1}
    assert sum(rows.values()) == 2 * rows["read"]


def test_a_damaged_stream_gives_what_can_be_read(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(np.random.default_rng(1).bytes(200_000).hex().encode()))
    header = gzip.compress(TABLE.encode())
    content[100_000:100_050] = b"\xff" * 50
    (tmp_path / "day.csv.gz").write_bytes(header + content)
    _, rows, batches = total(open_inputs([str(tmp_path / "day.csv.gz")], OPTIONS)[0])
    assert rows["position"] + rows["position_and_static"] == ROWS
    assert "damaged" in batches[-1].quarantine[0].reason or "truncated" in batches[-1].quarantine[0].reason


def test_a_zip_member_with_a_wrong_checksum_is_reported(tmp_path: Path) -> None:
    content = bytearray(zipped(day_csv=TABLE.encode()))
    at = content.rindex(b"PK\x01\x02") + 16  # the checksum in the directory
    content[at] ^= 0xFF
    (tmp_path / "day.zip").write_bytes(content)
    _, rows, batches = total(open_inputs([str(tmp_path / "day.zip")], OPTIONS)[0])
    assert rows["read"] == ROWS
    assert batches[-1].quarantine[0].reason == "damaged compressed stream (checksum)"


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "zip"])
def test_a_bomb_is_refused(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "RATIO_FROM_BYTES", 1 << 20)
    bomb = b"time,mmsi,lat,lon\n" + b"\n" * (20 << 20)
    packed = zipped(day_csv=bomb) if kind == "zip" else None
    packed = packed or {"gz": gzip.compress, "zst": zstandard.compress, "bz2": bz2.compress}[kind](bomb)
    (tmp_path / "bomb").write_bytes(packed)
    with pytest.raises(LimitError, match="times its size") as error:
        read_all(tmp_path / "bomb")
    assert error.value.next_step


def test_archive_members_are_inputs_of_their_own_and_nothing_is_unpacked(tmp_path: Path) -> None:
    half = len(TABLE.splitlines()) // 2
    lines = TABLE.splitlines(keepends=True)
    first, second = "".join(lines[:half]), "".join([lines[0], *lines[half:]])
    (tmp_path / "days.zip").write_bytes(zipped(a_csv=first.encode(), **{"..__..__b_csv": second.encode()}))
    inputs = open_inputs([str(tmp_path / "days.zip")], OPTIONS)
    assert [(s.index, Path(s.name).name) for s in inputs] == [(0, "days.zip::a.csv"), (1, "b.csv")]
    assert sum(total(source)[1]["read"] for source in inputs) == ROWS
    assert [p.name for p in tmp_path.iterdir()] == ["days.zip"]
    assert read_rows(inputs[1].path, [2]) == {2: lines[half].rstrip("\n")}


def test_folder_and_pattern_are_the_files_in_them(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).write_text(TABLE)
    (tmp_path / ".hidden").write_text("")
    for named in (str(tmp_path), str(tmp_path / "*.csv")):
        assert [(s.index, Path(s.path).name) for s in open_inputs([named], OPTIONS)] == [
            (0, "a.csv"),
            (1, "b.csv"),
        ]


@pytest.mark.parametrize("content", [TABLE.encode(), COMPRESSED["gz"]])
def test_standard_input_is_read_and_kept(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    source = open_inputs(["-"], ReadOptions(now=OPTIONS.now, spool=tmp_path / "spool"))[0]
    positions, rows, _ = total(source)
    assert source.name == "stdin"
    assert rows["read"] == ROWS
    line = unpack_row(positions.row[-1])[1]
    assert read_rows(source.path, [line]) == {line: TABLE.splitlines()[-1]}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("empty.csv.gz", gzip.compress(b""), "is empty"),
        ("cut.csv.gz", gzip.compress(b"")[:5], "is empty .truncated compressed stream"),
        ("empty.zip", zipped(), "holds no file of a known format"),
        ("cut.zip", COMPRESSED["zip"][:300], "not a readable zip archive"),
        ("picture.jpg", b"\xff\xd8\xff\xe0" + bytes(100), "of no known format; it begins"),
        ("zeros.csv", bytes(10_000), "of no known format"),
        ("text.txt", b"Dear Sir or Madam,\n", "of no known format"),
        (
            "calls.json",
            json.dumps([{"dataUpdatedTime": "", "portCalls": []}]).encode(),
            "port calls, not positions",
        ),
        ("cut.json", b'{"type": "FeatureCollection", "features": [', "not complete JSON"),
        ("other.json", b'{"vessels": 3}', "holds no vessel locations"),
        ("cut.parquet", b"PAR1" + bytes(100), "not a readable Parquet file"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_cannot_be_used_says_so(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said) as error:
        read_all(tmp_path / name)
    assert name in error.value.what
    assert error.value.next_step


def test_what_is_not_there_or_closed_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        open_inputs([str(tmp_path / "missing.csv")], OPTIONS)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="holds no files"):
        open_inputs([str(tmp_path / "folder")], OPTIONS)
    encrypted = bytearray(zipped(day_csv=TABLE.encode()))
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "secret.zip").write_bytes(encrypted)
    with pytest.raises(InputError, match="encrypted"):
        open_inputs([str(tmp_path / "secret.zip")], OPTIONS)


def columns() -> dict[str, object]:
    return {
        "mmsi": pa.array([219000001, 219000002, 2190064], pa.int32()),
        "t": pa.array([START, START + 1, START + 2], pa.timestamp("ms")),
        "lat": [55.123456789, 91.0, 55.0], "lon": [11.0, 181.0, 12.0],
        "sog_kn": pa.array([1.5, None, 2], pa.float32()),
        "cog_deg": pa.array([1, 2, 3], pa.float32()), "heading_deg": pa.array([1, 2, 3], pa.float32()),
        "nav_status": pa.array([0, 15, 0], pa.int8()), "ais_class": pa.array([1, 2, 1], pa.int8()),
    }  # fmt: skip


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_parquet_is_read(own: bool, packed: bool, tmp_path: Path) -> None:
    given = columns() if own else {k: v for k, v in columns().items() if k not in ("ais_class", "nav_status")}
    written = pa.table(given).replace_schema_metadata({"watchkeeper": "positions"} if own else None)
    path = tmp_path / "tracks.parquet"
    pq.write_table(written, path)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    source = open_inputs([str(path)], OPTIONS)[0]
    positions, rows, _ = total(source)
    assert rows == {"read": 3, "position": 1, "no_position": 1, "not_a_ship": 1}
    assert (positions.t[0], positions.lat[0], positions.sog_kn[0]) == (START, 55.123456789, 1.5)
    assert [unpack_row(r) for r in positions.row] == [(0, 1)]
    assert json.loads(read_rows(source.path, [1])[1])["mmsi"] == 219000001


def test_digitraffic_features_and_snapshots_are_read(tmp_path: Path) -> None:
    feature = {
        "mmsi": 219000001, "type": "Feature", "geometry": {"type": "Point", "coordinates": [11.0, 55.0]},
        "properties": {"sog": 1.5, "cog": 360.0, "navStat": 5, "heading": 511, "timestampExternal": START},
    }  # fmt: skip
    (tmp_path / "a.json").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature, {}, 7]}, indent=1)
    )
    vessel = {"mmsi": 219000001, "name": "Ship\nOne", "lon": 11.0, "lat": 55.0, "sog": 1.5, "ship_type": 80}
    snapshot = {"timestamp": "2026-04-26T00:00:00.5+00:00", "vessels": [vessel]}
    (tmp_path / "b.json").write_text(json.dumps(snapshot))
    first, second = open_inputs([str(tmp_path)], OPTIONS)
    positions, rows, batches = total(first)
    assert (positions.t.tolist(), positions.nav_status.tolist()) == ([START], [5])
    assert np.isnan([positions.cog_deg[0], positions.heading_deg[0]]).all()
    assert rows == {"read": 3, "position": 1, "quarantined": 2}
    assert [(q.line, q.reason) for q in batches[0].quarantine] == [
        (2, "no time"),
        (3, "not a vessel location"),
    ]
    assert json.loads(read_rows(first.path, [1])[1]) == feature
    positions, rows, batches = total(second)
    assert positions.t.tolist() == [START + 500]
    assert batches[0].noticed["time_from_snapshot"] == 1
    assert batches[0].statics.name.tolist() == [b"SHIP ONE"]


@pytest.mark.parametrize("chunk_bytes", [7, 64, 1 << 20])
def test_raw_lines_are_found_wherever_chunks_are_cut(chunk_bytes: int) -> None:
    lines = ["header", "", "a" * 30, "b" * 5000, "last"]
    stream = io.BytesIO("\r\n".join(lines).encode())
    found = read_lines(stream, [5, 1, 2, 3, 4, 9, 2], chunk_bytes)
    assert found == {1: "header", 2: "", 3: "a" * 30, 4: "b" * 2000, 5: "last"}


@given(
    st.lists(st.integers(0, 3000), max_size=150), st.sets(st.integers(1, 160), min_size=1), st.integers(1, 99)
)
def test_landmarks_lead_to_the_same_lines(sizes: list[int], rows: set[int], share: int) -> None:
    text = b"\n".join(bytes([97 + k % 26]) * size for k, size in enumerate(sizes))
    stream = File(io.BytesIO(text))
    for _ in chunks(cast(BinaryIO, stream), chunk_bytes=max(1, len(text) * share // 100)):
        pass
    stream.seek(0)
    found = read_lines(cast(BinaryIO, stream), sorted(rows), landmarks=stream.landmarks)
    assert found == read_lines(io.BytesIO(text), sorted(rows))

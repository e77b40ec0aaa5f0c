"""Planted damage is found, and its effect said."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lake_rows import DAY, HOUR, SOURCES, T0, positions, random_positions, statics

from watchkeeper.errors import StoreError
from watchkeeper.store.lake import Damage, Lake
from watchkeeper.store.lake.manifest import NewerSchemaError, UnreadableError
from watchkeeper.store.lake.parquet import encode

FOREVER = (0, T0 + 100 * DAY)
LATER = 2**50
FIRST, SECOND = "realm=real/date=2026-01-05", "realm=real/date=2026-01-06"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake whose first date is laid out for good, and whose second is growing."""
    where = tmp_path_factory.mktemp("whole") / "lake"
    lake = Lake.open(str(where), write=True)
    for epoch in (1, 2):
        lake.append(
            epoch, "real", random_positions(epoch, 300, line=epoch * 1000), statics([5]), sources=SOURCES
        )
    lake.compact(2, now=LATER)
    lake.sweep(now=2 * LATER)
    for epoch in (3, 4):
        given = random_positions(epoch, 300, begin=DAY, line=epoch * 1000)
        lake.append(epoch, "real", given, statics([DAY + 5]), sources=SOURCES)
    assert lake.verify() == []
    return where


@pytest.fixture
def lake(whole: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "lake"))


def one(lake: Path, date: str, projection: str) -> Path:
    return sorted((lake / date).glob(f"{projection}-*.parquet"))[0]


def edit(lake: Path, date: str, change: Callable[[dict], object]) -> None:
    path = lake / date / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def rewrite(lake: Path, date: str, projection: str, change: Callable[[pa.Table], pa.Table], **said) -> None:
    """Change the rows of a file, with a manifest that believes it (but for what is ``said``)."""
    import hashlib

    path = one(lake, date, projection)
    data = encode(projection, change(pq.read_table(pa.BufferReader(path.read_bytes()))))
    path.write_bytes(data)

    def believe(manifest: dict) -> None:
        entry = next(e for e in manifest["files"] if e["name"] == path.name)
        entry |= {"bytes": data.size, "sha256": hashlib.sha256(data).hexdigest(), **said}

    edit(lake, date, believe)


def with_column(name: str, change: Callable) -> Callable[[pa.Table], pa.Table]:
    def changed(table: pa.Table) -> pa.Table:
        k = table.column_names.index(name)
        field = table.schema.field(k)
        values = table.column(k)
        plain = values.cast(pa.int64()) if pa.types.is_timestamp(field.type) else values
        made = pa.array(change(plain.to_numpy(zero_copy_only=False).copy()))
        return table.set_column(k, field, made.cast(field.type))

    return changed


def shifted(first: float) -> Callable:
    def change(values):
        values[0] += first
        return values

    return change


def in_other_realm(table: pa.Table) -> pa.Table:
    k = table.column_names.index("realm")
    other = pa.array(["exercise:x"] * table.num_rows).dictionary_encode()
    return table.set_column(k, table.schema.field(k), other.cast(table.schema.field(k).type))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 8
    path.write_bytes(data)


def garbage(lake: Path) -> None:
    import hashlib

    path = one(lake, SECOND, "cells")
    data = b"x" * path.stat().st_size
    path.write_bytes(data)
    edit(
        lake, SECOND, lambda m: [
            e.update(sha256=hashlib.sha256(data).hexdigest()) for e in m["files"] if e["name"] == path.name
        ],
    )  # fmt: skip


def first_of(manifest: dict, projection: str) -> dict:
    return sorted((e for e in manifest["files"] if e["projection"] == projection), key=lambda e: e["name"])[0]


PLANTED: dict[str, tuple[Callable[[Path], object], set[str], str]] = {
    "a file is missing": (
        lambda lake: one(lake, SECOND, "tracks").unlink(),
        {"file-missing"},
        "where a ship went, 300 positions, 2026-01-06T00:00:",
    ),
    "a file of one bucket is missing": (
        lambda lake: one(lake, FIRST, "tracks").unlink(),
        {"file-missing"},
        "of MMSI 2190000",
    ),
    "a file is cut": (lambda lake: cut_off(one(lake, SECOND, "cells")), {"file-cut"}, "who was in a place"),
    "a bit is flipped": (lambda lake: flip(one(lake, FIRST, "cells")), {"file-changed"}, "600 positions"),
    "statics are missing": (
        lambda lake: one(lake, SECOND, "statics").unlink(),
        {"file-missing"},
        "what a ship said of itself, 1 rows",
    ),
    "a file is no Parquet": (garbage, {"file-unreadable"}, "No Parquet file"),
    "a manifest with a wrong count": (
        lambda lake: edit(lake, SECOND, lambda m: first_of(m, "tracks").update(rows=299)),
        {"rows-differ"},
        "holds 300 rows, the manifest says 299",
    ),
    "a manifest is missing": (
        lambda lake: (lake / FIRST / "manifest.json").unlink(),
        {"manifest-missing"},
        "Nothing of 2026-01-05 (real) can be read",
    ),
    "a manifest is garbled": (
        lambda lake: flip(lake / SECOND / "manifest.json"),
        {"manifest-garbled"},
        "Nothing of 2026-01-06 (real) can be read",
    ),
    "a manifest is cut": (
        lambda lake: cut_off(lake / SECOND / "manifest.json"),
        {"manifest-garbled"},
        "6 files of unknown standing",
    ),
    "a manifest of an older schema": (
        lambda lake: edit(lake, FIRST, lambda m: m.update(schema=0)),
        {"older-schema"},
        "has schema 0, before the first (1)",
    ),
    "a manifest of a newer schema": (
        lambda lake: edit(lake, FIRST, lambda m: m.update(schema=2)),
        {"newer-schema"},
        "has schema 2, this program knows up to 1",
    ),
    "a manifest of another lake": (
        lambda lake: edit(lake, FIRST, lambda m: m.update(lake="another")),
        {"manifest-foreign"},
        "belongs to lake another",
    ),
    "the manifest of another date": (
        lambda lake: shutil.copy(lake / FIRST / "manifest.json", lake / SECOND),
        {"manifest-foreign"},
        "belongs to 2026-01-05 of real",
    ),
    "a file is named twice": (
        lambda lake: edit(lake, SECOND, lambda m: m["files"].append(first_of(m, "cells"))),
        {"named-twice"},
        "counts 2 times",
    ),
    "a file is not named": (
        lambda lake: shutil.copy(one(lake, FIRST, "cells"), lake / FIRST / "cells-9-9-x.parquet"),
        {"not-named"},
        "takes up space",
    ),
    "a file stands in no date": (
        lambda lake: (lake / "somewhere.parquet").write_text("x"),
        {"not-named"},
        "takes up space",
    ),
    "a date that the head does not know": (
        lambda lake: shutil.copytree(lake / FIRST, lake / "realm=real/date=2026-01-09"),
        {"not-named"},
        "takes up space",
    ),
    "epochs overlap": (
        lambda lake: edit(
            lake, SECOND, lambda m: [e.update(epoch_first=3) for e in m["files"] if e["projection"] == "tracks"]
        ),
        {"epochs-overlap"},
        "both hold epoch 3: rows count twice",
    ),
    "an epoch that was not reached": (
        lambda lake: edit(lake, SECOND, lambda m: [e.update(epoch_first=9, epoch_last=9) for e in m["files"][-3:]]),
        {"epoch-not-reached"},
        "is of epoch 9, the lake is at 4",
    ),
    "a projection has fewer rows": (
        lambda lake: rewrite(lake, SECOND, "cells", lambda t: t.slice(0, 299), rows=299),
        {"projections-disagree"},
        "By ship there are 600 positions, by place 599",
    ),
    "a projection has other rows": (
        lambda lake: rewrite(lake, SECOND, "tracks", with_column("lon", shifted(0.001))),
        {"projections-disagree"},
        "but not the same",
    ),
    "rows are out of order": (
        lambda lake: rewrite(lake, SECOND, "tracks", lambda t: t.take(pa.array(np.arange(t.num_rows)[::-1]))),
        {"order-wrong"},
        "not in their order",
    ),
    "a row of another date": (
        lambda lake: rewrite(lake, SECOND, "statics", with_column("t", shifted(-DAY))),
        {"date-foreign"},
        "1 rows are of another date",
    ),
    "other times than the manifest says": (
        lambda lake: edit(lake, SECOND, lambda m: first_of(m, "statics").update(t_max=T0 + DAY + 4)),
        {"times-wrong"},
        "some are not found",
    ),
    "rows of another realm": (
        lambda lake: rewrite(lake, SECOND, "statics", in_other_realm),
        {"realm-foreign"},
        "Rows are of exercise:x, not of real",
    ),
    "a ship in another's bucket": (
        lambda lake: rewrite(lake, FIRST, "tracks", with_column("bucket", lambda b: (b + 1) % 16)),
        {"bucket-foreign"},
        "in a bucket that is not theirs",
    ),
    "other columns": (
        lambda lake: one(lake, SECOND, "statics").write_bytes(one(lake, SECOND, "cells").read_bytes())
        and edit(
            lake,
            SECOND,
            lambda m: first_of(m, "statics").update(
                {k: first_of(m, "cells")[k] for k in ("bytes", "sha256")}
            ),
        ),
        {"columns-differ"},
        "other columns",
    ),
    "the head is missing": (lambda lake: (lake / "lake.json").unlink(), {"head-missing"}, "Put it back from a backup"),
    "the head is garbled": (
        lambda lake: cut_off(lake / "lake.json"),
        {"head-garbled"},
        "Nothing can be read",
    ),
    "the head is of a newer schema": (
        lambda lake: (lake / "lake.json").write_text('{"watchkeeper": "lake", "schema": 7, "id": "x", "new": 1}'),
        {"newer-schema"},
        "Use the version of watchkeeper that wrote it",
    ),
}  # fmt: skip


def found_in(lake: Path) -> list[Damage]:
    try:
        return Lake.open(str(lake)).verify()
    except StoreError:
        from watchkeeper.store.lake.files import Files
        from watchkeeper.store.lake.verify import damages

        return damages(Files(str(lake)))


@pytest.mark.parametrize("name", PLANTED)
def test_damage_is_found_and_its_effect_said(lake: Path, name: str):
    plant, kinds, effect = PLANTED[name]
    plant(lake)
    found = found_in(lake)
    assert {d.kind for d in found} == kinds
    assert any(effect in d.effect for d in found), [d.effect for d in found]
    dates = {d.date for d in found} - {""}
    assert dates <= {"2026-01-05", "2026-01-06", "2026-01-09"}


def test_ships_and_times_of_a_lost_file_are_known_from_the_other(lake: Path):
    victim = one(lake, FIRST, "tracks")
    table = pq.read_table(pa.BufferReader(victim.read_bytes()))
    victim.unlink()
    (damage,) = found_in(lake)
    assert damage.ships == tuple(sorted(set(table.column("mmsi").to_pylist())))
    times = table.column("t").cast(pa.int64()).to_pylist()
    assert (damage.t_from, damage.t_to, damage.rows) == (min(times), max(times), table.num_rows)
    assert (damage.realm, damage.date) == ("real", "2026-01-05")


def test_a_quick_look_finds_what_is_missing_or_cut(lake: Path):
    one(lake, FIRST, "cells").unlink()
    cut_off(one(lake, SECOND, "tracks"))
    flip(one(lake, SECOND, "cells"))
    assert [d.kind for d in Lake.open(str(lake)).verify(deep=False)] == ["file-missing", "file-cut"]


@pytest.mark.parametrize("file", ["lake.json", f"{SECOND}/manifest.json"])
def test_a_newer_schema_is_refused(lake: Path, file: str):
    text = (lake / file).read_text()
    (lake / file).write_text(text.replace('"schema": 1', '"schema": 2'))
    with pytest.raises(NewerSchemaError, match="has schema 2, this program knows up to 1"):
        Lake.open(str(lake), write=True)
    with pytest.raises(NewerSchemaError):
        Lake.open(str(lake)).track(219_000_001, *FOREVER)


def test_a_date_without_its_manifest_is_an_error_and_not_an_empty_day(lake: Path):
    (lake / FIRST / "manifest.json").unlink()
    reader = Lake.open(str(lake))
    with pytest.raises(StoreError, match=r"2026-01-05/manifest\.json is missing"):
        reader.track(219_000_001, T0, T0 + HOUR)
    assert reader.box(-180, -90, 180, 90, T0 + DAY + 2 * HOUR, 2 * HOUR).num_rows > 0


def test_a_head_that_is_gone_is_not_begun_anew(lake: Path):
    (lake / "lake.json").unlink()
    with pytest.raises(StoreError, match="there are files of a lake"):
        Lake.open(str(lake), write=True)
    (lake / "lake.json").write_text("{")
    with pytest.raises(UnreadableError):
        Lake.open(str(lake), write=True)


def test_damage_is_found_in_object_storage_too(bucket: str):
    lake = Lake.open(f"s3://{bucket}/x", write=True)
    lake.append(1, "real", positions([0, 1]), statics([5]), sources=["a"])
    from watchkeeper.store.lake.files import Files

    name = lake.paths("tracks", *FOREVER)[0].removeprefix(f"s3://{bucket}/x/")
    Files(f"s3://{bucket}/x").delete(name)
    assert [(d.kind, d.date, d.ships) for d in lake.verify()] == [
        ("file-missing", "2026-01-05", (219_000_001,))
    ]

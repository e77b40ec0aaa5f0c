"""A checkpoint is there whole or not at all, and only for the configuration it was made for."""

from pathlib import Path

import numpy as np
import pytest

from watchkeeper.engine.checkpoint import KEPT, Checkpoints, fingerprint
from watchkeeper.errors import StateError

ARRAYS = {"a.b": np.arange(1000), "c": np.array("text"), "d": np.full((3, 4), np.nan), "e": np.array([""])}


def checkpoints(folder: Path, made_for: str = "one") -> Checkpoints:
    return Checkpoints(folder, made_for)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    checkpoints(tmp_path).write(ARRAYS, {"places": {"feed": 7}}, 1)
    found = checkpoints(tmp_path).newest()
    assert found is not None
    arrays, description = found
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
    assert description["places"] == {"feed": 7}


def test_nothing_is_no_checkpoint(tmp_path: Path) -> None:
    assert checkpoints(tmp_path / "absent").newest() is None


def test_so_many_are_kept(tmp_path: Path) -> None:
    one = checkpoints(tmp_path)
    for number in range(1, 6):
        one.write({"a": np.array([number])}, {}, number)
    assert len(list(tmp_path.iterdir())) == KEPT
    found = one.newest()
    assert found is not None
    assert found[0]["a"].tolist() == [5]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "garbage"])
def test_a_damaged_one_makes_the_older_count(tmp_path: Path, damage: str) -> None:
    one = checkpoints(tmp_path)
    one.write({"a": np.arange(5000)}, {"n": 1}, 1)
    path = one.write({"a": np.arange(5000)}, {"n": 2}, 2)
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 0xFF
    path.write_bytes(
        {"cut": content[: len(content) // 2], "empty": b"", "garbage": b"x" * 100}.get(damage, content)
    )
    found = one.newest()
    assert found is not None
    assert found[1]["n"] == 1


def test_what_was_being_written_when_killed_is_passed_over(tmp_path: Path) -> None:
    one = checkpoints(tmp_path)
    one.write(ARRAYS, {"n": 1}, 1)
    (tmp_path / "000000000002.partial").write_bytes(b"half")
    found = one.newest()
    assert found is not None
    assert found[1]["n"] == 1


def test_another_configuration_is_refused_with_the_way_out(tmp_path: Path) -> None:
    checkpoints(tmp_path, "one").write(ARRAYS, {}, 1)
    with pytest.raises(StateError, match="--fresh"):
        checkpoints(tmp_path, "other").newest()


def test_a_fingerprint_is_of_values_not_of_their_order() -> None:
    assert fingerprint({"a": 1, "b": 2.0}) == fingerprint({"b": 2.0, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})

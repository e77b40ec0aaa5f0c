"""The examples of the page about the lake run."""

import re
from pathlib import Path

import pytest
from lake_rows import HOUR, positions, statics

from watchkeeper.store.lake import Lake
from watchkeeper.store.lake.damage import DamageKind

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "keep-a-lake.md"


def test_the_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    noon = 12 * HOUR
    lake = Lake.open("lake", write=True)
    lake.append(1, "real", positions([noon - 5, noon - 3], [1, 2]), statics([noon - 5]), sources=["a"])
    names: dict[str, object] = {}
    for code in re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        exec(code, names)
    said = capsys.readouterr().out
    assert "rows={'tracks': 2, 'cells': 2, 'statics': 1}" in said
    assert re.search(r"│\s+2 │", said)
    assert len(names["positions"]) == 2


def test_every_kind_of_damage_is_on_the_page():
    kinds = set(re.findall(r"`([a-z]+-[a-z-]+)`", PAGE.read_text("utf-8")))
    assert set(DamageKind.__args__) <= kinds

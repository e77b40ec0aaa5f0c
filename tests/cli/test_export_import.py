"""``export`` and ``import`` as they are typed."""

import json
from pathlib import Path

import pytest

from scan_folders import Ship, cable, write
from watchkeeper.cli import edge
from watchkeeper.store.folder import Store

FINDING = {
    "id": "00000000-0000-5000-8000-000000000001", "behaviour": "anchor-drag", "version": 2, "mmsi": 211_000_001,
    "start": "2025-03-01T06:00:00Z", "end": "2025-03-01T06:30:00Z", "lat": 57.0, "lon": 20.0,
    "asset": "layer/test-cable", "measured": [], "confidence": "high", "confidence_reason": "why", "realm": "real",
    "evidence": [{"source": "day.csv", "row": 7, "t": "2025-03-01T06:00:00Z", "shows": "beginning", "raw": "a;b"}],
    "summary": "Slower over a cable.",
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """What a scan wrote."""
    return write(tmp_path / "scan", [Ship(211_000_001, "ALFA")], [cable()], [FINDING])


@pytest.fixture
def store(tmp_path: Path) -> Path:
    Store.create(tmp_path / "watch")
    return tmp_path / "watch"


class Answer:
    """What a command answers."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: object) -> None:
        edge.log.talk.cache_clear()
        self.code = edge.run([str(a) for a in arguments])
        said = capsys.readouterr()
        self.out, self.err = said.out, said.err


def test_what_a_scan_found_goes_into_another_store(
    data: Path, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    told = Answer(
        capsys, "export", "--format", "stix", "--data", data, "--tlp", "green", "--by", "A", "--out", out
    )
    assert (told.code, told.out) == (0, ""), told.err
    objects = json.loads(out.read_bytes())["objects"]
    assert {"sighting", "infrastructure", "artifact", "observed-data"} <= {o["type"] for o in objects}
    assert not list(tmp_path.glob(".*"))
    taken = Answer(capsys, "import", out, "--store", store, "--from", "A", "--as", "anna", "--json")
    assert taken.code == 0, taken.err
    (said,) = map(json.loads, taken.out.splitlines())
    assert (said["format"], said["objects"], said["new"]) == ("stix", len(objects), len(objects))
    assert (said["findings"], said["refused"], said["ships_matched"]) == (1, 0, [])
    again = Answer(capsys, "import", out, "--store", store, "--from", "A", "--as", "anna", "--json")
    assert json.loads(again.out)["new"] == 0
    shown = Answer(capsys, "import", out, "--store", store, "--from", "A", "--as", "anna", "--table")
    assert "Ships matched" in shown.out


def test_what_came_in_can_go_on(
    data: Path, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, on = tmp_path / "out.json", tmp_path / "on.json"
    Answer(capsys, "export", "--format", "stix", "--data", data, "--tlp", "green", "--by", "A", "--out", out)
    Answer(capsys, "import", out, "--store", store, "--as", "anna", "--json")
    assert Answer(capsys, "export", "--format", "stix", "--store", store, "--out", on, "--received").code == 0
    lines = set(out.read_bytes().splitlines()[1:-1])
    assert {line.rstrip(b",") for line in lines} <= {
        line.rstrip(b",") for line in on.read_bytes().splitlines()
    }
    bare = Answer(capsys, "export", "--format", "stix", "--store", store, "--out", on)
    assert bare.code == 0
    assert b"sighting" not in on.read_bytes()


def test_the_same_export_gives_the_same_bytes(
    data: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    said = []
    for _ in range(2):
        edge.log.talk.cache_clear()
        assert edge.run(["export", "--format", "stix", "--data", str(data)]) == 0
        said.append(capsysbinary.readouterr().out)
    assert said[0] == said[1]
    assert said[0].startswith(b'{"type":"bundle"')


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--format", "sticks"), 2, "Did you mean stix?"),
        (("--format", "stix", "--tlp", "purple"), 2, "no level of TLP 2.0"),
        (("--format", "stix", "--data", "nowhere"), 3, "no such folder"),
        (("--format", "stix", "--data", "nowhere", "--case", "abcd"), 2, "A scan has no cases"),
        (("--format", "stix", "--store", "nowhere"), 9, "nowhere is not there"),
    ],
)
def test_what_cannot_be_exported_is_told(
    arguments: tuple[str, ...], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Answer(capsys, "export", *arguments)
    assert told.code == code
    assert says in told.err


@pytest.mark.parametrize(
    ("text", "arguments", "code", "says"),
    [
        ("hello", (), 3, "no known format"),
        ("hello", ("--format", "stix"), 3, "no bundle of STIX"),
        ("{}", ("--format", "sticks"), 2, "Did you mean stix?"),
        (None, (), 3, "No such file"),
    ],
)
def test_what_cannot_be_imported_is_told(
    text: str | None, arguments: tuple[str, ...], code: int, says: str, store: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = tmp_path / "in.json"
    if text is not None:
        file.write_text(text)
    told = Answer(capsys, "import", file, "--store", store, "--as", "anna", *arguments)
    assert told.code == code
    assert says in told.err
    assert str(file) in told.err or code == 2


def test_refused_parts_are_told_and_the_rest_is_taken(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "in.json"
    good = {"type": "x-a", "spec_version": "2.1", "id": "x-a--8b8ed1c1-f01d-4393-ac65-97017ed15876",
            "created": "2020-01-01T00:00:00Z", "modified": "2020-01-01T00:00:00Z"}  # fmt: skip
    file.write_text(
        json.dumps(
            {"type": "bundle", "objects": [good, {"type": "x-a", "id": "\x1b[31m"}], "spec_version": ""}
        )
    )
    told = Answer(capsys, "import", file, "--store", store, "--as", "anna", "--json")
    assert told.code == 0
    assert (json.loads(told.out)["objects"], json.loads(told.out)["refused"]) == (1, 1)
    assert "refused" in told.err
    assert "\x1b" not in told.err

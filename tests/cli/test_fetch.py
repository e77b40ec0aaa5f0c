"""The command ``fetch``, and fetched names in the place of files."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fetching.conftest import Publisher, an_item
from fetching.test_fetch import DAY, OWN
from watchkeeper.cli import edge
from watchkeeper.cli.fetch import asked
from watchkeeper.errors import UsageError
from watchkeeper.fetching.store import Store

pytest_plugins = ["fetching.conftest"]


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_fetch_list_diff_and_scan(
    publisher: Publisher,
    store: Store,
    with_catalogue: Callable[..., None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address = publisher.put("/list.csv", OWN)
    with_catalogue(an_item(addresses=(address,)), an_item("by-hand", by_hand="Not online"))

    assert edge.run(["fetch", "own-list"]) == 0
    (got,) = lines(capsys.readouterr().out)
    assert (got["outcome"], got["entries"], got["licence"]) == ("new", 1, "CC0")
    assert edge.run(["fetch", "own-list", "--table"]) == 0
    assert "own-list: unchanged since" in capsys.readouterr().out

    assert edge.run(["fetch", "diff", "own-list"]) == 8
    assert "1 version, nothing to compare" in capsys.readouterr().err
    publisher.put("/list.csv", OWN.replace("GREY HERON", "BLUE HERON") + "9000015,OLD SPOON,own\n")
    assert edge.run(["fetch", "own-list", "--table"]) == 0
    assert "2 entries" in capsys.readouterr().out
    assert edge.run(["fetch", "diff", "own-list", "--table"]) == 0
    text = capsys.readouterr().out
    assert "1 added, 0 removed, 1 changed, 0 the same" in text
    assert "+ IMO 9000015 OLD SPOON" in text
    assert "~ IMO 9000003 BLUE HERON; name: GREY HERON -> BLUE HERON" in text

    assert edge.run(["fetch", "--list"]) == 0
    shown = {row["name"]: row for row in lines(capsys.readouterr().out)}
    assert (shown["own-list"]["versions"], shown["own-list"]["age_days"]) == (2, 0)
    assert (shown["by-hand"]["versions"], shown["by-hand"]["age_days"]) == (0, None)

    assert edge.run(["lists", "check", "9000015", "--list", "own-list", "--json"]) == 0
    (report,) = lines(capsys.readouterr().out)
    assert report["answers"][0]["outcome"] == "listed"  # type: ignore[index]

    day = tmp_path / "day.csv"
    day.write_text(DAY + DAY.splitlines()[1].replace("00:00:01", "00:00:31") + "\n")
    out = tmp_path / "out"
    scan = ["scan", str(day), "--out", str(out), "--list", "own-list", "--no-report", "--json"]
    assert edge.run(scan) == 0
    (used,) = json.loads((out / "run.json").read_text())["lists"]
    assert (used["title"], used["kind"], used["entries"]) == ("own-list", "vessel list", 2)
    assert edge.run([*scan[:-4], "--list", "by-hand", "--force"]) == 8
    assert "by-hand was not fetched yet" in capsys.readouterr().err


def test_one_failure_does_not_keep_the_others_from_being_fetched(
    publisher: Publisher,
    store: Store,
    with_catalogue: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    good = publisher.put("/list.csv", OWN)
    with_catalogue(
        an_item("bad", addresses=(publisher.address("/none"),)), an_item("good", addresses=(good,))
    )
    assert edge.run(["fetch", "bad", "good"]) == 8
    text = capsys.readouterr()
    assert [row["name"] for row in lines(text.out)] == ["good"]
    assert "failed: " in text.err
    assert "1 of 2 could not be fetched" in text.err


def test_rows_that_could_not_be_read_stand_in_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "day.csv").write_text(DAY)
    (tmp_path / "own.csv").write_text("imo,mmsi,name\n9000003,12,GREY HERON\nonly one cell\n,,\n")
    out = tmp_path / "out"
    scan = [
        "scan",
        str(tmp_path / "day.csv"),
        "--out",
        str(out),
        "--list",
        str(tmp_path / "own.csv"),
        "--no-report",
    ]
    assert edge.run(scan) == 0
    (used,) = json.loads((out / "run.json").read_text())["lists"]
    assert used["rejected_rows"] == [{"row": 3, "reason": "1 columns instead of 3", "text": "only one cell"}]
    assert used["unread_values"] == [{"row": 2, "entry": "2", "what": "'12' is not a ship's MMSI (9 digits)"}]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Nothing to fetch"),
        (["2025-12-31"], "stands before any name"),
        (["ofac"], "nothing to fetch called"),
        (["dma"], "by the day"),
        (["ofac-sdn", "2025-12-31"], "has no days"),
        (["ofac-sdn", "un-sanctions", "--from", "x"], "several names"),
        (["diff"], "diff needs one name"),
        (["diff", "osm-cables"], "is no list"),
    ],
)
def test_misuse_is_said(
    store: Store, words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edge.run(["fetch", *words]) == 2
    assert says in capsys.readouterr().err


def test_days_belong_to_the_name_before_them() -> None:
    found = asked(["ofac-sdn", "dma", "2025-12-30", "2025-12-31", "noaa", "2025-01-01"])
    assert [(item.name, day) for item, day in found] == [
        ("ofac-sdn", None),
        ("dma", date(2025, 12, 30)),
        ("dma", date(2025, 12, 31)),
        ("noaa", date(2025, 1, 1)),
    ]
    with pytest.raises(UsageError):
        asked(["2025-12-31"])


def test_what_can_be_fetched_is_shown_without_heavy_imports(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom watchkeeper.cli import edge\n"
        "code = edge.run(['fetch', '--list', '--to', sys.argv[1], '--json'])\n"
        "heavy = {'httpx', 'numpy', 'numba', 'pyogrio', 'shapely'} & set(sys.modules)\n"
        "sys.exit(code or str(sorted(heavy)) if heavy else code)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert len(lines(run.stdout)) == 17

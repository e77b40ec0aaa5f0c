"""A lake that was interrupted anywhere can be read, and gone on with, without loss and without doubles."""

import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from lake_rows import DAY, HOUR, SOURCES, T0, as_rows, expected, in_order, random_positions, statics

from watchkeeper.errors import StoreError
from watchkeeper.model.records import Positions, Statics
from watchkeeper.store.lake import Lake
from watchkeeper.store.lake.files import Files, MissingFileError
from watchkeeper.store.lake.parquet import DamagedFileError

FOREVER = (0, T0 + 10_000 * DAY)
LATER = 2**50
READINGS = 6
SHIPS = [219_000_000, 219_000_001, 219_000_002]


class Killed(BaseException):
    """The process ends here."""


def flush(epoch: int) -> Positions:
    """What a flush brings: rows of two dates."""
    return random_positions(epoch, 30, begin=DAY - HOUR, line=30 * epoch, ships=3)


def append(lake: Lake, epoch: int) -> None:
    lake.append(epoch, "real", flush(epoch), statics([epoch], line=[epoch]), sources=SOURCES)


def rows(lake: Lake) -> list:
    by_ship = in_order(r for batch in lake.scan(*FOREVER, mmsi=SHIPS) for r in as_rows(batch))
    by_time = expected(Positions.concat(list(lake.replay(*FOREVER, sources=SOURCES))))
    assert by_ship == by_time
    return by_ship


def of_epochs(*epochs: int) -> list:
    return expected(Positions.concat([flush(e) for e in epochs]))


@contextmanager
def failing(at: int, error: BaseException, *, done: bool) -> Iterator[list[str]]:
    """The operation number ``at`` on a file fails, before it did anything or (``done``) after it did all.

    Every change of a file is counted, and the first readings; a joining reads more than a test has time for.
    """
    calls: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("get", "open", "put", "delete", "list"):
            patch.setattr(Files, name, _counted(name, getattr(Files, name), calls, at, error, done=done))
        yield calls


def _counted(
    name: str, real: Callable, calls: list[str], at: int, error: BaseException, *, done: bool
) -> Callable:
    def called(*args, **kwargs):
        counts = name in ("put", "delete", "list") or len(calls) < READINGS
        calls.extend([name] * counts)
        fails = counts and len(calls) == at
        if fails and not done:
            raise error
        result = real(*args, **kwargs)
        if fails:
            raise error
        return result

    return called


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of three epochs."""
    where = tmp_path_factory.mktemp("begun") / "lake"
    lake = Lake.open(str(where), write=True)
    for epoch in (1, 2, 3):
        append(lake, epoch)
    return where


@pytest.fixture
def old_lake(begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Lake]:
    """Gives a lake of three epochs each time it is called."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    numbers = count()
    return lambda: Lake.open(str(shutil.copytree(begun, tmp_path / str(next(numbers)))), write=True)


WORK = {
    "append": (lambda lake: append(lake, 4), of_epochs(1, 2, 3), of_epochs(1, 2, 3, 4)),
    "truncate": (lambda lake: lake.truncate_after(1), of_epochs(1, 2, 3), of_epochs(1)),
    "join": (lambda lake: lake.compact(3, now=LATER), of_epochs(1, 2, 3), of_epochs(1, 2, 3)),
    "sweep": (lambda lake: lake.sweep(now=LATER), of_epochs(1, 2, 3), of_epochs(1, 2, 3)),
    "expire": (
        lambda lake: lake.expire(T0 + DAY, now=LATER),
        of_epochs(1, 2, 3),
        [r for r in of_epochs(1, 2, 3) if r[2] >= T0 + DAY],
    ),
}


@pytest.mark.parametrize(
    ("what", "done"), [*((what, False) for what in WORK), ("append", True), ("truncate", True)]
)
def test_each_operation_on_a_file_may_fail(old_lake, what: str, done: bool):
    work, before, after = WORK[what]
    at = 0
    while True:
        at += 1
        lake = old_lake()
        where = lake.where
        with failing(at, StoreError("The disk is full."), done=done) as calls, suppress(StoreError):
            work(lake)
        if len(calls) < at:
            break
        assert rows(Lake.open(where)) in (before, after), f"{calls[-1]} number {at}"
        # The same object does it again.
        work(lake)
        assert rows(lake) == after
        lake.sweep(now=LATER)
        assert lake.verify() == []
    assert at > 3


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("what", WORK)
def test_the_process_may_die_at_each_operation(old_lake, what: str, done: bool):
    work, before, after = WORK[what]
    at = 0
    while True:
        at += 1
        lake = old_lake()
        where = lake.where
        try:
            with failing(at, Killed(), done=done) as calls:
                work(lake)
        except Killed:
            pass
        if len(calls) < at:
            break
        assert rows(Lake.open(where)) in (before, after), f"{calls[-1]} number {at}"
        heir = Lake.open(where, write=True)
        if what != "append" or heir.epoch() < 4:
            work(heir)
        assert rows(heir) == after
        heir.sweep(now=LATER)
        assert heir.verify() == []
    assert at > 3


def test_opening_may_die_too(old_lake):
    """Of a killed append the next writer takes out what was named and never reached."""
    for at in range(1, 12):
        lake = old_lake()
        where = lake.where
        with pytest.raises(Killed), failing(6, Killed(), done=True):
            append(lake, 4)
        try:
            with failing(at, Killed(), done=False):
                Lake.open(where, write=True)
        except Killed:
            pass
        heir = Lake.open(where, write=True)
        append(heir, 4)
        assert rows(heir) == of_epochs(1, 2, 3, 4)


def test_a_damaged_file_is_not_joined(old_lake):
    lake = old_lake()
    victim = Path(lake.paths("tracks", *FOREVER)[0])
    data = bytearray(victim.read_bytes())
    data[len(data) // 3] ^= 1
    victim.write_bytes(data)
    with pytest.raises(DamagedFileError, match="is not what was written"):
        lake.compact(3, now=LATER)
    assert any(d.kind == "file-changed" for d in lake.verify())


def test_a_flipped_bit_is_an_error_and_not_another_position(tmp_path: Path):
    lake = Lake.open(str(tmp_path), write=True)
    lake.append(1, "real", random_positions(1, 5000, ships=3), Statics.empty(), sources=SOURCES)
    victim = Path(lake.paths("tracks", *FOREVER)[0])
    data = victim.read_bytes()
    want = rows(lake)
    refused = 0
    for place in range(20, len(data) * 3 // 4, len(data) // 25):
        victim.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        try:
            assert in_order(r for batch in lake.scan(*FOREVER) for r in as_rows(batch)) == want
        except DamagedFileError:
            refused += 1
    assert refused > 15


def test_a_file_that_is_gone_is_said(old_lake):
    lake = old_lake()
    Path(lake.paths("cells", *FOREVER)[0]).unlink()
    with pytest.raises(MissingFileError, match=r"cells-1-1-.*\.parquet is missing"):
        lake.box(-180, -90, 180, 90, T0 + DAY, 2 * DAY)


def test_a_full_disk_is_said_and_leaves_the_lake_as_it_was(old_lake):
    lake = old_lake()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(
            StoreError, match=r"tracks-4-4-.* cannot be written: File too large\. Look at the disk"
        ):
            append(lake, 4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert rows(Lake.open(lake.where)) == of_epochs(1, 2, 3)
    assert not list(Path(lake.where).rglob("*.unfinished"))
    append(lake, 4)
    assert rows(lake) == of_epochs(1, 2, 3, 4)


def test_two_threads_write_and_join(old_lake):
    lake = old_lake()
    failed: list[BaseException] = []

    def join() -> None:
        try:
            for _ in range(6):
                lake.compact(lake.epoch(), now=LATER)
        except StoreError as error:
            failed.append(error)

    beside = threading.Thread(target=join)
    beside.start()
    for epoch in range(4, 12):
        append(lake, epoch)
    beside.join()
    assert not failed
    assert rows(lake) == of_epochs(*range(1, 12))
    lake.sweep(now=2 * LATER)
    assert lake.verify() == []


CHILD = """
import sys
sys.path.insert(0, sys.argv[2])
from test_lake_faults import LATER, append
from watchkeeper.store.lake import Lake
lake = Lake.open(sys.argv[1], write=True)
lake.truncate_after(max(lake.epoch() - 1, lake.epoch() // 5 * 5))
while True:
    epoch = lake.epoch() + 1
    append(lake, epoch)
    print(epoch, flush=True)
    if epoch % 5 == 0:
        lake.compact(epoch, now=LATER)
        lake.sweep(now=LATER)
"""


def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path):
    chance = random.Random(5)
    where = str(tmp_path / "lake")
    reached = []
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, where, str(Path(__file__).parent)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        for _ in range(chance.randint(2, 4)):
            assert child.stdout.readline()
        time.sleep(chance.uniform(0, 0.1))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        lake = Lake.open(where)
        assert rows(lake) == of_epochs(*range(1, lake.epoch() + 1))
        reached.append(lake.epoch())
    # Each went on from at most one flush before, and had written two.
    assert reached == sorted(set(reached))

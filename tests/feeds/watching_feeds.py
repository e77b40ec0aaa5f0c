"""Receivers for tests: started, waited for, always stopped."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from watchkeeper.feeds.address import parse_all
from watchkeeper.feeds.health import Picture
from watchkeeper.feeds.receiver import Keep, Receiver
from watchkeeper.feeds.spooled import SpoolReader

QUICK = Keep(sync_ms=20)


@contextmanager
def receiving(folder: Path, *addresses: str, **more: Any) -> Iterator[Receiver]:
    receiver = Receiver(
        folder, parse_all(list(addresses)), keep=more.pop("keep", QUICK), pauses_s=(0.05, 0.2), **more
    )
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()


def until(true: Callable[[], Any], what: str = "", seconds: float = 20.0) -> Any:
    """Wait for something to become true. The time only ends a test that has failed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = true()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"did not come: {what or true}")


def spooled(folder: Path, name: str) -> list[bytes]:
    """All lines of a spool, in order, without their ends."""
    reader = SpoolReader(folder / name, name)
    parts = []
    while block := reader.read(1 << 20)[0]:
        parts.append(block)
    reader.close()
    return b"".join(parts).split(b"\n")[:-1]


def has(folder: Path, name: str, many: int) -> list[bytes]:
    """The lines of a spool, when there are so many."""
    return until(
        lambda: (lines := spooled(folder, name)) and len(lines) >= many and lines, f"{many} lines of {name}"
    )


def picture(receiver: Receiver, name: str) -> Picture:
    return next(p for p in receiver.pictures() if p.feed == name)

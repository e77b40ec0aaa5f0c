"""FollowTheMoney as a format."""

import re
from collections.abc import Iterator
from typing import Final

from watchkeeper.exchange.formats import Format
from watchkeeper.exchange.ftm.reading import read
from watchkeeper.exchange.ftm.writing import write
from watchkeeper.exchange.things import Things

_ENTITY: Final = re.compile(rb'\{[^\n]*"schema"\s*:')


def losses(things: Things) -> Iterator[str]:
    """The model is of ships and those behind them, not of what ships do."""
    for name, some in (
        ("findings", things.findings), ("alerts", things.alerts), ("cases", things.cases), ("assets", things.assets),
        ("reports", things.reports),
    ):  # fmt: skip
        if some:
            yield f"{len(some)} {name} are not in it: FollowTheMoney has no word for them."


FORMAT: Final = Format(
    name="ftm",
    title="FollowTheMoney entities, one a line",
    media="application/x-ndjson",
    suffix=".ftm.json",
    write=write,
    read=read,
    recognises=lambda head: _ENTITY.match(head.lstrip()) is not None,
    losses=losses,
)

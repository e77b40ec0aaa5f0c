"""Cursor on Target as a file: events in XML one after the other, as a stream carries them, or protobuf."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from watchkeeper.exchange.cot.events import events
from watchkeeper.exchange.cot.sending import SCHEMES, as_protobuf, as_xml, send
from watchkeeper.exchange.formats import Format
from watchkeeper.exchange.things import Things


def write(things: Things, out: BinaryIO) -> None:
    """XML documents, one an event."""
    for event in events(things):
        out.write(as_xml(event))


def write_protobuf(things: Things, out: BinaryIO) -> None:
    """Messages of a stream of TAK Protocol 1."""
    for event in events(things):
        out.write(as_protobuf(event, stream=True))


def losses(things: Things) -> Iterator[str]:
    """A display shows symbols."""
    yield "Evidence is not in it; measured values are text. Old things are stale, and displays may hide them."
    for name, some in (
        ("assets", things.assets), ("alerts", things.alerts), ("cases", things.cases), ("listings", things.listings),
        ("reports", things.reports),
    ):  # fmt: skip
        if some:
            yield f"{len(some)} {name} are not in it."


COT: Final = Format(
    name="cot",
    title="Cursor on Target 2.0 (XML), for TAK",
    media="application/xml",
    suffix=".cot",
    write=write,
    losses=losses,
    schemes=SCHEMES,
    send=send,
)
PROTOBUF: Final = Format(
    name="cot-protobuf",
    title="TAK Protocol 1 (protobuf), for TAK",
    media="application/octet-stream",
    suffix=".tak",
    write=write_protobuf,
    losses=losses,
)

"""MISP events as a format: one event, or several as MISP's own export has them."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from watchkeeper.exchange.caveats import together
from watchkeeper.exchange.formats import Format
from watchkeeper.exchange.misp.events import as_json, events
from watchkeeper.exchange.misp.reading import read
from watchkeeper.exchange.things import Things

_KEYS: Final = (b'"info"', b'"Attribute"', b'"Object"', b'"EventReport"')


def write(things: Things, out: BinaryIO) -> None:
    """One event as such, several or none as a ``response``."""
    made = [as_json(event) for event in events(things)]
    out.write(made[0] if len(made) == 1 else b'{"response":[' + b",".join(made) + b"]}")
    out.write(b"\n")


def losses(things: Things) -> Iterator[str]:
    """What MISP does not decide by, and has no word for."""
    yield "MISP releases by distribution and sharing group, not by tags: read docs/how-to/exchange-formats.md."
    marking = together(things)
    if marking.expires is not None or marking.purposes is not None or marking.originator_control:
        yield "Expiry, purposes and originator control are told in a tag; MISP does not enforce them."
    if things.markings.of:
        yield "Things with several markings stand under all of them together: MISP marks the event."
    if things.alerts:
        yield f"{len(things.alerts)} alerts are not in it but by their findings."
    if things.fixes:
        yield "Last places of ships are not in it."


FORMAT: Final = Format(
    name="misp",
    title="MISP events (JSON), made with PyMISP",
    media="application/json",
    suffix=".misp.json",
    write=write,
    read=read,
    recognises=lambda head: b'"Event"' in head and any(key in head for key in _KEYS),
    losses=losses,
)

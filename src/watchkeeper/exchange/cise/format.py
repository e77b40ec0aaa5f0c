"""EU CISE as formats: a Push of one service each, and any message back."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final

from watchkeeper.exchange.caveats import together
from watchkeeper.exchange.cise.messages import MESSAGE, Service, message
from watchkeeper.exchange.cise.reading import read
from watchkeeper.exchange.formats import Format
from watchkeeper.exchange.things import Things
from watchkeeper.exchange.words import vessels_by_mmsi

_MEDIA: Final = "application/xml"


def write(things: Things, out: BinaryIO, service: Service) -> None:
    """One Push."""
    out.write(message(things, service))


def losses(things: Things, service: Service) -> Iterator[str]:
    """What a message of this service does not hold, and which words CISE lacks."""
    if together(things).tlp == "amber+strict":
        yield "CISE knows no TLP:AMBER+STRICT: its field says Red, the text of the metadata the exact level."
    if len(together(things).purposes or ()) > 1:
        yield "CISE names one purpose a message; the text of the metadata has all."
    within = {
        "Vessel": (),
        "Anomaly": (things.findings,),
        "Incident": (things.cases, things.findings),
        "Risk": (things.alerts, things.findings),
    }[service]
    for name, some in (
        ("findings", things.findings), ("cases", things.cases), ("alerts", things.alerts), ("assets", things.assets),
        ("listings", things.listings), ("reports", things.reports),
    ):  # fmt: skip
        if some and not any(some is held for held in within):
            yield f"{len(some)} {name} are not in a message of the {service}Service."
    if service != "Vessel" and vessels_by_mmsi(things):
        yield "Ships stand in it by name and numbers only; send cise-vessel for the rest."


def _push(service: Service, what: str) -> Format:
    return Format(
        name=f"cise-{service.lower()}",
        title=f"EU CISE 1.5.3, Push of the {service}Service ({what})",
        media=_MEDIA,
        suffix=".xml",
        write=partial(write, service=service),
        losses=partial(losses, service=service),
    )


VESSEL: Final = _push("Vessel", "ships")
ANOMALY: Final = _push("Anomaly", "findings")
INCIDENT: Final = _push("Incident", "cases")
RISK: Final = _push("Risk", "alerts")
READ: Final = Format(
    name="cise",
    title="EU CISE 1.5.3, any message",
    media=_MEDIA,
    suffix=".xml",
    read=read,
    recognises=lambda head: MESSAGE.encode() in head,
)

"""STIX 2.1 as a format of ``watchkeeper export`` and ``watchkeeper import``."""

from typing import Final

from watchkeeper.exchange.formats import Format
from watchkeeper.exchange.stix.bundle import write
from watchkeeper.exchange.stix.reading import read, recognises

FORMAT: Final = Format(
    name="stix",
    title="STIX 2.1, everything, lossless between watchkeepers",
    media="application/stix+json;version=2.1",
    suffix=".json",
    write=write,
    read=read,
    recognises=recognises,
)

"""CSV (RFC 4180): one row a finding, with the ship and the marking in the columns, for spreadsheets.

Names of ships come from the air. A cell of text that a spreadsheet would take for a formula begins with an apostrophe
(OWASP, CSV injection).
"""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

from watchkeeper.exchange.caveats import banner, caveat, of_thing
from watchkeeper.exchange.formats import Format
from watchkeeper.exchange.things import Things
from watchkeeper.exchange.words import measured_words, vessels_by_mmsi
from watchkeeper.model.finding import Finding

COLUMNS: Final = (
    "banner", "marking", "finding", "behaviour", "version", "mmsi", "imo", "name", "callsign", "flag", "other_mmsi",
    "start", "end", "lat", "lon", "asset", "confidence", "trust", "measured", "summary", "alerts", "lists", "realm",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write(things: Things, out: BinaryIO) -> None:
    """The table, in UTF-8."""
    text = io.TextIOWrapper(out, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows(_rows(things))
    text.detach()


def losses(things: Things) -> Iterator[str]:
    """One row a finding: what belongs to none is not in it."""
    yield "Evidence is not in it; measured values are text."
    for name, some in (("assets", things.assets), ("cases", things.cases), ("reports", things.reports)):
        if some:
            yield f"{len(some)} {name} are not in it."


def _rows(things: Things) -> Iterator[list[object]]:
    vessels = vessels_by_mmsi(things)
    over = banner(things)
    alerts = {id: alert.id for alert in things.alerts for id in alert.finding_ids}
    lists: dict[int, list[str]] = {}
    for listing in things.listings:
        lists.setdefault(listing.mmsi, []).append(listing.match.list_title)
    for finding in things.findings:
        vessel = vessels[finding.mmsi]
        yield [
            _cell(value)
            for value in (
                over, caveat(of_thing(things, "finding", finding.id)), finding.id, finding.behaviour, finding.version,
                finding.mmsi, finding.imo or vessel.imo, finding.name or vessel.name, vessel.callsign, vessel.flag,
                finding.other_mmsi, finding.start, finding.end, finding.lat, finding.lon, finding.asset,
                finding.confidence, finding.trust, _measured(finding), finding.summary,
                alerts.get(finding.id), "; ".join(lists.get(finding.mmsi, ())), finding.realm,
            )
        ]  # fmt: skip


def _measured(finding: Finding) -> str:
    return "; ".join(map(measured_words, finding.measured))


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


FORMAT: Final = Format(
    name="csv",
    title="CSV, one row a finding, for spreadsheets",
    media="text/csv",
    suffix=".csv",
    write=write,
    losses=losses,
)

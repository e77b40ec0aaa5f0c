"""Entries of sanctions and vessel lists that name a ship: external references, and our extension ``sanction``."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from watchkeeper.exchange.things import Listing
from watchkeeper.model.picture import ListMatch

SANCTION: Final = "extension-definition--8e1d7b52-93c4-4a7b-b1aa-6d0c5f2e7a33"


def listed_in(listings: Iterable[Listing]) -> Iterable[dict[str, Any]]:
    """The entries as external references."""
    for match in (listing.match for listing in listings):
        yield {
            "source_name": match.list_title,
            "external_id": match.entry,
            "description": f"{match.programs} ({match.as_of})" if match.programs else match.as_of or None,
        }


def sanction(listings: Sequence[Listing]) -> dict[str, Any]:
    """The extension: every entry with how the ship was matched and what the list says of it."""
    return {"entries": [{"mmsi": listing.mmsi} | _entry(listing.match) for listing in listings]}


def _entry(match: ListMatch) -> dict[str, Any]:
    return {
        "list_title": match.list_title,
        "entry": match.entry,
        "matched_by": match.by,
        "confidence": match.confidence,
        "reason": match.reason,
        "programs": match.programs,
        "as_of": match.as_of,
        **({"says": [{"field": name, "value": value} for name, value in match.says]} if match.says else {}),
    }


def listings_of(says: dict[str, Any], mmsi: int) -> list[Listing]:
    """The entries from our extension; of the ship with this MMSI, where they do not say.

    Raises:
        ValueError: it is not what we write.
    """
    made = []
    for entry in says["entries"]:
        told = [(one["field"], one["value"]) for one in entry.get("says", ())]
        match = {"programs": "", "as_of": "", **entry, "by": entry["matched_by"], "says": told}
        made.append({"mmsi": entry.get("mmsi", mmsi), "match": match})
    return msgspec.convert(made, list[Listing])

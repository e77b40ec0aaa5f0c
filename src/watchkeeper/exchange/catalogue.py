"""The published catalogue of behaviours: what partners know each by, whatever the format."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec


class Published(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A behaviour as it is published: ``number`` (HB-nnn), never given twice; ``cise`` the nearest AnomalyType.

    Sources: EU CISE data model 1.5.3, AnomalyType.
    """

    number: str = ""
    cise: str = "Other"


@cache
def published() -> dict[str, Published]:
    """The catalogue, by the ids of behaviours."""
    text = files("watchkeeper.exchange").joinpath("catalogue.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Published])


def published_as(behaviour: str) -> Published:
    """What partners know a behaviour by; one that the catalogue does not have has no number."""
    return published().get(behaviour, Published())

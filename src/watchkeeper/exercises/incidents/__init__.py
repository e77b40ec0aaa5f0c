"""Public incidents as data: facts with their sources, and a track reconstructed from them. Nothing here was recorded.

One TOML file per incident stands beside this module. ``docs/incidents/`` says how to read them.
"""

from functools import cache
from importlib import resources
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from watchkeeper.errors import UsageError
from watchkeeper.exercises.scenario import Lat, Lon, ScenarioAsset, ScenarioShip
from watchkeeper.model.time import from_iso

Text = Annotated[str, Meta(min_length=1)]
Told = Literal["anchor-drag", "attribution", "quiet"]

RECONSTRUCTED: Final = "RECONSTRUCTED"


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No key that is not known."""


class Fact(_Strict, frozen=True, kw_only=True):
    """What is publicly said: by whom, when (of the source, else when it was read), and whether another confirms it."""

    text: Text
    source: Text
    date: Text
    verified: bool


class Fault(_Strict, frozen=True, kw_only=True):
    """The asset that failed, the window in which it did (ISO 8601), and where, as far as a measurement tells."""

    asset: Text
    begin: Text
    end: Text
    near: tuple[Lat, Lon] | None = None
    within_nmi: Annotated[float, Meta(gt=0)] | None = None


class Incident(_Strict, frozen=True, kw_only=True):
    """An incident, or an innocent event mistaken for one.

    ``told`` says what shows it: the behaviour; where the ship did not slow down (or nobody said so) attribution alone;
    or nothing, where there was nothing to see. ``outcome``: what authorities and courts found. ``assumed``: what the
    reconstruction adds to the facts.
    """

    title: Text
    told: Told
    start: Text
    hours: Annotated[float, Meta(ge=8, le=72)]
    outcome: Text
    facts: Annotated[tuple[Fact, ...], Meta(min_length=1)]
    assumed: Annotated[tuple[Text, ...], Meta(min_length=1)]
    assets: Annotated[tuple[ScenarioAsset, ...], Meta(min_length=1)]
    fault: Fault | None = None
    ship: ScenarioShip | None = None

    @property
    def start_ms(self) -> int:
        return from_iso(self.start)


@cache
def all_incidents() -> dict[str, Incident]:
    """Every incident by name, in order of time."""
    found = {
        file.name.removesuffix(".toml"): msgspec.toml.decode(file.read_bytes(), type=Incident)
        for file in resources.files(__name__).iterdir()
        if file.name.endswith(".toml")
    }
    return dict(sorted(found.items(), key=lambda item: item[1].start_ms))


def incident(name: str) -> Incident:
    """An incident by its name.

    Raises:
        UsageError: there is none.
    """
    known = all_incidents()
    if name not in known:
        raise UsageError(f"There is no incident {name!r}.", f"Choose one of: {', '.join(known)}.")
    return known[name]

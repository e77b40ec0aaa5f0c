"""The table of weights: judgements with their sources, read once from ``weights.toml``."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from watchkeeper.model.finding import Finding

About = Literal["conduct", "forecast", "data", "network"]


class Weight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a finding of a behaviour adds at high confidence, by whose word, and what would explain it away.

    ``about`` is what a finding describes: the ship's conduct, what is expected of it, a fault of what it sent, or the
    network around it.
    """

    weight: float
    source: str
    about: About = "conduct"
    explained: str = "the finding were explained"


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The factor of each state of trust in the ship's positions; behaviours that do not rest on positions."""

    trusted: float
    suspect: float
    unreliable: float
    origin: str
    not_needed: frozenset[str]


class Repeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The share of its weight that each further finding of a behaviour adds, and how many do."""

    share: float
    at_most: int


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that turns findings into a score."""

    confidence: dict[str, float]
    trust: Trust
    repeat: Repeat
    same_event: dict[str, tuple[str, ...]]
    behaviour: dict[str, Weight]

    def of(self, behaviour: str) -> Weight:
        """The weight of a behaviour; one that nobody weighed gets a default that says so."""
        return self.behaviour.get(behaviour, UNWEIGHED)

    def trust_factor(self, finding: Finding) -> float:
        """What is left of a finding's weight where the ship's positions are in doubt, 0 to 1."""
        if finding.trust == "trusted" or finding.behaviour in self.trust.not_needed:
            return 1.0
        return self.trust.suspect if finding.trust == "suspect" else self.trust.unreliable

    def strength(self, finding: Finding) -> float:
        """How much of its behaviour's weight a finding carries, 0 to 1: confidence times trust."""
        return self.confidence[finding.confidence] * self.trust_factor(finding)


UNWEIGHED: Final = Weight(10, "no weight given for this behaviour: the default")


@cache
def weights() -> Weights:
    """The table in force."""
    text = files(__package__).joinpath("weights.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Weights)

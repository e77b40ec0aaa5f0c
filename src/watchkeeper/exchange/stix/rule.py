"""The rule by which a behaviour is found, as ``indicator``: its thresholds are the pattern, and explain it."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from watchkeeper.exchange.stix.behaviour import behaviour_id
from watchkeeper.exchange.stix.ids import CREATED
from watchkeeper.exchange.stix.relationship import relationship
from watchkeeper.exchange.stix.scope import Entry, Scope, stamp
from watchkeeper.model.behaviour import Behaviour

PATTERN_TYPE: Final = "hybrid-rule"


def rule_id(scope: Scope, behaviour: Behaviour) -> str:
    """The id of a rule: of its behaviour, version and thresholds."""
    digest = hashlib.sha256(_pattern(scope, behaviour).encode()).hexdigest()
    return scope.id("indicator", f"rule:{behaviour.id}:{digest}")


def rule_objects(scope: Scope, behaviour: Behaviour) -> Iterator[Entry]:
    """The rule, and that it indicates the behaviour."""
    id = rule_id(scope, behaviour)
    marking = scope.marking("rule", behaviour.id)
    yield scope.entry(
        id,
        (CREATED, CREATED),
        marking,
        {
            "name": f"{behaviour.title}, version {behaviour.version}",
            "description": behaviour.doc["measures"],
            "indicator_types": ["anomalous-activity"],
            "pattern": _pattern(scope, behaviour),
            "pattern_type": PATTERN_TYPE,
            "pattern_version": str(behaviour.version),
            "valid_from": stamp(CREATED),
        },
    )
    yield relationship(scope, id, "indicates", behaviour_id(behaviour.id), marking)


def _pattern(scope: Scope, behaviour: Behaviour) -> str:
    """The behaviour, its version and every threshold with its value in force and its unit, as JSON."""
    given: Mapping[str, Any] = scope.things.thresholds.get(behaviour.id, {})
    says = {
        "behaviour": behaviour.id,
        "version": behaviour.version,
        "thresholds": {
            name: {"value": given.get(name, threshold.default), "unit": threshold.unit.symbol}
            for name, threshold in behaviour.thresholds.items()
        },
    }
    return msgspec.json.encode(says).decode()

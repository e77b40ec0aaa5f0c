"""Whatever is shared: what a dry run shows of each object and partner is what the partner's next pull gives."""

import json
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.sharing.centre import EMBASSY, LIAISON, NAVY, NOW, US, Centre, thing, under
from watchkeeper.exchange.marking_definitions import TLP_IDS
from watchkeeper.exchange.redaction import HANDLING
from watchkeeper.exchange.sharing import Conditions
from watchkeeper.model.marking import TLP, Marking, Part

PARTNERS = (NAVY, LIAISON, EMBASSY)
KINDS = ("infrastructure", "relationship", "note", "report", "sighting")
numbers = count(1000)

conditions = st.builds(
    Conditions,
    to=st.lists(st.sampled_from(PARTNERS), min_size=1, unique=True).map(tuple),
    tlp=st.sampled_from(TLP),
    pap=st.sampled_from((None, "clear", "amber", "red")),
    countries=st.sampled_from(((), ("EST",), ("EST", "FIN"))),
    originator_control=st.booleans(),
    expires=st.sampled_from((None, NOW, NOW + 1)),
)
closer = st.builds(
    Marking,
    tlp=st.sampled_from(TLP),
    releasable_to=st.sampled_from(((), (("org:Navy",),), (("country:FIN", "org:Embassy"),), ((),))),
)
selectors = st.sampled_from(
    ("description", "labels", "labels.[0]", "name", "object_refs.[0]", "extensions.x-y.geometry")
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Conditions, list[dict[str, Any]]]:
    """Some objects that refer to each other, with markings and parts of their own."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
    base = next(numbers) * 10
    made: list[dict[str, Any]] = []
    ids = [thing(kind, base + k)["id"] for k, kind in enumerate(kinds)]
    one, some = st.sampled_from(ids), st.lists(st.sampled_from(ids), min_size=1, max_size=3)
    for k, kind in enumerate(kinds):
        says: dict[str, Any] = {
            "infrastructure": {
                "name": "n",
                "extensions": {"x-y": {"kind": "c", "geometry": {"type": "Point", "coordinates": [1, 2]}}},
            },
            "relationship": {"relationship_type": "uses", "source_ref": draw(one), "target_ref": draw(one)},
            "note": {"content": f"See {draw(one)}.", "object_refs": draw(some)},
            "report": {"name": "n", "published": "2026-11-18T00:00:00Z", "object_refs": draw(some)},
            "sighting": {"sighting_of_ref": draw(one), "where_sighted_refs": draw(some)},
        }[kind]
        made.append(thing(kind, base + k, **says, description="d", labels=["a", "b"]))
    wanted = draw(conditions)
    own = {id: draw(closer) for id in ids if draw(st.integers(0, 3)) == 0}
    parts = {
        id: (
            Part(
                selector=draw(selectors),
                marking=draw(closer),
                how=draw(st.sampled_from(("remove", "coarsen"))),
            ),
        )
        for id in ids
        if draw(st.integers(0, 2)) == 0
    }
    return wanted, under(wanted.marking(US, "real"), tuple(made), own, parts)


def check(here: Centre, wanted: Conditions, objects: list[dict[str, Any]]) -> None:
    planned = here.share(wanted, objects)
    ids = {object["id"] for object in objects if object["type"] != "marking-definition"}
    gone = {line.object for line in planned.lines if line.outcome != "withheld"}
    for name in PARTNERS:
        given_to = {id: o for id, o in here.pull(name, ids=tuple(ids)).items() if id in ids}
        lines = {line.object: line for line in planned.of(name)}
        if name not in wanted.to:
            assert all(TLP_IDS["clear"] in object["object_marking_refs"] for object in given_to.values())
            continue
        assert set(given_to) == {id for id, line in lines.items() if line.outcome != "withheld"}
        text = json.dumps(given_to)
        assert not [id for id in ids - set(given_to) if id in text]
        for id, object in given_to.items():
            told = object.get("extensions", {}).get(HANDLING)
            if lines[id].outcome == "redacted":
                assert told
            elif gone == ids:
                assert told is None


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_whatever_is_shared_is_given_as_it_was_shown(
    here: Centre, world: tuple[Conditions, list[dict[str, Any]]]
) -> None:
    """The centre stays the same; each example has objects of its own."""
    check(here, *world)

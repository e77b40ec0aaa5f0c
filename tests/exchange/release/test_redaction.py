"""Redaction: nothing of the withheld part is left, everything else is as it was, and the object says so."""

import copy
import json
from typing import Any

import pytest
import stix2
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.exchange.redaction import GRID_DEG, HANDLING, WITHHELD, redacted
from watchkeeper.model.marking import How, Marking, Part

X = "extension-definition--0f3a3f52-4c9a-4b52-8d8e-b8f0a8a5d001"
CABLE: dict[str, Any] = {
    "type": "infrastructure",
    "spec_version": "2.1",
    "id": "infrastructure--5f1d3c52-4c9a-4b52-8d8e-b8f0a8a5d001",
    "created": "2026-11-18T00:00:00.000Z",
    "modified": "2026-11-18T00:00:00.000Z",
    "name": "C-Lion1",
    "labels": ["cable", "secret-word", "baltic"],
    "description": "Laid in 2016.",
    "external_references": [{"source_name": "operator", "url": "https://operator.example/route"}],
    "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
    "granular_markings": [
        {
            "marking_ref": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
            "selectors": [f"extensions.{X}.geometry", "labels.[1]", "name"],
        },
        {
            "marking_ref": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
            "selectors": ["labels.[2]"],
        },
    ],
    "extensions": {
        X: {
            "extension_type": "property-extension",
            "asset_class": "submarine-telecom-cable",
            "geometry": {
                "type": "LineString",
                "coordinates": [[20.123456, 59.1], [22.654321, 59.9], [24.9, 60.15]],
            },
            "owner_refs": ["identity--5f1d3c52-4c9a-4b52-8d8e-b8f0a8a5d002"],
            "width_m": 1e-7,
            "length_km": 1173.0,
        }
    },
}


def part(selector: str, how: How = "remove") -> Part:
    return Part(selector=selector, marking=Marking(tlp="red"), how=how)


def without(*parts: Part, withheld: frozenset[str] = frozenset()) -> dict[str, Any]:
    rest = redacted(CABLE, parts, withheld)
    assert rest is not None
    return rest


def notes(object: dict[str, Any]) -> list[dict[str, Any]]:
    told = object["extensions"][HANDLING]["withheld"]
    assert isinstance(told, list)
    return told


def test_nothing_withheld_changes_nothing() -> None:
    assert redacted(CABLE) == CABLE
    assert redacted(CABLE, [part("no_such.property")], frozenset({"identity--x"})) == CABLE


def test_a_removed_part() -> None:
    rest = without(part(f"extensions.{X}.geometry"))
    assert "geometry" not in rest["extensions"][X]
    assert notes(rest) == [{"property": f"extensions.{X}.geometry", "how": "removed"}]
    assert "20.123456" not in json.dumps(rest)
    assert rest["granular_markings"][0]["selectors"] == ["labels.[1]", "name"]


def test_the_rest_keeps_its_order_and_its_numbers() -> None:
    rest = without(part(f"extensions.{X}.geometry"))
    assert list(rest) == list(CABLE)
    before = {key: value for key, value in CABLE["extensions"][X].items() if key != "geometry"}
    assert json.dumps(rest["extensions"][X]) == json.dumps(before)
    assert copy.deepcopy(CABLE) == CABLE


def test_a_coarsened_place() -> None:
    rest = without(part(f"extensions.{X}.geometry", "coarsen"))
    assert rest["extensions"][X]["geometry"] == {
        "type": "LineString",
        "coordinates": [[20.25, 59.25], [22.75, 59.75], [24.75, 60.25]],
    }
    assert notes(rest) == [{"property": f"extensions.{X}.geometry", "how": "coarsened", "grid_deg": GRID_DEG}]


def test_what_is_no_place_is_removed_rather_than_coarsened() -> None:
    rest = without(part("description", "coarsen"), part("labels", "coarsen"))
    assert "description" not in rest
    assert "labels" not in rest
    assert [note["how"] for note in notes(rest)] == ["removed", "removed"]


def test_an_element_of_a_list_and_the_marks_of_its_neighbours() -> None:
    rest = without(part("labels.[1]"))
    assert rest["labels"] == ["cable", "baltic"]
    assert rest["granular_markings"][1]["selectors"] == ["labels.[1]"]
    assert "secret-word" not in json.dumps(rest)
    assert notes(rest) == [{"property": "labels", "how": "removed"}]


def test_what_becomes_empty_goes_too() -> None:
    rest = without(part("external_references.[0].url"), part("external_references.[0].source_name"))
    assert "external_references" not in rest
    rest = without(
        *(part(f"extensions.{X}.{name}") for name in CABLE["extensions"][X] if name != "extension_type")
    )
    assert list(rest["extensions"]) == [HANDLING]


def test_an_object_that_cannot_stand_does_not_go() -> None:
    for name in ("id", "name", "created", "type"):
        assert redacted(CABLE, [part(name)]) is None


def test_a_position_goes_as_a_whole() -> None:
    place = {
        "type": "location",
        "id": "location--1",
        "country": "EE",
        "latitude": 59.4,
        "longitude": 24.7,
        "precision": 5,
    }
    rest = redacted(place, [part("latitude")])
    assert rest is not None
    assert not {"latitude", "longitude", "precision"} & rest.keys()
    assert (
        redacted({key: value for key, value in place.items() if key != "country"}, [part("latitude")]) is None
    )
    coarse = redacted(place, [part("latitude", "coarsen"), part("longitude", "coarsen")])
    assert coarse is not None
    assert (coarse["latitude"], coarse["longitude"]) == (59.25, 24.75)


REPORT: dict[str, Any] = {
    "type": "report",
    "id": "report--5f1d3c52-4c9a-4b52-8d8e-b8f0a8a5d001",
    "name": "a case",
    "published": "2026-11-18T00:00:00.000Z",
    "description": "It rests on sighting--5f1d3c52-4c9a-4b52-8d8e-b8f0a8a5d0aa, as told.",
    "created_by_ref": "identity--5f1d3c52-4c9a-4b52-8d8e-b8f0a8a5d002",
    "object_refs": [
        "sighting--5f1d3c52-4c9a-4b52-8d8e-b8f0a8a5d0aa",
        "infrastructure--5f1d3c52-4c9a-4b52-8d8e-b8f0a8a5d0ab",
    ],
    "granular_markings": [{"marking_ref": "marking-definition--1", "selectors": ["object_refs.[1]"]}],
}


def test_ids_that_are_withheld() -> None:
    sighting, ship = REPORT["object_refs"]
    rest = redacted(REPORT, (), frozenset({sighting, REPORT["created_by_ref"]}))
    assert rest is not None
    assert rest["object_refs"] == [ship]
    assert rest["description"] == f"It rests on {WITHHELD}, as told."
    assert "created_by_ref" not in rest
    assert rest["granular_markings"][0]["selectors"] == ["object_refs.[0]"]
    assert notes(rest) == [{"property": "references", "how": "removed"}]
    assert redacted(REPORT, (), frozenset({sighting, ship})) is None


def test_an_id_as_a_key() -> None:
    rest = without(withheld=frozenset({X}))
    assert X not in json.dumps(rest)


def test_notes_add_up() -> None:
    once = without(part("description"))
    twice = redacted(once, [part("labels.[1]")])
    assert twice is not None
    assert [note["property"] for note in notes(twice)] == ["description", "labels"]


def test_what_is_left_is_stix() -> None:
    stix2.parse(without(part(f"extensions.{X}.geometry", "coarsen"), part("labels.[1]")), allow_custom=False)


@pytest.mark.parametrize("odd", ["x", [1], [{"selectors": 1}], [{}]])
def test_malformed_marks_do_not_matter(odd: object) -> None:
    rest = redacted({**CABLE, "granular_markings": odd}, [part("description")])
    assert rest is not None
    assert "description" not in rest


def test_malformed_extensions_do_not_go() -> None:
    assert redacted({**CABLE, "extensions": []}, [part("description")]) is None
    for odd in ("x", {"withheld": 3}):
        rest = redacted({**CABLE, "extensions": {HANDLING: odd}}, [part("description")])
        assert rest is not None
        assert notes(rest)


@pytest.mark.parametrize(
    ("geometry", "coarse"),
    [
        (
            {"type": "Point", "coordinates": [20.1, 59.1, -80.0]},
            {"type": "Point", "coordinates": [20.25, 59.25]},
        ),
        (
            {"type": "LineString", "coordinates": [[20.1, 59.1], [20.2, 59.2]]},
            {"type": "Point", "coordinates": [20.25, 59.25]},
        ),
        (
            {"type": "Polygon", "coordinates": [[[20.1, 59.1], [21.1, 59.1], [20.1, 59.1]]]},
            {"type": "MultiPoint", "coordinates": [[20.25, 59.25], [21.25, 59.25]]},
        ),
        ({"type": "Point", "coordinates": [180, -90]}, {"type": "Point", "coordinates": [179.75, -89.75]}),
        (
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [0.1, 0.1]}]},
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [0.25, 0.25]}]},
        ),
        ({"type": "Point", "coordinates": []}, None),
        ({"type": "Point", "coordinates": "20 59"}, None),
        ({"type": "Point", "coordinates": [True, 59.1]}, None),
        ({"type": "LineString", "coordinates": [[20.1, 59.1], "here"]}, None),
        ({"type": "Feature", "geometry": {}}, None),
    ],
)
def test_geometries(geometry: dict[str, Any], coarse: dict[str, Any] | None) -> None:
    object = {"type": "x", "id": "x--1", "extensions": {X: {"geometry": geometry, "kind": "cable"}}}
    rest = redacted(object, [part(f"extensions.{X}.geometry", "coarsen")])
    assert rest is not None
    assert rest["extensions"][X].get("geometry") == coarse


words = st.text(alphabet="abcdefghij", min_size=1, max_size=4)
values = st.recursive(
    st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words.map(lambda w: f"plain-{w}"),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(words, below, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(words, values, min_size=1, max_size=5), st.data())
def test_nothing_of_a_withheld_part_is_left(tree: dict[str, Any], data: st.DataObject) -> None:
    """A word is put somewhere, with others around it; whatever part around it is withheld, the word is gone."""
    secret = "the secret"
    holder, path = tree, []
    while True:
        key = data.draw(
            st.sampled_from(sorted(holder)) if isinstance(holder, dict) else st.integers(0, len(holder) - 1)
        )
        path.append(key)
        below = holder[key]
        if not isinstance(below, dict | list) or not below or data.draw(st.booleans()):
            holder[key] = secret
            break
        holder = below
    selector = ".".join(f"[{step}]" if isinstance(step, int) else step for step in path)
    above = data.draw(st.integers(1, len(path)))
    covering = ".".join(selector.split(".")[:above])
    object = {"type": "x-thing", "id": "x-thing--1", **tree}
    rest = redacted(object, [part(covering, data.draw(st.sampled_from(("remove", "coarsen"))))])
    assert rest is not None
    assert secret not in json.dumps(rest)
    untouched = [key for key in object if key != path[0]]
    assert [json.dumps(rest[key]) for key in untouched] == [json.dumps(object[key]) for key in untouched]
    assert [key for key in rest if key in object] == [key for key in object if key in rest]


positions = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(list)


@given(st.lists(positions, min_size=1, max_size=6))
def test_a_coarse_line_tells_the_cell_and_no_more(line: list[list[float]]) -> None:
    def coarse(given: list[list[float]]) -> Any:
        object = {"type": "x", "id": "x--1", "geometry": {"type": "LineString", "coordinates": given}}
        rest = redacted(object, [part("geometry", "coarsen")])
        assert rest is not None
        return rest["geometry"]

    cells = coarse(line)["coordinates"]
    cells = cells if isinstance(cells[0], list) else [cells]
    assert all(any(abs(c[i] - p[i]) <= GRID_DEG / 2 + 1e-6 for c in cells) for p in line for i in (0, 1))
    assert coarse(cells) == coarse(line)

"""Names that are published: they never change, and nothing is named twice."""

import base64
import hashlib
from pathlib import Path

import stix2
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.behaviours import all_behaviours
from watchkeeper.exchange.catalogue import published, published_as
from watchkeeper.exchange.stix.asset import ASSET
from watchkeeper.exchange.stix.case import CASE
from watchkeeper.exchange.stix.evidence import EVIDENCE
from watchkeeper.exchange.stix.extensions import definition, schemas
from watchkeeper.exchange.stix.finding import FINDING
from watchkeeper.exchange.stix.ids import NAMESPACE, artifact_id, organisation_id, stix_id
from watchkeeper.exchange.stix.listing import SANCTION
from watchkeeper.exchange.stix.vessel import VESSEL

CISE = {
    "UnexpectedMovement", "CargoLeaking", "ShiftingOfCargo", "VesselOutOfTrafficLanes",
    "VesselWithErraticMovements", "StainOfOilSighted", "DetecionOfChangesInAISParameters", "PerformingAISSpoofing",
    "WithoutAISTransmission", "DoNotAnswerOnVHFCh16", "Other", "NonSpecified",
}  # fmt: skip
"""AnomalyType of EU CISE 1.5.3."""


def test_ids_are_those_that_were_published() -> None:
    assert (
        stix_id("infrastructure", "vessel:imo:9074729")
        == "infrastructure--02bb77d9-e4cf-51cb-9002-2d6f934bdd38"
    )
    assert organisation_id("Coast  Guard") == organisation_id("COAST GUARD")
    assert organisation_id("Coast Guard") != organisation_id("Coastguard")


@given(st.binary(max_size=200))
def test_an_artifact_is_named_as_the_standard_says(payload: bytes) -> None:
    """As python-stix2 names it, of its hashes and its payload."""
    made = stix2.Artifact(
        payload_bin=base64.b64encode(payload).decode(),
        hashes={"SHA-256": hashlib.sha256(payload).hexdigest()},
    )
    assert artifact_id(payload) == made.id


def test_every_behaviour_is_in_the_catalogue_under_a_number_of_its_own() -> None:
    assert set(published()) >= set(all_behaviours())
    numbers = [one.number for one in published().values()]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("HB-") and len(number) == 6 for number in numbers)
    assert {one.cise for one in published().values()} <= CISE


def test_a_behaviour_of_somebody_else_has_no_number() -> None:
    assert (published_as("of-somebody-else").number, published_as("of-somebody-else").cise) == ("", "Other")


def test_every_extension_has_a_definition_with_its_schema() -> None:
    assert {ASSET, CASE, EVIDENCE, FINDING, SANCTION, VESSEL} <= set(schemas())
    for id in schemas():
        made = stix2.parse(definition(id))
        assert made.id == id
        assert id in made.schema
    names = [schema["title"] for schema in schemas().values()]
    assert len(set(names)) == len(names)


def test_the_reference_shows_every_extension_and_every_number() -> None:
    page = Path(__file__).parents[3].joinpath("docs", "reference", "stix.md").read_text("utf-8")
    for id, schema in schemas().items():
        assert f"### {schema['title']}\n\n`{id}`" in page
        assert all(f"| `{name}` |" in page for name in schema["properties"] if name != "extension_type")
    for behaviour, known in published().items():
        assert f"| {known.number} | `{behaviour}` | {known.cise} |" in page
    assert str(NAMESPACE) in page

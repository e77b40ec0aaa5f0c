"""The OpenAPI document says what the server does: schemathesis asks in its words and compares."""

import copy
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.conftest import PLENTY
from api.sea import Sea, sea
from watchkeeper.api.app import all_routes
from watchkeeper.api.openapi import document

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# A stream has no end; signing out would end the session that asks.
NO_NEGATIVES = {"ask_attribution"}
"""Schemathesis finds no body that does not fit (an array of fixed length is in it); see test_hostile.py."""
LEFT_OUT = {"stream_events", "sign_out", "start_oidc", "finish_oidc"}

EXAMPLES = 6
DOCUMENT = document(all_routes())


def asked() -> list[tuple[schemathesis.APIOperation, schemathesis.GenerationMode]]:
    """Every operation with what fits and, where it takes anything, with what does not. Who asks is not varied here."""
    without = copy.deepcopy(DOCUMENT)
    del without["components"]["securitySchemes"]
    for path in without["paths"].values():
        for described in path.values():
            described.pop("security", None)
    found = []
    for result in schemathesis.openapi.from_dict(without).get_all_operations():
        operation = result.ok()
        raw = operation.definition.raw
        if raw["operationId"] not in LEFT_OUT:
            found.append((operation, schemathesis.GenerationMode.POSITIVE))
            takes = raw["parameters"] or "requestBody" in raw
            if takes and raw["operationId"] not in NO_NEGATIVES:
                found.append((operation, schemathesis.GenerationMode.NEGATIVE))
    return found


def name_of(value: object) -> str:
    if isinstance(value, schemathesis.GenerationMode):
        return value.value
    return value.definition.raw["operationId"]  # type: ignore[attr-defined]


def test_every_route_is_described() -> None:
    described = {o["operationId"] for path in DOCUMENT["paths"].values() for o in path.values()}
    assert described == {route.name for route in all_routes()}
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            in_path = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert in_path == {part.split("}")[0] for part in path.split("{")[1:]}, path


def test_lists_are_paged() -> None:
    for route in all_routes():
        schema = DOCUMENT["paths"][route.path][route.method.lower()]
        if route.name.startswith("list_"):
            names = {p["name"] for p in schema["parameters"]}
            assert {"limit", "cursor"} <= names, route.name


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sea]:
    with sea(tmp_path_factory.mktemp("fuzz"), limits=PLENTY) as made:
        yield made


@pytest.mark.parametrize(("operation", "mode"), asked(), ids=name_of)
def test_answers_are_as_described(
    fuzzed: Sea, operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode
) -> None:
    headers = dict(fuzzed.signed_in("admin").headers)
    wanted = {"Cookie": headers["cookie"], "X-Watchkeeper": "1"}

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=fuzzed.url, headers=wanted, checks=CHECKS)

    ask()

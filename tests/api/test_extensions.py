"""The extensions of STIX, as whoever meets one in an object looks them up: without signing in."""

import json

import jsonschema
import stix2

from api.sea import Sea
from watchkeeper.exchange.stix.extensions import schemas


def test_every_extension_is_there_with_its_schema(served: Sea) -> None:
    client = served.client()
    every = client.get("/exchange/extensions/").json()["objects"]
    assert {one["id"] for one in every} == set(schemas())
    for one in every:
        answer = client.get(f"/exchange/extensions/{one['id']}")
        assert answer.headers["content-type"] == "application/stix+json;version=2.1"
        assert answer.json() == one
        stix2.parse(answer.content)
        schema = client.get(f"/exchange/extensions/{one['id']}/schema")
        assert schema.headers["content-type"].startswith("application/schema+json")
        assert schema.json() == json.loads(one["schema"])
        jsonschema.Draft202012Validator.check_schema(schema.json())


def test_another_extension_is_not_there(served: Sea) -> None:
    answer = served.client().get("/exchange/extensions/extension-definition--none")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")

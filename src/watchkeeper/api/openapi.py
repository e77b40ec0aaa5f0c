"""The OpenAPI 3.1 document, made from the declared routes."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from watchkeeper import __version__
from watchkeeper.api.access.desk import COOKIE
from watchkeeper.api.declare import JSON, Route
from watchkeeper.api.problems import MEDIA, Problem
from watchkeeper.api.reading import FORM

_REF: Final = "#/components/schemas/{name}"
_WORDS: Final = """\
What a watch has seen, found and decided. Times are ISO 8601 in UTC unless a name says otherwise; places are WGS84
degrees.

Sign in at `/api/v1/session` (the cookie's state-changing requests need the header `X-Watchkeeper: 1`), or send a
key as `Authorization: Bearer wk_...`. Lists have `next`: give it as `cursor` to go on. Errors are problem documents
(RFC 9457) with the next step. Numbers of requests are limited: 429 says when to come back.
"""


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The document of these routes."""
    components = _components(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "watchkeeper", "version": __version__, "description": _WORDS},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def parameters_of(route: Route) -> list[dict[str, Any]]:
    """Parameters in the path and in the query."""
    found = []
    for field in msgspec.structs.fields(route.params):
        in_path = "{" + field.encode_name + "}" in route.path
        (schema,), _ = msgspec.json.schema_components([field.type], ref_template=_REF, schema_hook=_anything)
        parameter: dict[str, Any] = {
            "name": field.encode_name,
            "in": "path" if in_path else "query",
            "required": in_path or field.required,
            "schema": _without_null(schema),
        }
        if not in_path and schema.get("type") == "array":
            parameter |= {"style": "form", "explode": True}
        if (
            not in_path
            and not field.required
            and isinstance(field.default, str | int | float)
            and field.default != ""
        ):
            parameter["schema"] = parameter["schema"] | {"default": field.default}
        found.append(parameter)
    return found


def _operation(route: Route) -> dict[str, Any]:
    ok: dict[str, Any] = {"description": "Done."}
    if route.answer is not None:
        ok = {
            "description": route.summary,
            "content": {route.media.partition(";")[0]: {"schema": _schema(route)}},
        }
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": parameters_of(route),
        "responses": {str(route.status): ok, "default": _problem()},
    }
    if route.media.startswith("text/html"):
        operation["responses"]["default"] = {
            "description": "What is wrong.",
            "content": {"text/html": {"schema": {"type": "string"}}, MEDIA: {"schema": _ref("Problem")}},
        }
    if route.other:
        ok["content"] |= {media: {"schema": _schema(route)} for media in route.other}
    if route.body is not None:
        media = FORM if route.form else JSON
        operation["requestBody"] = {"required": True, "content": {media: {"schema": _one(route.body)}}}
    if not route.open:
        operation["security"] = (
            [{"session": []}] if route.scope == "session" else [{"key": []}, {"session": []}]
        )
        operation["x-scope"], operation["x-role"] = route.scope, route.role
    return operation


def _schema(route: Route) -> dict[str, Any]:
    if route.answer in (str, bytes):
        return {"type": "string"} if route.answer is str else {}
    return _one(route.answer)


def _one(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF, schema_hook=_anything)
    return schema


def _components(routes: Sequence[Route]) -> dict[str, Any]:
    kinds: list[Any] = [Problem]
    for route in routes:
        kinds += [kind for kind in (route.answer, route.body) if kind not in (None, str, bytes)]
        kinds += [field.type for field in msgspec.structs.fields(route.params)]
    return msgspec.json.schema_components(kinds, ref_template=_REF, schema_hook=_anything)[1]


def _problem() -> dict[str, Any]:
    return {
        "description": "What is wrong, and the next step.",
        "content": {MEDIA: {"schema": _ref("Problem")}},
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": _REF.format(name=name)}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is not given is left out, not null."""
    either = schema.get("anyOf")
    if either is None:
        return schema
    left = [one for one in either if one != {"type": "null"}]
    rest = {
        name: value
        for name, value in schema.items()
        if name != "anyOf" and not (name == "default" and value is None)
    }
    return rest | (left[0] if len(left) == 1 else {"anyOf": left})


def _anything(kind: type) -> dict[str, Any]:
    """What holds any JSON."""
    if kind is object:
        return {"description": "Any JSON value."}
    raise NotImplementedError

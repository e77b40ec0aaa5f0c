"""The extensions of STIX that are defined here, at an address that stays: for whoever meets one in an object."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from watchkeeper.api.access.roles import NO_SCOPE
from watchkeeper.api.declare import Asked, Call, Nothing, Reply, route
from watchkeeper.api.problems import not_found
from watchkeeper.exchange.marking_definitions import marked
from watchkeeper.exchange.stix import extensions
from watchkeeper.exchange.stix.scope import CLEAR

STIX: Final = "application/stix+json;version=2.1"
SCHEMA: Final = "application/schema+json"


class OneExtension(Asked, frozen=True, kw_only=True):
    """An extension by the id of its definition."""

    extension: Annotated[str, Meta(max_length=100)]


class Extensions(msgspec.Struct, frozen=True):
    """All of them, as objects of STIX; so few that they need no pages."""

    objects: list[dict[str, Any]]


@route("GET", "/exchange/extensions/", answer=Extensions, scope=NO_SCOPE)
def every_extension(call: Call[Nothing, Nothing]) -> Extensions:
    """The extension definitions of STIX 2.1 that objects from here use, each with its JSON schema as text."""
    return Extensions([_definition(id) for id in extensions.schemas()])


@route(
    "GET",
    "/exchange/extensions/{extension}",
    params=OneExtension,
    answer=dict[str, Any],
    scope=NO_SCOPE,
    media=STIX,
)
def one_extension(call: Call[OneExtension, Nothing]) -> Reply:
    """One extension definition."""
    return Reply(_definition(_known(call.params.extension)), media=STIX)


@route(
    "GET",
    "/exchange/extensions/{extension}/schema",
    params=OneExtension,
    answer=dict[str, Any],
    scope=NO_SCOPE,
    media=SCHEMA,
)
def extension_schema(call: Call[OneExtension, Nothing]) -> Reply:
    """The JSON schema of an extension (draft 2020-12)."""
    return Reply(extensions.schemas()[_known(call.params.extension)], media=SCHEMA)


def _known(id: str) -> str:
    if id not in extensions.schemas():
        raise not_found("extension", id)
    return id


def _definition(id: str) -> dict[str, Any]:
    return marked(extensions.definition(id), CLEAR)

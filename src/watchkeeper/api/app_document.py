"""The OpenAPI document as bytes, made once."""

from functools import cache

import msgspec


@cache
def openapi_bytes() -> bytes:
    """The document of all routes."""
    from watchkeeper.api.openapi import document  # the routes import this module
    from watchkeeper.api.routes import all_routes

    return msgspec.json.encode(document(all_routes()))

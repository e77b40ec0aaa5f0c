"""The page of the reference about the HTTP API, made from the declared routes.

Called by ``build_docs.py`` while MkDocs builds the site, so it cannot be out of date.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec

from watchkeeper.api.access.roles import BY_SESSION_ONLY, ROLES, SCOPES
from watchkeeper.api.app import all_routes
from watchkeeper.api.declare import Route
from watchkeeper.api.openapi import document, parameters_of

_HEAD = """\
# HTTP API

What `watchkeeper serve` answers; how to run it is in [serve a store](../how-to/serve.md). The same, for programs, is at
`/openapi.json` (OpenAPI 3.1).

* **Signing in.** People: `POST /api/v1/session` with name and password; the session is in the cookie, ends after 12
  hours or 2 hours without use, and requests that change something need the header `X-Watchkeeper: 1`. Programs: a key
  as `Authorization: Bearer wk_...`; it has the scopes it was made with and never more than its owner's role.
* **Roles** are {roles}: each may do what those before it may.
* **Lists** come in pages: `limit` (1 to 1000), and `next` of an answer given as `cursor`. A page can be asked for
  again.
* **Times** are ISO 8601 UTC; a date alone is its beginning. **Places** are WGS84 degrees; a `bbox` is
  west,south,east,north, and west above east is across the antimeridian.
* **Realm.** `real` unless `realm=exercise:<id>` names an exercise that the caller belongs to.
* **Errors** are `application/problem+json` (RFC 9457) with `detail`, `next_step` and `request_id`. 400: the request
  does not fit; 401: not signed in; 403: not allowed; 404: not there; 409: it has changed; 422: it fits, and cannot be
  done; 429 and 503: come back after `Retry-After`.
* **Unknown parameters are refused**, with the nearest known name.
* **The audit** has a row for every answer about a ship, alert or case: who, what, when, from where.

"""

_SCOPES = """
## Scopes

What a key can be made for. The role still limits it. *Session* means that no key may do it.

| scope | routes |
|---|---|
"""


def http_api() -> str:
    """The page."""
    routes = all_routes()
    schemas = document(routes)["components"]["schemas"]
    tags = {tag: list(group) for tag, group in groupby(sorted(routes, key=_by_tag), key=lambda r: r.tag)}
    parts = [_HEAD.format(roles=" < ".join(ROLES))]
    for tag, group in tags.items():
        parts.append(f"## {tag.capitalize()}\n\n")
        parts += [_entry(route, schemas) for route in group]
    parts.append(_SCOPES)
    parts += [_scope(scope, routes) for scope in (*SCOPES, BY_SESSION_ONLY)]
    return "".join(parts)


def _by_tag(route: Route) -> tuple[str, str, str]:
    return route.tag, route.path, route.method


def _entry(route: Route, schemas: dict[str, Any]) -> str:
    needs = "no signing in" if route.open else f"`{route.scope}`, {route.role}"
    lines = [f"### `{route.method} {route.path}`\n\n{route.summary} Needs {needs}.\n\n"]
    rows = list(_parameters(route))
    if rows:
        lines.append("| parameter | where | |\n|---|---|---|\n" + "".join(rows) + "\n")
    if route.body is not None:
        lines.append(f"Body: {_about(route.body)}\n\n")
    return "".join(lines)


def _parameters(route: Route) -> Iterator[str]:
    for parameter in parameters_of(route):
        needed = (
            "needed" if parameter["required"] else f"else `{parameter['schema'].get('default', 'nothing')}`"
        )
        yield f"| `{parameter['name']}` | {parameter['in']} | {needed} |\n"


def _about(body: type[msgspec.Struct]) -> str:
    fields = ", ".join(f"`{f.encode_name}`{'' if f.required else '?'}" for f in msgspec.structs.fields(body))
    said = " ".join((body.__doc__ or "").replace("``", "`").split())
    return f"{said} Fields: {fields} (`?` may be left out)."


def _scope(scope: str, routes: Iterable[Route]) -> str:
    used = ", ".join(f"`{route.method} {route.path}`" for route in routes if route.scope == scope)
    more = ", ".join(f"`GET {path}`" for path in ("/metrics",) if scope == "metrics:read")
    return f"| {scope} | {used or more} |\n"

"""The page of the reference about the HTTP API, made from the declared routes.

Called by ``build_docs.py`` while MkDocs builds the site, so it cannot be out of date.
"""

from itertools import groupby

import msgspec

from watchkeeper.api.access.roles import ROLES, SCOPES
from watchkeeper.api.app import all_routes
from watchkeeper.api.declare import Route
from watchkeeper.api.openapi import parameters_of

_HEAD = """\
# HTTP API

What `watchkeeper serve` answers; how to run it is in [serve a store](../how-to/serve.md). The same, for programs, is at
`/openapi.json` (OpenAPI 3.1).

* **Signing in.** People: `POST /api/v1/session` with name and password; the session is in the cookie, ends after 12
  hours or 2 hours without use, and requests that change something need the header `X-Watchkeeper: 1`. Programs: a key
  as `Authorization: Bearer wk_...`; it has the scopes it was made with and never more than its owner's role.
* **Roles** are {roles}: each may do what those before it may. **Scopes** are what a key is made for: {scopes};
  `session` below means that no key may do it.
* **Lists** come in pages: `limit` (1 to 1000), and `next` of an answer given as `cursor`. A page can be asked for
  again.
* **Times** are ISO 8601 UTC; a date alone is its beginning. **Places** are WGS84 degrees; a `bbox` is
  west,south,east,north, and west above east is across the antimeridian.
* **Realm.** `real` unless `realm=exercise:<id>` names an exercise that the caller belongs to.
* **Errors** are `application/problem+json` (RFC 9457) with `detail`, `next_step` and `request_id`. 400: the request
  does not fit; 401: not signed in; 403: not allowed; 404: not there; 409: it has changed; 422: it fits, and cannot be
  done; 429 and 503: come back after `Retry-After`.
* **Unknown parameters are refused**, with the nearest known name. Below, a question mark stands behind what may be left
  out; `/openapi.json` says what each is.
* **The audit** has a row for every answer about a ship, alert or case: who, what, when, from where.

"""

_TABLE = "\n| route | what | needs | takes |\n|---|---|---|---|\n"


def http_api() -> str:
    """The page."""
    parts = [_HEAD.format(roles=" < ".join(ROLES), scopes=", ".join(f"`{scope}`" for scope in SCOPES))]
    for tag, group in groupby(sorted(all_routes(), key=_by_tag), key=lambda route: route.tag):
        parts.append(f"\n## {tag.capitalize()}\n{_TABLE}")
        parts += [_row(route) for route in group]
    return "".join(parts)


def _by_tag(route: Route) -> tuple[str, str, str]:
    return route.tag, route.path, route.method


def _row(route: Route) -> str:
    needs = "nothing" if route.open else f"{route.scope}, {route.role}"
    return f"| `{route.method} {route.path}` | {route.summary} | {needs} | {_takes(route)} |\n"


def _takes(route: Route) -> str:
    """Parameters of the query, then fields of the body; a question mark where one may be left out."""
    query = [p["name"] + ("" if p["required"] else "?") for p in parameters_of(route) if p["in"] == "query"]
    fields = () if route.body is None else msgspec.structs.fields(route.body)
    body = [f.encode_name + ("" if f.required else "?") for f in fields]
    told = [f"`{' '.join(query)}`"] if query else []
    return "; ".join([*told, f"body `{' '.join(body)}`"] if body else told)

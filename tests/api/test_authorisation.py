"""Every route, asked as every role, without a session, with an expired one, and with a key of another scope."""

import re
from collections.abc import Iterator

import httpx
import pytest

from api.sea import Sea
from watchkeeper.api.access.roles import ROLES, SCOPES, Role, reaches
from watchkeeper.api.access.sessions import IDLE_MS, LASTS_MS
from watchkeeper.api.app import all_routes
from watchkeeper.api.declare import Route
from watchkeeper.model.time import DAY

GUARDED = [route for route in all_routes() if not route.open]
# Streams would go on for ever where they are allowed; they are asked in test_stream.py.
ASKED = [route for route in GUARDED if route.name != "stream_events"]
OPEN = {
    "sign_in", "first_admin_page", "make_first_admin", "login_page", "log_in", "start_oidc", "finish_oidc", "openapi",
    "ogc_landing", "ogc_conformance", "health", "health_live", "health_ready", "metrics",
    "every_extension", "one_extension", "extension_schema",
}  # fmt: skip
FILLED = {"mmsi": "211000000", "collection": "ships", "layer": "ships", "z": "0", "x": "0", "y": "0"}


def by_name(route: Route) -> str:
    return f"{route.method} {route.path}"


def ask(client: httpx.Client, route: Route) -> httpx.Response:
    """Ask with what stands in the path filled in, and an empty body where there is one."""
    path = re.sub(r"\{(\w+)\}", lambda m: FILLED.get(m[1], "none"), route.path)
    return client.request(route.method, path, json={} if route.body is not None else None)


def test_what_needs_no_signing_in_is_known() -> None:
    assert {route.name for route in all_routes() if route.open} == OPEN


def test_every_scope_is_used_and_every_name_is_single() -> None:
    # Writing to the exchange is for programs of partners, by TAXII.
    used = {route.scope for route in GUARDED} | {"metrics:read", "exchange:write"}
    assert used - {"session"} == set(SCOPES)
    assert len({route.name for route in all_routes()}) == len(all_routes())


def test_nobody_gets_nothing(served: Sea) -> None:
    client = served.client()
    for route in GUARDED:
        answer = ask(client, route)
        assert answer.status_code == 401, by_name(route)
        assert "Bearer" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("by", ["session", "key"])
def test_a_role_gets_what_is_declared(served: Sea, role: Role, by: str) -> None:
    asked = 0
    for route in ASKED:
        if by == "key" and route.scope == "session":
            continue
        client = served.signed_in(role) if by == "session" else served.client(role)
        answer = ask(client, route)
        if reaches(role, route.role):
            assert answer.status_code not in (401, 403), f"{by_name(route)}: {answer.text}"
        else:
            assert answer.status_code == 403, by_name(route)
            assert route.role in answer.json()["detail"]
        asked += 1
    assert asked > 50


@pytest.mark.parametrize("scope", sorted({route.scope for route in GUARDED}))
def test_a_key_of_every_other_scope_is_not_enough(served: Sea, scope: str) -> None:
    others = [other for other in SCOPES if other != scope]
    admin = served.users["admin"].id
    key, secret = served.services.desk.keys.make(admin, "others", others, 1, served.clock())
    client = served.client()
    client.headers["Authorization"] = f"Bearer {secret}"
    for route in GUARDED:
        if route.scope == scope:
            answer = ask(client, route)
            assert answer.status_code == 403, by_name(route)
            assert scope in answer.json()["detail"]
    served.services.desk.keys.revoke(admin, key.id, served.clock())


@pytest.fixture
def later(served: Sea) -> Iterator[Sea]:
    now = served.clock.now
    yield served
    served.clock.now = now


@pytest.mark.parametrize("after", [IDLE_MS, LASTS_MS])
def test_a_session_ends(later: Sea, after: int) -> None:
    client = later.signed_in("admin")
    assert client.get("/api/v1/me").status_code == 200
    later.clock.now += after - 1
    if after == IDLE_MS:
        assert client.get("/api/v1/me").status_code == 200
    later.clock.now += 1 + (IDLE_MS if after == IDLE_MS else 0)
    assert client.get("/api/v1/me").status_code == 401


def test_a_session_that_is_used_does_not_outlast_the_shift(later: Sea) -> None:
    client = later.signed_in("viewer")
    for _ in range(LASTS_MS // (IDLE_MS // 2) - 1):
        later.clock.now += IDLE_MS // 2
        assert client.get("/api/v1/me").status_code == 200
    later.clock.now += IDLE_MS // 2
    assert client.get("/api/v1/me").status_code == 401


def test_a_key_ends(later: Sea) -> None:
    client = later.client("admin")
    later.clock.now += 30 * DAY
    assert client.get("/api/v1/ships").status_code == 401


def test_a_key_has_no_more_than_its_owner(served: Sea) -> None:
    assert served.client("viewer").get("/api/v1/users").status_code == 403
    assert served.client("viewer").get("/api/v1/ships").status_code == 200


def test_a_key_that_does_not_work_is_not_made_good_by_a_session(served: Sea) -> None:
    client = served.signed_in("admin")
    for authorization in ("Bearer nonsense", "Basic YWRtaW46eA==", "Bearer", served.keys["admin"]):
        assert client.get("/api/v1/me", headers={"Authorization": authorization}).status_code == 401


def test_another_site_cannot_use_a_session(served: Sea) -> None:
    client = served.signed_in("admin")
    del client.headers["X-Watchkeeper"]
    body = {"name": "an organisation"}
    assert client.post("/api/v1/organisations", json=body).status_code == 403
    client.headers["X-Watchkeeper"] = "1"
    foreign = client.post("/api/v1/organisations", json=body, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    assert client.post("/api/v1/organisations", json=body, headers={"Origin": served.url}).status_code == 201
    form = client.post("/api/v1/organisations", content=b"name=x", headers={"Content-Type": "text/plain"})
    assert form.status_code == 415

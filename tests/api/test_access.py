"""Signing in and out, passwords, keys, the first administrator, limits, the audit."""

import re
import threading
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from api.sea import FIRST, PASSWORD, Sea, made_services, sea, serving
from watchkeeper.api.access.audit import MOST_WAITING, row_of
from watchkeeper.api.access.limits import Limiter, Rate
from watchkeeper.api.access.passwords import Passwords, check_rules
from watchkeeper.api.access.tables import NEWEST, audit, bring_up, keys, metadata, sessions, users
from watchkeeper.api.assembly import first_admin_link
from watchkeeper.api.services import Limits
from watchkeeper.errors import StoreError, UsageError
from watchkeeper.model.time import HOUR
from watchkeeper.store.decisions import sqlite_engine
from watchkeeper.store.decisions.engines import writing


def test_signing_in_and_out(served: Sea) -> None:
    client = served.client()
    client.headers["X-Watchkeeper"] = "1"
    answer = client.post("/api/v1/session", json={"name": "Analyst", "password": PASSWORD})
    assert answer.status_code == 204
    set_cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Strict" in set_cookie
    assert "Secure" not in set_cookie  # without TLS a browser would not send it back
    assert client.get("/api/v1/me").json()["name"] == "analyst"
    token = client.cookies["watchkeeper_session"]
    assert client.delete("/api/v1/session").status_code == 204
    client.cookies.set("watchkeeper_session", token)
    assert client.get("/api/v1/me").status_code == 401


def test_a_wrong_name_and_a_wrong_password_look_alike(served: Sea) -> None:
    answers = [
        served.client().post("/api/v1/session", json={"name": name, "password": "not the password"})
        for name in ("analyst", "nobody-here", "' OR 1=1 --", "\N{SHIP}", "")
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.json()["detail"] for a in answers}) == 1


def test_an_unknown_user_costs_as_much_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(1, 8192)
    assert not passwords.fits(None, "the first time makes the hash that is compared with")
    verified: list[str] = []
    real = passwords._hasher.verify
    monkeypatch.setattr(
        passwords,
        "_hasher",
        type("Counting", (), {"verify": lambda _, h, p: (verified.append(h), real(h, p))})(),
    )
    assert not passwords.fits(None, "anything")
    assert not passwords.fits(None, "nobody has this password")
    assert len(verified) == 2


def test_passwords_are_argon2id_and_tokens_are_hashes(served: Sea) -> None:
    engine = served.services.desk.users._engine
    session = served.signed_in("admin").headers["Cookie"].partition("=")[2]
    with engine.connect() as c:
        everything = " ".join(
            str(tuple(row)) for table in (users, sessions, keys) for row in c.execute(table.select())
        )
        kept = c.execute(sa.select(users.c.password)).scalars().all()
    assert all(password.startswith("$argon2id$") for password in kept if password)
    for secret in (session, PASSWORD, *served.keys.values()):
        assert secret not in everything


@pytest.mark.parametrize(
    "password",
    ["short", "password1234", "WatchKeeper!!", "000000000000", "aaaaaaaaaaaa", "somebody-else", "x" * 257],
)
def test_passwords_that_are_guessed_are_refused(password: str) -> None:
    with pytest.raises(UsageError):
        check_rules(password, "somebody-else")


def test_a_password_is_changed_and_other_sessions_end(served: Sea) -> None:
    desk, now = served.services.desk, served.clock()
    user = desk.users.add("changing", "viewer", now, password=PASSWORD)
    clients = []
    for _ in range(2):
        client = served.client()
        client.headers["X-Watchkeeper"] = "1"
        client.post("/api/v1/session", json={"name": user.name, "password": PASSWORD})
        clients.append(client)
    new = "another sea of words"
    assert clients[0].put("/api/v1/me/password", json={"old": "wrong", "new": new}).status_code == 403
    assert clients[0].put("/api/v1/me/password", json={"old": PASSWORD, "new": "short"}).status_code == 422
    assert clients[0].put("/api/v1/me/password", json={"old": PASSWORD, "new": new}).status_code == 204
    assert clients[0].get("/api/v1/me").status_code == 200
    assert clients[1].get("/api/v1/me").status_code == 401
    assert desk.users.signing_in("changing", PASSWORD) is None
    assert desk.users.signing_in("changing", new) is not None


def test_a_user_that_is_disabled_is_out_at_once(served: Sea) -> None:
    admin, desk = served.client("admin"), served.services.desk
    made = admin.post("/api/v1/users", json={"name": "Leaving", "role": "analyst", "password": PASSWORD})
    assert made.status_code == 201
    id = made.json()["id"]
    _, secret = desk.keys.make(id, "k", ["ships:read"], 1, served.clock())
    token = desk.sessions.begin(id, "127.0.0.1", served.clock())
    headers = ({"Authorization": f"Bearer {secret}"}, {"Cookie": f"watchkeeper_session={token}"})
    assert [served.client().get("/api/v1/ships", headers=h).status_code for h in headers] == [200, 200]
    assert admin.patch(f"/api/v1/users/{id}", json={"disabled": True}).json()["disabled_at"]
    assert [served.client().get("/api/v1/ships", headers=h).status_code for h in headers] == [401, 401]
    assert desk.users.signing_in("leaving", PASSWORD) is None
    assert admin.post("/api/v1/users", json={"name": "LEAVING"}).status_code == 422


def test_the_last_administrator_stays(served: Sea) -> None:
    admin = served.client("admin")
    id = served.users["admin"].id
    for change in ({"disabled": True}, {"role": "viewer"}):
        answer = admin.patch(f"/api/v1/users/{id}", json=change)
        assert answer.status_code == 422
        assert "no administrator" in answer.json()["detail"]
    assert admin.get("/api/v1/me").json()["role"] == "admin"


def test_a_key_is_shown_once(served: Sea) -> None:
    client = served.signed_in("analyst")
    made = client.post("/api/v1/keys", json={"name": "qgis", "scopes": ["ships:read", "assets:read"]}).json()
    assert len(made["secret"]) >= 43
    listed = client.get("/api/v1/keys").json()["items"]
    assert made["key"] in listed
    assert made["secret"] not in str(listed)
    key = {"Authorization": f"Bearer {made['secret']}"}
    assert served.client().get("/api/v1/ships", headers=key).status_code == 200
    assert served.client().get("/api/v1/keys", headers=key).status_code == 403
    assert client.post("/api/v1/keys", json={"name": "x", "scopes": ["everything"]}).status_code == 422
    other = served.signed_in("viewer")
    assert other.delete(f"/api/v1/keys/{made['key']['id']}").status_code == 404
    assert client.delete(f"/api/v1/keys/{made['key']['id']}").status_code == 204
    assert served.client().get("/api/v1/ships", headers=key).status_code == 401


def test_the_first_administrator_by_a_link_of_one_use(tmp_path: Path) -> None:
    now = [1_000 * HOUR]
    services, _, engine = made_services(tmp_path, lambda: now[0])  # type: ignore[arg-type]
    stale = first_admin_link(services.desk, "", now[0])
    assert stale is not None
    link = first_admin_link(services.desk, "", now[0])
    assert link is not None
    token = link.partition("token=")[2]
    with serving(services) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get(stale).status_code == 403  # only the newest works
        page = client.get(link)
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        form = {"token": token, "name": "chief", "password": "short"}
        assert client.post("/first-admin", data=form).status_code == 422
        form["password"] = PASSWORD
        assert client.post("/first-admin", data=form | {"token": "x" * 43}).status_code == 403
        now[0] += HOUR
        assert client.post("/first-admin", data=form).status_code == 403
        now[0] -= 1
        assert client.post("/first-admin", data=form).status_code == 200
        again = client.post("/first-admin", data=form | {"name": "second"})
        assert again.status_code == 403
        assert first_admin_link(services.desk, "", now[0]) is None
        shown = client.post("/login", data={"name": "chief", "password": PASSWORD})
        assert shown.status_code == 200
        assert client.get("/api/v1/users").json()["items"][0]["role"] == "admin"
        wrong = client.post("/login", data={"name": "<script>", "password": "x"})
        assert wrong.status_code == 401
        assert "<script>" not in wrong.text
    engine.dispose()


def test_two_at_once_make_one_first_administrator(tmp_path: Path) -> None:
    services, _, engine = made_services(tmp_path, lambda: HOUR)  # type: ignore[arg-type]
    token = (first_admin_link(services.desk, "", HOUR) or "").partition("token=")[2]
    statuses: list[int] = []
    with serving(services) as url:

        def make(name: str) -> None:
            form = {"token": token, "name": name, "password": PASSWORD}
            statuses.append(
                httpx.post(f"{url}/first-admin", data=form, trust_env=False, timeout=20).status_code
            )

        threads = [threading.Thread(target=make, args=(f"chief{k}",)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(statuses) == [200, 403, 403, 403]
    assert len(services.desk.users.page("", 10)) == 1
    engine.dispose()


def test_limits_of_requests_and_of_logins(tmp_path: Path) -> None:
    limits = Limits(requests=Rate(5, 0.001), logins=Rate(3, 0.001))
    with sea(tmp_path, limits=limits) as served:
        viewer = served.client("viewer")
        statuses = [viewer.get("/api/v1/me").status_code for _ in range(8)]
        assert statuses == [200] * 5 + [429] * 3
        refused = viewer.get("/api/v1/me")
        assert int(refused.headers["retry-after"]) > 0
        assert served.client("analyst").get("/api/v1/me").status_code == 200
    with sea(tmp_path / "logins", limits=Limits(requests=Rate(1e6, 1e6), logins=Rate(3, 0.001))) as served:
        tries = [
            served.client().post("/api/v1/session", json={"name": "analyst", "password": "wrong"}).status_code
            for _ in range(5)
        ]
        assert tries == [401, 401, 401, 429, 429]
        right = served.client().post("/api/v1/session", json={"name": "analyst", "password": PASSWORD})
        assert right.status_code == 429


def test_a_bucket_fills_with_time() -> None:
    now = [0.0]
    limiter = Limiter(Rate(2, 1), lambda: now[0])
    assert [limiter.take("a"), limiter.take("a")] == [0.0, 0.0]
    assert limiter.take("a") == pytest.approx(1.0)
    assert limiter.take("b") == 0.0
    now[0] = 1.0
    assert limiter.take("a") == 0.0


def test_every_answer_about_a_ship_alert_or_case_leaves_a_row(served: Sea) -> None:
    viewer, admin = served.client("viewer"), served.client("admin")
    alert = viewer.get("/api/v1/alerts").json()["items"][0]["id"]
    viewer.get(f"/api/v1/alerts/{alert}")
    viewer.get(f"/api/v1/ships/{FIRST}/track")
    viewer.get("/api/v1/ships", params={"limit": 2})
    rows = admin.get("/api/v1/audit", params={"user": served.users["viewer"].id, "limit": 4}).json()["items"]
    said = [(row["did"], row["about"], row["ids"]) for row in rows]
    assert said[:3] == [
        ("list_ships", "ship", [str(FIRST), str(FIRST + 1)]),
        ("track_of_ship", "ship", [str(FIRST)]),
        ("one_alert", "alert", [alert]),
    ]
    assert said[3][0] == "list_alerts"
    assert alert in said[3][2]
    assert {row["address"] for row in rows} == {"127.0.0.1"}
    assert all(row["key"] for row in rows)
    about = admin.get("/api/v1/audit", params={"id": str(FIRST + 1), "about": "ship", "limit": 1}).json()[
        "items"
    ]
    assert about[0]["did"] == "list_ships"


def test_audit_rows_come_page_by_page_and_survive_a_stop(tmp_path: Path) -> None:
    with sea(tmp_path) as served:
        for k in range(7):
            served.client("viewer").get(f"/api/v1/ships/{FIRST + k}")
    engine = sqlite_engine(tmp_path / "decisions.db")
    with engine.connect() as c:
        ids = c.execute(sa.select(audit.c.ids).order_by(audit.c.id)).scalars().all()
    engine.dispose()
    assert ids == [f'["{FIRST + k}"]' for k in range(7)]


def test_nothing_is_shown_when_the_audit_cannot_be_written(tmp_path: Path) -> None:
    with sea(tmp_path) as served:
        log = served.services.desk.audit
        with log._flushing:  # as when the database is locked
            row = None
            served.client("viewer").get(f"/api/v1/ships/{FIRST}")
            row = log._waiting[-1]
            log._waiting.extend([row] * MOST_WAITING)
            assert served.client("viewer").get(f"/api/v1/ships/{FIRST}").status_code == 503
            ready = served.client().get("/health/ready")
            assert (ready.status_code, ready.json()["failing"]) == (503, ["audit"])
            log._waiting.clear()
        assert served.client("viewer").get(f"/api/v1/ships/{FIRST}").status_code == 200


def test_the_audit_waits_for_a_locked_database(tmp_path: Path) -> None:
    services, _, engine = made_services(tmp_path, lambda: HOUR)  # type: ignore[arg-type]
    desk = services.desk
    who = desk.keys.who(
        desk.keys.make(desk.users.add("v", "viewer", HOUR).id, "k", ["ships:read"], 1, HOUR)[1], HOUR
    )
    assert who is not None
    row = row_of(who, at=1, did="x", about="ship", ids=("1",), realm="real", address="a", request="r")
    with writing(engine):  # as the watch does
        with engine.connect() as c:
            c.exec_driver_sql("PRAGMA busy_timeout = 50")
        desk.audit.note(row)
        desk.audit.flush()
        assert len(desk.audit._waiting) == 1
    assert [found.ids for found in desk.audit.page(None, 5)] == [("1",)]
    engine.dispose()


def test_the_migration_makes_the_tables_that_are_declared(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path / "a.db", create=True)
    bring_up(engine)
    bring_up(engine)
    with engine.connect() as c:
        assert c.execute(sa.text("SELECT version_num FROM access_version")).scalar() == NEWEST
    found = sa.inspect(engine)
    for table in metadata.tables.values():
        made = {column["name"]: column for column in found.get_columns(table.name)}
        assert set(made) == set(table.columns.keys())
        assert {n for n, c in made.items() if not c["nullable"]} == {
            c.name for c in table.columns if not c.nullable
        }
        indexes = {tuple(index["column_names"]) for index in found.get_indexes(table.name)}
        assert {tuple(i.columns.keys()) for i in table.indexes} <= indexes
    engine.dispose()


def test_tables_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path / "a.db", create=True)
    bring_up(engine)
    with engine.begin() as c:
        c.execute(sa.text("UPDATE access_version SET version_num = 'access_9999'"))
    with pytest.raises(StoreError, match="access_9999"):
        bring_up(engine)
    engine.dispose()


def test_figures_are_for_this_machine_or_a_key(served: Sea) -> None:
    served.client("viewer").get("/api/v1/ships")
    figures = served.client().get("/metrics")
    assert figures.status_code == 200
    assert re.search(
        r'watchkeeper_http_requests_total\{method="GET",route="list_ships",status="200"\} [1-9]', figures.text
    )
    through_a_proxy = {"X-Forwarded-For": "203.0.113.9"}
    assert served.client().get("/metrics", headers=through_a_proxy).status_code == 403
    assert served.client("admin").get("/metrics", headers=through_a_proxy).status_code == 200
    assert served.client().get("/health").json() == {"status": "ok", "failing": []}


def test_headers_that_browsers_obey(served: Sea) -> None:
    for path in ("/api/v1/me", "/login", "/nothing", "/openapi.json", "/health"):
        headers = served.client().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-request-id"]
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers


def test_argon2_does_not_stop_other_answers(served: Sea) -> None:
    """While several log in, who is signed in is answered: hashing takes two threads at most."""
    login = {"name": "viewer", "password": "not the password"}
    done = threading.Event()

    def logging_in() -> None:
        with httpx.Client(base_url=served.url, trust_env=False, timeout=20) as client:
            while not done.is_set():
                client.post("/api/v1/session", json=login)

    threads = [threading.Thread(target=logging_in) for _ in range(6)]
    for thread in threads:
        thread.start()
    try:
        viewer = served.client("viewer")
        assert {viewer.get("/api/v1/me").status_code for _ in range(20)} == {200}
    finally:
        done.set()
        for thread in threads:
            thread.join()

"""Users, sessions, keys, links and the audit, on SQLite and on a real PostgreSQL server alike."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from store.postgres_server import Server, running
from watchkeeper.api.access.audit import row_of
from watchkeeper.api.access.desk import Desk
from watchkeeper.api.access.links import FIRST_ADMIN
from watchkeeper.api.access.passwords import Passwords
from watchkeeper.api.access.tables import bring_up, metadata
from watchkeeper.errors import StoreError, UsageError
from watchkeeper.model.time import DAY, HOUR
from watchkeeper.store.decisions import engine_of, sqlite_engine

NOW = 2_000_000 * HOUR
PASSWORD = "a sea of four words"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = sqlite_engine(tmp_path / "decisions.sqlite", create=True)
    else:
        made = engine_of(request.getfixturevalue("server").database())
    yield made
    made.dispose()


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine, Passwords(1, 8192))


def test_tables_are_as_declared_and_brought_up_once(engine: Engine) -> None:
    bring_up(engine)
    bring_up(engine)
    found = sa.inspect(engine)
    for table in metadata.tables.values():
        assert {c["name"] for c in found.get_columns(table.name)} == set(table.columns.keys())
    with engine.begin() as c:
        c.execute(sa.text("UPDATE access_version SET version_num = 'access_9999'"))
    with pytest.raises(StoreError, match="access_9999"):
        bring_up(engine)


def test_a_user_signs_in_and_is_disabled(desk: Desk) -> None:
    organisation = desk.users.add_organisation("Coast guard", NOW).id
    user = desk.users.add(
        "Anna", "admin", NOW, password=PASSWORD, organisation=organisation, exercises=["spring"]
    )
    assert desk.users.signing_in(" ANNA ", PASSWORD) == user
    assert desk.users.signing_in("anna", PASSWORD + "!") is None
    for name in ("nobody", "", "an\0na", "x" * 10_000, "\N{SHIP}"):
        assert desk.users.signing_in(name, PASSWORD) is None
    token = desk.sessions.begin(user.id, "::1", NOW)
    who = desk.sessions.who(token, NOW + 1)
    assert who is not None
    assert (who.name, who.role, who.organisation, who.exercises) == (
        "anna",
        "admin",
        organisation,
        ("spring",),
    )
    desk.users.add("bo", "admin", NOW)
    desk.users.change(user.id, NOW, disabled=True)
    assert desk.sessions.who(token, NOW + 1) is None
    assert desk.users.signing_in("anna", PASSWORD) is None
    desk.users.change(user.id, NOW, disabled=False)
    assert desk.users.signing_in("anna", PASSWORD) is not None


def test_names_and_subjects_are_single(desk: Desk) -> None:
    desk.users.add("anna", "viewer", NOW, issuer="https://p.example", subject="1")
    with pytest.raises(UsageError):
        desk.users.add("ANNA", "viewer", NOW)
    with pytest.raises(UsageError):
        desk.users.add("other", "viewer", NOW, issuer="https://p.example", subject="1")
    with pytest.raises(UsageError):
        desk.users.add("third", "viewer", NOW, organisation="none")
    desk.users.add("fourth", "viewer", NOW)
    desk.users.add("fifth", "viewer", NOW)
    assert [u.name for u in desk.users.page("", 10)] == ["anna", "fifth", "fourth"]


def test_a_key_works_until_it_ends(desk: Desk) -> None:
    user = desk.users.add("anna", "analyst", NOW)
    key, secret = desk.keys.make(user.id, "qgis", ["ships:read"], 1, NOW)
    who = desk.keys.who(secret, NOW)
    assert who is not None
    assert who.scopes == {"ships:read"}
    assert desk.keys.who(secret, NOW + DAY) is None
    assert desk.keys.who(secret + "x", NOW) is None
    assert desk.keys.revoke(user.id, key.id, NOW)
    assert not desk.keys.revoke(user.id, key.id, NOW)
    assert desk.keys.who(secret, NOW) is None


def test_a_link_is_used_once_by_one_of_many(desk: Desk) -> None:
    secret = desk.links.make(FIRST_ADMIN, NOW, "noted")
    used: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: used.append(desk.links.use(FIRST_ADMIN, secret, NOW)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(used, key=str) == [None] * 7 + ["noted"]


def test_two_administrators_cannot_disable_each_other(desk: Desk) -> None:
    admins = [desk.users.add(name, "admin", NOW) for name in ("anna", "bo")]
    refused: list[str] = []
    both = threading.Barrier(2)

    def disable(id: str) -> None:
        try:
            both.wait(20)
            desk.users.change(id, NOW, disabled=True)
        except UsageError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=disable, args=(one.id,)) for one in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert desk.users.any_admin()


def test_the_audit_is_written_and_found(desk: Desk) -> None:
    user = desk.users.add("anna", "viewer", NOW)
    who = desk.keys.who(desk.keys.make(user.id, "k", ["ships:read"], 1, NOW)[1], NOW)
    assert who is not None
    for k in range(1500):
        row = row_of(
            who, at=NOW + k, did="one_ship", about="ship", ids=(f"{k}", '%_"\\', "\0"), realm="real",
            address="203.0.113.9", request=str(k),
        )  # fmt: skip
        desk.audit.note(row)
    assert [row.at for row in desk.audit.page(None, 3)] == [NOW + 1499, NOW + 1498, NOW + 1497]
    assert [row.request for row in desk.audit.page(None, 9, id="77")] == ["77"]
    assert desk.audit.page(None, 1, id="%") == []
    assert len(desk.audit.page(None, 2000, id='%_"\\')) == 1500
    assert desk.audit.page(None, 2, user="nobody") == []

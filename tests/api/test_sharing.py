"""What sharing would do, who holds what and why, over HTTP."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from api.sea import Sea, sea
from exchange.sharing.centre import CABLE, NAVY, NEAR, SHIP, US, under
from watchkeeper.cases.register.actions import open_case
from watchkeeper.exchange.hub.words import Account, Filter
from watchkeeper.exchange.partners import Agreement, Partner
from watchkeeper.exchange.releasing import Desk
from watchkeeper.exchange.retraction import retract
from watchkeeper.exchange.sharing import Conditions
from watchkeeper.exchange.things import Marked

LIAISON = "Liaison"
TO = Conditions(to=(NAVY, LIAISON), countries=("EST",))


def objects(case: str, realm: str, by: str, markings: Marked) -> list[dict[str, Any]]:
    return under(markings.default, (SHIP, CABLE, NEAR))


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sea]:
    with sea(tmp_path_factory.mktemp("sea") / "store", case_objects=objects) as made:
        for name, country in ((US, "EST"), (NAVY, "EST"), (LIAISON, "FIN")):
            made.services.desk.users.add_organisation(name, made.clock())
            agreement = Agreement(country=country, accepts=("clear", "green", "amber"))
            made.services.hub.partners.set(Partner(organisation=name, agreement=agreement))
        yield made


@pytest.fixture(scope="module")
def case(centre: Sea) -> str:
    draft = open_case("Slow over C-Lion1", at=centre.clock(), actor="user:anna")
    return centre.services.decisions.append([draft])[0].subject


@pytest.fixture(scope="module")
def client(centre: Sea) -> httpx.Client:
    return centre.client("supervisor")


def dry_run(client: httpx.Client, case: str, more: Mapping[str, Any] = {}) -> httpx.Response:
    said = {"case": case, "by": US, "to": [NAVY, LIAISON], "countries": ["EST"]} | dict(more)
    return client.post("/api/v1/exchange/dry-run", json=said)


def test_a_dry_run(client: httpx.Client, centre: Sea, case: str) -> None:
    before = centre.services.decisions.head()
    answer = dry_run(client, case)
    assert answer.status_code == 200, answer.text
    by = {(line["organisation"], line["object"]): line for line in answer.json()["lines"]}
    assert by[NAVY, SHIP["id"]]["outcome"] == "goes"
    assert by[LIAISON, SHIP["id"]]["outcome"] == "withheld"
    assert by[LIAISON, SHIP["id"]]["rule"] == "releasability"
    assert centre.services.decisions.head() == before
    assert not centre.services.hub.collections.all()


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"case": "none"}, 404),
        ({"to": ["Navi"]}, 422),
        ({"to": []}, 400),
        ({"tlp": "blue"}, 400),
        ({"countries": ["Estonia"]}, 400),
        ({"expires": "tomorrow"}, 400),
        ({"unknown": 1}, 400),
    ],
)
def test_what_cannot_be_meant(client: httpx.Client, case: str, more: dict[str, Any], status: int) -> None:
    assert dry_run(client, case, more).status_code == status


def test_an_exercise_is_for_those_who_belong_to_it(client: httpx.Client, case: str) -> None:
    said = {"case": case, "by": US, "to": [NAVY]}
    answer = client.post("/api/v1/exchange/dry-run", params={"realm": "exercise:bold"}, json=said)
    assert answer.status_code in (403, 404)


def released(centre: Sea, case: str) -> None:
    services, now = centre.services, centre.clock()
    desk = Desk(services.hub, services.ledger.carriage, services.decisions, US)
    planned = desk.plan(objects(case, "real", US, TO.markings(US, "real")), TO, "real", now)
    assert not desk.release(case, planned, TO, "real", now, "anna").failed
    collection = services.hub.collections.named("releases")
    for name in (NAVY, LIAISON):
        services.hub.page(collection, Account(user="robot", organisation=name), Filter(), now)
    services.hub.pulls.flush()


def test_who_holds_it_why_and_what_happened(client: httpx.Client, centre: Sea, case: str) -> None:
    released(centre, case)
    holders = client.get(f"/api/v1/exchange/objects/{SHIP['id']}/holders").json()["items"]
    assert [holder["organisation"] for holder in holders] == [NAVY]
    why = {
        name: client.get(f"/api/v1/exchange/objects/{SHIP['id']}/why", params={"to": name}).json()
        for name in (NAVY, LIAISON)
    }
    assert why[NAVY]["now"][0]["decision"]["outcome"] == "allow"
    assert why[NAVY]["given"]
    assert why[LIAISON]["now"][0]["decision"]["reasons"][0]["rule"] == "releasability"
    assert not why[LIAISON]["given"]
    assert why[LIAISON]["decided"][0]["what"] == case
    services = centre.services
    retract(
        services.hub, services.ledger.carriage, services.decisions, SHIP["id"], reason="wrong", by=US,
        user="anna", at=centre.clock() + 1,
    )  # fmt: skip
    (holder,) = client.get(f"/api/v1/exchange/objects/{SHIP['id']}/holders").json()["items"]
    assert holder["outstanding"] is True
    history = paged(client, organisation=NAVY)
    assert {entry["happened"] for entry in history} == {"goes", "pulled", "retracted"}
    assert {entry["happened"] for entry in paged(client, organisation=LIAISON)} >= {"withheld"}
    assert len(paged(client)) > len(history)


def paged(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    """All pages of the history, one event each."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = client.get("/api/v1/exchange/history", params={**asked, "limit": 1, **more}).json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


def test_what_is_not_there(client: httpx.Client) -> None:
    nothing = "note--10000000-0000-4000-8000-000000000099"
    assert client.get(f"/api/v1/exchange/objects/{nothing}/holders").status_code == 404
    assert client.get(f"/api/v1/exchange/objects/{nothing}/why", params={"to": "Navi"}).status_code == 404
    answer = client.get(f"/api/v1/exchange/objects/{nothing}/why", params={"to": NAVY}).json()
    assert msgspec.convert(answer["now"], list[Any]) == []


def test_a_server_without_data_says_so(tmp_path: Path) -> None:
    with sea(tmp_path / "store") as made:
        made.services.desk.users.add_organisation(US, made.clock())
        draft = open_case("A case", at=made.clock(), actor="user:anna")
        case = made.services.decisions.append([draft])[0].subject
        said = {"case": case, "by": US, "to": [US]}
        assert made.client("supervisor").post("/api/v1/exchange/dry-run", json=said).status_code == 409

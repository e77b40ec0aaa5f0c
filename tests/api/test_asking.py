"""What the API answers about ships, findings, alerts, cases, assets and feeds."""

import httpx
import pytest

from api.sea import CABLE, EXERCISE, FIRST, HOSTILE, SHIPS, Sea
from watchkeeper.model.time import HOUR, to_iso


@pytest.fixture(scope="module")
def analyst(served: Sea) -> httpx.Client:
    return served.client("analyst")


def get(client: httpx.Client, path: str, status: int = 200, **params: object) -> dict:
    answer = client.get(path, params=params)
    assert answer.status_code == status, answer.text
    return answer.json()


def all_pages(client: httpx.Client, path: str, limit: int, **params: object) -> list[dict]:
    items: list[dict] = []
    cursor = {}
    while True:
        page = get(client, path, limit=limit, **params, **cursor)
        assert len(page["items"]) <= limit
        items += page["items"]
        if page.get("next") is None:
            return items
        cursor = {"cursor": page["next"]}


def test_ships_are_listed_by_mmsi_page_by_page(analyst: httpx.Client) -> None:
    ships = all_pages(analyst, "/api/v1/ships", 5)
    assert [s["mmsi"] for s in ships] == [FIRST + k for k in range(SHIPS)]
    assert ships[0]["name"] == "SHIP 0"
    assert ships[0]["flag"] == "DE"
    assert ships[0]["ship_type"] == "cargo"
    assert ships[0]["heading_deg"] is None


def test_a_page_can_be_asked_for_again(analyst: httpx.Client) -> None:
    first = get(analyst, "/api/v1/ships", limit=4)
    again = [get(analyst, "/api/v1/ships", limit=4, cursor=first["next"])["items"] for _ in range(3)]
    assert again[0] == again[1] == again[2]
    assert again[0][0]["mmsi"] == FIRST + 4


def test_ships_in_a_box(analyst: httpx.Client) -> None:
    found = get(analyst, "/api/v1/ships", bbox="17.55,56,17.65,58")["items"]
    assert [s["mmsi"] for s in found] == [FIRST]
    across = get(analyst, "/api/v1/ships", bbox="179,50,-179,60")["items"]
    assert [s["mmsi"] for s in across] == [FIRST + SHIPS - 1]


def test_ships_at_an_earlier_time(analyst: httpx.Client) -> None:
    at = "2025-03-01T07:00:00Z"
    found = get(analyst, "/api/v1/ships", bbox="17.15,57,17.25,58", at=at)["items"]
    assert [(s["mmsi"], s["t"]) for s in found] == [(FIRST, at)]
    assert get(analyst, "/api/v1/ships", 400, at=at)["status"] == 400


@pytest.mark.parametrize("q", [HOSTILE, HOSTILE.lower()[:4], str(FIRST + 3)])
def test_ships_are_found_by_words(analyst: httpx.Client, q: str) -> None:
    found = get(analyst, "/api/v1/ships", q=q)
    assert [s["name"] for s in found["items"]] == [HOSTILE]
    assert found["total"] == 1


def test_one_ship(analyst: httpx.Client) -> None:
    ship = get(analyst, f"/api/v1/ships/{FIRST}")
    assert [h["t"] for h in ship["hulls"]] == ["2025-03-01T08:59:00Z"]
    assert get(analyst, "/api/v1/ships/999999999", 404)["next_step"]


def test_a_track_is_thinned_but_keeps_its_ends(analyst: httpx.Client) -> None:
    whole = get(analyst, f"/api/v1/ships/{FIRST}/track", form="arrays", points=20_000)["hulls"][0]
    thin = get(analyst, f"/api/v1/ships/{FIRST}/track", form="arrays", points=10)["hulls"][0]
    assert whole["reports"] == thin["reports"] == len(whole["t"]) == 180
    assert len(thin["t"]) <= 10
    assert (thin["t"][0], thin["t"][-1]) == (whole["t"][0], whole["t"][-1])
    assert set(thin["t"]) <= set(whole["t"])


def test_a_track_as_geojson_is_cut_at_the_antimeridian(analyst: httpx.Client) -> None:
    answer = analyst.get(f"/api/v1/ships/{FIRST + SHIPS - 1}/track")
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    west, east = feature["geometry"]["coordinates"]
    assert west[-1][0] == 180.0
    assert east[0][0] == -180.0
    assert west[-1][1] == east[0][1]


def test_a_track_of_a_window(analyst: httpx.Client) -> None:
    window = {"from": "2025-03-01T07:00:00Z", "to": "2025-03-01T07:30:00Z"}
    track = get(analyst, f"/api/v1/ships/{FIRST}/track", form="arrays", **window)["hulls"][0]
    assert len(track["t"]) == 30
    get(analyst, f"/api/v1/ships/{FIRST}/track", 400, **{"from": window["to"], "to": window["from"]})
    get(analyst, f"/api/v1/ships/{FIRST}/track", 400, **{"from": "2020-01-01"}, to="2025-01-01")


def test_findings_by_state_ship_and_time(analyst: httpx.Client) -> None:
    assert len(all_pages(analyst, "/api/v1/findings", 2)) == 5
    mine = get(analyst, "/api/v1/findings", mmsi=FIRST + 2, state="closed")["items"]
    assert [f["body"]["finding"]["summary"] for f in mine] == ["Not heard for an hour (2)."]
    assert get(analyst, "/api/v1/findings", **{"from": "2025-03-02"})["total"] == 0
    assert get(analyst, f"/api/v1/findings/{mine[0]['id']}")["mmsi"] == FIRST + 2


def test_an_alert_is_worked(served: Sea, analyst: httpx.Client) -> None:
    alert = get(analyst, "/api/v1/alerts", order="score")["items"][0]
    assert alert["state"] == "new"
    assert "acknowledge" in alert["may"]
    path = f"/api/v1/alerts/{alert['id']}"
    done = analyst.post(f"{path}/acknowledge", json={"seq": alert["seq"]})
    assert done.status_code == 200
    assert done.json()["state"] == "acknowledged"
    stale = analyst.post(f"{path}/confirm", json={"seq": alert["seq"]})
    assert stale.status_code == 409
    assert analyst.post(f"{path}/dismiss", json={}).status_code == 422
    assert analyst.post(f"{path}/dismiss", json={"reason": "A ferry."}).json()["state"] == "dismissed"
    assert analyst.post(f"{path}/fly", json={}).status_code == 422
    events = get(analyst, "/api/v1/events", subject=alert["id"])["items"]
    assert [(e["kind"], e["actor"]) for e in events[-2:]] == [
        ("alert.acknowledged", "user:analyst"),
        ("alert.dismissed", "user:analyst"),
    ]
    snooze = get(analyst, "/api/v1/alerts", state="new")["items"][0]["id"]
    until = to_iso(served.clock() + HOUR)
    assert analyst.post(f"/api/v1/alerts/{snooze}/snooze", json={"until": until}).json()["state"] == "snoozed"


def test_a_mute_covers_its_alert(served: Sea) -> None:
    boss = served.client("supervisor")
    until = to_iso(served.clock() + HOUR)
    made = boss.post("/api/v1/mutes", json={"mmsi": FIRST + 4, "reason": "In the yard.", "until": until})
    assert made.status_code == 201
    mute = made.json()["id"]
    covered = get(boss, "/api/v1/alerts", mmsi=FIRST + 4)["items"]
    assert [a["muted_by"] for a in covered] == [[mute]]
    assert boss.post(f"/api/v1/mutes/{mute}/lift", json={}).json()["state"] == "lifted"
    assert boss.post(f"/api/v1/mutes/{mute}/lift", json={}).status_code == 422
    assert boss.post("/api/v1/mutes", json={"reason": "All.", "until": until}).status_code == 422


def test_a_case_from_alert_to_status(analyst: httpx.Client) -> None:
    alerts = [a["id"] for a in get(analyst, "/api/v1/alerts")["items"][:2]]
    made = analyst.post("/api/v1/cases", json={"title": "Two gaps", "alerts": alerts})
    assert made.status_code == 201, made.text
    case = f"/api/v1/cases/{made.json()['id']}"
    note = analyst.post(f"{case}/notes", json={"text": "Called the agent."})
    assert note.json()["body"]["notes"][0]["text"] == "Called the agent."
    claim = {"party": "Port of Visby", "said_on": "2025-03-01", "says": "Nothing seen.", "source": "letter"}
    assert analyst.post(f"{case}/claims", json=claim).status_code == 201
    done = analyst.put(f"{case}/status", json={"status": "refuted", "reason": "Receiver."})
    assert done.json()["body"]["status"] == "refuted"
    kinds = {m["kind"] for m in all_pages(analyst, f"{case}/timeline", 3)}
    assert kinds
    assert analyst.post(f"{case}/close", json={"reason": "Done."}).json()["state"] == "closed"
    assert analyst.post(f"{case}/notes", json={"text": "More."}).status_code == 422
    assert analyst.post("/api/v1/cases", json={"title": "x", "alerts": ["none"]}).status_code == 404
    get(analyst, case.replace("cases", "incidents"), 404)


def test_incidents_are_found_by_words_place_and_time(analyst: httpx.Client) -> None:
    made = [
        analyst.post("/api/v1/cases", json={"title": title, "kind": "incident"}).json()["id"]
        for title in ("A cable was cut", "A mast fell", "A cable was found")
    ]
    place = {"name": "off Visby", "lat": 57.5, "lon": 18.2}
    when = {"begins": "2025-02-01", "ends": "2025-02-02", "precision": "day"}
    said = analyst.put(f"/api/v1/cases/{made[0]}/description", json={"place": place, "when": when})
    assert said.status_code == 200, said.text
    found = all_pages(analyst, "/api/v1/incidents", 1, q="cable")
    assert {i["id"] for i in found} == {made[0], made[2]}
    boxed = get(analyst, "/api/v1/incidents", bbox="18,57,19,58")["items"]
    assert [i["id"] for i in boxed] == [made[0]]
    dated = get(analyst, "/api/v1/incidents", **{"from": "2025-02-01", "to": "2025-02-03"})["items"]
    assert [i["id"] for i in dated] == [made[0]]
    assert get(analyst, f"/api/v1/incidents/{made[1]}")["body"]["title"] == "A mast fell"


def test_reports_that_lean_on_one_text_count_once(analyst: httpx.Client) -> None:
    text = "The cable between the two islands was cut on Tuesday night, the operator said, and traffic was rerouted. "
    case = analyst.post("/api/v1/cases", json={"title": "Cut", "kind": "incident"}).json()["id"]
    for publisher, more in (("One", "More follows."), ("Two", "A ship was seen.")):
        body = {"text": text * 2 + more, "title": publisher, "publisher": publisher}
        report = analyst.post("/api/v1/reports", json=body)
        assert report.status_code == 201, report.text
        source = {"sha256": report.json()["id"], "grade": "B2"}
        assert analyst.post(f"/api/v1/cases/{case}/sources", json=source).status_code == 201
    assert len(get(analyst, f"/api/v1/cases/{case}/sources")["groups"]) == 1
    unknown = analyst.post(f"/api/v1/cases/{case}/sources", json={"sha256": "0" * 64, "grade": "B2"})
    assert unknown.status_code == 404


def test_assets_have_slashes_in_their_ids(analyst: httpx.Client) -> None:
    assert get(analyst, f"/api/v1/assets/{CABLE.id}")["name"] == "C One"
    assert [a["id"] for a in all_pages(analyst, "/api/v1/assets", 1)] == sorted(
        ["cables/c-one", "cables/dateline", "ports/visby"]
    )
    assert [a["id"] for a in get(analyst, "/api/v1/assets", kind="port,zone")["items"]] == ["ports/visby"]
    assert [a["id"] for a in get(analyst, "/api/v1/assets", bbox="179.5,9,-179.5,11")["items"]] == [
        "cables/dateline"
    ]
    get(analyst, "/api/v1/assets/nothing", 404)


def test_feeds_say_how_they_are(analyst: httpx.Client) -> None:
    (feed,) = get(analyst, "/api/v1/feeds")["items"]
    assert (feed["body"]["name"], feed["state"]) == ("feed", "live")


def test_a_hand_over_is_kept(served: Sea, analyst: httpx.Client) -> None:
    drafted = get(analyst, "/api/v1/handover")
    assert "HAND-OVER by analyst" in drafted["text"]
    kept = analyst.post("/api/v1/handover", json={"note": "Quiet."})
    assert kept.status_code == 201
    assert [h["id"] for h in get(analyst, "/api/v1/handovers")["items"]] == [kept.json()["id"]]
    assert analyst.post("/api/v1/handover", json={"begins": "2020-01-01"}).status_code == 422


def test_an_exercise_is_for_those_who_belong_to_it(served: Sea) -> None:
    analyst = served.client("analyst")
    get(analyst, "/api/v1/ships", 403, realm=EXERCISE)
    user = served.users["analyst"].id
    served.services.desk.users.change(user, served.clock(), exercises=["spring"])
    assert [s["source"] for s in get(analyst, "/api/v1/ships", realm=EXERCISE)["items"]] == ["injected"]
    get(analyst, "/api/v1/ships", 400, realm="spring")
    finding = get(analyst, "/api/v1/findings")["items"][0]["id"]
    get(analyst, f"/api/v1/findings/{finding}", 404, realm=EXERCISE)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/v1/alerts?stat=new", "Did you mean state?"),
        ("/api/v1/alerts?limit=0", "limit"),
        ("/api/v1/alerts?limit=5&limit=6", "twice"),
        ("/api/v1/alerts?from=yesterday", "from"),
        ("/api/v1/ships?bbox=1,2,3", "box on the earth"),
        ("/api/v1/ships?bbox=0,60,10,50", "box on the earth"),
        ("/api/v1/ships?bbox=nan,0,1,1", "box on the earth"),
        ("/api/v1/ships?cursor=%FF", "cursor"),
        ("/api/v1/ships/abc", "mmsi"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_next_step(analyst: httpx.Client, path: str, says: str) -> None:
    answer = analyst.get(path)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert says in f"{said['detail']} {said['next_step']}"
    assert said["request_id"] == answer.headers["x-request-id"]

"""Alerts: one a ship, ranked by a sum whose every term has a source."""

from itertools import permutations

import msgspec
import pytest

from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alerts import Node, raise_alerts, weights
from watchkeeper.model.behaviour import Ship
from watchkeeper.model.finding import Finding


def ship(mmsi: int) -> Ship:
    return Ship(mmsi, 0, f"SHIP {mmsi}", "", "DK", 70, 1, 100.0)


def finding(
    behaviour: str,
    mmsi: int,
    number: int,
    confidence="high",
    other=None,
    start="2025-03-01T00:00:00Z",
    end="2025-03-01T02:00:00Z",
):
    return Finding(
        id=f"{behaviour}-{number}", behaviour=behaviour, version=1, mmsi=mmsi, other_mmsi=other, start=start, end=end,
        lat=57.0, lon=18.0, measured=(), evidence=(), confidence=confidence, confidence_reason="why", realm="real",
        summary=f"{behaviour} {number}.",
    )  # fmt: skip


FINDINGS = [
    finding("encounter", 1, 1, other=2),
    finding("loitering", 1, 2, "medium", start="2025-03-01T09:00:00Z", end="2025-03-01T13:00:00Z"),
    finding("loitering", 1, 3, "medium", start="2025-03-01T15:00:00Z", end="2025-03-01T19:00:00Z"),
    finding("listed-vessel", 2, 4),
    finding("ais-gap", 3, 5, "low"),
    finding("anchor-drag", 3, 6, "low"),
]


def sums(node: Node) -> bool:
    return not node.children or (
        node.value == pytest.approx(sum(c.value for c in node.children), abs=0.11)
        and all(map(sums, node.children))
    )


def test_one_alert_a_ship_with_all_her_findings():
    alerts = raise_alerts(FINDINGS, ship)
    assert sorted(a.mmsi for a in alerts) == [1, 2, 3]
    assert [a.rank for a in alerts] == [1, 2, 3]
    assert {a.mmsi: set(a.finding_ids) for a in alerts} == {
        1: {"encounter-1", "loitering-2", "loitering-3"},
        2: {"encounter-1", "listed-vessel-4"},
        3: {"ais-gap-5", "anchor-drag-6"},
    }
    assert alerts == sorted(alerts, key=lambda a: -a.score)
    assert alerts[0].mmsi == 2


def test_the_score_is_the_sum_of_its_tree():
    for alert in raise_alerts(FINDINGS, ship):
        assert alert.score == alert.tree.value
        assert sums(alert.tree)
        assert all(term.source for term in alert.tree.children)


def test_the_order_of_findings_does_not_matter():
    first = msgspec.json.encode(raise_alerts(FINDINGS, ship))
    for order in list(permutations(FINDINGS))[::37]:
        assert msgspec.json.encode(raise_alerts(order, ship)) == first


def test_equal_scores_rank_by_findings_then_by_number():
    same = [finding("encounter", 9, 1), finding("encounter", 8, 2)]
    assert [a.mmsi for a in raise_alerts(same, ship)] == [8, 9]


def test_repeating_adds_little_and_at_last_nothing():
    table = weights()

    def score(n: int) -> float:
        many = [
            finding(
                "loitering", 1, k, start=f"2025-03-{k + 1:02}T00:00:00Z", end=f"2025-03-{k + 1:02}T05:00:00Z"
            )
            for k in range(n)
        ]
        return raise_alerts(many, ship)[0].score

    weight = table["behaviour"]["loitering"]["weight"]
    assert score(1) == weight
    assert score(2) == pytest.approx(weight * (1 + table["repeat"]["share"]), abs=0.05)
    assert score(20) == score(1 + table["repeat"]["at_most"])


def test_listed_or_hidden_at_an_asset_adds_its_term():
    labels = {a.mmsi: {n.label for n in a.tree.children} for a in raise_alerts(FINDINGS, ship)}
    assert "listed and another behaviour" in labels[2]
    assert "at an asset and hidden" in labels[3]
    assert labels[1] == {"encounter", "loitering"}


def test_every_behaviour_has_a_weight_and_every_weight_a_source():
    table = weights()["behaviour"]
    assert set(table) == set(all_behaviours())
    assert all(entry["weight"] > 0 and entry["source"] for entry in table.values())
    assert weights()["together"]["source"]


def test_nothing_found_no_alert():
    assert raise_alerts([], ship) == []

"""Alerts: one a ship, ranked by a sum whose every term has a source."""

from itertools import permutations

import msgspec
import pytest
from hypothesis import given

from cases.making import at, finding, ship, some_findings
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alerts import Alert, Node, raise_alerts
from watchkeeper.cases.weights import weights

FINDINGS = [
    finding("encounter", 1, 1, other_mmsi=2),
    finding("loitering", 1, 2, confidence="medium", start=at(9), end=at(13)),
    finding("loitering", 1, 3, confidence="medium", start=at(15), end=at(19)),
    finding("listed-vessel", 2, 4),
    finding("ais-gap", 3, 5, confidence="low"),
    finding("anchor-drag", 3, 6, confidence="low"),
]
EVERYTHING = sorted(weights().behaviour)


def sums(node: Node) -> bool:
    return not node.children or (
        node.value == pytest.approx(sum(c.value for c in node.children), abs=0.01)
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


@given(some_findings(EVERYTHING, ships=3, most=12))
def test_the_score_is_the_sum_of_its_tree(findings):
    for alert in raise_alerts(findings, ship):
        assert alert.score == alert.tree.value >= 0
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
        many = [finding("loitering", 1, k, start=at(24 * k), end=at(24 * k + 5)) for k in range(n)]
        return raise_alerts(many, ship)[0].score

    weight = table.of("loitering").weight
    assert score(1) == weight
    assert score(2) == pytest.approx(weight * (1 + table.repeat.share), abs=0.05)
    assert score(20) == score(1 + table.repeat.at_most)


@pytest.mark.parametrize(("begins", "counts"), [(1, False), (2, False), (2.1, True)])
def test_the_same_event_seen_twice_counts_once(begins, counts):
    stay = finding("loitering", start=at(begins), end=at(9))
    (alert,) = raise_alerts([finding("encounter"), stay], ship)
    assert (alert.score > weights().of("encounter").weight) == counts


def test_what_is_still_open_covers_all_that_follows():
    (alert,) = raise_alerts(
        [finding("encounter", end=None), finding("loitering", start=at(90), end=at(95))], ship
    )
    assert alert.score == weights().of("encounter").weight


def test_listed_or_hidden_at_an_asset_adds_its_term():
    alerts = {a.mmsi: a for a in raise_alerts(FINDINGS, ship)}
    assert {m: [c.name for c in a.combinations] for m, a in alerts.items()} == {
        1: [], 2: ["listed-and-conduct"], 3: ["asset-and-hidden"],
    }  # fmt: skip
    (hidden,) = alerts[3].combinations
    assert hidden.adds == 20 * weights().confidence["low"]
    assert set(hidden.finding_ids) == {"ais-gap-5", "anchor-drag-6"}


def test_a_combination_that_says_more_stands_for_those_that_say_less():
    found = [
        finding("ais-gap"),
        finding("anchor-drag", start=at(5), end=at(6), asset="Estlink 2", confidence="medium"),
        finding("listed-vessel", end=None),
    ]
    (alert,) = raise_alerts(found, ship)
    adds = {c.name: c.adds for c in alert.combinations}
    assert adds == {
        "listed-dark-then-slow-at-asset": pytest.approx(50 * 0.7),
        "dark-then-slow-at-asset": 0, "asset-and-hidden": 0, "listed-and-conduct": 0,
    }  # fmt: skip
    assert sums(alert.tree)


@pytest.mark.parametrize(("trust", "less"), [("suspect", 0.8), ("unreliable", 0.5)])
def test_positions_in_doubt_weigh_less_and_say_so(trust, less):
    doubtful = finding("loitering", trust=trust, trust_reason="gnss-interference: 9 ships jumped")
    (alert,) = raise_alerts([doubtful], ship)
    assert alert.score == pytest.approx(weights().of("loitering").weight * less)
    (leaf,) = alert.tree.children[0].children
    assert trust in leaf.label
    assert leaf.children[1].value < 0
    assert "9 ships jumped" in leaf.children[1].source
    assert "judgement" in leaf.children[1].source


def test_what_does_not_rest_on_positions_is_not_touched():
    (alert,) = raise_alerts([finding("listed-vessel", trust="unreliable")], ship)
    assert alert.score == weights().of("listed-vessel").weight


def test_the_network_alone_raises_no_alert():
    outage = finding("receiver-outage", mmsi=0)
    assert raise_alerts([outage], ship) == []
    (alert,) = raise_alerts([finding("gnss-interference"), finding("loitering", number=1)], ship)
    assert len(alert.finding_ids) == 2
    assert alert.score == weights().of("loitering").weight


def test_every_behaviour_has_a_weight_and_every_weight_a_source():
    table = weights()
    assert set(table.behaviour) == set(all_behaviours())
    for weight in table.behaviour.values():
        assert weight.source
        assert (weight.weight > 0) == (weight.about != "network")
    marking = {one.id for one in all_behaviours().values() if one.marks != "trusted"}
    assert marking <= table.trust.not_needed, "what says that positions are in doubt does not rest on them"
    assert {*table.trust.not_needed, *table.same_event} <= set(table.behaviour)
    assert {o for others in table.same_event.values() for o in others} <= set(table.behaviour)


def test_an_alert_reads_back_as_it_was_written():
    for alert in raise_alerts(FINDINGS, ship):
        assert msgspec.json.decode(msgspec.json.encode(alert), type=Alert) == alert


def test_thousands_of_findings_of_one_ship_do_not_stop_a_scan():
    """Trying every choice of findings would take days."""
    kinds = ("ais-gap", "anchor-drag", "loitering", "encounter", "listed-vessel", "position-jump")
    many = [
        finding(kinds[k % len(kinds)], 1, k, start=at(k / 10), end=at(k / 10 + 1), asset=f"cable {k % 7}")
        for k in range(3_000)
    ]
    (alert,) = raise_alerts(many, ship)
    assert "slow-at-two-assets" in {c.name for c in alert.combinations}
    assert len(alert.finding_ids) == 3_000


def test_nothing_found_no_alert():
    assert raise_alerts([], ship) == []

"""What would change a rank: as counting everything again says, the smallest changes first."""

import msgspec
from hypothesis import given, settings

from cases.making import at, finding, ship, some_findings
from watchkeeper.cases.alerts import raise_alerts
from watchkeeper.cases.combinations import built_in
from watchkeeper.cases.known import NOTHING
from watchkeeper.cases.scoring import Scorer
from watchkeeper.cases.weights import weights

EVERYTHING = sorted(weights().behaviour)
RELATED = [
    "ais-gap",
    "asset-gap",
    "anchor-drag",
    "asset-slowdown",
    "listed-vessel",
    "encounter",
    "loitering",
    "drifting",
]


@given(some_findings(RELATED))
@settings(max_examples=300)
def test_a_change_is_worth_what_scoring_anew_says(findings):
    scorer = Scorer(weights(), built_in())
    if not findings:
        return
    whole = scorer.score(1, findings, NOTHING)
    for behaviour, mine in whole.by_behaviour.items():
        left = [f for f in findings if f.behaviour != behaviour]
        anew = scorer.score(1, left, NOTHING).standing if left else None
        assert scorer.without(whole, behaviour) == anew
        best = max(mine, key=weights().strength)
        better = msgspec.structs.replace(best, confidence="high")
        exchanged = [better if f is best else f for f in findings]
        assert scorer.stronger(whole, best, better) == scorer.score(1, exchanged, NOTHING).standing


@given(some_findings(EVERYTHING, ships=5, most=12))
def test_the_rank_it_names_is_the_rank_it_would_have(findings):
    alerts = raise_alerts(findings, ship)
    for alert in alerts:
        for change in alert.sensitivity:
            if change.text != weights().of(change.behaviour).explained:
                continue
            left = [f for f in findings if f.mmsi != alert.mmsi or f.behaviour != change.behaviour]
            now = {a.mmsi: (a.rank, a.score) for a in raise_alerts(left, ship)}
            assert now.get(alert.mmsi, (None, 0.0)) == (change.rank, change.score)


def test_only_what_moves_the_rank_is_told_least_first():
    found = [
        finding("listed-vessel", 1, 1, end=None),
        finding("encounter", 1, 2, start=at(4), end=at(6)),
        finding("anchor-drag", 2, 3),
        finding("ais-gap", 3, 4, confidence="low"),
        finding("drifting", 4, 5),
    ]
    first, second, third, last = raise_alerts(found, ship)
    assert [a.mmsi for a in (first, second, third, last)] == [1, 2, 4, 3]
    (only,) = first.sensitivity
    assert (only.behaviour, only.rank, only.text) == (
        "listed-vessel",
        2,
        "the newest lists did not name the ship",
    )
    assert [(c.behaviour, c.rank) for c in second.sensitivity] == [("anchor-drag", None)]
    assert [(c.text, c.rank) for c in last.sensitivity] == [
        ("the silence were explained by an outage", None),
        ("the confidence of ais-gap were high", 3),
    ]

"""The tree: sums add up, every weight has an origin, order is what the evidence says, and doubts weigh less."""

import itertools
from dataclasses import replace

import pytest

from watchkeeper.cases.attribution.anchor import anchor_of
from watchkeeper.cases.attribution.habit import Habit
from watchkeeper.cases.attribution.reach import Possible
from watchkeeper.cases.attribution.settings import settings
from watchkeeper.cases.attribution.weighing import Measures, tree_of
from watchkeeper.model.records import CLASS_A, CLASS_B

NAN = float("nan")


def habit(at=11.0, lowest=11.0, **changed) -> Habit:
    even = Habit(
        at_kn=at, usual_kn=11.0, local_kn=11.0, lowest_kn=lowest, lowest_t=0, uneven=0.0, turn_deg=0.0,
        scatter_deg=0.5, usual_scatter_deg=0.5, crab_deg=1.0, usual_crab_deg=1.0, arrival=False,
    )  # fmt: skip
    return replace(even, **changed)


def seen(**changed) -> Measures:
    plain = Measures(
        how="seen", place_share=NAN, habit=habit(), others=0.0, possible=None, silence_min=0.0, silent_loss=0.0,
        heard_there=1.0, ais_class=CLASS_A, ship_type=70, anchor=anchor_of(150.0, None), unreliable="",
        findings=(), lists=(),
    )  # fmt: skip
    return replace(plain, **changed)


def silent(direct: float = 1.0, evenness: float = 1.0, **changed) -> Measures:
    way = Possible(0, 10, 5, 57.0, 18.0, 10_000.0, direct * 10_000.0, evenness, True)
    return seen(**({"how": "silent", "possible": way, "silence_min": 90.0} | changed))


def value(m: Measures) -> float:
    return tree_of(m).value


MANY = [
    seen(), seen(habit=None), seen(habit=habit(lowest=9.4)), seen(habit=habit(at=8.0), others=0.1), silent(),
    silent(0.4, habit=habit(lowest=8.0)), silent(ais_class=CLASS_B), seen(place_share=0.3, lists=("a list",)),
    seen(ship_type=30, findings=("loitering",)), silent(heard_there=0.1, silent_loss=0.25),
    seen(habit=habit(usual_kn=NAN, scatter_deg=NAN, usual_scatter_deg=NAN)), seen(anchor=anchor_of(90.0, 400.0)),
]  # fmt: skip


@pytest.mark.parametrize("measures", MANY)
def test_the_score_is_the_sum_and_every_term_has_a_source(measures):
    tree = tree_of(measures)
    assert tree.value == pytest.approx(sum(term.value for term in tree.children), abs=0.06)
    assert all(term.source and term.label for term in tree.children)
    assert all(child.source for term in tree.children for child in term.children)
    assert tree.value >= 0.0


def test_every_weight_limit_and_factor_has_a_source_and_every_one_a_unit():
    known = settings()
    assert all(
        x.source for x in itertools.chain(known.limits.values(), known.terms.values(), known.factors.values())
    )
    assert all(known.of(name) > 0 for name in known.limits)
    assert all(0.0 <= factor.value <= 1.0 for factor in known.factors.values())


@pytest.mark.parametrize("stronger", [
    seen(habit=habit(lowest=9.46)), seen(habit=habit(at=8.14)), silent(),
    seen(habit=habit(scatter_deg=25.0)), seen(habit=habit(crab_deg=20.0)), seen(place_share=0.0),
], ids=["14 % for minutes", "26 % for hours", "not heard", "course scatters", "crab", "nearer"])  # fmt: skip
def test_what_stands_out_outranks_an_ordinary_crossing(stronger):
    assert value(stronger) > value(seen())


def test_slower_never_weighs_less():
    values = [value(seen(habit=habit(lowest=11.0 - 0.1 * k))) for k in range(60)]
    assert values == sorted(values)


@pytest.mark.parametrize("weaker", [
    silent(0.5), silent(evenness=0.5), silent(silence_min=16.0), silent(ais_class=CLASS_B), silent(heard_there=0.1),
    silent(how="one end"), silent(anchor=anchor_of(150.0, 900.0)),
], ids=["detour", "uneven speed", "short", "class B", "nobody heard there", "one end", "too deep"])  # fmt: skip
def test_a_silence_that_says_less_weighs_less(weaker):
    assert value(weaker) < value(silent())


@pytest.mark.parametrize("changed", [
    {"habit": habit(lowest=8.0, arrival=True)}, {"habit": habit(lowest=8.0, turn_deg=70.0)},
    {"habit": habit(lowest=8.0), "others": 0.2}, {"habit": habit(lowest=8.0), "unreliable": "jumps"},
    {"habit": habit(lowest=8.0, uneven=0.15)},
], ids=["arrival", "turn", "others too", "positions in doubt", "always uneven"])  # fmt: skip
def test_what_explains_a_slow_down_takes_from_it(changed):
    assert value(seen(**changed)) < value(seen(habit=habit(lowest=8.0)))


def test_a_stay_in_port_that_could_have_been_a_sortie_weighs_next_to_nothing():
    assert value(silent(0.02)) < 0.1 * value(seen())


def test_anchors_of_the_public_cases():
    # Newnew Polar Bear 169 m, 6 t; Eagle S 228 m, 11 t: what was found on the bed.
    assert anchor_of(169.0, None).mass_kg == pytest.approx(6_000.0, rel=0.1)
    assert anchor_of(228.0, 60.0).mass_kg == pytest.approx(11_000.0, rel=0.1)
    assert anchor_of(228.0, 60.0).reaches is True
    assert anchor_of(90.0, 300.0).reaches is False
    assert anchor_of(None, 60.0) is None
    assert anchor_of(float("nan"), 60.0) is None
    assert anchor_of(12.0, 60.0) is None
    assert anchor_of(400.0, None).mass_kg > 20_000.0

"""A second track that is one fixed point is a default or stuck position, not a second ship."""

import pytest
from msgspec.structs import replace

from watchkeeper.behaviours import all_behaviours
from watchkeeper.model.behaviour import Found, SetAside
from watchkeeper.model.episodes import Episode, Episodes


def second_track(**given: float) -> Episode:
    (blank,) = Episodes.build(1)
    made = replace(blank, vessel=0, start=0, end=3_600_000, n=10, value=0.5, low=50_000.0)
    return replace(made, **given)


@pytest.mark.parametrize(("span_m", "kind"), [(0.0, SetAside), (0.9, SetAside), (40.0, Found)])
def test_a_fixed_point_is_no_second_hull(span_m: float, kind: type) -> None:
    clash = all_behaviours()["identity-clash"]
    assert clash.judging is not None
    thresholds = {name: clash.thresholds[name].default for name in clash.judge_needs}
    assert isinstance(clash.judging(second_track(span_m=span_m), None, **thresholds), kind)

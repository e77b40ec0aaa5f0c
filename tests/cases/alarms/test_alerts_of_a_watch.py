"""Findings of a watch become alerts: one for a ship and matter, changed and never repeated."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.alarms.memory import MemoryLog
from cases.alarms.watching import NOON, Watch, at, finding, later
from cases.making import some_findings
from watchkeeper.cases import alarms
from watchkeeper.cases.alarms import keeping
from watchkeeper.cases.alarms.alert import standing_of
from watchkeeper.cases.alarms.keeping import seq_at
from watchkeeper.cases.alarms.matters import matters
from watchkeeper.model.event import Draft
from watchkeeper.model.finding import Finding
from watchkeeper.model.picture import Ship
from watchkeeper.model.time import MINUTE

KINDS = ["encounter", "loitering", "ais-gap", "anchor-drag", "listed-vessel", "gnss-interference"]


class TestMatters:
    def test_findings_within_a_day_of_each_other_are_one_matter(self) -> None:
        watch = Watch()
        watch.find("ais-gap", number=1, start=at(0), end=at(2))
        watch.find("loitering", number=2, start=at(26), end=at(27))
        watch.judge()
        assert watch.standing.says.kinds == ("ais-gap", "loitering")

    def test_a_minute_more_than_a_day_makes_two(self) -> None:
        watch = Watch()
        watch.find("ais-gap", number=1, start=at(0), end=at(2))
        watch.find("loitering", number=2, start=at(26 + 1 / 60), end=at(27))
        watch.judge()
        assert [standing_of(a).says.kinds for a in watch.alerts] == [("loitering",), ("ais-gap",)]

    def test_being_listed_stands_with_each_matter_and_links_none(self) -> None:
        watch = Watch()
        watch.find("listed-vessel", number=1, start=at(0), end=None)
        watch.find("ais-gap", number=2, start=at(1), end=at(2))
        watch.find("loitering", number=3, start=at(200), end=at(202))
        watch.judge()
        assert [set(standing_of(a).says.kinds) for a in watch.alerts] == [
            {"listed-vessel", "loitering"},
            {"listed-vessel", "ais-gap"},
        ]

    @given(some_findings(KINDS))
    def test_every_finding_is_in_a_matter_and_each_event_in_one(self, findings: list[Finding]) -> None:
        made = matters(findings)
        assert {f.id for m in made for f in m.findings} == {f.id for f in findings}
        anchors = [id for m in made for id in m.anchors]
        assert len(anchors) == len(set(anchors))

    @given(some_findings(KINDS), st.randoms())
    def test_their_order_of_arrival_does_not_matter(self, findings: list[Finding], random: object) -> None:
        mixed = [*findings]
        random.shuffle(mixed)  # type: ignore[attr-defined]
        assert matters(mixed) == matters(findings)


class TestNeverRepeated:
    def test_judging_again_writes_nothing(self) -> None:
        watch = Watch()
        watch.find("encounter", other_mmsi=2)
        first = [event.kind for event in watch.judge()]
        assert first == ["alert.raised", "alert.raised", "alarms.kept"]
        assert watch.judge() == []

    def test_a_mark_that_is_lost_repeats_nothing(self) -> None:
        watch = Watch()
        watch.find("encounter")
        watch.judge()
        before = watch.alert
        watch.log.kept = {key: d for key, d in watch.log.kept.items() if key[0] != "marks"}  # type: ignore[attr-defined]
        watch.judge()
        assert watch.alert == before

    def test_an_earlier_finding_that_comes_late_joins_its_alert(self) -> None:
        watch = Watch()
        watch.find("ais-gap", number=1, start=at(10), end=at(12))
        watch.judge()
        id = watch.alert.id
        watch.find("loitering", number=2, start=at(1), end=at(4))
        watch.judge()
        assert watch.alert.id == id
        assert watch.standing.says.kinds == ("loitering", "ais-gap")

    def test_a_late_finding_that_joins_two_matters_leaves_one_alert(self) -> None:
        watch = Watch()
        watch.find("ais-gap", number=1, start=at(0), end=at(1))
        watch.find("loitering", number=2, start=at(40), end=at(41))
        watch.judge()
        watch.find("encounter", number=3, start=at(20), end=at(21))
        watch.judge()
        states = {a.state: standing_of(a) for a in watch.alerts}
        assert set(states) == {"new", "closed"}
        assert len(states["new"].says.findings) == 3
        assert states["closed"].into is not None
        assert watch.judge() == []

    def test_what_was_joined_is_raised_again_when_it_parts(self) -> None:
        watch = Watch()
        watch.find("ais-gap", number=1, start=at(0), end=at(1))
        watch.find("loitering", number=2, start=at(40), end=at(41))
        watch.judge()
        between = watch.find("encounter", number=3, start=at(20), end=at(21))
        watch.judge()
        watch.tell("withdrawn", between, "an outage explains it")
        watch.judge()
        assert [(a.state, len(standing_of(a).says.findings)) for a in watch.alerts] == [
            ("new", 1),
            ("new", 1),
        ]

    @given(st.data())
    def test_one_alert_for_each_matter_whatever_comes_and_goes(self, data: st.DataObject) -> None:
        watch = Watch()
        findings = data.draw(some_findings(KINDS, ships=2))
        told: dict[str, Finding] = {}
        for each in data.draw(st.permutations(findings)):
            watch.tell("opened", each)
            told[each.id] = each
            if data.draw(st.booleans()):
                gone = data.draw(st.sampled_from(sorted(told)))
                watch.tell("withdrawn", told.pop(gone), "set aside")
            if data.draw(st.booleans()):
                watch.judge()
                watch.wait(1)
        watch.judge()
        assert watch.judge() == []
        for mmsi in (1, 2):
            now = matters([f for f in told.values() if f.mmsi == mmsi])
            shown = sorted(
                tuple(f.id for f in standing_of(a).says.findings)
                for a in watch.alerts
                if a.mmsi == mmsi and a.state == "new"
            )
            meant = [m for m in now if any(f.behaviour != "gnss-interference" for f in m.findings)]
            assert shown == sorted(tuple(f.id for f in m.findings) for m in meant)

    @given(st.data())
    def test_documents_made_again_are_the_same(self, data: st.DataObject) -> None:
        watch = Watch()
        for each in data.draw(some_findings(KINDS, ships=3)):
            watch.tell(data.draw(st.sampled_from(["opened", "updated", "closed", "withdrawn"])), each)
            watch.judge()
            watch.wait(20)
        assert isinstance(watch.log, MemoryLog)
        assert watch.log.rebuilt().kept == watch.log.kept

    def test_two_runners_at_once_write_each_change_once(self) -> None:
        watch = Watch()
        watch.find("ais-gap", number=1)
        watch.judge()
        watch.find("loitering", number=2, start=at(3), end=at(4))
        other = MemoryLog(alarms.projectors(), watch.log.events)  # type: ignore[attr-defined]
        mine = watch.judge()
        theirs = Watch(other).judge()
        assert [e.key for e in mine] == [e.key for e in theirs]
        again = watch.log.append([msgspec.convert(msgspec.to_builtins(e), type=Draft) for e in theirs])
        assert [e.seq for e in again] == [e.seq for e in mine]


class TestWithdrawn:
    def test_nothing_left_closes_what_nobody_decided(self) -> None:
        watch = Watch()
        gap = watch.find("ais-gap")
        watch.judge()
        watch.do("acknowledge")
        watch.tell("withdrawn", gap, "all receivers were out")
        watch.judge()
        assert watch.alert.state == "closed"
        assert watch.standing.says.findings == ()
        assert "withdrawn" in (watch.standing.reason or "")
        assert watch.judge() == []

    def test_a_confirmed_alert_stays_and_says_so(self) -> None:
        watch = Watch()
        gap = watch.find("ais-gap")
        watch.judge()
        watch.do("confirm")
        watch.tell("withdrawn", gap, "all receivers were out")
        watch.judge()
        assert (watch.alert.state, watch.alert.score) == ("confirmed", 0.0)

    def test_what_is_left_may_be_about_the_network_only(self) -> None:
        watch = Watch()
        gap = watch.find("ais-gap")
        watch.find("gnss-interference", number=1)
        watch.judge()
        watch.tell("withdrawn", gap, "x")
        watch.judge()
        assert (watch.alert.state, watch.standing.reason) == (
            "closed",
            "what is left of it is about the network around the ship",
        )
        assert watch.judge() == []

    def test_a_finding_that_holds_again_raises_its_alert_again(self) -> None:
        watch = Watch()
        gap = watch.find("ais-gap")
        watch.judge()
        watch.tell("withdrawn", gap, "x")
        watch.judge()
        watch.tell("opened", gap)
        watch.judge()
        assert (watch.alert.state, watch.standing.raised) == ("new", 2)

    def test_a_withdrawal_that_names_no_finding_is_understood(self) -> None:
        watch = Watch()
        gap = watch.find("ais-gap")
        watch.judge()
        draft = msgspec.structs.replace(
            watch.log.read(kinds=("finding.",))[0], kind="finding.withdrawn", body={"reason": "x"}, key=None
        )
        fields = {name: getattr(draft, name) for name in ("kind", "subject", "at", "actor", "body")}
        watch.log.append([Draft(**fields)])
        watch.judge()
        assert watch.alert.state == "closed"
        assert gap.id == watch.log.document("findings", gap.id).id  # type: ignore[union-attr]


class TestWhatIsSaid:
    def test_the_network_alone_raises_nothing(self) -> None:
        watch = Watch()
        watch.find("gnss-interference")
        watch.judge()
        assert watch.alerts == []
        assert watch.judge() == []

    def test_the_alert_holds_score_tree_and_ship(self) -> None:
        watch = Watch()
        watch.find("encounter", 219000606)
        watch.judge()
        says = watch.standing.says
        assert (watch.alert.mmsi, watch.alert.score) == (219000606, says.score)
        assert says.score == says.content["tree"]["value"] > 0
        assert says.name == "SHIP 219000606"
        assert "rank" not in says.content

    def test_an_update_of_the_finding_changes_the_headline(self) -> None:
        watch = Watch()
        gap = watch.find("ais-gap", end=None)
        watch.judge()
        watch.tell("updated", later(gap, summary="Silent for 9 h."))
        assert [e.kind for e in watch.judge()] == ["alert.updated", "alarms.kept"]
        assert watch.standing.says.headline == "Silent for 9 h."
        assert watch.standing.says.ends is None

    def test_realms_are_apart(self) -> None:
        watch = Watch()
        watch.find("ais-gap")
        assert alarms.after_judging(watch.log, now=NOON, ship_of=_nobody, realm="exercise:1") == []
        assert watch.alerts == []


def test_ships_are_asked_for_one_by_one_or_all_at_once_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    for at_once in (0, 1_000_000):
        monkeypatch.setattr(keeping, "_AT_ONCE", at_once)
        watch = Watch()
        for k in range(1, 30):
            watch.find("encounter", k, k, other_mmsi=k + 40 if k % 2 else None)
        watch.judge()
        watch.find("ais-gap", 1, 90, other_mmsi=44, start=at(3), end=at(5))
        watch.judge()
        kept.append(watch.log.kept)  # type: ignore[attr-defined]
    assert kept[0] == kept[1]
    assert len([key for key in kept[0] if key[0] == "alerts"]) == 29 + 15 + 1


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(-1, 40))
def test_the_place_of_a_time_in_the_log(waits: list[int], minute: int) -> None:
    watch = Watch()
    for wait in waits:
        watch.wait(wait)
        watch.health("feed.live", "a")
    t = NOON + minute * MINUTE
    after = seq_at(watch.log, t)
    assert [e.at >= t for e in watch.log.read()] == [e.seq > after for e in watch.log.read()]


def test_an_open_finding_reaches_for_ever() -> None:
    open_one = finding("ais-gap", number=1, start=at(0), end=None)
    far = finding("loitering", number=2, start=at(24 * 30), end=at(24 * 30 + 1))
    assert len(matters([open_one, far])) == 1
    assert len(matters([later(open_one, end=at(1)), far])) == 2


def _nobody(mmsi: int) -> Ship:
    pytest.fail(f"ship {mmsi} is asked for")

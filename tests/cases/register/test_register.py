"""Cases and incidents: what people write into them, how they are found again, and quotes that can be checked."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.alarms.memory import MemoryLog
from cases.alarms.watching import NOON, Watch
from watchkeeper.cases import alarms, register
from watchkeeper.cases.register.actions import Worker, open_case
from watchkeeper.cases.register.case import CASES, Case, Place, When, case_of
from watchkeeper.cases.register.extraction import propose
from watchkeeper.cases.register.search import Wanted, alike, search
from watchkeeper.cases.register.sources import REPORTS, Report, report_of, sha256_of, store, take, verify
from watchkeeper.cases.register.timeline import timeline
from watchkeeper.cases.register.vocabulary import NAMES, grade_in_words, graded, tag_of, vocabularies
from watchkeeper.errors import InputError, UsageError
from watchkeeper.model.event import Document, Query
from watchkeeper.model.time import DAY, HOUR

ANNA = "user:anna"
TEXT = "On 18 November 2024 the C-Lion1 cable was cut. M/V Yi Peng 3 (IMO 9224984, MMSI 414213000) was near."


class Desk:
    """A log with cases, and somebody who works on them."""

    def __init__(self) -> None:
        self.watch = Watch(MemoryLog((*alarms.projectors(), *register.projectors())))
        self.log = self.watch.log

    def open(self, title: str = "Cable cut", **said: Any) -> Document:
        (event,) = self.log.append([open_case(title, at=self.watch.now, actor=ANNA, **said)])
        return self.case(event.subject)

    def case(self, id: str) -> Document:
        document = self.log.document(CASES, id)
        assert document is not None
        return document

    def do(self, case: Document, action: str, *args: Any, **said: Any) -> Document:
        self.watch.wait(1)
        worker = Worker(self.case(case.id), at=self.watch.now, actor=ANNA)
        self.log.append([getattr(worker, action)(*args, **said)])
        return self.case(case.id)

    def stored(self, text: str = TEXT, **said: Any) -> Report:
        (event,) = self.log.append([store(text, title="Release", at=NOON, actor=ANNA, **said)])
        document = self.log.document(REPORTS, event.subject)
        assert document is not None
        return report_of(document)

    def all(self) -> list[Document]:
        return list(self.log.documents(Query(collection=CASES)).items)


@pytest.fixture
def desk() -> Desk:
    return Desk()


CLAIM = {
    "party": "Ministry of X", "said_on": "2024-12-01", "says": "It was an anchor.", "source": "press release 12",
    "attributes_to": "the bulk carrier",
}  # fmt: skip


class TestCases:
    def test_a_case_of_an_alert_holds_everything_that_is_written(self, desk: Desk) -> None:
        finding = desk.watch.find("anchor-drag")
        desk.watch.judge()
        case = desk.open(alerts=[desk.watch.alert])
        desk.do(case, "note", "Called the operator.")
        desk.do(case, "evidence", "finding", finding.id, "the drag")
        desk.do(case, "evidence", "line", "aisdk.csv:17: 01/03/2025 ...")
        desk.do(case, "claim", **CLAIM)
        desk.do(case, "tag", ["hybrid-domain:infrastructure", "RSIT:availability:sabotage"])
        held = case_of(desk.do(case, "status", "confirmed", "the owner found the anchor"))
        assert (held.status, held.alerts) == ("confirmed", (desk.watch.alert.id,))
        assert [note.text for note in held.notes] == ["Called the operator."]
        assert held.tags == ("hybrid-domain:infrastructure", "rsit:availability:sabotage")
        assert held.claims[0].attributes_to == "the bulk carrier"
        assert {by.by for by in (*held.notes, *held.evidence, *held.claims)} == {ANNA}

    def test_who_did_it_is_no_field_of_a_case(self) -> None:
        fields = set(Case.__struct_fields__)
        assert not {
            field for field in fields if "attribut" in field or "actor" in field or "perpetrator" in field
        }

    def test_a_closed_case_takes_nothing_until_it_is_open_again(self, desk: Desk) -> None:
        case = desk.do(desk.open(), "close", "nothing more to find")
        assert case.state == "closed"
        with pytest.raises(UsageError, match="closed"):
            desk.do(case, "note", "x")
        stale = Worker(msgspec.structs.replace(case, state="open"), at=NOON, actor=ANNA).note("raced")
        desk.log.append([stale])
        assert case_of(desk.case(case.id)).notes == ()
        assert desk.do(case, "reopen", "new data").state == "open"

    @pytest.mark.parametrize(
        ("action", "args"),
        [
            ("note", (" ",)), ("note", ("x" * 20_001,)), ("status", ("proven", "x")), ("status", ("confirmed", "")),
            ("tag", (["rsit:sabotag"],)), ("evidence", ("rumour", "x")), ("evidence", ("document", "abc")),
            ("source", ("0" * 64, "G7")), ("close", ("",)), ("reopen", ("x",)),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused(self, desk: Desk, action: str, args: tuple[Any, ...]) -> None:
        with pytest.raises(UsageError):
            desk.do(desk.open(), action, *args)

    def test_a_claim_needs_a_party_a_date_and_a_source(self, desk: Desk) -> None:
        case = desk.open()
        for missing in ("party", "said_on", "says", "source"):
            with pytest.raises(UsageError):
                desk.do(case, "claim", **(CLAIM | {missing: ""}))

    def test_what_is_rehearsed_does_not_get_into_a_real_case(self, desk: Desk) -> None:
        desk.watch.find("anchor-drag")
        desk.watch.judge()
        rehearsed = msgspec.structs.replace(desk.watch.alert, realm="exercise:1")
        with pytest.raises(UsageError, match="rehearsed"):
            desk.open(alerts=[rehearsed])

    def test_the_timeline_is_made_of_everything(self, desk: Desk) -> None:
        finding = desk.watch.find("anchor-drag")
        desk.watch.judge()
        alert = desk.watch.alert
        desk.watch.do("acknowledge")
        case = desk.open(alerts=[alert])
        desk.do(case, "note", "Called the operator.")
        case = desk.do(case, "claim", **CLAIM)
        finding_document = desk.log.document("findings", finding.id)
        assert finding_document is not None
        lines = timeline(case, [alert], [finding_document], desk.log.read())
        kinds = [line.kind for line in lines]
        assert kinds == ["claim", "anchor-drag", "anchor-drag", "alert", "alert", "case", "case", "case"]
        assert [line.at for line in lines] == sorted(line.at for line in lines)
        assert lines[0].who == "Ministry of X"

    @given(st.lists(st.sampled_from(["note", "close", "reopen", "tag", "status"]), max_size=10))
    def test_documents_made_again_are_the_same(self, steps: list[str]) -> None:
        desk = Desk()
        case = desk.open()
        args: dict[str, tuple[Any, ...]] = {
            "note": ("x",), "close": ("y",), "reopen": ("z",), "tag": (["rsit:test:test"],), "status": ("refuted", "w"),
        }  # fmt: skip
        for step in steps:
            if (desk.case(case.id).state == "closed") == (step == "reopen"):
                desk.do(case, step, *args[step])
        assert isinstance(desk.log, MemoryLog)
        assert desk.log.rebuilt().kept == desk.log.kept


class TestSearch:
    @pytest.fixture
    def two(self, desk: Desk) -> Desk:
        first = desk.open("Cable cut off Öland", kind="incident")
        when = When(begins=NOON, ends=NOON + HOUR, precision="hour")
        desk.do(
            first, "describe", when=when, place=Place(lat=56.3, lon=18.2, asset="C-Lion1"), target="C-Lion1"
        )
        desk.do(first, "tag", ["hybrid-tool:physical-operations", "rsit:availability:sabotage"])
        second = desk.open("Harbour office offline", kind="incident")
        late = When(begins=NOON + 9 * DAY, ends=NOON + 9 * DAY, precision="day")
        desk.do(second, "describe", when=late, place=Place(area=(179.0, -20.0, -179.0, -17.0)))
        desk.do(second, "status", "refuted", "a broken switch")
        return desk

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (Wanted(), 2), (Wanted(text="öland cable"), 1), (Wanted(text="sabotage"), 1), (Wanted(text="no"), 0),
            (Wanted(tags=("rsit:",)), 1), (Wanted(tags=("rsit:availability:sabotage",)), 1), (Wanted(tags=("x",)), 0),
            (Wanted(status="refuted"), 1), (Wanted(t_to=NOON + DAY), 1), (Wanted(t_from=NOON + HOUR), 2),
            (Wanted(t_from=NOON + HOUR + 1), 1), (Wanted(area=(18.0, 56.0, 19.0, 57.0)), 1),
            (Wanted(area=(-179.5, -18.0, -170.0, 0.0)), 1), (Wanted(area=(0.0, 0.0, 1.0, 1.0)), 0),
        ],
    )  # fmt: skip
    def test_by_words_tag_time_place_and_status(self, two: Desk, wanted: Wanted, found: int) -> None:
        assert len(search(two.all(), wanted)) == found

    def test_latest_first(self, two: Desk) -> None:
        assert [case_of(c).title[:5] for c in search(two.all(), Wanted())] == ["Harbo", "Cable"]

    @pytest.mark.parametrize(
        ("days", "lat", "asset", "same"),
        [(2, 56.4, None, True), (4, 56.4, None, False), (2, 57.0, None, False), (2, 57.0, "C-Lion1", True)],
    )
    def test_what_may_be_the_same_event_is_suggested(
        self, two: Desk, days: int, lat: float, asset: str | None, same: bool
    ) -> None:
        other = two.open("A fault")
        at = NOON + days * DAY
        when = When(begins=at, ends=at, precision="day")
        other = two.do(other, "describe", when=when, place=Place(lat=lat, lon=18.2, asset=asset))
        assert [case_of(c).title for c in alike(other, two.all())] == (
            ["Cable cut off Öland"] if same else []
        )


class TestReports:
    def test_a_report_is_stored_once_by_its_hash(self, desk: Desk) -> None:
        one, two = desk.stored(), desk.stored()
        assert one == two
        assert one.sha256 == sha256_of(TEXT)
        assert len(desk.log.documents(Query(collection=REPORTS)).items) == 1

    def test_a_value_names_its_passage_and_the_passage_is_checked(self, desk: Desk) -> None:
        report = desk.stored()
        start = TEXT.index("18 November 2024")
        taken = take(report, "date", "2024-11-18", start, start + len("18 November 2024"))
        case = desk.do(desk.open(kind="incident"), "describe", summary="x", taken=[taken])
        held = case_of(case).taken
        assert held[0].quote == "18 November 2024"
        assert verify(held, lambda sha: report) == []

    def test_a_quote_that_does_not_match_is_said(self, desk: Desk) -> None:
        report = desk.stored()
        taken = take(report, "date", "2024-11-18", 3, 19)
        moved = msgspec.structs.replace(taken, start=4, end=20)
        changed = msgspec.structs.replace(report, text="x" + TEXT)
        assert [b.why for b in verify([moved], lambda sha: report)] == [
            "the passage reads otherwise; the words stand at 3"
        ]
        assert "not the one that was stored" in verify([taken], lambda sha: changed)[0].why
        assert verify([taken], lambda sha: None)[0].why == "the report is not stored"

    @pytest.mark.parametrize(("start", "end"), [(-1, 4), (4, 4), (5, 4), (0, len(TEXT) + 1)])
    def test_a_passage_outside_the_text_is_refused(self, desk: Desk, start: int, end: int) -> None:
        with pytest.raises(InputError):
            take(desk.stored(), "date", "x", start, end)

    @pytest.mark.parametrize("text", ["", " \n", "x" * (1 << 20) + "y"])
    def test_no_text_or_too_much_is_refused(self, desk: Desk, text: str) -> None:
        with pytest.raises(InputError):
            desk.stored(text)


class TestProposals:
    def test_what_a_release_states(self) -> None:
        found = propose(TEXT, {"C-Lion 1": "c-lion1"})
        assert [(p.field, p.value, p.doubt) for p in found] == [
            ("date", "2024-11-18", ""),
            ("asset", "c-lion1", ""),
            ("imo", "9224984", ""),
            ("mmsi", "414213000", ""),
        ]

    @pytest.mark.parametrize(
        ("text", "values"),
        [
            ("IMO 9224985", [("9224985", "its check digit does not fit")]), ("number 9224984", []),
            ("MMSI: 111222333", [("111222333", "it is no ship's number")]),
            ("18.11.2024", [("2024-11-18", "read as day.month.year")]), ("31 April 2024", []),
            ("November 18th, 2024", [("2024-11-18", "")]), ("2 Dec. 2024", [("2024-12-02", "")]),
            ("in May 2024", []), ("2024-13-01", []),
        ],
    )  # fmt: skip
    def test_rules(self, text: str, values: list[tuple[str, str]]) -> None:
        assert [(p.value, p.doubt) for p in propose(text)] == values

    @given(st.text(max_size=300))
    def test_every_proposal_quotes_the_text(self, text: str) -> None:
        assert all(text[p.start : p.end] == p.quote != "" for p in propose(text, {"Nord Stream": "ns"}))


class TestVocabularies:
    @pytest.mark.parametrize("name", NAMES)
    def test_each_says_where_it_comes_from_and_is_itself_sound(self, name: str) -> None:
        vocabulary = vocabularies()[name]
        assert vocabulary.name == name
        assert all((vocabulary.origin, vocabulary.version, vocabulary.licence, vocabulary.verified))
        ids = [entry.id for entry in vocabulary.entry]
        assert len(ids) == len(set(ids)) >= 12
        assert all(tag_of(f"{name}:{id}").title for id in ids)

    def test_a_tag_that_is_nearly_right_is_named(self) -> None:
        with pytest.raises(UsageError, match="Did you mean rsit:availability:sabotage"):
            tag_of("rsit:availabilty:sabotage")

    @pytest.mark.parametrize("text", ["", "A", "A7", "G1", "A1 ", "a1"])
    def test_grades(self, text: str) -> None:
        if text.strip().upper() == "A1":
            assert graded(text) == "A1"
            assert grade_in_words("A1") == "Completely reliable, confirmed by other sources"
        else:
            with pytest.raises(UsageError):
                graded(text)

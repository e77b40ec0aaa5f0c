"""What a recipient gets as a file: only what the gate allows, and nothing that names the rest."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.formats.made_up import AT, exercise, things, written
from watchkeeper.exchange.caveats import marking_of
from watchkeeper.exchange.formats import all_formats
from watchkeeper.exchange.released import released
from watchkeeper.exchange.things import Marked, Things
from watchkeeper.model.marking import Marking, Recipient

GREEN = Marking(tlp="green")
RED = Marking(tlp="red", releasable_to=(("org:us",),))
PARTNER = Recipient(
    organisation="Navy", country="EST", accepts=("clear", "green", "amber"), exercises=("baltic-26",)
)
FIRST, SECOND, THIRD = (finding.id for finding in things().findings)


def given_to(marked: Marked, recipient: Recipient = PARTNER, some: Things | None = None) -> Things:
    return released(replace(some or things(), markings=marked), recipient, "awareness", AT).things


def test_what_may_go_goes_whole() -> None:
    assert given_to(Marked(default=GREEN)) == replace(things(), markings=Marked(default=GREEN))


def test_what_nobody_marked_goes_to_nobody() -> None:
    for marked in (Marked(), Marked(default=RED)):
        got = given_to(marked)
        assert not any(
            (got.findings, got.vessels, got.assets, got.alerts, got.cases, got.listings, got.reports)
        )


def test_nothing_names_what_is_withheld() -> None:
    got = given_to(Marked(default=GREEN, of={f"finding:{FIRST}": RED, "asset:layer/test-cable": RED}))
    assert [one.id for one in got.findings] == [SECOND, THIRD]
    assert got.alerts[0].finding_ids == (SECOND,)
    assert got.cases[0].case.evidence == ()
    assert got.cases[0].case.place is not None
    assert got.cases[0].case.place.asset is None
    for name in ("geojson", "misp", "csv", "kml", "cise-incident", "cise-anomaly", "cot", "nvg", "ftm"):
        data = written(name, got)
        assert FIRST.encode() not in data
        assert b"layer/test-cable" not in data


def test_a_ship_that_is_withheld_takes_what_leans_on_it() -> None:
    got = given_to(Marked(default=GREEN, of={"vessel:273000001": RED}))
    assert [vessel.mmsi for vessel in got.vessels] == [230_000_002]
    assert not got.findings
    assert not got.alerts
    assert not got.listings
    assert [fix.mmsi for fix in got.fixes] == [230_000_002]
    for name, known in all_formats().items():
        if known.write is not None and name not in ("stix",):
            assert b"273000001" not in written(name, got), name


def test_parts_that_are_held_more_closely() -> None:
    sent = Marked(default=GREEN, of={"evidence": RED, f"notes:{things().cases[0].id}": RED, "geometry": RED})
    result = released(replace(things(), markings=sent), PARTNER, "awareness", AT)
    got = result.things
    assert all(finding.evidence == () for finding in got.findings)
    assert got.cases[0].case.notes == ()
    assert got.assets == ()
    assert got.markings.of == {}
    assert b"raw;line" not in written("geojson", got)
    assert b'"marking":"TLP:GREEN"' in written("geojson", got)
    assert {one.outcome for one in result.withheld} == {"redact"}
    assert sum(result.rules().values()) >= len(result.withheld)
    assert len(result.withheld) == 3 + 1 + 1


def test_an_exercise_stays_with_those_who_take_part() -> None:
    other = Recipient(organisation="Navy", accepts=("clear", "green"))
    some = replace(exercise(), markings=Marked(default=GREEN))
    for recipient, purpose, count in (
        (PARTNER, "exercise", 3),
        (PARTNER, "awareness", 0),
        (other, "exercise", 0),
    ):
        as_agreed = Recipient(
            organisation=recipient.organisation, accepts=recipient.accepts, exercises=recipient.exercises,
            purposes=("awareness", "exercise"),
        )  # fmt: skip
        assert len(released(some, as_agreed, purpose, AT).things.findings) == count  # type: ignore[arg-type]


@pytest.mark.parametrize("revoked", [True, False])
def test_a_partner_that_is_none_any_more(revoked: bool) -> None:
    recipient = Recipient(
        organisation="Navy", accepts=("clear", "green"), revoked_at=AT if revoked else AT + 1
    )
    assert bool(given_to(Marked(default=GREEN), recipient).findings) != revoked


MARKS = st.sampled_from(
    (Marking(tlp="clear"), GREEN, Marking(tlp="amber"), Marking(tlp="amber+strict"), RED, Marking())
)
NAMES = st.sampled_from(
    (f"finding:{FIRST}", f"finding:{SECOND}", "vessel:273000001", "vessel:230000002", "case:case-1", "alert:alert-1",
     "asset:layer/test-cable", "evidence", "notes", "geometry", "report:" + "ab" * 32)
)  # fmt: skip


@given(MARKS, st.dictionaries(NAMES, MARKS, max_size=5))
def test_whatever_the_markings_what_goes_is_what_the_recipient_keeps(
    default: Marking, of: dict[str, Marking]
) -> None:
    got = given_to(Marked(default=default, of=of))
    levels = {got.markings.marking(kind, id).tlp for kind, id in (
        *(("finding", finding.id) for finding in got.findings), *(("vessel", str(v.mmsi)) for v in got.vessels),
        *(("case", case.id) for case in got.cases), *(("asset", asset.id) for asset in got.assets),
    )}  # fmt: skip
    assert levels <= set(PARTNER.accepts)
    lines = written("csv", got).decode().splitlines()[1:]
    assert all(marking_of(line.split(",")[1]).tlp in PARTNER.accepts for line in lines)

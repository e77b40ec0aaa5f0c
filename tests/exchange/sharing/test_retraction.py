"""Retraction reaches everybody who could read it or had it, and says who was not told yet."""

import json

import msgspec
import pytest
import stix2

from exchange.sharing.centre import (
    ALL,
    EMBASSY,
    LIAISON,
    NAVY,
    NEAR,
    NOW,
    PLACE,
    REPORT,
    SHIP,
    US,
    Centre,
    under,
)
from watchkeeper.errors import UsageError
from watchkeeper.exchange.hub.words import Account, Terms
from watchkeeper.exchange.redaction import HANDLING
from watchkeeper.exchange.retraction import Retraction, retract, tombstone
from watchkeeper.exchange.sharing import Conditions
from watchkeeper.model.marking import Marking

BOTH = Conditions(to=(NAVY, LIAISON))
LATER = NOW + 3_600_000


def take_back(here: Centre, id: str = SHIP["id"], *, by: str = US, at: int = LATER) -> Retraction:
    return retract(
        here.hub,
        here.carriage,
        here.log,
        id,
        reason="The name was misread.",
        by=by,
        user="anna",
        at=at,
    )


def test_it_reaches_those_who_have_it_and_those_who_could(here: Centre) -> None:
    here.share(BOTH)
    here.pull(NAVY)
    done = take_back(here)
    assert done.told == (LIAISON, NAVY)
    assert not done.unreachable
    for name in (NAVY, LIAISON):
        given = here.pull(name, at=LATER)[SHIP["id"]]
        assert given["revoked"] is True
        assert given["extensions"][HANDLING]["retracted"]["reason"] == "The name was misread."
        assert given["modified"] > SHIP["modified"]
        assert "EAGLE" not in json.dumps(given)
    assert SHIP["id"] not in here.pull(EMBASSY, at=LATER)


def test_it_reaches_those_whose_release_has_ended(here: Centre) -> None:
    here.share(Conditions(to=(NAVY,), expires=NOW + 1000))
    here.pull(NAVY)
    assert SHIP["id"] not in here.pull(NAVY, at=LATER)
    take_back(here)
    assert here.pull(NAVY, at=LATER)[SHIP["id"]]["revoked"] is True


def test_it_reaches_one_that_was_left_out_of_a_later_version(here: Centre) -> None:
    here.share(BOTH)
    here.pull(LIAISON)
    to = Conditions(to=(NAVY,))
    newer = {**SHIP, "modified": "2026-11-19T00:00:00.000Z", "description": "New."}
    here.share(to, under(to.marking(US, "real"), (newer,)), at=NOW + 5)
    assert SHIP["id"] not in here.pull(LIAISON, at=NOW + 6)
    take_back(here)
    assert here.pull(LIAISON, at=LATER)[SHIP["id"]]["revoked"] is True


def test_who_holds_it_and_who_was_told(anywhere: Centre) -> None:
    anywhere.share(BOTH)
    anywhere.pull(NAVY, at=NOW + 1)
    anywhere.pull(LIAISON, at=NOW + 2)
    before = anywhere.ledger.holders(SHIP["id"])
    assert [(h.organisation, h.versions[0].at, h.outstanding) for h in before] == [
        (LIAISON, NOW + 2, False),
        (NAVY, NOW + 1, False),
    ]
    take_back(anywhere)
    assert [h.outstanding for h in anywhere.ledger.holders(SHIP["id"])] == [True, True]
    anywhere.pull(NAVY, at=LATER + 1)
    after = {h.organisation: h for h in anywhere.ledger.holders(SHIP["id"])}
    assert (after[NAVY].told_at, after[NAVY].outstanding) == (LATER + 1, False)
    assert (after[LIAISON].told_at, after[LIAISON].outstanding) == (None, True)


def test_a_revoked_partner_is_named_as_not_to_be_reached(here: Centre) -> None:
    here.share(BOTH)
    here.pull(LIAISON)
    here.agree(LIAISON, revoked_at=NOW + 10)
    done = take_back(here)
    assert done.told == (NAVY,)
    assert done.unreachable == (LIAISON,)
    assert [h.organisation for h in here.ledger.holders(SHIP["id"]) if h.outstanding] == [LIAISON]


def test_it_goes_into_every_collection_that_carried_it(here: Centre) -> None:
    here.share(BOTH)
    other = here.hub.collections.add(
        Terms(title="Picture", readers=(EMBASSY,), writers=(US,), unmarked="clear"), alias="picture"
    )
    account = Account(user="anna", organisation=US, operator=True)
    open_to_all = under(Marking(tlp="clear"), (SHIP,))
    here.hub.add(other, [msgspec.json.encode(o) for o in open_to_all], account, NOW)
    done = take_back(here)
    assert len(done.collections) == 2
    assert here.pull(EMBASSY, alias="picture", at=LATER)[SHIP["id"]]["revoked"] is True


def test_it_is_in_the_log(here: Centre) -> None:
    here.share(BOTH)
    take_back(here)
    (event,) = here.log.read(kinds=("exchange.retracted",), subject=SHIP["id"])
    assert event.body["reason"] == "The name was misread."
    assert event.body["told"] == [LIAISON, NAVY]


def test_it_is_not_more_than_was_there(here: Centre) -> None:
    """Whoever could not have the object does not get its retraction either."""
    here.share(Conditions(to=(NAVY, LIAISON), countries=("EST",)))
    take_back(here)
    assert SHIP["id"] not in here.pull(LIAISON, at=LATER)
    assert here.pull(NAVY, at=LATER)[SHIP["id"]]["revoked"] is True


def test_what_cannot_be_taken_back(here: Centre) -> None:
    here.share(BOTH)
    with pytest.raises(UsageError, match="No collection carries"):
        take_back(here, "note--10000000-0000-4000-8000-000000000099")
    with pytest.raises(UsageError, match="without versions"):
        take_back(here, PLACE["id"])
    with pytest.raises(UsageError, match="not by Navy"):
        take_back(here, by=NAVY)
    take_back(here)
    with pytest.raises(UsageError, match="already"):
        take_back(here)


def test_it_can_be_shared_again_after_it_was_corrected(here: Centre) -> None:
    here.share(BOTH)
    take_back(here)
    to = Conditions(to=(NAVY,))
    right = {**SHIP, "name": "EAGLE S"}
    here.share(to, under(to.marking(US, "real"), (right,)), at=LATER + 5)
    given = here.pull(NAVY, at=LATER + 6)[SHIP["id"]]
    assert given["name"] == "EAGLE S"
    assert "revoked" not in given


@pytest.mark.parametrize("object", [o for o in ALL if "modified" in o], ids=lambda o: str(o["type"]))
def test_a_tombstone_is_valid_and_tells_nothing(object: dict[str, object]) -> None:
    made = tombstone(object, Marking(tlp="amber"), reason="wrong", by=US, at=NOW)
    stix2.parse(made, allow_custom=False)
    assert not {"description", "external_references", "content", "confidence"} & made.keys() - {"content"}
    assert "EAGLE" not in json.dumps(made)
    assert made["id"] == object["id"]


def test_a_version_ahead_of_the_clock_is_still_followed() -> None:
    ahead = {**REPORT, "modified": "2999-01-01T00:00:00.123456Z"}
    assert (
        tombstone(ahead, Marking(tlp="amber"), reason="r", by=US, at=NOW)["modified"]
        == "2999-01-01T00:00:00.124Z"
    )


def test_a_relationship_can_be_taken_back(here: Centre) -> None:
    here.share(BOTH)
    take_back(here, NEAR["id"])
    assert here.pull(NAVY, at=LATER)[NEAR["id"]]["revoked"] is True

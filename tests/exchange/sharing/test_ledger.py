"""The ledger answers: what did they get, why did B get this and C not."""

from exchange.sharing.centre import CABLE, EMBASSY, GEOMETRY, LIAISON, NAVY, NOW, SHIP, US, Centre, under
from watchkeeper.exchange.auditing import faults_of
from watchkeeper.exchange.hub.tables import objects, pulls
from watchkeeper.exchange.sharing import Conditions
from watchkeeper.model.marking import Marking, Part

TO = Conditions(to=(NAVY, LIAISON, EMBASSY), tlp="green")


def test_why_one_got_it_and_the_other_not(anywhere: Centre) -> None:
    parts = {CABLE["id"]: (Part(selector=GEOMETRY, marking=Marking(tlp="amber+strict"), how="coarsen"),)}
    to = Conditions(to=(NAVY, LIAISON), tlp="amber", countries=("EST", "FIN"))
    anywhere.share(to, under(to.marking(US, "real"), parts=parts))
    anywhere.pull(NAVY)
    navy, liaison = (anywhere.ledger.why(CABLE["id"], name, NOW) for name in (NAVY, LIAISON))
    embassy = anywhere.ledger.why(CABLE["id"], EMBASSY, NOW)
    assert [s.decision.outcome for s in navy.now] == ["allow"]
    assert navy.given
    assert navy.decided[0].happened == "goes"
    assert navy.decided[0].what == "case-1"
    assert [s.decision.outcome for s in liaison.now] == ["redact"]
    assert not liaison.given
    assert liaison.decided[0].happened == "redacted"
    assert GEOMETRY in liaison.decided[0].says
    assert [s.decision.outcome for s in embassy.now] == ["deny"]
    assert {reason.rule for reason in embassy.now[0].decision.reasons} == {"tlp", "releasability"}
    assert not embassy.decided


def test_who_is_no_reader_is_told_so(here: Centre) -> None:
    here.share(Conditions(to=(NAVY,)))
    terms = here.hub.collections.named("releases").terms
    import msgspec

    fewer = msgspec.structs.replace(terms, readers=(NAVY,))
    here.hub.collections.change(here.hub.collections.named("releases").id, fewer, "releases")
    standing = here.ledger.why(SHIP["id"], EMBASSY, NOW).now[0]
    assert not standing.reads
    assert standing.decision.reasons[0].rule == "collection"


def test_an_organisation_s_page_of_the_ledger(anywhere: Centre) -> None:
    anywhere.share(TO)
    given = anywhere.pull(NAVY)
    anywhere.hub.pulls.flush()
    entries = list(anywhere.ledger.entries(NAVY))
    released = [e for e in entries if e.happened == "goes"]
    pulled = [e for e in entries if e.happened == "pulled"]
    assert {e.objects[0] for e in released} >= {SHIP["id"], CABLE["id"]}
    assert {id for e in pulled for id in e.objects} == set(given)
    assert sum(e.count for e in pulled) == len(given)
    assert all(e.organisation == NAVY for e in entries)
    assert [e.event for e in entries] == sorted(e.event or 0 for e in entries)


def test_what_was_refused_is_counted_by_rule(here: Centre) -> None:
    here.share(Conditions(to=(NAVY, LIAISON), countries=("EST",)))
    here.share(
        Conditions(to=(LIAISON,)), under(Conditions(to=(LIAISON,)).marking(US, "real"), (CABLE,)), at=NOW + 5
    )
    here.pull(LIAISON, at=NOW + 6)
    here.hub.pulls.flush()
    refused = [e for e in here.ledger.entries(LIAISON) if e.happened == "refused"]
    assert {e.rule for e in refused} == {"releasability"}


def test_a_deleted_object_is_still_held(here: Centre) -> None:
    from watchkeeper.exchange.hub.words import Account, Filter

    here.share(TO)
    here.pull(NAVY)
    collection = here.hub.collections.named("releases")
    account = Account(user="anna", organisation=US, operator=True)
    here.hub.delete(collection, account, SHIP["id"], Filter(versions=("all",)), NOW + 1)
    (holder,) = here.ledger.holders(SHIP["id"])
    assert holder.organisation == NAVY
    assert holder.versions[0].deleted


def test_ids_are_found_by_how_they_begin(anywhere: Centre) -> None:
    anywhere.share(TO)
    assert anywhere.carriage.beginning(SHIP["id"][:-3])[0].startswith("infrastructure--")
    assert SHIP["id"] in anywhere.carriage.beginning(SHIP["id"].partition("--")[2])
    assert not anywhere.carriage.beginning("%")


def test_the_ledger_is_whole_and_says_where_it_is_not(anywhere: Centre) -> None:
    anywhere.share(TO)
    anywhere.pull(NAVY)
    anywhere.pull(LIAISON, at=NOW + 1)
    counted, _ = faults_of(anywhere.engine, anywhere.log)
    anywhere.hub.pulls.flush()
    assert faults_of(anywhere.engine, anywhere.log) == (counted, [])
    assert counted["pulls"] > 2
    with anywhere.engine.begin() as connection:
        connection.execute(pulls.update().where(pulls.c.number == 1).values(organisation=EMBASSY))
        connection.execute(pulls.delete().where(pulls.c.number == 2))
        connection.execute(objects.update().where(objects.c.seq == 1).values(bytes=b"{}"))
    _, faults = faults_of(anywhere.engine, anywhere.log)
    assert len(faults) == 3
    assert "pull 1" in faults[0]
    assert "pull 2" in faults[1]

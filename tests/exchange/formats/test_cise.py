"""EU CISE: messages fit the schemas (where these are there), come back whole, and hostile ones do no harm."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.formats.made_up import AMBER, AT, exercise, finding, things, written
from watchkeeper.errors import FetchError, InputError
from watchkeeper.exchange.cise import words
from watchkeeper.exchange.cise.messages import SERVICES, Service, message
from watchkeeper.exchange.cise.reading import read
from watchkeeper.exchange.cise.schemas import faults
from watchkeeper.exchange.formats import all_formats, recognised
from watchkeeper.exchange.things import Marked, Things, Vessel
from watchkeeper.fetching.catalogue import item_named
from watchkeeper.fetching.checking import check
from watchkeeper.model.marking import TLP, Marking

ENTITY_LESS = re.compile(rb"<(Vessel|Anomaly|Incident|Risk)>")


@pytest.fixture(scope="session")
def schemas(sample_data: Path) -> Path:
    """The schemas, where there is a copy."""
    archive = sample_data / "cise" / "cise-1.5.3-xsd.zip"
    if not archive.exists():
        pytest.skip(f"no copy of the CISE schemas at {archive}")
    return archive


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("answers", [None, "4308be42-dfdb-4f9f-9657-daa7d10690da"])
@pytest.mark.parametrize("made", [things, exercise, Things], ids=["day", "exercise", "nothing"])
def test_messages_fit_the_schemas(
    service: Service, answers: str | None, made: Callable[[], Things], schemas: Path
) -> None:
    assert faults(message(made(), service, answers=answers), schemas) == []


def test_the_check_finds_faults(schemas: Path) -> None:
    good = message(things(), "Anomaly")
    for wrong in (
        good.replace(b"<Priority>Low", b"<Priority>Urgent"),
        good.replace(b"<AnomalyType>UnexpectedMovement", b"<AnomalyType>AnchorDrag"),
        good.replace(b"<NatureType>Observed</NatureType>", b""),
        good.replace(b"<MMSI>273000001</MMSI>", b"<MMSI>none</MMSI>"),
        good.replace(b'xsi:type="vessel:Vessel"', b'xsi:type="vessel:Submarine"'),
    ):
        assert wrong != good
        found = faults(wrong, schemas)
        assert bool(found) == (b"<NatureType>" in wrong), wrong[:80]  # the nature of an event may be left out


def test_schemas_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no archive")
    for path in (tmp_path / "x.zip", tmp_path / "absent.zip", tmp_path):
        with pytest.raises(InputError, match="watchkeeper fetch cise"):
            faults(message(things(), "Vessel"), path)


@pytest.mark.parametrize("service", SERVICES)
def test_what_went_comes_back(service: Service) -> None:
    sent = things()
    data = written(f"cise-{service.lower()}", sent)
    assert recognised(data, "file").name == "cise"
    came = read(data)
    assert not came.refused
    got = came.things
    assert got.author == "Coast Guard"
    if service == "Vessel":
        assert (got.vessels, got.fixes) == (sent.vessels, sent.fixes)
    if service == "Anomaly":
        assert got.findings == sent.findings
    if service == "Incident":
        assert got.cases == sent.cases
        assert got.findings == sent.findings[:2]
    if service == "Risk":
        assert got.alerts == sent.alerts
        assert got.findings == sent.findings[:2]
    assert got.markings.default.tlp in ("red", "amber+strict")
    assert len(came.kept) == len(ENTITY_LESS.findall(data))


def test_markings_travel() -> None:
    green = Marking(tlp="green", expires=AT + 86_400_000)
    first = things().findings[0].id
    sent = things(markings=Marked(default=AMBER, of={f"finding:{first}": green}))
    data = message(sent, "Anomaly")
    assert b"<InformationSensitivity>Red<" in data  # the strictest of all that is in it
    assert b"<InformationSensitivityDegree>Green<" in data
    assert b"<Purpose>Security<" in data
    assert b"<RetentionPeriod>2025-03-02T12:00:00Z<" in data
    came = read(data).things.markings
    other = came.marking("finding", things().findings[1].id)
    assert other.releasable_to == AMBER.releasable_to
    assert other.originator == "Coast Guard"
    assert came.marking("finding", first).expires == green.expires


@pytest.mark.parametrize("tlp", [*TLP, None])
def test_a_marking_is_never_wider_after_the_way_through_cise(tlp: str | None) -> None:
    sent = Marking(tlp=tlp)  # type: ignore[arg-type]
    fields = {"InformationSensitivity": words.sensitivity(sent), "Designation": words.designation(sent)}
    back = words.marking_from(fields)
    assert back.tlp == (tlp or "red")
    bare = words.marking_from({"InformationSensitivity": words.sensitivity(sent)})
    assert TLP.index(bare.tlp or "red") >= TLP.index(tlp or "red")  # type: ignore[arg-type]


def test_a_line_that_says_less_than_the_field_does_not_widen() -> None:
    tampered = words.marking_from({"InformationSensitivity": "Red", "Designation": "TLP:CLEAR"})
    assert tampered.tlp == "red"
    secret = words.marking_from({"InformationSecurityLevel": "EUSecret", "Designation": "TLP:CLEAR"})
    assert secret.unknown == ("CISE EUSecret",)


def test_exercises_stay_exercises() -> None:
    for service in SERVICES:
        data = message(exercise(), service)
        assert b"<ContextID>EXERCISE baltic-26<" in data
        assert service in ("Vessel", "Risk") or b"<NatureType>Simulated<" in data
        got = read(data).things
        assert got.realm == "exercise:baltic-26"
        assert all(one.realm == got.realm for one in got.findings)
        real = data.replace(b"<ContextID>EXERCISE baltic-26</ContextID>", b"")
        laundered = read(real)
        assert laundered.things.findings == laundered.things.cases == ()
        assert laundered.things.simulated or not laundered.things.vessels
        assert laundered.refused


def test_the_same_things_give_the_same_message_and_others_another() -> None:
    assert message(things(), "Risk") == message(things(), "Risk")
    ids = {re.search(rb"<MessageID>([^<]+)", message(some, "Anomaly"))[1] for some in (things(), exercise())}  # type: ignore[index]
    assert len(ids) == 2


def test_messages_of_other_systems(sample_data: Path) -> None:
    folder = sample_data / "cise" / "samples"
    vessel = read((folder / "COM_01_Vessel_a.xml").read_bytes())
    assert vessel.things.vessels == (
        Vessel(mmsi=228_002_000, imo=7_710_525, name="ABEILLE LANGUEDOC", ship_type=60,
               as_of=vessel.things.vessels[0].as_of),
    )  # fmt: skip
    assert vessel.things.markings.default == Marking(tlp="green")
    answer = read((folder / "Pull_responseTemplate.xml").read_bytes())
    assert [(ship.mmsi, ship.imo) for ship in answer.things.vessels] == [(0, 7_710_525)]
    cargo = read((folder / "push_cargo.xml").read_bytes())
    assert not cargo.things.vessels
    assert [one.reason for one in cargo.refused] == ["entities of this kind are not read"]


FOREIGN = """<m:Push xmlns:m="http://www.cise.eu/servicemodel/v1/message/" xmlns:x="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:v="http://www.cise.eu/datamodel/v1/entity/vessel/"><CreationDateTime>2025-03-01T10:00:00Z</CreationDateTime>
<Sender><ServiceID>x.y</ServiceID></Sender><Payload><InformationSensitivity>Amber</InformationSensitivity>
<Anomaly><Identifier><UUID>a-1</UUID></Identifier>
<Metadata><Description>AIS was off</Description>
<InformationReliabilityLevel>HighConfidence</InformationReliabilityLevel></Metadata>
<OccurrencePeriod><EndDate>2025-03-01</EndDate><EndTime>09:30:00+02:00</EndTime>
<StartDate>2025-03-01Z</StartDate></OccurrencePeriod>
<LocationRel><Location><Geometry><Latitude>59.5</Latitude><Longitude>24.5</Longitude></Geometry></Location></LocationRel>
<InvolvedObjectRel><Object x:type="v:Vessel"><Name>SHIP</Name><MMSI>230000001</MMSI></Object></InvolvedObjectRel>
<AnomalyType>WithoutAISTransmission</AnomalyType></Anomaly></Payload></m:Push>"""


def test_an_anomaly_of_another_system_is_a_finding_without_figures() -> None:
    came = read(FOREIGN.encode())
    (one,) = came.things.findings
    assert (one.id, one.behaviour, one.mmsi, one.name) == (
        "a-1",
        "cise:WithoutAISTransmission",
        230_000_001,
        "SHIP",
    )
    assert (one.start, one.end) == ("2025-03-01T00:00:00Z", "2025-03-01T07:30:00Z")
    assert (one.lat, one.lon, one.confidence, one.measured) == (59.5, 24.5, "high", ())
    assert came.things.vessels[0].mmsi == 230_000_001
    assert came.things.markings.marking("finding", "a-1").tlp == "amber"


def test_what_is_taken_back_is_no_thing() -> None:
    taken_back = FOREIGN.replace("m:Push", "m:Feedback").replace(
        "</Payload>", "</Payload><FeedbackType>delete</FeedbackType>"
    )
    came = read(taken_back.encode())
    assert came.things == Things()
    assert [kept.revoked for kept in came.kept] == [True]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("59.5", "95.5"), ("59.5", "NaN"), ("59.5", ""), ("<UUID>a-1</UUID>", ""), ("230000001", "-1"),
        ("230000001", "9" * 400), ("2025-03-01Z", "yesterday"),
    ],
)  # fmt: skip
def test_damaged_entities_are_counted(old: str, new: str) -> None:
    came = read(FOREIGN.replace(old, new).encode())
    assert came.refused
    assert not came.things.findings


def test_a_document_that_lies_is_refused() -> None:
    data = message(things(findings=(finding(1),)), "Anomaly").decode()
    for content in ("!!!", "bm8=", "e30="):
        came = read(re.sub(r"<Content>[^<]*", f"<Content>{content}", data).encode())
        assert not came.things.findings
        assert came.refused


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<", BOMB, b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', b"<a>" * 1_000 + b"</a>" * 1_000,
        b"\xff\xfe<\x00", b'<?xml version="1.0" encoding="utf-7"?><x/>', b'<?xml version="1.0" encoding="bogus"?><x/>',
        b"<Push/>", FOREIGN.replace("Payload", "Load").encode(), b"{}", b"<x>" + b"<y/>" * 5, FOREIGN.encode()[:-9],
    ],
)  # fmt: skip
def test_hostile_documents_are_refused_whole(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


def test_too_many_elements_are_refused() -> None:
    with pytest.raises(InputError, match="too many elements"):
        read(b"<x>" + b"<y/>" * 1_000_001 + b"</x>")


def test_what_does_not_fit_is_told() -> None:
    told = list(all_formats()["cise-anomaly"].losses(things()))
    assert any("AMBER+STRICT" in line for line in told)
    assert any("1 cases are not" in line for line in told)
    assert not any("findings are not" in line for line in told)
    assert not any(
        "AMBER" in line for line in all_formats()["cise-anomaly"].losses(replace(things(), markings=Marked()))
    )


def test_schemas_in_java_archives(schemas: Path, tmp_path: Path) -> None:
    repository = tmp_path / "repository.zip"
    with zipfile.ZipFile(repository, "w") as outer:
        outer.write(schemas, "main/ais-mvn-repo/model.jar")
    assert faults(message(things(), "Risk"), repository) == []
    item = item_named("cise")
    assert check(item, repository, 0).entries == check(item, schemas, 0).entries >= item.least


def test_what_holds_no_schemas_is_not_taken(tmp_path: Path) -> None:
    empty = tmp_path / "x.zip"
    zipfile.ZipFile(empty, "w").close()
    with pytest.raises(FetchError, match="at least"):
        check(item_named("cise"), empty, 0)
    empty.write_bytes(b"<html>")
    with pytest.raises(FetchError, match="no archive"):
        check(item_named("cise"), empty, 0)

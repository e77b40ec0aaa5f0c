"""The forms of the official lists: what each reads, refuses and counts."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lists import made_up
from watchkeeper.errors import ListError
from watchkeeper.lists import spreadsheet
from watchkeeper.lists.entries import ListEntry, Party, VesselList
from watchkeeper.lists.load import AnyList, known_formats, load_any, load_list

LISTS: dict[str, str | bytes] = {
    "eu.xml": made_up.EU_XML,
    "eu_vessels.csv": made_up.EU_VESSELS,
    "uk.csv": made_up.UK_CSV,
    "uk.xml": made_up.UK_XML,
    "uk.ods": made_up.as_ods(made_up.uk_table()),
    "ConList.csv": made_up.OFSI_CSV,
    "un.xml": made_up.UN_XML,
    "maritime.csv": made_up.OPENSANCTIONS_CSV,
    "gur.json": made_up.WAR_JSON,
    "gur.csv": made_up.WAR_CSV,
    "ships.ftm.json": made_up.FTM_OWNED,
}
OTHERS: dict[str, str | bytes] = {"register.csv": made_up.REGISTER_CSV, "paris-mou.csv": made_up.FLAGS_CSV}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def loaded(folder: Path, name: str) -> VesselList:
    return load_list(write(folder, name, LISTS[name]))


def heron(one: AnyList) -> ListEntry:
    assert isinstance(one, VesselList)
    return next(entry for entry in one.entries if entry.imo == 9000003)


@pytest.mark.parametrize("name", [*LISTS, "paris-mou.csv"])
def test_each_file_is_of_exactly_one_special_format(name: str) -> None:
    content = (LISTS | OTHERS)[name]
    if name.endswith(".ods"):
        content = made_up.UK_CSV
    head = content.encode() if isinstance(content, str) else content
    special = [key for key, one in known_formats().items() if not getattr(one, "GENERIC", False)]
    assert len([key for key in special if known_formats()[key].recognises(head)]) == 1


@pytest.mark.parametrize("name", LISTS)
def test_every_format_reads_the_same_ship(tmp_path: Path, name: str) -> None:
    entry = heron(loaded(tmp_path, name))
    assert entry.names[0].upper() == "GREY HERON"
    if name != "ships.ftm.json":
        assert "WHITE HERON" in [alias.upper() for alias in entry.aliases]
        assert entry.programs
    if name not in ("eu.xml", "eu_vessels.csv", "un.xml"):
        assert entry.flag == "RU"


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("name", [name for name, content in LISTS.items() if isinstance(content, str)])
def test_every_format_reads_every_unicode_encoding(tmp_path: Path, name: str, mark: str) -> None:
    text = LISTS[name]
    assert isinstance(text, str)
    content = ("\ufeff" + text).encode(mark) if mark == "utf-16-be" else text.encode(mark)
    assert heron(load_list(write(tmp_path, name, content))) == heron(loaded(tmp_path, name))


def test_windows_encoding(tmp_path: Path) -> None:
    content = made_up.EU_VESSELS.replace("OLD SPOON", "GAMLA SKEDÖ").encode("cp1252")
    assert load_list(write(tmp_path, "a.csv", content)).entries[1].name == "GAMLA SKEDÖ"


def test_eu_financial_sanctions(tmp_path: Path) -> None:
    one = loaded(tmp_path, "eu.xml")
    assert (one.id, one.as_of, one.set_aside) == ("eu-sanctions", "2026-11-20", {"person": 1})
    assert [(e.id, e.imo, e.ship_type) for e in one.entries] == [
        ("EU.2.2", 9000003, "enterprise"),
        ("EU.3.3", 9000015, "enterprise"),
    ]
    assert (one.entries[0].as_of, one.entries[0].url) == ("2025-05-20", "https://example.org/r")
    assert [(r.row, r.reason) for r in one.rejected] == [(4, "no subjectType")]


def test_eu_vessels(tmp_path: Path) -> None:
    one = loaded(tmp_path, "eu_vessels.csv")
    assert [(e.name, e.imo, e.as_of) for e in one.entries] == [
        ("GREY HERON", 9000003, "2025-12-18"),
        ("OLD SPOON", 9000015, "2025-02-24"),
        ("NO NUMBER", None, "2025-04-03"),
    ]
    assert one.as_of == "2025-12-18"


@pytest.mark.parametrize("name", ["uk.csv", "uk.ods", "uk.xml"])
def test_uk_sanctions_list(tmp_path: Path, name: str) -> None:
    one = loaded(tmp_path, name)
    entry = heron(one)
    assert (one.id, one.as_of, one.set_aside) == ("uk-sanctions", "2026-09-11", {"Individual": 1})
    assert (entry.id, entry.as_of, entry.ship_type) == ("TST0002", "2025-04-03", "Crude Oil Tanker")
    assert entry.programs == ("The Test Regulations", "Prohibition of port entry", "Detention of ship")
    assert entry.parties == (Party(role="owner or operator", name="Heron Shipping Ltd"),)
    assert entry.facts is not None
    assert (entry.facts.built, entry.facts.gross_tonnage) == (2003, 56068.0)
    assert entry.facts.flag_history[0].flag == "PA"
    assert entry.unread == ()


def test_uk_rows_of_an_unknown_designation_are_rejected(tmp_path: Path) -> None:
    rows = (
        *made_up.UK_ROWS,
        {"Unique ID": "TST0009", "Designation Type": "Comet"},
        {"Designation Type": "Ship"},
    )
    one = load_list(write(tmp_path, "uk.csv", made_up.as_csv(made_up.uk_table(rows))))
    assert [(r.row, r.reason) for r in one.rejected] == [
        (7, "Designation Type is 'Comet', not one of Individual, Entity, Ship"),
        (8, "no Unique ID"),
    ]


def test_ofsi(tmp_path: Path) -> None:
    one = loaded(tmp_path, "ConList.csv")
    entry = heron(one)
    assert (one.id, one.as_of, one.set_aside) == ("uk-ofsi", "2025-06-03", {"Individual": 1})
    assert (entry.flag, entry.ship_type, entry.as_of) == ("RU", "Crude Oil Tanker", "2025-04-03")
    assert entry.parties == (Party(role="owner or operator", name="Heron Shipping Ltd"),)
    assert entry.facts is not None
    assert entry.facts.built == 2003


def test_un(tmp_path: Path) -> None:
    one = loaded(tmp_path, "un.xml")
    assert (one.as_of, one.set_aside) == ("2026-11-19", {"individual": 1, "entity": 1})
    assert (heron(one).id, heron(one).ship_type, heron(one).as_of) == ("TSe.002", "entity", "2024-06-30")
    assert [r.row for r in one.rejected] == [4]


def test_a_financial_list_without_a_ship_is_an_answer(tmp_path: Path) -> None:
    text = made_up.UN_XML.replace("IMO number: 9000003", "")
    one = load_list(write(tmp_path, "un.xml", text))
    assert one.entries == ()
    assert one.set_aside == {"individual": 1, "entity": 2}
    with pytest.raises(ListError, match="no vessel in this list"):
        load_list(
            write(tmp_path, "un.xml", '<CONSOLIDATED_LIST dateGenerated="2026-11-19"></CONSOLIDATED_LIST>')
        )


def test_ofac_consolidated_csv(tmp_path: Path) -> None:
    one = load_list(write(tmp_path, "cons_prim.csv", made_up.OFAC_CONS_CSV))
    assert (one.id, one.entries, one.set_aside) == ("ofac-consolidated", (), {"individual": 1, "entity": 1})
    assert "no cons_alt.csv beside it: aliases not read" in one.notes
    with pytest.raises(ListError, match="no vessel in this list"):
        load_list(write(tmp_path, "sdn.csv", made_up.OFAC_CONS_CSV))


def test_opensanctions_maritime(tmp_path: Path) -> None:
    one = loaded(tmp_path, "maritime.csv")
    assert one.set_aside == {"organization": 1}
    assert (heron(one).programs, heron(one).source, heron(one).mmsi) == (
        ("sanction", "mare.shadow"),
        "one, two",
        273000111,
    )
    assert one.entries[1].unread == ("'273' is not a ship's MMSI (9 digits)",)
    assert "1 vessels have several flags; the first of each is used" in one.notes


def test_war_and_sanctions(tmp_path: Path) -> None:
    one = loaded(tmp_path, "gur.json")
    entry = heron(one)
    assert entry.programs == ("shadow fleet", "War & Sanctions")
    assert [(party.role, party.name) for party in entry.parties] == [
        ("owner", "Heron Shipping Ltd"),
        ("commercial manager", "company 512 of the portal"),
        ("insurer", "Test Mutual"),
    ]
    assert entry.facts is not None
    assert (entry.facts.built, entry.facts.deadweight_t, entry.facts.insurer) == (
        2003,
        105000.0,
        "Test Mutual",
    )
    assert [(r.row, r.reason) for r in one.rejected] == [(2, "no flag"), (3, "not an object")]
    assert heron(loaded(tmp_path, "gur.csv")).programs == ("shadow fleet", "War & Sanctions")


def test_owners_in_followthemoney(tmp_path: Path) -> None:
    one = loaded(tmp_path, "ships.ftm.json")
    entry = heron(one)
    assert [(party.role, party.name, party.listed) for party in entry.parties] == [
        ("owner", "Heron Shipping Ltd", True),
        ("director of the owner", "Some Person", True),
        ("commercial manager", "Spoon Management", False),
    ]
    assert [party.name for party in entry.listed_parties] == ["Heron Shipping Ltd", "Some Person"]
    assert entry.facts is not None
    assert (entry.facts.built, entry.facts.owner) == (2003, "Heron Shipping Ltd")
    assert one.set_aside["Ownership"] == 2
    assert "1 parties are linked to ships but not described in the file" in one.notes


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(order=st.permutations(made_up.FTM_OWNED.split("\n")))
def test_the_order_of_followthemoney_entities_does_not_matter(tmp_path: Path, order: list[str]) -> None:
    entry = heron(load_list(write(tmp_path, "a.ftm.json", "\n".join(order))))
    assert {(party.role, party.name, party.listed) for party in entry.parties} == {
        ("owner", "Heron Shipping Ltd", True),
        ("director of the owner", "Some Person", True),
        ("commercial manager", "Spoon Management", False),
    }


def test_ships_that_own_each_other_do_not_hang(tmp_path: Path) -> None:
    lines = (
        made_up.entity("Vessel", "v-1", name="GREY HERON", imoNumber="9000003"),
        made_up.entity("Ownership", "r-1", owner="c-1", asset="v-1"),
        made_up.entity("Ownership", "r-2", owner="c-1", asset="c-1"),
        made_up.entity("Ownership", "r-3", owner="v-1", asset="c-1"),
        made_up.entity("Company", "c-1", name="Loop Ltd", topics="sanction"),
    )
    assert len(heron(load_list(write(tmp_path, "a.ftm.json", "\n".join(lines)))).parties) == 1


# --- what is refused


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("uk.csv", "IMO number,", "IMO nr,", "'IMO number' missing"),
        ("uk.csv", "Designation Type,", "Kind,", "'Designation Type' missing"),
        ("eu_vessels.csv", "IMO number ", "Number", "'IMO number' missing"),
        ("ConList.csv", ",Group ID", ",Group", "'Group ID' missing"),
        ("maritime.csv", ",mmsi,", ",radio,", "'mmsi' missing"),
        ("gur.csv", ";mmsi;", ";radio;", "'mmsi' missing"),
        ("eu.xml", ' generationDate="2026-11-20T14:39:12.000+01:00"', "", "has no generationDate"),
        ("un.xml", ' dateGenerated="2026-11-19T23:00:04.475Z"', "", "has no dateGenerated"),
        ("gur.json", '{"data": [', '{"data": {"is_shadow": [', "not valid JSON"),
    ],
)
def test_another_form_than_the_publishers_is_refused(
    tmp_path: Path, name: str, old: str, new: str, says: str
) -> None:
    text = LISTS[name]
    assert isinstance(text, str)
    assert old in text
    with pytest.raises(ListError, match=says) as caught:
        load_list(write(tmp_path, name, text.replace(old, new, 1)))
    assert caught.value.next_step
    assert "\n" not in str(caught.value)


def test_columns_shifted_by_one_are_refused(tmp_path: Path) -> None:
    rows = made_up.uk_table(
        made_up.UK_ROWS[2:] + tuple(r | {"Unique ID": "TST0003"} for r in made_up.UK_ROWS[2:])
    )
    at = rows[1].index("Date Designated")
    shifted = [*rows[:2], *([*row[:at], "", *row[at:-1]] for row in rows[2:])]
    with pytest.raises(ListError, match="none of 2 rows has an IMO number"):
        load_list(write(tmp_path, "uk.csv", made_up.as_csv(shifted)))


@pytest.mark.parametrize("name", ["eu.xml", "uk.xml", "un.xml"])
def test_truncated_xml_and_entity_bombs_are_refused(tmp_path: Path, name: str) -> None:
    text = LISTS[name]
    assert isinstance(text, str)
    for cut in (300, len(text) // 2, len(text) - 8):
        with pytest.raises(ListError, match="breaks off"):
            load_list(write(tmp_path, name, text[:cut]))
    declaration, rest = text.split("\n", 1)
    bomb = f'{declaration}<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n'
    with pytest.raises(ListError, match="refused"):
        load_list(write(tmp_path, name, bomb + rest))


# --- spreadsheets


@pytest.mark.parametrize(
    ("tail", "says"),
    [
        (
            '<table:table-row table:number-rows-repeated="1000000"><table:table-cell><text:p>x</text:p>'
            "</table:table-cell></table:table-row>",
            "repeats a row 1,000,000 times",
        ),
        (
            '<table:table-row><table:table-cell table:number-columns-repeated="999999999"><text:p>x</text:p>'
            "</table:table-cell></table:table-row>",
            "more than 1,024 columns",
        ),
        ("<table:table-row>", "breaks off or is not well formed"),
    ],
)
def test_spreadsheet_bombs_are_refused(tmp_path: Path, tail: str, says: str) -> None:
    with pytest.raises(ListError, match=says):
        load_list(write(tmp_path, "uk.ods", made_up.as_ods(made_up.uk_table(), tail=tail)))


def test_a_spreadsheet_larger_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_CONTENT", 1000)
    with pytest.raises(ListError, match="larger than"):
        load_list(write(tmp_path, "uk.ods", LISTS["uk.ods"]))


def test_a_spreadsheet_of_ones_own(tmp_path: Path) -> None:
    rows = [
        ["imo", "name", "program"],
        ["9000003", "GREY HERON\nWHITE HERON", "own"],
        [],
        ["9000015", "OLD SPOON"],
        ["", "", "own"],
    ]
    one = load_list(write(tmp_path, "own.ods", made_up.as_ods(rows)))
    assert [(e.imo, e.name, e.row) for e in one.entries] == [
        (9000003, "GREY HERON", 2),
        (9000015, "OLD SPOON", 4),
    ]
    assert one.entries[0].aliases == ("WHITE HERON",)
    assert [r.row for r in one.rejected] == [5]


def test_an_archive_that_only_looks_like_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="2 files"):
        load_list(write(tmp_path, "uk.ods", made_up.as_ods(made_up.uk_table(), mimetype=False)))


# --- damage


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(LISTS | OTHERS)))
def test_damage_anywhere_is_a_list_error_or_a_shorter_list(
    tmp_path: Path, data: st.DataObject, name: str
) -> None:
    whole = (LISTS | OTHERS)[name]
    content = whole.encode() if isinstance(whole, str) else whole
    at, length = data.draw(st.integers(0, len(content))), data.draw(st.integers(0, 40))
    content = content[:at] + data.draw(st.binary(max_size=40)) + content[at + length :]
    try:
        one = load_any(write(tmp_path, name, content))
    except ListError:
        return
    json.dumps(one.set_aside)
    assert one.sha256

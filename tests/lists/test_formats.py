"""Every list format, read from small files made here, and what becomes of bad ones."""

import bz2
import gzip
import hashlib
import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchkeeper.errors import ListError
from watchkeeper.lists import opening
from watchkeeper.lists.entries import UnreadableList, VesselList
from watchkeeper.lists.load import known_formats, load_list, load_lists
from watchkeeper.model.imo import valid_imo

# Ships made up for these tests; the IMO numbers pass their check digit.
GENERIC = """imo,mmsi,name,program,source,as_of
9000003,273000111,GREY HERON,TEST-PROGRAM,simulated,2026-01-15
9000015,,OLD SPOON,OTHER; SECOND,simulated,2026-02-01
,518000222,"NAME, WITH COMMA",,simulated,
"""

SDN_CSV = (
    '101,"SOME PERSON","individual","TESTP",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1970."\r\n'
    '102,"GREY HERON","vessel","TESTP] [OTHER",-0- ,"UBAA1","Crude Oil Tanker","5000","3000","Russia",-0- ,'
    "\"Vessel Registration Identification IMO 9000003; MMSI 273000111; f.k.a. 'WHITE HERON'; X.\"\r\n"
    '103,"NO NUMBER","vessel","TESTP",-0- ,-0- ,"Tug",-0- ,-0- ,"Cuba",-0- ,-0- \r\n'
    '104,"BARE","vessel","TESTP",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
    '"Vessel Registration Identification 9000015."\r\n'
    '105,"SOME COMPANY",-0- ,"TESTP",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
    "\x1a"
)

SDN_XML = """<?xml version="1.0" encoding="utf-8"?>
<sdnList xmlns="https://example.org/exports/XML">
  <publshInformation><Publish_Date>03/04/2026</Publish_Date><Record_Count>3</Record_Count></publshInformation>
  <sdnEntry><uid>101</uid><lastName>SOME PERSON</lastName><sdnType>Individual</sdnType></sdnEntry>
  <sdnEntry>
    <uid>102</uid><lastName>GREY HERON</lastName><sdnType>Vessel</sdnType>
    <programList><program>TESTP</program><program>OTHER</program></programList>
    <idList>
      <id><uid>1</uid><idType>Vessel Registration Identification</idType><idNumber>IMO 9000003</idNumber></id>
      <id><uid>2</uid><idType>MMSI</idType><idNumber>273000111</idNumber></id>
      <id><uid>3</uid><idType>Former Vessel Flag</idType><idNumber>Malta</idNumber></id>
    </idList>
    <akaList><aka><uid>9</uid><type>f.k.a.</type><lastName>WHITE HERON</lastName></aka></akaList>
    <vesselInfo><callSign>UBAA1</callSign><vesselType>Crude Oil Tanker</vesselType>
      <vesselFlag>Russia</vesselFlag></vesselInfo>
  </sdnEntry>
  <sdnEntry>
    <uid>103</uid><lastName>LONG NUMBER</lastName><sdnType>Vessel</sdnType>
    <idList><id><idType>MMSI</idType><idNumber>3708590000</idNumber></id></idList>
  </sdnEntry>
</sdnList>
"""

SDN_JSON = json.dumps(
    {
        "generated_at": "2026-03-05T10:49:19.780808+00:00",
        "count": 3,
        "vessels": [
            {
                "imo": 9000003,
                "name": "GREY HERON",
                "programs": ["TESTP", "OTHER"],
                "designation_date": "03/04/2026",
                "list_name": "OFAC SDN",
                "vessel_info": {"call_sign": "UBAA1", "vessel_type": "Crude Oil Tanker", "flag": "Russia"},
                "addresses": [],
            },
            {"imo": "9000015", "name": "BARE", "programs": [], "vessel_info": {}},
            {"imo": 9000027, "name": ["not", "text"]},
        ],
    }
)

FTM = "\n".join(
    json.dumps(entity)
    for entity in (
        {
            "id": "x-1",
            "caption": "Grey Heron",
            "schema": "Vessel",
            "properties": {
                "name": ["Grey Heron", "GREY HERON"],
                "alias": ["WHITE HERON"],
                "imoNumber": ["IMO9000003", "9000015"],
                "mmsi": ["273000111"],
                "flag": ["ru"],
                "callSign": ["UBAA1"],
                "topics": ["sanction", "mar.shadow"],
                "type": ["Crude Oil Tanker"],
                "sourceUrl": ["https://example.org/x-1"],
            },
            "datasets": ["one", "two"],
            "last_seen": "2026-03-06T00:00:00",
            "last_change": "2026-01-02T00:00:00",
        },
        {
            "id": "x-2",
            "schema": "Company",
            "properties": {},
            "datasets": ["one"],
            "last_seen": "2026-03-07T00:00:00",
        },
        {"id": "x-3", "schema": "Ownership", "properties": {}},
        {"id": "x-4", "schema": "Vessel", "properties": {"flag": ["pa"]}},
    )
)

WRITTEN = {
    "generic.csv": GENERIC,
    "sdn.csv": SDN_CSV,
    "sdn.xml": SDN_XML,
    "v.json": SDN_JSON,
    "x.ftm.json": FTM,
}


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("name", WRITTEN)
def test_each_file_is_of_exactly_one_format(name: str) -> None:
    recognising = [one for one, form in known_formats().items() if form.recognises(WRITTEN[name].encode())]
    assert len(recognising) == 1


@pytest.mark.parametrize("name", WRITTEN)
def test_every_format_reads_the_same_ship(tmp_path: Path, name: str) -> None:
    entry = load_list(write(tmp_path, name, WRITTEN[name])).entries[0]
    assert entry.imo == 9000003
    assert entry.name is not None
    assert entry.name.upper() == "GREY HERON"
    assert entry.programs
    if name != "generic.csv":
        assert entry.flag == "RU"
        assert entry.callsign == "UBAA1"
        assert entry.ship_type == "Crude Oil Tanker"
    if name != "v.json":
        assert entry.mmsi == 273000111


def test_generic_csv(tmp_path: Path) -> None:
    one = load_list(write(tmp_path, "my_list.v2.csv", GENERIC))
    assert (one.id, one.as_of, len(one.entries), one.rejected) == ("my_list", "2026-02-01", 3, ())
    assert one.sha256 == hashlib.sha256(GENERIC.encode()).hexdigest()
    first, second, third = one.entries
    assert (first.row, first.source, first.as_of) == (2, "simulated", "2026-01-15")
    assert second.programs == ("OTHER", "SECOND")
    assert (third.name, third.imo, third.mmsi, third.as_of) == (
        "NAME, WITH COMMA",
        None,
        518000222,
        "2026-02-01",
    )


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffIMO Number;Vessel Name;Flag State\n9000003;GREY HERON;Cook Islands\n",
        "Ship name\tIMO No.\tFlag\r\nGREY HERON\tIMO 9000003\tCook Islands\r\n",
        '"Flag","Name of vessel","IMO"\n"Cook Islands","GREY HERON","90 000 03"\n\n\n',
        "IMO|name|flag|\n9000003|GREY HERON|CK|\n",
    ],
)
def test_lenient_headers_and_delimiters(tmp_path: Path, text: str) -> None:
    (entry,) = load_list(write(tmp_path, "a.csv", text)).entries
    assert (entry.imo, entry.name, entry.flag) == (9000003, "GREY HERON", "CK")


def test_windows_encoding_row_by_row(tmp_path: Path) -> None:
    content = b"imo,name\n9000003," + "ÅLAND".encode("cp1252") + "\n9000015,ÖLAND\n".encode()
    assert [e.name for e in load_list(write(tmp_path, "a.csv", content)).entries] == ["ÅLAND", "ÖLAND"]


def test_several_numbers_in_one_cell_are_one_entry(tmp_path: Path) -> None:
    (entry,) = load_list(write(tmp_path, "a.csv", "imo,name\nIMO 9000003 / 9000015,GREY HERON\n")).entries
    assert entry.imos == (9000003, 9000015)
    assert entry.other_imos == (9000015,)


def test_rows_that_do_not_fit_are_rejected_with_their_line(tmp_path: Path) -> None:
    text = (
        "imo,mmsi,name\n9000003,,GOOD\n9000015,,TOO,MANY\n9000027\n,,\n-,n/a,unknown\n12,,KEPT BY NAME\n"
        '"open,,\n9000039,,x\n'
    )
    one = load_list(write(tmp_path, "a.csv", text))
    assert [(e.name, e.imo) for e in one.entries] == [("GOOD", 9000003), ("KEPT BY NAME", None)]
    assert one.entries[1].unread == ("'12' is not an IMO number (7 digits)",)
    assert [(r.row, r.reason) for r in one.rejected] == [
        (3, "4 columns instead of 3"),
        (4, "1 columns instead of 3"),
        (6, "no IMO number, MMSI or name"),
        (8, "1 columns instead of 3"),
    ]


def test_an_ambiguous_date_is_said_not_guessed(tmp_path: Path) -> None:
    one = load_list(write(tmp_path, "a.csv", "imo,as_of\n9000003,03/04/2026\n"))
    assert one.as_of is None
    assert one.entries[0].unread == ("'03/04/2026' is not a date that can be read one way only",)


def test_columns_not_read_are_named(tmp_path: Path) -> None:
    assert load_list(write(tmp_path, "a.csv", "imo,owner,name\n9000003,X,Y\n")).notes == (
        "columns not read: owner",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("imo,name,imo\n9000003,A,9000015\n", "there twice"),
        ("imo,name,flag\nGREY HERON,Panama,x\nOLD SPOON,Panama,y\n", "none of 2 rows"),
        ("imo,name\n", "no vessel"),
        ("imo,name\n,\n-,-\nn/a,\n", "2 rows rejected, the first at 3"),
        ("imo,name\nx\n", "the first at 2: 1 columns instead of 2"),
        ("colour,size\nred,3\n", "not a list of a known format"),
        ("hello\n", "not a list of a known format"),
        ("", "empty"),
        ("  \n \n", "empty"),
        ('{"a": 1}', "not a list of a known format"),
        ("<html><body>imo,name</body></html>", "not a list of a known format"),
        (b"\xff\xfei\x00m\x00o\x00", "no vessel"),
        (bytes(range(256)) * 20, "not a list of a known format"),
        (b"\0" * 100_000, "not a list of a known format"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(ListError, match=says) as caught:
        load_list(write(tmp_path, "a.csv", text))
    assert "\n" not in str(caught.value)
    assert caught.value.next_step
    assert caught.value.exit_code == 7


def test_ofac_csv(tmp_path: Path) -> None:
    one = load_list(write(tmp_path, "sdn.csv", SDN_CSV))
    assert one.as_of is None
    assert one.file_written.endswith("Z")
    assert one.set_aside == {"individual": 1, "entity": 1}
    assert [(e.id, e.name, e.imo, e.mmsi) for e in one.entries] == [
        ("102", "GREY HERON", 9000003, 273000111),
        ("103", "NO NUMBER", None, None),
        ("104", "BARE", 9000015, None),
    ]
    assert one.entries[0].aliases == ("WHITE HERON",)
    assert one.entries[0].programs == ("TESTP", "OTHER")
    assert one.entries[1].flag == "CU"
    assert "no alt.csv beside it: aliases not read" in one.notes


def test_ofac_csv_with_the_files_beside_it(tmp_path: Path) -> None:
    write(tmp_path, "sdn_alt.csv", '103,7,"aka","SECOND NAME",-0- \r\n999,8,"aka","ORPHAN",-0- \r\n\x1a')
    write(tmp_path, "SDN_COMMENTS.CSV", '103,"Vessel Registration Identification IMO 9000027."\r\n')
    one = load_list(write(tmp_path, "sdn.csv", SDN_CSV))
    assert one.entries[1].aliases == ("SECOND NAME",)
    assert one.entries[1].imo == 9000027
    assert one.notes == ("aliases read from sdn_alt.csv", "further remarks read from SDN_COMMENTS.CSV")


def test_shifted_ofac_rows_are_rejected(tmp_path: Path) -> None:
    one = load_list(write(tmp_path, "sdn.csv", SDN_CSV.replace('"UBAA1",', "")))
    assert [(r.row, r.reason) for r in one.rejected] == [(2, "11 columns instead of 12")]


def test_ofac_xml(tmp_path: Path) -> None:
    one = load_list(write(tmp_path, "sdn.xml", SDN_XML))
    assert (one.id, one.as_of) == ("ofac-sdn", "2026-03-04")
    assert one.set_aside == {"Individual": 1}
    assert one.notes == ()
    heron, long_number = one.entries
    assert (heron.id, heron.aliases, heron.programs) == ("102", ("WHITE HERON",), ("TESTP", "OTHER"))
    assert long_number.mmsi is None
    assert long_number.unread == ("'3708590000' is not a ship's MMSI (9 digits)",)


def test_fewer_records_than_the_file_says_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="the file says 4 records and holds 3"):
        load_list(write(tmp_path, "sdn.xml", SDN_XML.replace(">3<", ">4<")))
    one = load_list(write(tmp_path, "consolidated.xml", SDN_XML.replace(">3<", ">2<")))
    assert one.notes == ("the file says 2 records and holds 3",)
    assert one.id == "ofac-consolidated"


@pytest.mark.parametrize("cut", [400, 900, len(SDN_XML) - 12])
def test_truncated_xml_is_refused_whole(tmp_path: Path, cut: int) -> None:
    with pytest.raises(ListError, match="breaks off"):
        load_list(write(tmp_path, "sdn.xml", SDN_XML[:cut]))


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n'
    with pytest.raises(ListError, match="refused"):
        load_list(write(tmp_path, "sdn.xml", bomb + SDN_XML.split("\n", 1)[1].replace("GREY", "&b;")))


def test_ofac_json(tmp_path: Path) -> None:
    one = load_list(write(tmp_path, "v.json", SDN_JSON))
    assert (one.as_of, len(one.entries)) == ("2026-03-05", 2)
    assert [r.row for r in one.rejected] == [3]
    short = SDN_JSON.replace('"count": 3', '"count": 30')
    with pytest.raises(ListError, match="the file says 30 records and holds 3"):
        load_list(write(tmp_path, "w.json", short))
    with pytest.raises(ListError, match="not valid JSON"):
        load_list(write(tmp_path, "x.json", SDN_JSON[:-30]))


def test_followthemoney(tmp_path: Path) -> None:
    one = load_list(write(tmp_path, "x.ftm.json", FTM + '\n{"id": "x-5", "schema": "Ves'))
    assert (one.id, one.as_of) == ("x", "2026-03-07")
    assert one.set_aside == {"Company": 1, "Ownership": 1}
    (entry,) = one.entries
    assert entry.imos == (9000003, 9000015)
    assert entry.aliases == ("GREY HERON", "WHITE HERON")
    assert entry.programs == ("sanction", "mar.shadow")
    assert (entry.source, entry.as_of, entry.url) == ("one, two", "2026-01-02", "https://example.org/x-1")
    assert [r.row for r in one.rejected] == [4, 5]


def _packed(content: bytes, kind: str) -> bytes:
    if kind == "zip":
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("any", content)
        return memory.getvalue()
    return {"": bytes, "gz": gzip.compress, "zst": zstandard.compress, "bz2": bz2.compress}[kind](content)


def _zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "zip"])
def test_compressed_lists(tmp_path: Path, kind: str) -> None:
    content = GENERIC.encode()
    path = tmp_path / f"my_list.csv.{kind}"
    path.write_bytes(_packed(content, kind))
    one = load_list(path)
    assert (one.id, len(one.entries)) == ("my_list", 3)


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "zip"])
def test_damaged_archives(tmp_path: Path, kind: str) -> None:
    lines = "".join(
        f"{n},,SHIP {hashlib.md5(str(n).encode()).hexdigest()}\n" for n in range(9000003, 9030003)
    )
    content = b"imo,mmsi,name\n" + lines.encode()
    path = tmp_path / f"a.csv.{kind}"
    whole = _packed(content, kind)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ListError, match="damaged"):
        load_list(path)


def test_archives_of_several_files_are_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.csv": GENERIC.encode(), "b.csv": GENERIC.encode()})
    with pytest.raises(ListError, match="2 files"):
        load_list(path)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.csv": GENERIC.encode()})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + offset
        content[at : at + 2] = struct.pack("<H", 1)
    path.write_bytes(content)
    with pytest.raises(ListError, match="encrypted"):
        load_list(path)


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_LINE", 1 << 20)
    line = write(tmp_path, "a.csv", b"imo,name\n9000003," + b"x" * (2 << 20))
    with pytest.raises(ListError, match=r"a\.csv:2: a line of more than 1 MiB"):
        load_list(line)
    monkeypatch.setattr(opening, "MAX_BYTES", 1 << 20)
    bomb = write(tmp_path, "b.csv.gz", gzip.compress(b"imo,name\n" + b"9000003,a\n" * 200_000))
    with pytest.raises(ListError, match="when unpacked"):
        load_list(bomb)
    monkeypatch.setattr(opening, "MAX_BYTES", 1 << 30)
    monkeypatch.setattr(opening, "MAX_DOCUMENT", 100)
    with pytest.raises(ListError, match="MiB"):
        load_list(write(tmp_path, "v.json", SDN_JSON))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.data(),
    name=st.sampled_from(sorted(WRITTEN)),
    packed=st.sampled_from(["", "gz", "zst", "bz2", "zip"]),
)
def test_damage_anywhere_is_a_list_error_or_a_shorter_list(
    tmp_path: Path, data: st.DataObject, name: str, packed: str
) -> None:
    content = _packed(WRITTEN[name].encode(), packed)
    at = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 40))
    content = content[:at] + data.draw(st.binary(max_size=40)) + content[at + length :]
    try:
        read = load_list(write(tmp_path, name, content))
    except ListError:
        return
    assert read.entries


def test_missing_files_and_folders_stand_in_the_result(tmp_path: Path) -> None:
    good = write(tmp_path, "a.csv", GENERIC)
    loaded = load_lists([tmp_path / "nowhere.csv", good, tmp_path])
    assert [type(one) for one in loaded] == [UnreadableList, VesselList, UnreadableList]
    assert loaded[0].path.endswith("nowhere.csv")


def test_nul_bytes_and_control_characters_do_not_reach_names(tmp_path: Path) -> None:
    (entry,) = load_list(write(tmp_path, "a.csv", b"imo,name\n9000003,GREY\x00HERON\x07\n")).entries
    assert entry.name == "GREY HERON"


def test_the_real_ofac_file(sample_data: Path) -> None:
    path = sample_data / "sanctions" / "ofac_sdn_vessels_2026-03-22.json.gz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    one = load_list(path)
    assert one.as_of == "2026-03-22"
    assert len(one.entries) == 1450
    assert one.rejected == ()
    assert one.notes == ()
    assert all(entry.imo and valid_imo(entry.imo) for entry in one.entries)
    assert len({entry.imo for entry in one.entries}) == 1449
    unknown = {entry.flag_text for entry in one.entries if entry.flag_text and entry.flag is None}
    assert unknown == set()

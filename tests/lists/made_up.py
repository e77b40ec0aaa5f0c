"""Small lists made up for these tests, in the form of each publisher. The IMO numbers pass their check digit.

Every one names GREY HERON, IMO 9000003, formerly WHITE HERON, where the form has a place for it.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence

EU_XML = """<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-11-20T14:39:12.000+01:00" globalFileId="1">
  <sanctionEntity designationDetails="" unitedNationId="" euReferenceNumber="EU.1.1" logicalId="1">
    <regulation programme="TEST" publicationDate="2025-05-20"><publicationUrl>https://example.org/r</publicationUrl>
    </regulation>
    <subjectType code="person" classificationCode="P"/>
    <nameAlias wholeName="Some Person" strong="true"/>
  </sanctionEntity>
  <sanctionEntity designationDetails="" euReferenceNumber="EU.2.2" logicalId="2">
    <remark>A vessel.</remark>
    <regulation programme="TEST" publicationDate="2025-05-20"><publicationUrl>https://example.org/r</publicationUrl>
    </regulation>
    <subjectType code="enterprise" classificationCode="E"/>
    <nameAlias wholeName="GREY HERON" strong="true"/>
    <nameAlias wholeName="WHITE HERON" strong="false"/>
    <identification identificationTypeCode="imo" identificationTypeDescription="IMO number" number="IMO 9000003"/>
  </sanctionEntity>
  <sanctionEntity euReferenceNumber="EU.3.3" logicalId="3">
    <remark>Also known by IMO number: 9000015.</remark>
    <subjectType code="enterprise" classificationCode="E"/>
    <nameAlias wholeName="OLD SPOON" strong="true"/>
  </sanctionEntity>
  <sanctionEntity euReferenceNumber="EU.4.4" logicalId="4"><nameAlias wholeName="No type"/></sanctionEntity>
</export>
"""

EU_VESSELS = (
    "Vessel name;IMO number ;Date of application;Subject to\r\n"
    "GREY HERON (ex WHITE HERON);9000003;18.12.2025;Article 3s of Council Regulation (EU) 833/2014\r\n"
    "OLD SPOON;IMO 9000015;24.02.2025;Article 3s of Council Regulation (EU) 833/2014\r\n"
    "NO NUMBER;;03.04.2025;Article 43 of Council Regulation (EU) 2017/1509\r\n"
)

UK_HEADER = (
    "Last Updated",
    "Unique ID",
    "OFSI Group ID",
    "UN Reference Number",
    "Name 6",
    "Name 1",
    "Name 2",
    "Name 3",
    "Name 4",
    "Name 5",
    "Name type",
    "Regime Name",
    "Designation Type",
    "Designation source",
    "Sanctions Imposed",
    "Other Information",
    "Date Designated",
    "IMO number",
    "Current owner/operator (s)",
    "Previous owner/operator (s)",
    "Current believed flag of ship",
    "Previous flags",
    "Type of ship",
    "Tonnage of ship",
    "Length of ship",
    "Year Built",
    "Hull identification number (HIN)",
)
_UK_SHIP = {
    "Last Updated": "04/08/2026",
    "Unique ID": "TST0002",
    "Regime Name": "The Test Regulations",
    "Designation Type": "Ship",
    "Sanctions Imposed": "Prohibition of port entry|Detention of ship",
    "Date Designated": "03/04/2025",
    "IMO number": "IMO9000003",
    "Current owner/operator (s)": "Heron Shipping Ltd",
    "Current believed flag of ship": "Russia",
    "Previous flags": "Panama; Liberia",
    "Type of ship": "Crude Oil Tanker",
    "Tonnage of ship": "56,068",
    "Length of ship": "249.9 m",
    "Year Built": "2003",
}
UK_ROWS = (
    {"Unique ID": "TST0001", "Name 6": "PERSON", "Name 1": "Some", "Designation Type": "Individual"},
    {"Unique ID": "TST0001", "Name 6": "PERSONA", "Name 1": "Some", "Designation Type": "Individual"},
    _UK_SHIP | {"Name 6": "WHITE HERON", "Name type": "Alias"},
    _UK_SHIP | {"Name 6": "GREY HERON", "Name type": "Primary name"},
)


def uk_table(rows: Iterable[Mapping[str, str]] = UK_ROWS) -> list[list[str]]:
    """The UK list's rows with what stands above them."""
    cells = [[row.get(column, "") for column in UK_HEADER] for row in rows]
    return [["Report Date: 11-Sep-2026"], list(UK_HEADER), *cells]


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def as_ods(rows: Iterable[Sequence[str]], *, tail: str = "", mimetype: bool = True) -> bytes:
    """The same as a spreadsheet; ``tail`` is put behind the last row."""
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string">{_paragraphs(cell)}</table:table-cell>'
            if cell
            else "<table:table-cell/>"
            for cell in row
        )
        + '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        for row in rows
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{body}{tail}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("styles.xml", "<x/>")
    return memory.getvalue()


def _paragraphs(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"<text:p>{line}</text:p>" for line in escaped.split("\n"))


UK_CSV = as_csv(uk_table())

UK_XML = """<?xml version="1.0" encoding="utf-8"?>
<Designations><DateGenerated>11/09/2026</DateGenerated>
<Designation><UniqueID>TST0001</UniqueID><Names><Name><Name6>PERSON</Name6></Name></Names>
  <IndividualEntityShip>Individual</IndividualEntityShip></Designation>
<Designation>
  <LastUpdated>18/12/2025</LastUpdated><DateDesignated>03/04/2025</DateDesignated><UniqueID>TST0002</UniqueID>
  <Names><Name><Name6>White Heron</Name6><NameType>Alias</NameType></Name>
    <Name><Name6>Grey Heron</Name6><NameType>Primary name</NameType></Name></Names>
  <RegimeName>The Test Regulations</RegimeName><IndividualEntityShip>Ship</IndividualEntityShip>
  <SanctionsImposed>Prohibition of port entry|Detention of ship</SanctionsImposed>
  <ShipDetails><Ship>
    <IMONumbers><IMONumber>IMO9000003</IMONumber></IMONumbers>
    <CurrentOwnerOperators><CurrentOwnerOperator>Heron Shipping Ltd</CurrentOwnerOperator></CurrentOwnerOperators>
    <CurrentBelievedFlagOfShips><CurrentBelievedFlagOfShip>Russia</CurrentBelievedFlagOfShip></CurrentBelievedFlagOfShips>
    <PreviousFlags><PreviousFlag>Panama</PreviousFlag></PreviousFlags>
    <TypeOfShipDetails><TypeOfShip>Crude Oil Tanker</TypeOfShip></TypeOfShipDetails>
    <TonnageOfShipDetails><TonnageOfShip>56068</TonnageOfShip></TonnageOfShipDetails>
    <YearsBuilt><YearBuilt>2003</YearBuilt></YearsBuilt>
  </Ship></ShipDetails>
</Designation>
<Designation><UniqueID>TST0003</UniqueID><IndividualEntityShip>Aeroplane</IndividualEntityShip></Designation>
</Designations>
"""

_OFSI_HEADER = (
    *("Name 6", "Name 1", "Name 2", "Name 3", "Name 4", "Name 5"),
    *("Other Information", "Group Type", "Alias Type", "Regime", "Listed On", "Last Updated", "Group ID"),
)
_HERON_TOLD = (
    "Listed as asset of Heron Shipping. (UK Sanctions List Ref):TST0002 (IMO number):9000003 "
    "(Current owners):Heron Shipping Ltd (Flag of ship):Russia "
    "(Type of ship):Crude Oil Tanker (Year built):2003"
)
OFSI_CSV = as_csv(
    (
        ("Last Updated", "03/06/2025"),
        _OFSI_HEADER,
        ("PERSON", "Some", "", "", "", "", "", "Individual", "Primary name", "Test", "01/02/2020", "", "100"),
        ("WHITE HERON", "", "", "", "", "", "", "Ship", "AKA", "Test", "03/04/2025", "", "200"),
        (
            "GREY HERON",
            "",
            "",
            "",
            "",
            "",
            _HERON_TOLD,
            "Ship",
            "Primary name",
            "Test",
            "03/04/2025",
            "",
            "200",
        ),
    )
)

UN_XML = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-11-19T23:00:04.475Z">
  <INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>SOME</FIRST_NAME><SECOND_NAME>PERSON</SECOND_NAME>
    </INDIVIDUAL></INDIVIDUALS>
  <ENTITIES>
    <ENTITY><DATAID>2</DATAID><FIRST_NAME>GREY HERON</FIRST_NAME><UN_LIST_TYPE>TEST</UN_LIST_TYPE>
      <REFERENCE_NUMBER>TSe.002</REFERENCE_NUMBER><LISTED_ON>2024-06-30</LISTED_ON>
      <COMMENTS1>Vessel. IMO number: 9000003.</COMMENTS1>
      <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>WHITE HERON</ALIAS_NAME></ENTITY_ALIAS></ENTITY>
    <ENTITY><DATAID>3</DATAID><FIRST_NAME>SOME COMPANY</FIRST_NAME></ENTITY>
    <ENTITY><FIRST_NAME>NO NUMBER OF ITS OWN</FIRST_NAME></ENTITY>
  </ENTITIES>
</CONSOLIDATED_LIST>
"""

OPENSANCTIONS_CSV = (
    "type,caption,imo,risk,countries,flag,mmsi,id,url,datasets,aliases\n"
    "VESSEL,GREY HERON,IMO9000003,sanction;mare.shadow,ru,ru;pa,273000111,os-1,https://example.org/os-1,"
    "one;two,WHITE HERON\n"
    'VESSEL,"SPOON, OLD",IMO9000015,poi,,,273######,os-2,https://example.org/os-2,one,\n'
    "ORGANIZATION,HERON SHIPPING,IMO9000027,sanction,ru,,,os-3,https://example.org/os-3,one,\n"
)

WAR_SHIPS = [
    {
        "id": 11,
        "name": "GREY HERON",
        "imo": "9000003",
        "mmsi": "273000111",
        "callsign": "UBAA1",
        "flag": "Russia",
        "type": "Crude Oil Tanker",
        "year": 2003,
        "weight": 56068,
        "dwt": 105000,
        "length": 249.9,
        "is_shadow": True,
        "old_data": [{"name": "WHITE HERON", "flag": "Panama"}],
        "owner": {"id": "511", "name": "Heron Shipping Ltd", "date": "18.09.2023", "co_id": "512"},
        "commerce_manager": {"id": "512", "date": "22.11.2024", "co_id": None},
        "security_manager": None,
        "pi_club": [{"id": 7, "name": "Test Mutual"}],
    },
    {"id": 12, "name": "NO FLAG FIELD", "imo": "9000015", "mmsi": ""},
    "not a ship",
]
WAR_JSON = json.dumps({"data": WAR_SHIPS})
WAR_CSV = (
    "id;name;imo;mmsi;callsign;flag;type;year;is_shadow;owner\n"
    "11;GREY HERON / WHITE HERON;9000003;273000111;UBAA1;Russia;Crude Oil Tanker;2003;1;Heron Shipping Ltd\n"
)

REGISTER_CSV = (
    "IMO,Name,Former names,Built,GT,DWT,Length,Beam,Type,Flag,Flag history,Owner,Manager,Insurer,Class,As of\n"
    'IMO 9000003,GREY HERON,WHITE HERON,2003,"56,068",105000,249.9 m,44,Crude Oil Tanker,Russia,'
    "Panama (2003-2019); Liberia (2019-2023),Heron Shipping Ltd,Spoon Management,Test Mutual,Test Class,2026-10-01\n"
    "9000015,OLD SPOON,,around then,5,,,,Tug,Cuba,,,,,,2026-10-02\n"
    "9000016,WRONG DIGIT,,2001,,,,,,,,,,,,\n"
)

FLAGS_CSV = (
    "Rank,Flag,Inspections 2023-2025,Detentions 2023-2025,Excess factor,List\n"
    "1,Denmark,1121,9,-1.93,White\n"
    "2,Panama,5472,366,0.43,Grey list\n"
    "3,Cameroon,105,27,4.5,black\n"
)

OFAC_CONS_CSV = (
    '201,"SOME PERSON","individual","TESTP",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1970."\r\n'
    '202,"SOME COMPANY",-0- ,"TESTP",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
)


def entity(schema: str, key: str, /, **properties: str | list[str]) -> str:
    """A FollowTheMoney entity as a line."""
    listed = {name: [value] if isinstance(value, str) else value for name, value in properties.items()}
    caption = listed.get("name", [key])[0]
    return json.dumps({"id": key, "caption": caption, "schema": schema, "properties": listed})


FTM_OWNED = "\n".join(
    (
        entity("Ownership", "r-1", owner="c-1", asset="v-1"),
        entity("Company", "c-1", name="Heron Shipping Ltd", topics=["sanction", "poi"]),
        entity("Vessel", "v-1", name="GREY HERON", imoNumber="IMO9000003", flag="ru", buildDate="2003-05"),
        entity("UnknownLink", "r-2", subject="c-2", object="v-1", role="commerce_manager"),
        entity("LegalEntity", "c-2", name="Spoon Management", topics="poi"),
        entity("Directorship", "r-3", director="p-1", organization="c-1"),
        entity("Person", "p-1", name="Some Person", topics="sanction"),
        entity("Ownership", "r-4", owner="c-3", asset="v-1", endDate="2020-01-01"),
        entity("Company", "c-3", name="Former Owner", topics="sanction"),
        entity("UnknownLink", "r-5", subject="c-9", object="v-1", role="insurer"),
    )
)

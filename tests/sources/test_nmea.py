"""NMEA logs: every decoded field against pyais and libais, cuts, interleaving, times, bad input."""

import gzip
import importlib.util
import io
import re
from collections import Counter
from pathlib import Path

import ais
import numpy as np
import pyais
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais.stream import IterMessages

from watchkeeper.errors import InputError
from watchkeeper.model.records import Positions, Statics, unpack_row
from watchkeeper.sources import nmea
from watchkeeper.sources.options import ReadOptions

_spec = importlib.util.spec_from_file_location(
    "nmea_corpus", Path(__file__).parents[2] / "benchmarks" / "nmea_corpus.py"
)
corpus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(corpus)

T0 = 1_600_000_000_000
UNTIMED = ReadOptions(now=2_000_000_000_000, start=T0, rate=10.0)
TIMED = ReadOptions(now=2_000_000_000_000)
SHIP = 219_000_001
POSITION = corpus.sentences(corpus.position_a(SHIP, 33_000_000, 6_000_000, 123, 456, 78, 0))[0]
VOYAGE = corpus.voyage(SHIP, 9_074_729, "OXAB", "MAERSK", 70, (100, 50, 10, 12), 75, "AARHUS")


class Result:
    """All batches of a log as one."""

    def __init__(self, log, options=UNTIMED, **how):
        batches = list(nmea.batches(io.BytesIO(log), 3, "a.nmea", options, **how))
        self.positions = Positions.concat(b.positions for b in batches)
        self.statics = Statics.concat(b.statics for b in batches)
        self.rows = sum((b.rows for b in batches), Counter())
        self.noticed = sum((b.noticed for b in batches), Counter())
        self.quarantine = [q for b in batches for q in b.quarantine]
        self.reasons = Counter(q.reason for q in self.quarantine)
        kept = {k: v for k, v in self.rows.items() if k != "read"}
        assert self.rows["read"] == sum(kept.values())
        assert self.rows["quarantined"] == len(self.quarantine)

    def columns(self):
        records = (self.positions, self.statics)
        return {f"{type(r).__name__}.{n}": getattr(r, n) for r in records for n in type(r).DTYPES}


def log_of(*lines):
    return "\r\n".join(lines).encode() + b"\r\n"


def same(a, b):
    assert a.rows == b.rows
    assert a.noticed == b.noticed
    assert a.quarantine == b.quarantine
    for name, column in a.columns().items():
        np.testing.assert_array_equal(column, b.columns()[name], name)


# Fields against the two decoders
# -------------------------------------------------------------------------------


def nan_if(value, *codes):
    return np.nan if value is None or value in codes else value


def expected_position(sentences):
    """A position as pyais and libais read it, with NaN where not available. libais may refuse a length."""
    m = pyais.decode(*sentences)
    long_range = m.msg_type == 27
    theirs = {
        "mmsi": m.mmsi,
        "lat": m.lat,
        "lon": m.lon,
        "sog_kn": nan_if(m.speed, 102.3, *([63] if long_range else [])),
        "cog_deg": nan_if(m.course, *([511] if long_range else [])),
        "nav_status": getattr(m, "status", 15),
        "heading_deg": np.nan if long_range or m.heading >= 360 else m.heading,
        "ais_class": 2 if m.msg_type in (18, 19) else 1,
    }
    if not theirs["cog_deg"] < 360:
        theirs["cog_deg"] = np.nan
    return theirs


def libais(sentences):
    """What libais says, or None where it refuses the length."""
    payload = "".join(s.split(",")[5] for s in sentences)
    try:
        return ais.decode(payload, int(sentences[-1].split(",")[6][0]))
    except ais.DecodeError as error:
        assert "BIT_COUNT" in str(error) or "24" in str(error)  # noqa: PT017
        return None


def expected_static(sentences):
    """Static data as pyais reads it, but for ship types (it rounds them) and text behind an '@'."""
    m = pyais.decode(*sentences).asdict()
    bow, stern, port, starboard = (
        m.get(f"to_{side}", 0) or 0 for side in ("bow", "stern", "port", "starboard")
    )
    craft = m["msg_type"] == 24 and m["mmsi"] // 10_000_000 == 98
    imo = m.get("imo", 0)

    def text(key):
        return m.get(key, "").split("@")[0].strip().encode()

    return {
        "mmsi": m["mmsi"],
        "imo": imo if 1_000_000 <= imo <= 9_999_999 else 0,
        "name": text("shipname"),
        "callsign": text("callsign"),
        "length_m": np.nan if craft else nan_if(bow + stern, 0),
        "beam_m": np.nan if craft else nan_if(port + starboard, 0),
        "draught_m": nan_if(m.get("draught", 0), 0),
        "destination": text("destination"),
        "ais_class": 1 if m["msg_type"] == 5 else 2,
    }


def assert_row(record, i, expected):
    for name, value in expected.items():
        ours = getattr(record, name)[i]
        if isinstance(value, bytes):
            assert ours == value, (name, ours, value)
        else:
            assert ours == pytest.approx(value, abs=2e-6 if name in ("lat", "lon") else 1e-4, nan_ok=True), (
                name
            )


def assert_like_libais(record, i, theirs):
    """The fields libais has, as it has them."""
    if isinstance(record, Positions):
        pairs = {"lat": "y", "lon": "x", "sog_kn": "sog", "cog_deg": "cog"}
        if theirs["id"] != 27:
            pairs["heading_deg"] = "true_heading"
        if theirs["id"] not in (18, 19):
            pairs["nav_status"] = "nav_status"
    else:
        pairs = {"imo": "imo_num", "draught_m": "draught", "ship_type": "type_and_cargo"}
        for ours, key in (("name", "name"), ("callsign", "callsign"), ("destination", "destination")):
            if key in theirs:
                text = theirs[key].split("@")[0].strip()
                assert getattr(record, ours)[i].decode().replace("_", "-") == text  # libais writes '_' as '-'
    assert record.mmsi[i] == theirs["mmsi"]
    for ours, key in pairs.items():
        value = float(getattr(record, ours)[i])
        if key in theirs and not np.isnan(value) and not (ours in ("imo", "ship_type") and value <= 0):
            assert value == pytest.approx(theirs[key], abs=2e-6 if key in "xy" else 1e-3), ours


_ANY_SENTENCE = re.compile(rb"!..VD[MO],\d,\d,\d?,[^,]?,[^,*!\\]*,\d\*[0-9A-Fa-f]{2}")


def sentences_of(lines, line):
    """The sentences of the message that begins in this physical line, looked for in the plainest way."""
    first = _ANY_SENTENCE.search(lines[line - 1])[0].decode()
    _, parts, _, sequence, channel = first.split(",")[:5]
    found = [first]
    candidates = _ANY_SENTENCE.findall(b"\n".join(lines[line - 1 :]))[1:]
    while len(found) < int(parts):
        wanted = (parts, str(len(found) + 1), sequence, channel)
        found.append(next(s.decode() for s in candidates if tuple(s.decode().split(",")[1:5]) == wanted))
    return found


def assert_like_both(log, options=UNTIMED):
    result = Result(log, options)
    lines = log.split(b"\n")
    for record, expected in ((result.positions, expected_position), (result.statics, expected_static)):
        for i in range(len(record)):
            sentences = sentences_of(lines, unpack_row(record.row[i])[1])
            assert_row(record, i, expected(sentences))
            if (theirs := libais(sentences)) is not None:
                assert_like_libais(record, i, theirs)
    return result


SAMPLES = [
    "ais/nmea/gpsd_sample.aivdm",
    "ais/nmea/pyais_nmea_data_sample.txt",
    "ais/nmea/gfw_ais_tools/ee-multiline.nmea",
    "ais/nmea/gfw_ais_tools/mixed_types.nmea",
    "ais/nmea/gfw_ais_tools/multi-part.nmea",
    "ais/nmea/gfw_ais_tools/sample.nmea",
    "ais/nmea/gfw_ais_tools/type1-bad-bitcount.nmea",
    "ais/nmea/gfw_ais_tools/type8.nmea",
    "ais/nmea/gfw_ais_tools/errors.nmea",
    "labels/219165000_ssc_1.ais",
    "labels/538004030_drift_1.ais.gz",
    "ais/nmea/dma_2013-11-12_gatehouse_tagblock.nmea.gz",
    "ais/nmea/amsa_abvdm_mixed.nmea.gz",
]


def read_sample(path, most=None):
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return b"\n".join(data.split(b"\n")[:most])


@pytest.mark.parametrize("name", SAMPLES)
def test_real_samples_read_as_pyais_and_libais_read_them(sample_data, name):
    log = read_sample(sample_data / name, 4_000)
    result = assert_like_both(log)
    theirs = Counter()
    for message in IterMessages(log.split(b"\n")):
        try:
            theirs[message.decode().msg_type] += message.is_valid
        except pyais.exceptions.AISBaseException:
            continue
    ours = {int(k.rpartition("_")[2]): v for k, v in result.noticed.items() if k.startswith("message_type_")}
    missing = sum((theirs - Counter(ours)).values())
    assert missing <= len(result.quarantine)
    assert sum(ours.values()) >= sum(theirs.values()) - len(result.quarantine)


def test_counts_of_the_danish_sample(sample_data):
    result = Result(read_sample(sample_data / "ais/nmea/dma_2013-11-12_gatehouse_tagblock.nmea.gz"), TIMED)
    assert result.rows["read"] == 26_077
    assert not result.quarantine
    types = {n: result.noticed[f"message_type_{n}"] for n in (1, 2, 3, 18, 19, 27)}
    assert sum(types.values()) == 24_688
    assert result.noticed["time_from_pghp"] == 26_077
    assert result.positions.t.min() == 1_384_257_600_011  # 2013-11-12T12:00:00.011Z
    assert result.positions.t.max() < 1_384_257_900_000


@pytest.mark.parametrize("name", ["538004030_drift_1.ais.gz", "219165000_ssc_1.ais"])
def test_labelled_logs_are_complete(sample_data, name):
    result = Result(read_sample(sample_data / "labels" / name), TIMED)
    assert not result.quarantine
    assert set(result.positions.mmsi) == {int(name[:9])}


def test_check_sequences_left_on_are_recognised(sample_data):
    result = Result(read_sample(sample_data / "ais/nmea/gfw_ais_tools/type1-bad-bitcount.nmea"), TIMED)
    assert result.rows["position"] == 12


def test_two_sentences_with_tag_blocks_on_one_line(sample_data):
    result = Result(read_sample(sample_data / "ais/nmea/gfw_ais_tools/bad-type5.nmea"), TIMED)
    assert result.statics.t.tolist() == [1_698_785_964_000]
    assert result.rows["quarantined"] == 4  # two messages of two sentences: one too long, one too short


# Fields of a made-up corpus
# ------------------------------------------------------------------------------------

mmsis = st.integers(201_000_000, 775_999_999)
lats, lons = st.integers(-54_000_000, 54_000_000), st.integers(-108_000_000, 108_000_000)
sogs, cogs, headings = (
    st.integers(0, 1023),
    st.integers(0, 3600),
    st.one_of(st.integers(0, 359), st.just(511)),
)
texts = st.text("ABCXYZ0189 .-/&", max_size=20)
sizes = st.tuples(st.integers(0, 511), st.integers(0, 511), st.integers(0, 63), st.integers(0, 63))
messages = st.one_of(
    st.builds(
        corpus.position_a, mmsis, lats, lons, sogs, cogs, headings, st.integers(0, 15), st.integers(1, 3)
    ),
    st.builds(corpus.position_b, mmsis, lats, lons, sogs, cogs, headings),
    st.builds(corpus.extended_b, mmsis, lats, lons, sogs, cogs, headings, texts, st.integers(0, 99), sizes),
    st.builds(
        corpus.long_range,
        mmsis,
        st.integers(-54_000, 54_000),
        st.integers(-108_000, 108_000),
        st.integers(0, 63),
        st.one_of(st.integers(0, 359), st.just(511)),
        st.integers(0, 15),
    ),
    st.builds(
        corpus.voyage,
        mmsis,
        st.integers(0, 2**30 - 1),
        texts.map(lambda s: s[:7]),
        texts,
        st.integers(0, 255),
        sizes,
        st.integers(0, 255),
        texts,
    ),
    st.builds(corpus.static_a, mmsis, texts),
    st.builds(corpus.static_b, mmsis, st.integers(0, 99), texts.map(lambda s: s[:7]), sizes),
)


@settings(deadline=None, max_examples=80)
@given(st.lists(messages, min_size=1, max_size=8))
def test_every_field_reads_as_pyais_and_libais_read_it(many):
    lines = [s for n, fields in enumerate(many) for s in corpus.sentences(fields, n % 10)]
    result = assert_like_both(log_of(*lines))
    assert result.rows["read"] == len(many)
    assert not result.quarantine


def test_not_available_is_nan():
    fields = corpus.position_a(SHIP, 33_000_000, 6_000_000, 1023, 3600, 511, 15)
    result = Result(log_of(*corpus.sentences(fields)))
    assert np.isnan(
        [result.positions.sog_kn[0], result.positions.cog_deg[0], result.positions.heading_deg[0]]
    ).all()
    long_range = Result(log_of(*corpus.sentences(corpus.long_range(SHIP, 33_000, 6_000, 63, 511, 5))))
    assert np.isnan([long_range.positions.sog_kn[0], long_range.positions.cog_deg[0]]).all()
    nowhere = corpus.long_range(SHIP, 91 * 600, 181 * 600, 0, 0, 0)
    assert Result(log_of(*corpus.sentences(nowhere))).rows["no_position"] == 1


def test_a_message_that_is_both_counts_once():
    fields = corpus.extended_b(SHIP, 33_000_000, 6_000_000, 10, 20, 30, "BOTH", 36, (10, 5, 2, 2))
    result = Result(log_of(*corpus.sentences(fields)))
    assert result.rows == {"read": 1, "position_and_static": 1}
    assert (len(result.positions), result.statics.name.tolist()) == (1, [b"BOTH"])


def test_a_mother_ships_mmsi_is_not_read_as_a_size():
    result = Result(log_of(*corpus.sentences(corpus.static_b(982_190_001, 36, "X", (300, 9, 9, 9)))))
    assert "length_not_available" in result.noticed


@pytest.mark.parametrize("fields", [corpus.base_station(SHIP), [(6, 9), (2, 0), (30, SHIP), (130, 0)]])
def test_other_stations_are_no_ships_whatever_their_mmsi(fields):
    result = Result(log_of(*corpus.sentences(fields)))
    assert result.rows == {"read": 1, "not_a_ship": 1}


# Laws
# ----------------------------------------------------------------------------------------------------------

LOG = (
    corpus.log(7, 300, True)
    + b"$GPGGA,1*00\r\nrubbish\r\n!AIVDM,2,1,4,A,5,0*00\r\n"
    + corpus.log(8, 100, False)
)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 3_000))
def test_where_chunks_end_changes_nothing(chunk):
    same(Result(LOG, TIMED), Result(LOG, TIMED, chunk=chunk))


def test_long_lines_are_set_aside_wherever_chunks_end():
    lines = [POSITION, "x" * 16_384, POSITION, "\\" + "y" * 40_000, POSITION, "z" * 16_385]
    log = "\n".join(lines).encode()
    whole = Result(log)
    assert [q.line for q in whole.quarantine] == [4, 6]
    assert whole.rows["position"] == 3
    for chunk in (100, 16_384, 16_385, 20_000):
        same(whole, Result(log, chunk=chunk))


@settings(deadline=None, max_examples=40)
@given(st.randoms(use_true_random=False))
def test_interleaved_parts_of_many_receivers_find_their_own(draw):
    queues = []
    for n in range(6):
        fields = corpus.voyage(SHIP + n, 0, f"C{n}", f"SHIP {n}", 70, (1, 1, 1, 1), 0, "X")
        block = corpus.tag_block(s=f"station{n}", c=1_700_000_000)
        queues.append([block + s for s in corpus.sentences(fields, 5, characters=draw.choice((10, 30, 60)))])
    lines = []
    while any(queues):
        lines.append(draw.choice([q for q in queues if q]).pop(0))
    result = Result(log_of(*lines), TIMED)
    assert sorted(zip(result.statics.mmsi, result.statics.name, strict=True)) == [
        (SHIP + n, f"SHIP {n}".encode()) for n in range(6)
    ]


def test_more_messages_than_a_batch_holds():
    block = corpus.log(9, 3_000, True)
    one, many = Result(block, TIMED), Result(block * 40, TIMED)
    assert many.rows == {k: 40 * v for k, v in one.rows.items()}
    assert len(list(nmea.batches(io.BytesIO(block * 40), 0, "x", TIMED))) == 2


def test_more_bad_sentences_than_a_batch_holds():
    result = Result(log_of(*["!AIVDM,1,1,,A,1*00"] * 9_000, POSITION))
    assert result.rows == {"read": 9_001, "quarantined": 9_000, "position": 1}


# Receivers, groups and parts
# -----------------------------------------------------------------------------------


def test_a_group_lends_its_later_sentences_the_receiver_and_the_time():
    first, second = corpus.sentences(VOYAGE, 3)
    other_first, other_second = corpus.sentences([*VOYAGE[:2], (30, SHIP + 1), *VOYAGE[3:]], 3)
    lines = [
        corpus.tag_block(g="1-2-77", s="a", c=1_700_000_000) + first,
        corpus.tag_block(g="1-2-78", s="b", c=1_700_000_005) + other_first,
        corpus.tag_block(g="2-2-77") + second,
        corpus.tag_block(g="2-2-78") + other_second,
    ]
    result = Result(log_of(*lines), TIMED)
    assert dict(zip(result.statics.mmsi, result.statics.t, strict=True)) == {
        SHIP: 1_700_000_000_000, SHIP + 1: 1_700_000_005_000,
    }  # fmt: skip
    assert [unpack_row(row) for row in result.statics.row] == [(3, 1), (3, 2)]


def test_parts_out_of_order_missing_or_old_are_set_aside():
    first, second = corpus.sentences(VOYAGE, 3)
    assert Result(log_of(second, first)).reasons == {
        "part of a message whose earlier part is missing": 1, "incomplete multi-part message": 1,
    }  # fmt: skip
    assert Result(log_of(first, first, second)).rows == {"read": 2, "static": 1, "quarantined": 1}
    late = [corpus.tag_block(c=t) + s for t, s in ((1_700_000_000, first), (1_700_000_031, second))]
    assert Result(log_of(*late), TIMED).rows == {"read": 2, "quarantined": 2}
    near = [corpus.tag_block(c=t) + s for t, s in ((1_700_000_000, first), (1_700_000_029, second))]
    assert Result(log_of(*near), TIMED).rows == {"read": 1, "static": 1}


def test_known_receivers_may_change_the_talker_and_unknown_ones_may_not():
    first = corpus.sentences(VOYAGE, 3, talker="AB")[0]
    second = corpus.sentences(VOYAGE, 3, talker="AI")[1]
    assert Result(log_of(first, second)).rows["static"] == 0
    block = corpus.tag_block(s="a")
    assert Result(log_of(block + first, block + second)).rows["static"] == 1


def test_open_messages_are_bounded():
    firsts = [
        corpus.tag_block(s=f"r{n}") + corpus.sentences(VOYAGE, n % 10, "AB"[n % 2])[0] for n in range(5_000)
    ]
    result = Result(log_of(*firsts))
    assert result.rows == {"read": 5_000, "quarantined": 5_000}
    assert sorted(q.line for q in result.quarantine) == list(range(1, 5_001))


def test_nine_parts():
    result = Result(log_of(*corpus.sentences(VOYAGE, 3, characters=8)))
    assert result.statics.name.tolist() == [b"MAERSK"]


# Times
# ---------------------------------------------------------------------------------------------------------

PGHP = corpus.with_checksum("PGHP,1,2023,11,14,22,13,20,250,219,,2190067,1,00", "$")
PGHP_MS = 1_700_000_000_250


@pytest.mark.parametrize(
    ("lines", "t", "source"),
    [
        ([corpus.tag_block(c=1_700_000_001) + POSITION], 1_700_000_001_000, "time_from_tag_block"),
        ([corpus.tag_block(c=1_700_000_001_500) + POSITION], 1_700_000_001_500, "time_from_tag_block"),
        ([corpus.tag_block(c=1_700_000_002), POSITION], 1_700_000_002_000, "time_from_tag_block"),
        ([PGHP, POSITION], PGHP_MS, "time_from_pghp"),
        ([PGHP, corpus.tag_block(c=1_700_000_001) + POSITION], 1_700_000_001_000, "time_from_tag_block"),
        ([PGHP, POSITION + ",1700000009"], PGHP_MS, "time_from_pghp"),
        ([POSITION + ",1700000009"], 1_700_000_009_000, "time_from_line_end"),
        (
            [POSITION + ",s22393,d-089,T28.51,x87,r003669945,1700000009"],
            1_700_000_009_000,
            "time_from_line_end",
        ),
        (
            [corpus.tag_block(c=1_700_000_001).replace("*", "*F") + POSITION + ",1700000009"],
            1_700_000_009_000,
            "tag_block_unreadable",
        ),
    ],
)
def test_whose_time_counts(lines, t, source):
    result = Result(log_of(*lines), TIMED)
    assert result.positions.t.tolist() == [t]
    assert result.noticed[source] == 1


def test_a_receive_time_is_for_one_sentence_only():
    other = corpus.with_checksum("PSTT,30A,20131112,120003", "$")
    result = Result(log_of(POSITION + ",1700000000", PGHP, other, POSITION), TIMED)
    assert result.positions.t.tolist() == [1_700_000_000_000] * 2
    assert result.noticed["time_from_previous"] == 1


def test_a_message_takes_the_first_time_of_its_parts():
    first, second = corpus.sentences(VOYAGE, 3)
    result = Result(log_of(first, corpus.tag_block(c=1_700_000_007) + second), TIMED)
    assert result.statics.t.tolist() == [1_700_000_007_000]


def test_sentences_without_a_time_take_the_last_known_one():
    timed = POSITION + ",1700000000"
    result = Result(log_of(POSITION, timed, POSITION, POSITION + ",1700000005", POSITION), TIMED)
    assert (result.positions.t // 1000 % 10).tolist() == [0, 0, 0, 5, 5]
    assert result.noticed["time_from_previous"] == 3


def test_logs_without_times_need_a_start_and_a_rate():
    log = log_of(POSITION, POSITION, POSITION)
    assert Result(log).positions.t.tolist() == [T0, T0 + 100, T0 + 200]
    with pytest.raises(InputError, match=r"a\.nmea carries no times.*--start and --rate") as caught:
        Result(log, TIMED)
    assert caught.value.exit_code == 3
    with pytest.raises(InputError, match="--rate above 0"):
        Result(log, ReadOptions(now=T0, start=T0, rate=0.0))


# Bad input
# -----------------------------------------------------------------------------------------------------


def body(text):
    return corpus.with_checksum(text)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (POSITION[:-1] + ("0" if POSITION[-1] != "0" else "1"), "checksum does not match"),
        (POSITION[:-3], "sentence without a checksum"),
        (POSITION[:20], "sentence without a checksum"),
        (body("AIVDM,1,1,,A,,0"), "payload is empty"),
        (body("AIVDM,1,1,,A,13x~zz,0"), "payload has a character that is no six-bit character"),
        (body("AIVDM,1,1,,A,1" + "0" * 300 + ",0"), "payload is longer than 256 characters"),
        (
            body("AIVDM,1,1,,A,1000000000000000000000000000,6"),
            "fill bits are not 0 to 5, or in a part that is not the last",
        ),
        (
            body("AIVDM,2,1,1,A,5000000000000000000000000000,2"),
            "fill bits are not 0 to 5, or in a part that is not the last",
        ),
        (body("AIVDM,0,1,,A,1000000000000000000000000000,0"), "not the fields of an AIS sentence"),
        (body("AIVDM,1,2,,A,1000000000000000000000000000,0"), "not the fields of an AIS sentence"),
        (body("AIVDM,1,1,12,A,100000000000000000000000000,0"), "not the fields of an AIS sentence"),
        (body("AIVDM,1,1,,A,100000000000000000000000000,0"), "message is shorter than its type"),
        (
            body("AIVDM,1,1,,A,10000000000000000000000000000000001,0"),
            "message is longer than its type, and the rest is neither padding nor its check sequence",
        ),
        (
            body("AIVDM,1,1,,A,00000000000000000000000000000,0"),
            "message type or part that ITU-R M.1371 does not define",
        ),
        (POSITION * 9, "more than 8 sentences in one line"),
    ],
)
def test_unusable_sentences_are_set_aside_with_the_reason(line, reason):
    result = Result(log_of(POSITION, line, POSITION))
    assert result.reasons == {reason: 1}
    [bad] = result.quarantine
    assert (bad.source, bad.line) == ("a.nmea", 2)
    assert line.endswith(bad.text) or line.startswith(bad.text)
    assert result.rows["position"] == (10 if "more than" in reason else 2)


@pytest.mark.parametrize(
    ("line", "noticed"),
    [
        ("", "line_empty"),
        ("# !AIVDM,1,1,,A,x", "line_comment"),
        ("$GPGGA,1,2*00", "line_not_ais"),
        ("\0\0\0", "line_not_ais"),
        (corpus.tag_block(si="AISD"), "line_tag_block"),
        (PGHP, "line_pghp"),
        (PGHP[:-1] + "x", "pghp_unreadable"),
        (corpus.with_checksum("PGHP,1,2023,13,14,22,13,20,250,219,,2190067,1,00", "$"), "pghp_unreadable"),
        ("\\c:17", "tag_block_unreadable"),
        (corpus.tag_block(c="soon"), "tag_block_time_unreadable"),
        (corpus.tag_block(g="2-2-9"), "tag_block_group_unknown"),
        ("2024-01-01 " + POSITION, "text_before_sentence"),
    ],
)
def test_other_lines_are_counted(line, noticed):
    result = Result(log_of(POSITION, line))
    assert result.noticed[noticed] == 1
    assert not result.quarantine


def test_nul_bytes_and_invalid_utf8_are_survived():
    log = b"\0\0\xff\xfe\n" + b"!AIVDM,1,1,,A,\xff\0\xc3,0*11\n" + POSITION.encode()
    result = Result(log)
    assert result.rows == {"read": 2, "quarantined": 1, "position": 1}
    assert "�" in result.quarantine[0].text


class Endless(io.RawIOBase):
    """A line of 1 GB, made as it is read."""

    def __init__(self):
        self.left = 1 << 30

    def read(self, size=-1):
        size = min(size, self.left)
        self.left -= size
        return b"x" * size


def test_a_line_of_a_gigabyte_is_one_record():
    [batch] = nmea.batches(Endless(), 0, "big", UNTIMED)
    assert batch.rows == {"read": 1, "quarantined": 1}
    assert batch.quarantine[0].line == 1
    assert len(batch.quarantine[0].text) == 500


def test_nothing_at_all():
    assert Result(b"").rows == {}


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [
                    s.encode()
                    for s in (
                        POSITION,
                        PGHP,
                        *corpus.sentences(VOYAGE, 3),
                        corpus.tag_block(g="1-2-3", c=5),
                        "\\",
                        "!AIVDM,",
                        "\n",
                        "*00",
                    )
                ]
            ),
        ),
        max_size=30,
    ),
    st.integers(1, 300),
)
def test_rubbish_is_counted_and_cuts_change_nothing(pieces, chunk):
    log = b"".join(pieces)
    same(Result(log), Result(log, chunk=chunk))


@pytest.mark.parametrize(
    ("head", "yes"),
    [
        (POSITION, True),
        (corpus.tag_block(c=1) + POSITION, True),
        (PGHP, True),
        ("2024-01-01 12:00:00 " + POSITION, True),
        ("$GPGGA,123519,4807.038,N*47", True),
        ("# comment\r\n" + POSITION, True),
        ("# Timestamp,Type of mobile,MMSI", False),
        ("MMSI,BaseDateTime,LAT,LON", False),
        ('{"raw": "' + POSITION + '"}', False),
        ('time,raw\n1,"' + POSITION, False),
        ("\0" * 100, False),
        ("", False),
    ],
)
def test_sniff(head, yes):
    assert nmea.sniff(head.encode(), "x") is yes

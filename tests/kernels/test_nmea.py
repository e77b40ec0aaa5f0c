"""Bytes, bits and lengths of AIS messages against plain Python."""

import importlib.util
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.kernels import nmea_bytes, nmea_messages, nmea_sentence
from watchkeeper.model.time import NO_TIME

_spec = importlib.util.spec_from_file_location(
    "nmea_corpus", Path(__file__).parents[2] / "benchmarks" / "nmea_corpus.py"
)
corpus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(corpus)


def raw(text):
    return np.frombuffer(text.encode() if isinstance(text, str) else text, np.uint8)


def sixbit(message):
    """The values of a message given as zeros and ones, filled to whole characters."""
    message += "0" * (-len(message) % 6)
    return np.array([int(message[i : i + 6], 2) for i in range(0, len(message), 6)], np.uint8)


@given(st.text("01", min_size=60, max_size=200), st.data())
def test_bits_are_the_bits_of_the_text(message, data):
    start = data.draw(st.integers(0, len(message) - 1))
    width = data.draw(st.integers(1, min(54, len(message) - start)))
    value = int(message[start : start + width], 2)
    assert nmea_messages.unsigned(sixbit(message), 0, start, width) == value
    negative = value - (1 << width) if message[start] == "1" else value
    assert nmea_messages.signed(sixbit(message), 0, start, width) == negative


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31)))  # noqa: DTZ001
def test_civil_time_is_the_calendars(moment):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000
    fields = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    assert nmea_bytes.civil_time(*fields, moment.microsecond // 1000) == round(expected)


@pytest.mark.parametrize(
    "fields",
    [
        (1969, 12, 31, 0, 0, 0, 0),
        (2024, 13, 1, 0, 0, 0, 0),
        (2024, 4, 31, 0, 0, 0, 0),
        (2024, 1, 1, 24, 0, 0, 0),
        (2024, 1, 1, 0, 60, 0, 0),
        (2024, 1, 1, 0, 0, 61, 0),
        (2024, 1, 1, 0, 0, 0, 1000),
        (2024, 1, -1, 0, 0, 0, 0),
    ],
)
def test_no_such_moment(fields):
    assert nmea_bytes.civil_time(*fields) == NO_TIME


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1599239526", 1_599_239_526_000),
        ("1599239526500", 1_599_239_526_500),
        ("1599239526.5", 1_599_239_526_500),
        ("1599239526.1239", 1_599_239_526_123),
        ("", NO_TIME),
        ("12x", NO_TIME),
        ("1.x", NO_TIME),
        ("-5", NO_TIME),
        ("123456789012345678", NO_TIME),
    ],
)
def test_unix_time(text, expected):
    assert nmea_bytes.unix_time(raw(text), 0, len(text)) == expected


@given(st.binary(max_size=80))
def test_checksum_is_exclusive_or(data):
    total = 0
    for byte in data:
        total ^= byte
    assert nmea_bytes.xor_of(raw(data), 0, len(data)) == total
    for written in (f"*{total:02X}", f"*{total:02x}"):
        assert nmea_bytes.checksum_at(raw(written), 0, 3) == total
    assert nmea_bytes.checksum_at(raw("*4"), 0, 2) == -1
    assert nmea_bytes.checksum_at(raw("*4g"), 0, 3) == -1


@given(st.text("ABC @", max_size=20))
def test_text_ends_at_the_first_at_sign_and_is_trimmed(text):
    column = np.zeros(20, np.uint8)
    nmea_messages.read_text(sixbit(corpus.bits(corpus.text(text, 20))), 0, 0, column)
    assert column.tobytes().rstrip(b"\0").decode() == text.split("@")[0].strip()


def air_check_sequence(message):
    """The 16 bits that follow the message on the air, in the order in which receivers write them."""
    crc = 0xFFFF
    for byte in (message[i : i + 8] for i in range(0, len(message), 8)):
        for bit in reversed(byte):
            low = (crc & 1) ^ int(bit)
            crc = (crc >> 1) ^ (0x8408 if low else 0)
    crc ^= 0xFFFF
    return f"{crc & 255:08b}{crc >> 8:08b}"


@given(st.integers(0, 2**100))
def test_longer_than_its_type_only_with_padding_or_check_sequence(seed):
    message = f"{1:06b}" + f"{seed:0162b}"[-162:]

    def check(rest, bits=None):
        return nmea_messages.check_message(sixbit(message + rest), 0, bits or len(message + rest))

    assert check("") == nmea_messages.PLAUSIBLE
    assert check("0" * 24) == nmea_messages.PLAUSIBLE
    assert check("11111") == nmea_messages.PLAUSIBLE
    fcs = air_check_sequence(message)
    in_last = fcs[:12] + "00" + fcs[12:]  # the last four bits stand at the low end of their character
    assert check(in_last) == nmea_messages.PLAUSIBLE
    wrong = in_last[:5] + ("1" if in_last[5] == "0" else "0") + in_last[6:]
    assert check(wrong) == (nmea_messages.TOO_LONG if "1" in wrong else nmea_messages.PLAUSIBLE)
    assert check("", 167) == nmea_messages.TOO_SHORT


@pytest.mark.parametrize(
    ("kind", "least"),
    [(1, 168), (2, 168), (3, 168), (4, 168), (5, 422), (9, 168), (18, 168), (19, 312), (27, 96)],
)
def test_least_length(kind, least):
    message = sixbit(f"{kind:06b}" + "0" * 500)
    assert nmea_messages.check_message(message, 0, least) == nmea_messages.PLAUSIBLE
    assert nmea_messages.check_message(message, 0, least - 1) == nmea_messages.TOO_SHORT


def test_type_24_is_long_enough_for_its_part():
    for part, least in ((0, 160), (1, 162)):
        message = sixbit(f"{24:06b}" + "0" * 32 + f"{part:02b}" + "0" * 200)
        assert nmea_messages.check_message(message, 0, least) == nmea_messages.PLAUSIBLE
        assert nmea_messages.check_message(message, 0, least - 1) == nmea_messages.TOO_SHORT
    third = sixbit(f"{24:06b}" + "0" * 32 + "10" + "0" * 200)
    assert nmea_messages.check_message(third, 0, 168) == nmea_messages.TYPE_NOT_DEFINED


@pytest.mark.parametrize("kind", [0, 28, 63])
def test_types_that_do_not_exist(kind):
    assert (
        nmea_messages.check_message(sixbit(f"{kind:06b}" + "0" * 162), 0, 168)
        == nmea_messages.TYPE_NOT_DEFINED
    )


@given(st.binary(max_size=60))
def test_no_sentence_is_read_past_its_end(data):
    line = raw(b"!AIVDM,1,1,," + data)
    memory = np.full(nmea_sentence.MOST_PAYLOAD + 10, 99, np.uint8)
    sentence = nmea_sentence.read_sentence(line, 0, len(line), memory, 5)
    assert 0 < sentence.after <= len(line)
    assert (memory[:5] == 99).all()
    assert (memory[5 + nmea_sentence.MOST_PAYLOAD :] == 99).all()

"""Values out of patterns: those of the standard's kinds, ships, and nothing from what only looks like one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.exchange.indicators import LONGEST, alone, normal, values_in

SHA = "A" * 64


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("[ipv4-addr:value = '198.51.100.1/32']", [("ipv4", "198.51.100.1")]),
        ("[ipv4-addr:value = '198.51.100.7/24']", [("ipv4", "198.51.100.0/24")]),
        ("[ipv6-addr:value = '2001:DB8::1']", [("ipv6", "2001:db8::1")]),
        ("[domain-name:value = 'Example.ORG.']", [("domain", "example.org")]),
        ("[url:value = 'http://x/O\\'Neil']", [("url", "http://x/O'Neil")]),
        ("[email-addr:value = 'A@b.org']", [("email", "a@b.org")]),
        (f"[file:hashes.'SHA-256' = '{SHA}']", [("hash", f"sha-256:{SHA.lower()}")]),
        ("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", [("hash", "md5:d41d8cd98f00b204e9800998ecf8427e")]),
        ("[network-traffic:dst_ref.value = '203.0.113.9']", [("ipv4", "203.0.113.9")]),
        ("[x-vessel:imo = '9074729' AND x-vessel:mmsi = 273000001]", [("imo", "9074729"), ("mmsi", "273000001")]),
        ("[infrastructure:extensions.'x'.imo = 9074729]", [("imo", "9074729")]),
        ("[a-b:c = 'x'] FOLLOWEDBY [url:value = 'http://y/']", [("url", "http://y/")]),
        # Not these: a wrong check digit, no number, not equal, no known kind, within a text, too short a hash.
        ("[x-vessel:imo = '9074720']", []),
        ("[x-vessel:mmsi = '27300000']", []),
        ("[ipv4-addr:value != '198.51.100.1']", []),
        ("[ipv4-addr:value LIKE '198.51.100.%']", []),
        ("[ipv4-addr:value = 'nonsense']", []),
        ("[process:name = 'x']", []),
        ("[file:hashes.MD5 = 'abcd']", []),
        ("", []),
    ],
)  # fmt: skip
def test_values(pattern: str, values: list[tuple[str, str]]) -> None:
    assert values_in(pattern) == values


@pytest.mark.parametrize(
    ("pattern", "enough"),
    [
        ("[a:b = 'x' OR a:b = 'y']", True),
        ("[a:b = 'x' AND a:b = 'y']", False),
        ("[a:b = 'this AND that']", True),
        ("[a:b = 'x'] FOLLOWEDBY [a:b = 'y']", False),
        ("[a:b = 'x'] WITHIN 5 SECONDS", False),
        ("[NOT a:b = 'x']", False),
    ],
)
def test_a_part_of_a_larger_condition_is_not_enough(pattern: str, enough: bool) -> None:
    assert alone(pattern) is enough


@given(st.text(alphabet="ab:-.'\\[]= \n0", max_size=300))
def test_nothing_breaks_it(pattern: str) -> None:
    for kind, value in values_in(pattern):
        assert normal(kind, value) == value
    alone(pattern)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a:",
        "a:b",
        "'",
        "a:'",
        "[a:b = '",
        "a:b[0]",
        "a.b:c.d.",
        "\\'",
        "a:b='",
        "a:b=    ",
        f"x:{'a' * 500} ",
    ],
)
def test_long_patterns_take_no_longer_than_they_are(piece: str) -> None:
    begin = time.perf_counter()
    values_in(piece * (LONGEST // len(piece)))
    alone(piece * (LONGEST // len(piece)))
    assert time.perf_counter() - begin < 5.0
    assert values_in("[ipv4-addr:value = '198.51.100.1']" + " " * LONGEST) == []

"""What users write to name a feed, and what is said of what cannot be meant."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import FeedError
from watchkeeper.feeds.address import SCHEMES, parse, parse_all
from watchkeeper.feeds.guard import is_link_local
from watchkeeper.feeds.opening import credentials, open_transport


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tcp://rx.example:10110", ("tcp", "rx.example", 10110, "", "tcp-rx.example-10110")),
        ("tcp://[::1]:10110?name=roof", ("tcp", "::1", 10110, "", "roof")),
        ("tcp-listen://:4001", ("tcp-listen", "127.0.0.1", 4001, "", "tcp-listen-4001")),
        ("udp://0.0.0.0:10110", ("udp", "0.0.0.0", 10110, "", "udp-0.0.0.0-10110")),
        ("serial:///dev/ttyUSB0?baud=9600", ("serial", "", 0, "/dev/ttyUSB0", "ttyUSB0")),
        ("file:logs/rx one.nmea", ("file", "", 0, "logs/rx one.nmea", "rx-one.nmea")),
        ("file:///var/log/rx.nmea", ("file", "", 0, "/var/log/rx.nmea", "rx.nmea")),
        ("/var/log/rx.nmea?name=log", ("file", "", 0, "/var/log/rx.nmea", "log")),
        ("-", ("stdin", "", 0, "", "stdin")),
        ("aisstream://?bbox=9,53,31,66", ("aisstream", "stream.aisstream.io", 443, "", "aisstream")),
        ("mqtt://b:1883/ais/%23", ("mqtt", "b", 1883, "/ais/#", "mqtt-b-ais")),
        ("digitraffic://", ("digitraffic", "meri.digitraffic.fi", 443, "", "digitraffic")),
        ("kystverket://", ("kystverket", "153.44.253.27", 5631, "", "kystverket")),
        ("barentswatch://", ("barentswatch", "live.ais.barentswatch.no", 443, "", "barentswatch")),
        ("kafka://k:9092/ais?group=w", ("kafka", "k", 9092, "/ais", "kafka-k-ais")),
        ("wss://host/feed?name=w", ("wss", "host", 443, "/feed", "w")),
    ],
)  # fmt: skip
def test_addresses(text: str, expected: tuple[str, str, int, str, str]) -> None:
    a = parse(text)
    assert (a.scheme, a.host, a.port, a.path, a.name) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tpc://host:1", "Perhaps tcp was meant"),
        ("mqqt://host/x", "Perhaps mqtt was meant"),
        ("gopher://host:1", "Feeds are written"),
        ("tcp://host", "names no port"),
        ("tcp://:10110", "names no host"),
        ("tcp://host:99999", "is no address"),
        ("tcp://host:1/path", "behind its host"),
        ("tcp://host:1?nmae=x", "Perhaps name was meant"),
        ("tcp://host:1?name=../../etc", "is no name"),
        ("tcp://host:1?name=a&name=b", "twice"),
        ("aisstream://?key=secret", "Keys come from the environment"),
        ("mqtt://user:secret@host/topic", "holds a name or password"),
        ("mqtt://host/topic/#", "Write the wildcard"),
        ("file:", "names no file"),
        ("", "is no address"),
    ],
)
def test_what_cannot_be_meant(text: str, says: str) -> None:
    with pytest.raises(FeedError, match="(?s).*" + says.replace("?", r"\?")) as error:
        parse(text)
    assert "secret" not in str(error.value)


def test_two_feeds_of_one_name() -> None:
    with pytest.raises(FeedError, match="Two feeds are called rx"):
        parse_all(["a/rx", "b/rx"])
    assert [a.name for a in parse_all(["a/rx", "b/rx?name=other"])] == ["rx", "other"]


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = parse(text)
    except FeedError:
        return
    assert address.scheme in SCHEMES
    assert Path(address.name).name == address.name
    assert not address.name.startswith(".")


@pytest.mark.parametrize(
    ("text", "environment", "says"),
    [
        ("aisstream://", {}, "needs AISSTREAM_API_KEY"),
        ("aisstream://?bbox=1,2,3", {"AISSTREAM_API_KEY": "k"}, "as its box"),
        ("aisstream://?bbox=1,50,3,40", {"AISSTREAM_API_KEY": "k"}, "as its box"),
        ("barentswatch://", {"BARENTSWATCH_CLIENT_ID": "i"}, "needs BARENTSWATCH_CLIENT_SECRET"),
        ("serial:///dev/x?baud=fast", {}, "no rate"),
        ("mqtt://h", {}, "names no topic"),
        ("mqtt://h/t?qos=2", {}, "qos=2"),
        ("kafka://h", {}, "names no topic"),
        ("file:x?follow=maybe", {}, "follow=maybe"),
    ],
)
def test_what_is_missing_is_said_before_anything_starts(
    text: str, environment: dict[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(FeedError, match=says):
        open_transport(parse(text), tmp_path, 1, lambda: 0, environment)


def test_credentials_are_named_for_the_feed() -> None:
    environment = {"WATCHKEEPER_ROOF_RX_USER": "u", "WATCHKEEPER_ROOF_RX_PASSWORD": "p"}
    assert credentials(environment, parse("mqtt://h/t?name=roof-rx")) == ("u", "p")
    assert credentials(environment, parse("mqtt://h/t?name=other")) is None


@pytest.mark.parametrize(
    ("address", "link_local"),
    [
        ("169.254.169.254", True), ("fe80::1%eth0", True), ("::ffff:169.254.169.254", True),
        ("fd00:ec2::254", True), ("100.100.100.200", True), ("192.168.1.20", False), ("127.0.0.1", False),
        ("10.0.0.1", False), ("2001:db8::1", False),
    ],
)  # fmt: skip
def test_link_local_addresses(address: str, link_local: bool) -> None:
    assert is_link_local(address) is link_local

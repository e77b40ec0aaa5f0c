"""Cursor on Target: parsed by takproto, and received over real sockets of the loopback: UDP, multicast, TCP and TLS."""

import datetime
import io
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
import takproto
from takproto import delimited_protobuf
from takproto.proto import TakMessage

from exchange.formats.made_up import exercise, things, written
from watchkeeper.errors import OutputError, UsageError
from watchkeeper.exchange.cot.events import events
from watchkeeper.exchange.cot.sending import as_protobuf, as_xml, send
from watchkeeper.exchange.things import Fix, Things, Vessel
from watchkeeper.model.time import from_iso

GROUP = "239.2.3.1"
ALL = 5
"""Events in the made-up day: two ships, three findings."""


def cut(stream: bytes) -> list[Element]:
    """The documents of a stream."""
    return [
        fromstring(part) for part in stream.split(b'<?xml version="1.0" encoding="UTF-8"?>') if part.strip()
    ]


def test_events_of_ships_and_findings() -> None:
    found = cut(written("cot", things()))
    assert [event.get("type") for event in found] == ["a-u-S-X-M-O", "a-u-S-X-M-C", *["b-m-p-s-m"] * 3]
    assert [event.get("how") for event in found] == ["m-g", "m-g", "m-f", "m-f", "m-f"]
    assert found[0].get("uid") == "watchkeeper.vessel:imo:9074729"
    assert found[1].get("uid") == "watchkeeper.vessel:mmsi:230000002"
    assert found[2].find("detail/link").get("uid") == found[0].get("uid")  # type: ignore[union-attr]
    for event in found:
        start, time, stale = (from_iso(event.get(key) or "") for key in ("start", "time", "stale"))
        assert start <= time < stale


def test_a_ship_about_which_nothing_was_found_is_neutral() -> None:
    quiet = things(findings=())
    assert {event.get("type", "")[:5] for event in cut(written("cot", quiet))} == {"a-n-S"}


def test_speed_is_in_metres_a_second() -> None:
    track = cut(written("cot", things()))[0].find("detail/track")
    assert track is not None
    assert float(track.get("speed", "")) == pytest.approx(7.2 * 1852 / 3600, abs=0.005)
    assert float(track.get("course", "")) == 81.0


def test_the_marking_travels_in_xml_and_in_protobuf() -> None:
    line = "TLP:AMBER+STRICT // PAP:GREEN // REL TO EST, FIN"
    for event in events(things()):
        assert event.get("access") == "TLP:AMBER+STRICT"
        assert event.get("releaseableTo") == "EST, FIN"
        message = takproto.parse_proto(bytearray(as_protobuf(event, stream=False)))
        assert message.cotEvent.access == "TLP:AMBER+STRICT"
        assert line in message.cotEvent.detail.xmlDetail


def test_exercises_and_simulations_say_so() -> None:
    for some, opex, over in (
        (exercise(), "e-baltic-26", "EXERCISE baltic-26"),
        (things(simulated=True), "s-simulation", "SIMULATED"),
    ):
        for event in events(some):
            message = takproto.parse_proto(bytearray(as_protobuf(event, stream=True))).cotEvent
            assert message.opex == opex
            assert message.detail.contact.callsign.startswith(f"{over} ")
    real = {event.get("uid") for event in events(things())}
    assert not real & {event.get("uid") for event in events(exercise())}
    assert all(event.get("opex") is None for event in events(things()))


@pytest.mark.parametrize("stream", [True, False])
def test_takproto_parses_every_event(stream: bool) -> None:
    for event in events(things()):
        message = takproto.parse_proto(bytearray(as_protobuf(event, stream=stream))).cotEvent
        point = event.find("point")
        assert point is not None
        assert (message.uid, message.type, message.how) == (
            event.get("uid"),
            event.get("type"),
            event.get("how"),
        )
        assert message.lat == pytest.approx(float(point.get("lat", "")))
        assert message.staleTime == from_iso(event.get("stale") or "")
        by_xml = takproto.parse_proto(bytearray(as_xml(event))).cotEvent
        assert by_xml.uid == message.uid


def test_a_stream_of_protobuf_is_cut_by_its_lengths() -> None:
    stream = io.BytesIO(written("cot-protobuf", things()))
    uids = []
    while (head := stream.read(1)) == b"\xbf":
        uids.append(delimited_protobuf.read(stream, TakMessage).cotEvent.uid)
    assert head == b""
    assert uids == [event.get("uid") for event in events(things())]


def test_names_from_the_air_break_nothing() -> None:
    odd = Things(
        vessels=(Vessel(mmsi=1, name='A\x00"]]><x>', as_of=1),),
        fixes=(Fix(mmsi=1, t=1_700_000_000_000, lat=1, lon=2),),
    )
    for event in events(odd):
        assert (
            takproto.parse_proto(bytearray(as_xml(event))).cotEvent.detail.contact.callsign
            == 'A\ufffd"]]><x>'
        )


@contextmanager
def taken(sock: socket.socket, take: Callable[[socket.socket], bytes | None]) -> Iterator[list[bytes]]:
    """What a receiver in a thread gets; it is waited for."""
    got: list[bytes] = []

    def run() -> None:
        while (data := take(sock)) is not None:
            got.append(data)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield got
    finally:
        thread.join(10)
        sock.close()
    assert not thread.is_alive()


def datagram(sock: socket.socket) -> bytes | None:
    sock.settimeout(1.5)
    try:
        return sock.recv(70_000)
    except TimeoutError:
        return None


def test_udp_one_datagram_an_event() -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    with taken(sock, datagram) as got:
        assert send(things(), f"udp://127.0.0.1:{sock.getsockname()[1]}") == ALL
    assert [fromstring(one).get("uid") for one in got] == [event.get("uid") for event in events(things())]


def test_udp_multicast_in_protobuf(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((GROUP, 0))
    joined = struct.pack("!4s4s", socket.inet_aton(GROUP), socket.inet_aton("127.0.0.1"))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
    monkeypatch.setenv("PYTAK_MULTICAST_LOCAL_ADDR", "127.0.0.1")
    with taken(sock, datagram) as got:
        assert send(exercise(), f"udp+proto://{GROUP}:{sock.getsockname()[1]}") == ALL
    assert [takproto.parse_proto(bytearray(one)).cotEvent.uid for one in got] == [
        e.get("uid") for e in events(exercise())
    ]


def accepted(context: ssl.SSLContext | None) -> Callable[[socket.socket], bytes | None]:
    """One connection, read to its end; nothing where the client does not trust us."""
    done: list[bool] = []

    def take(sock: socket.socket) -> bytes | None:
        if done:
            return None
        done.append(True)
        sock.settimeout(10)
        connection, _ = sock.accept()
        try:
            with (
                connection,
                context.wrap_socket(connection, server_side=True) if context else connection as stream,
            ):
                return b"".join(iter(lambda: stream.recv(65_536), b""))
        except ssl.SSLError:
            return None

    return take


@contextmanager
def server(context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    with taken(sock, accepted(context)) as got:
        yield port, got


def test_tcp() -> None:
    with server() as (port, got):
        assert send(things(), f"tcp://127.0.0.1:{port}") == ALL
    assert got == [written("cot", things())]


def test_tcp_in_protobuf() -> None:
    with server() as (port, got):
        assert send(things(), f"tcp+proto://127.0.0.1:{port}") == ALL
    assert got == [written("cot-protobuf", things())]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for the loopback, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.filterwarnings("ignore:ssl.OP_NO:DeprecationWarning")  # pytak sets options the old way
def test_tls_with_certificates_of_both_sides(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.load_verify_locations(cert)
    context.verify_mode = ssl.CERT_REQUIRED
    for name, value in (("CERT", cert), ("KEY", key), ("CAFILE", cert)):
        monkeypatch.setenv(f"PYTAK_TLS_CLIENT_{name}", str(value))
    with server(context) as (port, got):
        assert send(things(), f"tls://127.0.0.1:{port}") == ALL
    assert got == [written("cot", things())]


@pytest.mark.filterwarnings("ignore:ssl.OP_NO:DeprecationWarning")  # pytak sets options the old way
@pytest.mark.filterwarnings("ignore:ssl.OP_NO:DeprecationWarning")
def test_a_server_that_nobody_vouches_for_gets_nothing(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    monkeypatch.setenv("PYTAK_TLS_CLIENT_CERT", str(cert))
    monkeypatch.setenv("PYTAK_TLS_CLIENT_KEY", str(key))
    with server(context) as (port, got):  # noqa: SIM117 - the server is waited for after the refusal
        with pytest.raises(OutputError, match="verify"):
            send(things(), f"tls://127.0.0.1:{port}")
    assert got == []


def test_tls_without_a_certificate_is_refused() -> None:
    with pytest.raises(OutputError, match="PYTAK_TLS_CLIENT_CERT"):
        send(things(), "tls://127.0.0.1:1")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    with pytest.raises(OutputError, match="cannot be reached"):
        send(things(), f"tcp://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1",
        "tcp://",
        "tcp://host",
        "udp://[::1",
        "file:///etc/passwd:1",
        "log://stdout:1",
        "x",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(UsageError):
        send(things(), url)

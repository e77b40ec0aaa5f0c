"""Real connections: TCP, UDP, serial, files; faults of the other side; several feeds at once."""

import os
import pty
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.watching_feeds import has, picture, receiving, spooled, until
from watchkeeper.errors import FeedError
from watchkeeper.feeds import sockets
from watchkeeper.feeds.address import parse_all
from watchkeeper.feeds.follow import POSITION
from watchkeeper.feeds.framing import LINE_LIMIT
from watchkeeper.feeds.health import State
from watchkeeper.feeds.local import StandardInput
from watchkeeper.feeds.receiver import Keep, Receiver


class Peer:
    """A TCP server for one client after the other."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(20)
        self.port = self._socket.getsockname()[1]

    def accept(self) -> socket.socket:
        return self._socket.accept()[0]

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


def numbered(first: int, many: int) -> bytes:
    return b"".join(b"line %d\n" % n for n in range(first, first + many))


def test_tcp_is_connected_again_and_half_a_message_is_kept_as_it_is(tmp_path: Path, peer: Peer) -> None:
    with receiving(tmp_path, f"tcp://127.0.0.1:{peer.port}?name=rx") as receiver:
        with peer.accept() as one:
            one.sendall(b"one\nhal")
            has(tmp_path, "rx", 1)
        with peer.accept() as two:
            two.sendall(b"two\n")
            assert has(tmp_path, "rx", 3) == [b"one", b"hal", b"two"]
            until(lambda: picture(receiver, "rx").reconnects == 1)
            assert receiver.raw("rx", 2) == b"hal"
    assert receiver.raw("rx", 4) is None


def test_a_server_that_says_nothing_is_connected_and_not_live(tmp_path: Path, peer: Peer) -> None:
    now = [1_790_000_000_000]
    address = f"tcp://127.0.0.1:{peer.port}?name=rx"
    with receiving(tmp_path, address, clock=lambda: now[0]) as receiver, peer.accept():
        until(lambda: receiver._feeds["rx"].health._connected)
        now[0] += 120_000
        until(lambda: picture(receiver, "rx").state is State.SILENT)
    (change,) = receiver.transitions()
    assert (change.feed, change.before, change.after) == ("rx", State.STARTING, State.SILENT)
    assert "connected, but nothing came" in change.reason


def test_garbage_and_ten_megabytes_without_a_line_end(tmp_path: Path, peer: Peer) -> None:
    with receiving(tmp_path, f"tcp://127.0.0.1:{peer.port}?name=rx"), peer.accept() as one:
        one.sendall(bytes(range(256)) * 4 + b"\n" + b"A" * (10 << 20) + b"\nafter\n")
        lines = until(lambda: (found := spooled(tmp_path, "rx")) and found[-1] == b"after" and found)
    assert b"\n".join(lines[:-2]) == bytes(range(256)) * 4
    assert len(lines[-2]) == LINE_LIMIT + 1


def test_a_cut_in_the_middle_of_a_message_of_two_sentences(tmp_path: Path, peer: Peer) -> None:
    first = b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C\n"
    with receiving(tmp_path, f"tcp://127.0.0.1:{peer.port}?name=rx"):
        with peer.accept() as one:
            one.sendall(first + b"!AIVDM,2,2,1,A,888")
            has(tmp_path, "rx", 1)
            one.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
            )  # reset, no end
        with peer.accept() as two:
            two.sendall(b"!AIVDM,2,2,1,A,88888888880,2*25\n")
            lines = has(tmp_path, "rx", 3)
    assert [line.partition(b"!")[2] for line in lines] == [
        first[1:-1],
        b"AIVDM,2,2,1,A,888",
        b"AIVDM,2,2,1,A,88888888880,2*25",
    ]
    assert all(line.startswith(b"\\c:") for line in lines)


def test_a_server_takes_several_receivers_at_once(tmp_path: Path) -> None:
    port = free_port()
    with receiving(tmp_path, f"tcp-listen://127.0.0.1:{port}?name=rx"):
        until(lambda: reachable(port))
        with (
            socket.create_connection(("127.0.0.1", port)) as a,
            socket.create_connection(("127.0.0.1", port)) as b,
        ):
            a.sendall(b"from a, ")
            b.sendall(b"from b, ")
            time.sleep(0.1)
            b.sendall(b"whole\nand half")
            a.sendall(b"whole\n")
            has(tmp_path, "rx", 2)
        assert sorted(has(tmp_path, "rx", 3)) == [b"and half", b"from a, whole", b"from b, whole"]


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def reachable(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_udp_takes_each_datagram_as_lines(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_DGRAM)
    with receiving(tmp_path, f"udp://127.0.0.1:{port}?name=rx"), socket.socket(type=socket.SOCK_DGRAM) as out:

        def came() -> list[bytes]:
            out.sendto(b"one\ntwo", ("127.0.0.1", port))
            return spooled(tmp_path, "rx")

        lines = until(lambda: len(found := came()) >= 4 and found)
    assert set(lines[::2]) == {b"one"}
    assert set(lines[1::2]) == {b"two"}


def test_a_serial_line_is_read_and_may_go_away(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    name = os.ttyname(theirs)
    with receiving(tmp_path, f"serial://{name}?baud=9600&name=rx") as receiver:
        until(lambda: picture(receiver, "rx") and receiver._feeds["rx"].health._connected)
        os.write(ours, b"!AIVDM,1,1,,A,x,0*26\r\nsecond\r\n")
        lines = has(tmp_path, "rx", 2)
        os.close(ours)
        os.close(theirs)
        until(lambda: not receiver._feeds["rx"].health._connected)
    assert lines[0].endswith(b"!AIVDM,1,1,,A,x,0*26\r")
    assert lines[1] == b"second\r"


def test_a_file_is_followed_when_it_grows_is_rotated_cut_short_and_comes_back(tmp_path: Path) -> None:
    log = tmp_path / "rx.log"
    spools = tmp_path / "spools"
    with receiving(spools, f"file:{log}?name=rx"):
        time.sleep(0.1)
        log.write_bytes(b"one\ntw")
        has(spools, "rx", 1)
        with log.open("ab") as more:
            more.write(b"o\nthree\n")
        assert has(spools, "rx", 3) == [b"one", b"two", b"three"]
        with log.open("ab") as more:
            log.rename(tmp_path / "rx.log.1")
            more.write(b"last, after the renaming\nhalf")
        time.sleep(0.3)
        log.write_bytes(b"new\n")
        assert has(spools, "rx", 6)[3:] == [b"last, after the renaming", b"half", b"new"]
        log.write_bytes(b"")
        time.sleep(0.5)
        with log.open("ab") as more:
            more.write(b"cut\n")
        assert has(spools, "rx", 7)[6:] == [b"cut"]


def test_a_file_is_gone_on_with_where_the_spool_ends(tmp_path: Path) -> None:
    log, spools = tmp_path / "rx.log", tmp_path / "spools"
    log.write_bytes(numbered(1, 1_000))
    with receiving(spools, f"file:{log}?name=rx"):
        has(spools, "rx", 1_000)
    place = (spools / "rx" / POSITION).read_bytes()
    with log.open("ab") as more:
        more.write(numbered(1_001, 500))
    with receiving(spools, f"{log}?name=rx"):
        has(spools, "rx", 1_500)
    (spools / "rx" / POSITION).write_bytes(place)  # as a kill leaves it: the spool is ahead of the place
    log.rename(tmp_path / "rx.log.1")
    log.write_bytes(numbered(1_501, 10))
    with receiving(spools, f"file:{log}?name=rx"):
        lines = has(spools, "rx", 1_510)
    assert lines == numbered(1, 1_510).split(b"\n")[:-1]


def test_a_file_that_is_not_followed_ends(tmp_path: Path) -> None:
    log = tmp_path / "rx.log"
    log.write_bytes(b"one\ntwo, without an end")
    with receiving(tmp_path / "s", f"file:{log}?follow=no&name=rx") as receiver:
        until(receiver.ended)
        assert spooled(tmp_path / "s", "rx") == [b"one", b"two, without an end"]
    with receiving(tmp_path / "s", f"file:{log}?follow=no&name=rx") as receiver:
        until(receiver.ended)
    assert len(spooled(tmp_path / "s", "rx")) == 2


def test_standard_input_is_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, into = os.pipe()
    monkeypatch.setattr(StandardInput.__init__, "__defaults__", (out,))
    with receiving(tmp_path, "-") as receiver:
        os.write(into, numbered(1, 3) + b"rest")
        has(tmp_path, "stdin", 3)
        os.close(into)
        until(receiver.ended)
    assert spooled(tmp_path, "stdin")[-1] == b"rest"
    os.close(out)


def test_one_feed_that_fails_stops_alone(tmp_path: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: sockets.Udp, connected: object) -> object:
        raise ZeroDivisionError("nobody thought of this")
        yield

    monkeypatch.setattr(sockets.Udp, "pieces", broken)
    addresses = ("udp://127.0.0.1:9?name=bad", f"tcp://127.0.0.1:{peer.port}?name=good")
    with receiving(tmp_path, *addresses) as receiver, peer.accept() as one:
        one.sendall(b"still here\n")
        assert has(tmp_path, "good", 1) == [b"still here"]
        until(lambda: picture(receiver, "bad").state is State.DOWN)
        assert "ZeroDivisionError: nobody thought of this" in picture(receiver, "bad").reason
        until(lambda: picture(receiver, "good").state is State.LIVE)
    assert {c.feed: c.after for c in receiver.transitions()} == {"bad": State.DOWN, "good": State.LIVE}


def test_nobody_there_is_down_and_the_first_feed_stays_open_for_others(tmp_path: Path) -> None:
    now = [1_790_000_000_000]
    port = free_port()
    with receiving(tmp_path, f"tcp://127.0.0.1:{port}?name=rx", clock=lambda: now[0]) as receiver:
        until(lambda: receiver._feeds["rx"].health._why)
        now[0] += 11_000
        until(lambda: picture(receiver, "rx").state is State.DOWN)
        assert f"127.0.0.1:{port}" in picture(receiver, "rx").reason
        with pytest.raises(FeedError, match="Another process writes"):
            Receiver(tmp_path, parse_all([f"tcp://127.0.0.1:{port}?name=rx"]))
    Receiver(tmp_path, parse_all([f"tcp://127.0.0.1:{port}?name=rx"])).stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid():
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_makes_the_other_side_wait_and_loses_nothing(small_disk: Path, peer: Peer) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(250_000))
    content = numbered(1, 20_000)
    with (
        receiving(small_disk / "s", f"tcp://127.0.0.1:{peer.port}?name=rx") as receiver,
        peer.accept() as one,
    ):
        sender = threading.Thread(target=one.sendall, args=(content,))
        sender.start()
        until(lambda: picture(receiver, "rx").state is State.DEGRADED)
        assert "takes no more" in picture(receiver, "rx").reason
        before = len(spooled(small_disk / "s", "rx"))
        assert 0 < before < 20_000
        ballast.unlink()
        assert has(small_disk / "s", "rx", 20_000) == content.split(b"\n")[:-1]
        sender.join()


def test_old_files_are_pressed_and_removed_when_nobody_needs_them(tmp_path: Path, peer: Peer) -> None:
    now = [round(time.time() * 1000)]
    keep = Keep(sync_ms=20, file_bytes=1_000, bytes=3_000)
    address = f"tcp://127.0.0.1:{peer.port}?name=rx"
    with receiving(tmp_path, address, keep=keep, clock=lambda: now[0]) as receiver, peer.accept() as one:
        for k in range(8):
            one.sendall(numbered(200 * k + 1, 200))
            has(tmp_path, "rx", 200 * (k + 1))
        now[0] += 10_000
        until(lambda: len(list((tmp_path / "rx").glob("*.zst"))) == 7, "pressing")
        assert len(spooled(tmp_path, "rx")) == 1_600, "all is still there: nobody said that it is not needed"
        receiver.release("rx", 1_500)
        now[0] += 10_000
        until(lambda: receiver.raw("rx", 1) is None, "removing")
        assert receiver.raw("rx", 1_500) == b"line 1500"


def test_what_two_receivers_both_heard_is_counted(tmp_path: Path, peer: Peer) -> None:
    now = [1_790_000_000_000 // 16_000 * 16_000]
    other = Peer()
    addresses = [f"tcp://127.0.0.1:{p.port}?name={n}" for p, n in ((peer, "a"), (other, "b"))]
    with (
        receiving(tmp_path, *addresses, clock=lambda: now[0]) as receiver,
        peer.accept() as a,
        other.accept() as b,
    ):
        a.sendall(b"".join(b"!AIVDM,1,1,,A,1%d,0*00\n" % n for n in range(10)))
        has(tmp_path, "a", 10)
        b.sendall(b"".join(b"!AIVDM,1,1,,B,1%d,0*00\n" % n for n in range(5, 15)))
        has(tmp_path, "b", 10)
        until(lambda: picture(receiver, "b").duplicates == 0.5)
        assert picture(receiver, "a").duplicates == 0.0
    other.close()

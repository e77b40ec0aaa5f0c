"""A real MQTT broker (Debian's mosquitto), and Kafka by the cluster that librdkafka brings along."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from confluent_kafka import Producer

from feeds.watching_feeds import has, picture, receiving, spooled, until
from watchkeeper.feeds.health import State

MOSQUITTO = "/usr/sbin/mosquitto"


class Broker:
    """A mosquitto of our own: MQTT on one port, MQTT over WebSockets on another."""

    def __init__(self, folder: Path, *, password: str = "") -> None:
        assert Path(MOSQUITTO).exists(), "run scripts/need_brokers.sh"
        self.port, self.ws_port = free_port(), free_port()
        rules = ["allow_anonymous true"]
        if password:
            file = folder / "passwords"
            subprocess.run([shutil.which("mosquitto_passwd"), "-b", "-c", file, "rx", password], check=True)
            file.chmod(0o644)
            rules = ["allow_anonymous false", f"password_file {file}"]
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            "\n".join(
                [
                    "per_listener_settings false", "user root", *rules,
                    f"listener {self.port} 127.0.0.1", f"listener {self.ws_port} 127.0.0.1", "protocol websockets", "",
                ]
            )
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(lambda: listens(self.port), "the broker")

    def publish(self, topic: str, *payloads: bytes) -> None:
        client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        for payload in payloads:
            client.publish(topic, payload, qos=1).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    yield broker
    broker.stop()


def test_mqtt_topics_json_and_sentences_and_a_broker_that_goes_and_comes(
    tmp_path: Path, broker: Broker
) -> None:
    address = f"mqtt://127.0.0.1:{broker.port}/ais/%23?name=m&qos=1"
    with receiving(tmp_path / "s", address) as receiver:
        until(lambda: receiver._feeds["m"].health._connected)
        broker.publish("ais/one", b'{"mmsi": 1}', b"!AIVDM,1,1,,A,x,0*26", b"\xff\x00 noise", b"")
        lines = has(tmp_path / "s", "m", 4)
        broker.stop()
        until(lambda: not receiver._feeds["m"].health._connected)
        broker.start()
        until(lambda: receiver._feeds["m"].health._connected)
        broker.publish("ais/two", b'{"mmsi": 2}')
        assert json.loads(has(tmp_path / "s", "m", 5)[4])["topic"] == "ais/two"
    first = json.loads(lines[0])
    assert (first["topic"], first["mmsi"]) == ("ais/one", 1)
    assert lines[1].startswith(b"\\c:")
    assert lines[1].endswith(b"!AIVDM,1,1,,A,x,0*26")
    assert lines[2] == b"\xff\x00 noise"
    assert json.loads(lines[3])["topic"] == "ais/one"


def test_digitraffic_speaks_mqtt_over_a_websocket(
    tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watchkeeper.feeds import mqtt

    def here(address: Any, credentials: Any, clock: Any) -> mqtt.Mqtt:
        return mqtt.Mqtt(
            "127.0.0.1", broker.ws_port, mqtt.DIGITRAFFIC_TOPIC, clock, path=mqtt.DIGITRAFFIC_PATH
        )

    monkeypatch.setattr(mqtt, "from_address", here)
    with receiving(tmp_path / "s", "digitraffic://") as receiver:
        until(lambda: receiver._feeds["digitraffic"].health._connected)
        broker.publish("vessels-v2/230123000/location", b'{"time":1790000000,"lon":20.3,"lat":60.0}')
        (line,) = has(tmp_path / "s", "digitraffic", 1)
        assert json.loads(line)["topic"] == "vessels-v2/230123000/location"
        until(lambda: picture(receiver, "digitraffic").clock_ms is not None)


def test_a_broker_with_passwords(tmp_path: Path) -> None:
    broker = Broker(tmp_path, password="right")
    address = f"mqtt://127.0.0.1:{broker.port}/t?name=m"
    try:
        wrong = {"WATCHKEEPER_M_USER": "rx", "WATCHKEEPER_M_PASSWORD": "wrong"}
        with receiving(tmp_path / "s", address, environment=wrong) as receiver:
            until(lambda: picture(receiver, "m").state is State.DOWN)
            assert "uthori" in picture(receiver, "m").reason
            assert "wrong" not in picture(receiver, "m").reason
        right = {**wrong, "WATCHKEEPER_M_PASSWORD": "right"}
        with receiving(tmp_path / "s", address, environment=right) as receiver:
            until(lambda: receiver._feeds["m"].health._connected)
    finally:
        broker.stop()


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Producer]]:
    """A cluster of librdkafka's own, with its brokers listening on loopback, and a producer to it.

    It does not hear when a worker leaves, only that it is not heard any more: so that is made short.
    """
    monkeypatch.setattr("watchkeeper.feeds.kafka.SESSION_MS", 6_000)
    producer = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 3, "log_level": 0})
    metadata = producer.list_topics("ais", timeout=10)
    servers = ",".join(f"{b.host}:{b.port}" for b in metadata.brokers.values())
    yield servers.split(",")[0], producer
    producer.flush(5)


def send(producer: Producer, first: int, many: int) -> None:
    for n in range(first, first + many):
        mmsi = 230_000_000 + n % 50
        producer.produce("ais", key=str(mmsi), value=json.dumps({"mmsi": mmsi, "n": n}))
    assert producer.flush(20) == 0


def numbers(*spools: list[bytes]) -> list[int]:
    return sorted(json.loads(line)["n"] for lines in spools for line in lines)


def test_two_workers_share_a_topic_and_a_ship_is_with_one_of_them(
    tmp_path: Path, kafka: tuple[str, Producer]
) -> None:
    server, producer = kafka
    address = f"kafka://{server}/ais?group=watch&name=k"
    with receiving(tmp_path / "a", address) as a, receiving(tmp_path / "b", address) as b:
        until(lambda: a._feeds["k"].health._connected and b._feeds["k"].health._connected, "both", 60)

        def both() -> bool:
            send(producer, 0, 200)
            return bool(spooled(tmp_path / "a", "k")) and bool(spooled(tmp_path / "b", "k"))

        until(both, "a share for each", 60)
        settled = max(len(spooled(tmp_path / w, "k")) for w in "ab")
        assert settled
        send(producer, 1_000, 2_000)
        until(
            lambda: (
                {n for n in numbers(spooled(tmp_path / "a", "k"), spooled(tmp_path / "b", "k")) if n >= 1_000}
                == set(range(1_000, 3_000))
            ),
            "all",
            60,
        )
    ships = [
        {json.loads(line)["mmsi"] for line in spooled(tmp_path / w, "k") if json.loads(line)["n"] >= 1_000}
        for w in "ab"
    ]
    assert ships[0]
    assert ships[1]
    assert not ships[0] & ships[1]


def test_what_was_acknowledged_is_in_the_spool(tmp_path: Path, kafka: tuple[str, Producer]) -> None:
    server, producer = kafka
    send(producer, 0, 500)
    address = f"kafka://{server}/ais?group=one&name=k"
    with receiving(tmp_path, address) as receiver:
        until(lambda: len(spooled(tmp_path, "k")) >= 500, "all", 60)
        until(lambda: picture(receiver, "k").state is State.LIVE)
    send(producer, 500, 10)
    with receiving(tmp_path, address):
        until(lambda: len(spooled(tmp_path, "k")) >= 510, "the rest", 60)
    assert numbers(spooled(tmp_path, "k")) == list(range(510)), "gone on behind what was acknowledged"

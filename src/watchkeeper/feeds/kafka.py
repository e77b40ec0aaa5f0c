"""Kafka: a topic shared among the workers of a group. What was read is acknowledged when it is on the disk.

A worker that is killed between the two reads some messages again: they are twice in the spool, with the same time
and content, and the engine uses them once. Producers key messages by MMSI, so that one worker has all of a ship.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from watchkeeper.errors import FeedError
from watchkeeper.feeds.address import Address
from watchkeeper.feeds.transport import Clock, ConnectionLostError, Piece, RefusedError

GROUP: Final = "watchkeeper"
SESSION_MS: Final = 10_000
"""After so long without a word a worker counts as gone, and its share goes to the others."""
_POLL_S: Final = 0.2
_MOST: Final = 1_000
_REFUSALS: Final = frozenset({
    KafkaError._AUTHENTICATION, KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.SASL_AUTHENTICATION_FAILED,
})  # fmt: skip

Offsets = dict[tuple[str, int], int]
"""The next offset of each topic and partition."""


class Kafka:
    """Reads a topic as one worker of a group.

    Args:
        servers: ``host:port``.
        topic: its name.
        group: of the workers that share it.
        clock: the present [ms UTC].
        start: ``earliest`` or ``latest``: where a group begins that is new.
        settings: more settings of librdkafka.
    """

    def __init__(
        self,
        servers: str,
        topic: str,
        group: str,
        clock: Clock,
        *,
        start: str = "earliest",
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.servers, self.topic, self._clock = servers, topic, clock
        self.ended, self.dropped = False, 0
        self._settings = {
            "bootstrap.servers": servers, "group.id": group, "auto.offset.reset": start,
            "enable.auto.commit": False, "enable.auto.offset.store": False, "session.timeout.ms": SESSION_MS,
            "partition.assignment.strategy": "cooperative-sticky", "queued.max.messages.kbytes": 16_384,
            "log_level": 0, **(settings or {}),
        }  # fmt: skip
        self._consumer: Consumer | None = None
        self._fault: KafkaError | None = None

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        self._fault = None
        consumer = Consumer({**self._settings, "error_cb": self._note})
        stands = False

        def assigned(_consumer: Consumer, _partitions: list[TopicPartition]) -> None:
            nonlocal stands
            stands = True

        self._consumer = consumer
        told = False
        offsets: Offsets = {}
        try:
            consumer.subscribe([self.topic], on_assign=assigned)
            while True:
                messages = await _in_thread(consumer.consume, _MOST, _POLL_S)
                self._refuse()
                if stands and not told:
                    told = True
                    connected()
                heard = self._clock()
                for message in messages:
                    self._check(message.error())
                    offset = message.offset()
                    topic, partition = message.topic(), message.partition()
                    if offset is None or topic is None or partition is None:
                        continue
                    offsets[(topic, partition)] = offset + 1
                    yield Piece(_value(message.value()), heard, whole=True, mark=dict(offsets))
        except KafkaException as error:
            raise self._lost(error.args[0]) from error
        finally:
            self._consumer = None
            consumer.close()

    async def kept(self, mark: Offsets, next_line: int) -> None:
        """Acknowledge what is on the disk. What cannot be acknowledged now is read again after a restart."""
        consumer = self._consumer
        if consumer is None:
            return
        places = [TopicPartition(topic, partition, offset) for (topic, partition), offset in mark.items()]
        try:
            await asyncio.to_thread(consumer.commit, offsets=places, asynchronous=False)
        except KafkaException as error:
            self._fault = self._fault or error.args[0]

    def _note(self, error: KafkaError) -> None:
        """Called by librdkafka."""
        if error.code() in _REFUSALS or error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._fault = error

    def _refuse(self) -> None:
        if self._fault is not None:
            raise self._lost(self._fault)

    def _check(self, error: KafkaError | None) -> None:
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise self._lost(error)

    def _lost(self, error: KafkaError) -> FeedError:
        kind = RefusedError if error.code() in _REFUSALS else ConnectionLostError
        return kind(f"Kafka at {self.servers}: {error.str()}.", "Check the broker, the topic and the rights.")


def from_address(address: Address, credentials: tuple[str, str] | None, clock: Clock) -> Kafka:
    """The transport of ``kafka://broker:9092/topic?group=...``.

    Raises:
        FeedError: no topic, or another place to start.
    """
    topic, start = address.path.strip("/"), address.options.get("start", "earliest")
    if not topic:
        raise FeedError(f"The feed {address.name} names no topic.", "Write it as kafka://broker:9092/topic.")
    if start not in ("earliest", "latest"):
        raise FeedError(f"The feed {address.name} has start={start}.", "Use earliest or latest.")
    settings: dict[str, Any] = {}
    if credentials is not None:
        user, password = credentials
        settings = {
            "security.protocol": "SASL_SSL", "sasl.mechanisms": "SCRAM-SHA-512",
            "sasl.username": user, "sasl.password": password,
        }  # fmt: skip
    group = address.options.get("group", GROUP)
    return Kafka(f"{address.host}:{address.port}", topic, group, clock, start=start, settings=settings)


async def _in_thread(work: Callable[..., list[Message]], *arguments: Any) -> list[Message]:
    """Work in a thread, waited for even where we are cancelled: nobody may close the consumer meanwhile."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _value(value: str | bytes | None) -> bytes:
    if value is None:
        return b""
    return value.encode() if isinstance(value, str) else value

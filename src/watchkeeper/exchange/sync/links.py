"""How far a peer is pulled from or pushed to, what was counted on the way, and how it ended the last time."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.exchange.sync.accounts import checksum_of
from watchkeeper.exchange.sync.peers import Direction
from watchkeeper.exchange.sync.provenance import Came
from watchkeeper.exchange.sync.tables import links
from watchkeeper.store.decisions.engines import reading, writing

_L: Final = links.c


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted. ``expected``: what the other side says there was; ``received``: what came of it, or was sent.

    ``new`` was taken; ``there`` was known; ``replaced`` took the place of other content; ``fuller`` lacked parts of
    what was known; ``echoes`` were not sent back to where they came from; ``loops`` had been here; ``missing`` did not
    come although it was expected. ``refused`` and ``withheld`` by rule. ``checksum`` as in an account, of all that was
    received.
    """

    expected: int = 0
    received: int = 0
    new: int = 0
    there: int = 0
    replaced: int = 0
    fuller: int = 0
    conflicts: int = 0
    loops: int = 0
    echoes: int = 0
    missing: int = 0
    refused: dict[str, int] = {}
    withheld: dict[str, int] = {}
    checksum: str = "0"

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        made: dict[str, Any] = {}
        for name in self.__struct_fields__:
            ours, theirs = getattr(self, name), getattr(other, name)
            if isinstance(ours, dict):
                made[name] = dict(sorted((Counter(ours) + Counter(theirs)).items()))
            elif name != "checksum":
                made[name] = ours + theirs
        return Counts(**made, checksum=f"{(int(self.checksum, 16) + int(other.checksum, 16)) % (1 << 256):x}")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A peer and a direction.

    ``after`` and ``next`` are where a pull goes on; ``last`` is the last moment of adding that was seen; ``began`` is
    where the last run began; ``jumped``: some of what the peer has could not be reached in it. ``seq`` is where a push
    goes on, ``taken_in`` how much of the collection the store knows. ``of`` says between which collections it is;
    ``node`` and ``rights`` are what the peer said last. ``error`` is how
    the last run ended, empty where it ended well. Times are ms UTC.
    """

    after: str | None = None
    next: str | None = None
    last: str | None = None
    began: str | None = None
    under_way: bool = False
    jumped: bool = False
    seq: int = 0
    taken_in: int = 0
    node: str = ""
    rights: str = ""
    of: str = ""
    run: Counts = Counts()
    total: Counts = Counts()
    run_at: int | None = None
    well_at: int | None = None
    error: str = ""


class Links:
    """The links of a database whose tables are there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def one(self, peer: str, direction: Direction) -> Link:
        """How far it is; at the beginning where nothing is known."""
        asked = sa.select(_L.said).where(_L.peer == peer, _L.direction == direction)
        with reading(self._engine) as connection:
            said = connection.execute(asked).scalar()
        return Link() if said is None else msgspec.json.decode(said, type=Link)

    def set(self, peer: str, direction: Direction, link: Link) -> None:
        """How far it is now."""
        with writing(self._engine) as connection:
            write(connection, peer, direction, link)

    def forget(self, peer: str) -> None:
        """Nothing is known of a peer any more."""
        with writing(self._engine) as connection:
            connection.execute(links.delete().where(_L.peer == peer))


def write(connection: Connection, peer: str, direction: Direction, link: Link) -> None:
    """How far it is now, within a transaction."""
    said = msgspec.json.encode(link).decode()
    here = (_L.peer == peer) & (_L.direction == direction)
    if connection.execute(links.update().where(here).values(said=said)).rowcount == 0:
        connection.execute(links.insert().values(peer=peer, direction=direction, said=said))


def counts_of(came: Iterable[Came], raws: Iterable[bytes], expected: int) -> Counts:
    """What became of a page."""
    came = list(came)
    outcomes = Counter(one.outcome for one in came)
    rules = Counter(one.says.partition(":")[0] for one in came if one.outcome == "refused")
    return Counts(
        expected=expected,
        received=len(came),
        new=outcomes["new"],
        there=outcomes["there"],
        replaced=outcomes["replaced"],
        fuller=outcomes["fuller"],
        conflicts=outcomes["conflict"],
        loops=outcomes["loop"],
        refused=dict(sorted(rules.items())),
        checksum=checksum_of(raws),
    )

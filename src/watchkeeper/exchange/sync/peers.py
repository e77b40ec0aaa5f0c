"""Peers: the hubs with which this one exchanges, as they are configured or were added by command.

::

    [[exchange.peers]]
    name = "alliance"
    url = "https://hub.alliance.example/taxii2/hub/"
    organisation = "Alliance"
    theirs = "releases"
    ours = "alliance"
    secret_env = "WATCHKEEPER_ALLIANCE_KEY"
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlalchemy.engine import Engine

from watchkeeper.errors import ConfigError, UsageError
from watchkeeper.exchange.hub.words import Name, Word
from watchkeeper.exchange.sync.tables import peers
from watchkeeper.store.decisions.engines import reading, writing

Direction = Literal["pull", "push"]
_WHERE: Final = "[[exchange.peers]]"


class Peer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hub, and what is exchanged with it.

    ``url`` is an API root, or the discovery of a server with one root. ``organisation`` is whose hub it is: it is said
    to have posted what is pulled, and is the recipient of what is pushed. ``theirs`` and ``ours`` name the collections
    (id or alias; theirs also by its title). ``secret_env`` names the environment variable with the password of
    ``user``, or with a key where there is no user. ``every`` and ``overlap`` are durations; ``overlap`` is read again
    each time from servers whose times of adding cannot be relied on. ``take_in``: findings, cases and indicators that
    are pulled are made known to the store. ``ca`` is a file with the certificate authority of a private network.
    """

    name: Word
    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    organisation: Name
    theirs: Name
    ours: Name
    direction: Literal["pull", "push", "both"] = "pull"
    user: Name | None = None
    secret_env: Annotated[str, Meta(pattern="^[A-Za-z_][A-Za-z0-9_]{0,99}$")] | None = None
    every: str = "5 min"
    overlap: str = "60 s"
    insecure: bool = False
    ca: str | None = None
    take_in: bool = True

    @property
    def directions(self) -> tuple[Direction, ...]:
        """What is done, in order: who pulls first pushes back less."""
        return ("pull", "push") if self.direction == "both" else (self.direction,)


class Peers:
    """The peers of a database whose tables are there, and those that are configured; the latter go before.

    Args:
        configured: those of the configuration, which commands do not change.
    """

    def __init__(self, engine: Engine, configured: Sequence[Peer] = ()) -> None:
        self._engine = engine
        self._configured = {peer.name: peer for peer in configured}

    def all(self) -> list[Peer]:
        """All of them in order of name."""
        with reading(self._engine) as connection:
            said = connection.execute(sa.select(peers.c.said)).scalars().all()
        added = {peer.name: peer for peer in (msgspec.json.decode(one, type=Peer) for one in said)}
        return [peer for _, peer in sorted((added | self._configured).items())]

    def named(self, names: Sequence[str]) -> list[Peer]:
        """Some of them; all where no name is given.

        Raises:
            UsageError: there is none of that name.
        """
        known = {peer.name: peer for peer in self.all()}
        for name in names:
            if name not in known:
                raise UsageError(f"There is no peer {name[:70]!r}.", _near(name, list(known)))
        return [known[name] for name in names] if names else list(known.values())

    def add(self, peer: Peer) -> None:
        """Add one.

        Raises:
            UsageError: there is one of that name.
        """
        if any(one.name == peer.name for one in self.all()):
            raise UsageError(
                f"There is a peer {peer.name} already.", "Remove it first, or choose another name."
            )
        with writing(self._engine) as connection:
            row = {"name": peer.name, "said": msgspec.json.encode(peer).decode()}
            connection.execute(peers.insert().values(row))

    def remove(self, name: str) -> None:
        """Remove one that was added; what was exchanged stays.

        Raises:
            UsageError: there is none, or it is configured.
        """
        self.named([name])
        if name in self._configured:
            raise UsageError(f"{name} stands in the configuration.", f"Take it out of {_WHERE}.")
        with writing(self._engine) as connection:
            connection.execute(peers.delete().where(peers.c.name == name))


def peers_of(table: Mapping[str, Any]) -> tuple[Peer, ...]:
    """The peers in the table ``[exchange]``.

    Raises:
        ConfigError: a key that is not known, something missing, a value that does not fit, or a name that stands twice.
    """
    found = table.get("peers", [])
    if not (isinstance(found, list) and all(isinstance(each, dict) for each in found)):
        raise ConfigError("exchange.peers is no list of tables.", f"Write {_WHERE}.")
    made = tuple(_peer(each) for each in found)
    names = [peer.name for peer in made]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"{_WHERE}: {twice[0]} stands there twice.", "Give each peer its own name.")
    return made


def _peer(table: Mapping[str, Any]) -> Peer:
    for key in table:
        if key not in Peer.__struct_fields__:
            raise ConfigError(
                f"{_WHERE}: there is no setting {key}.", _near(key, list(Peer.__struct_fields__))
            )
    try:
        return msgspec.convert(dict(table), Peer)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{_WHERE}: {error}.", "See how to connect nodes.") from error


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    return f"Did you mean {near[0]}?" if near else f"There are {', '.join(known) or 'none'}."

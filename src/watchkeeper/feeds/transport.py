"""What every transport gives: pieces of what came, and when each was heard."""

from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple, Protocol

from watchkeeper.errors import FeedError

Clock = Callable[[], int]
"""The present [ms UTC]."""


class Piece(NamedTuple):
    """What came at once.

    ``whole``: it is one message, else a part of a stream that lines may reach across. ``mark``: what the transport
    gets back when this is on the disk (an offset to acknowledge), or None. ``ends``: a stream ended here, and
    another begins (a file that was rotated, a peer that left).
    """

    data: bytes
    heard: int
    whole: bool = False
    topic: str = ""
    mark: Any = None
    ends: bool = False
    stream: int = 0


class ConnectionLostError(FeedError):
    """The connection ended or could not be made: it is tried again."""


class RefusedError(FeedError):
    """The other side will not have us (a wrong key): trying again soon does not help."""


class Transport(Protocol):
    """One way in which a feed comes.

    ``ended`` is set where there will never be more (standard input is at its end). ``dropped`` counts what
    could not be taken fast enough.
    """

    ended: bool
    dropped: int

    def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """One connection, from its making to its end. ``connected`` is called when it stands.

        Raises:
            ConnectionLostError: it ended, or could not be made.
            RefusedError: the other side will not have us.
        """
        ...

    async def kept(self, mark: Any, next_line: int) -> None:
        """Everything up to this mark is on the disk, as the lines before ``next_line`` of the spool."""
        ...

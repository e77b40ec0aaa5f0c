"""The release gate for many things and one recipient: decides once for things with the same marking."""

from typing import Final

from watchkeeper.exchange.release import Decision, Item, decide
from watchkeeper.model.marking import Marking, Part, Purpose, Recipient

_KEPT_AT_MOST: Final = 10_000

_Key = tuple[Marking, tuple[Part, ...], str | None]


class Gate:
    """Decides as :func:`decide` does, for one recipient, purpose and way; remembers what it decided while it holds.

    Time changes a decision only where something expires or the recipient is revoked.
    """

    def __init__(self, recipient: Recipient, purpose: Purpose, *, named: bool = False) -> None:
        self._recipient = recipient
        self._purpose = purpose
        self._named = named
        self._known: dict[_Key, tuple[int | None, int | None, Decision]] = {}

    def decide(self, item: Item, at: int, *, by: str | None = None) -> Decision:
        """As :func:`decide`."""
        key = (item.marking, item.parts, by)
        known = self._known.get(key)
        if known is not None:
            since, until, decision = known
            if (since is None or since <= at) and (until is None or at < until):
                return decision
        decision = decide(item, self._recipient, self._purpose, at, named=self._named, by=by)
        if len(self._known) >= _KEPT_AT_MOST:
            self._known.clear()
        self._known[key] = (*self._holds(item, at), decision)
        return decision

    def _holds(self, item: Item, at: int) -> tuple[int | None, int | None]:
        """Since when and until when a decision of this time holds [ms UTC]."""
        ends = [self._recipient.revoked_at, item.marking.expires, *(p.marking.expires for p in item.parts)]
        turns = [end for end in ends if end is not None]
        return (
            max((turn for turn in turns if turn <= at), default=None),
            min((turn for turn in turns if turn > at), default=None),
        )

"""What sharing, retraction and the ledger open: the hub of a store with what it carries, and the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from watchkeeper.cli import desk
from watchkeeper.errors import UsageError

if TYPE_CHECKING:
    from watchkeeper.exchange.hub.carried import Carriage
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.exchange.ledger import Ledger
    from watchkeeper.store.decisions import DecisionLog
    from watchkeeper.store.folder import Store

_LEAST: Final = 8


class Open(NamedTuple):
    """An open hub; what was pulled is in the log."""

    store: "Store"
    hub: "Hub"
    carriage: "Carriage"
    ledger: "Ledger"

    @property
    def decisions(self) -> "DecisionLog":
        """The log."""
        return self.store.decisions

    def object(self, text: str) -> str:
        """The id of the one object that is named so, or whose id or UUID begins so.

        Raises:
            UsageError: there is none, or several.
        """
        if self.carriage.versions(text) or self.ledger.holders(text):
            return text
        found = self.carriage.beginning(text) if len(text) >= _LEAST else []
        if len(found) == 1:
            return found[0]
        raise UsageError(
            f"{text[:100]!r} names {'more than one object' if found else 'no object'} of the hub.",
            f"Such as {', '.join(found)}." if found else f"Give its id, or {_LEAST} signs of it or more.",
        )


@contextmanager
def opened(store: Path) -> Iterator[Open]:
    """The hub of a store, to decide in."""
    from watchkeeper.api.access.desk import Desk as Users
    from watchkeeper.exchange.hub.carried import Carriage
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.exchange.ledger import Ledger
    from watchkeeper.store.folder import Store

    with Store.open(store, write=False, decide=True, projectors=desk.projectors()) as held:
        Users(held.engine)  # organisations are kept there
        hub, carriage = Hub(held.engine, held.decisions), Carriage(held.engine)
        hub.pulls.flush()
        yield Open(held, hub, carriage, Ledger(hub, carriage, held.decisions))

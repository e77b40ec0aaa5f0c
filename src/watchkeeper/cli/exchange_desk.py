"""What the commands of the exchange share: the hub and its users, and what was said of a thing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from watchkeeper.cli import desk
from watchkeeper.errors import UsageError

if TYPE_CHECKING:
    from watchkeeper.api.access.desk import Desk
    from watchkeeper.exchange.hub.hub import Hub

_PAGE: Final = 500


@contextmanager
def opened(store: Path) -> "Iterator[tuple[Hub, Desk]]":
    """The hub of a store and its users, to decide in."""
    from watchkeeper.api.access.desk import Desk
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.store.folder import Store

    with Store.open(store, write=False, decide=True, projectors=desk.projectors()) as held:
        yield Hub(held.engine, held.decisions), Desk(held.engine)


def organisation_id(held: "Desk", name: str) -> str:
    """The id of an organisation.

    Raises:
        UsageError: there is none of that name.
    """
    for one in held.users.organisations("", _PAGE):
        if one.name == name:
            return one.id
    raise UsageError(f"There is no organisation {name}.", "See: watchkeeper exchange org list")


def names_of(held: "Desk") -> list[str]:
    """All organisations."""
    return [one.name for one in held.users.organisations("", _PAGE)]


def given(**values: Any) -> dict[str, Any]:
    """What was said, without what was not."""
    return {name: value for name, value in values.items() if value is not None}


def converted(said: dict[str, Any], kind: Any) -> Any:
    """What was said, as a struct.

    Raises:
        UsageError: it does not fit.
    """
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"{error}.", "See --help for what can be said.") from error

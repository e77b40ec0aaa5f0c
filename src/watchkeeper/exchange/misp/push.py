"""Events to a MISP server, over its REST interface: added, or edited where the server has them.

An event for named recipients is sent under the server's sharing group of the same name or UUID. Where it has none, the
event goes with distribution *your organisation only*, and that is said: nothing is ever sent wider for want of a group.

Source: MISP OpenAPI (``servers/getVersion``, ``sharing_groups``, ``events/view``, ``events/add``, ``events/edit``).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, Protocol

import msgspec

from watchkeeper.errors import InputError, OutputError
from watchkeeper.exchange.misp.events import as_json, events
from watchkeeper.exchange.misp.marks import NOBODY_ELSE, SHARING_GROUP
from watchkeeper.exchange.things import Things
from watchkeeper.exchange.untrusted import read_json

_REFUSED: Final = (401, 403)
_SAID: Final = 200


class Ask(Protocol):
    """One request to a server: its status and body. Where it may go, and with which key, is whoever's that made it."""

    def __call__(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Ask for a path below the server's address."""
        ...


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an event; ``note`` says what is to be done about it."""

    uuid: str
    info: str
    outcome: Literal["added", "edited"]
    distribution: int
    sharing_group: str = ""
    note: str = ""


def push(things: Things, ask: Ask) -> Iterator[Pushed]:
    """Send all events of the things, one after the other.

    Raises:
        OutputError: no MISP, the key is not accepted, or the server refuses an event.
    """
    _version(ask)
    groups = _groups(ask)
    for made in events(things):
        event: dict[str, Any] = msgspec.json.decode(as_json(made))["Event"]
        note = _addressed(event, groups)
        there, _ = ask("GET", f"/events/view/{made.uuid}")
        outcome: Literal["added", "edited"] = "edited" if there == 200 else "added"
        path = f"/events/edit/{made.uuid}" if outcome == "edited" else "/events/add"
        status, said = ask("POST", path, msgspec.json.encode({"Event": event}))
        if not 200 <= status < 300:
            raise _refused(status, said, f"event {made.uuid}")
        yield Pushed(
            uuid=str(made.uuid),
            info=str(event["info"]),
            outcome=outcome,
            distribution=int(event["distribution"]),
            sharing_group=str(event.get("sharing_group_id", "")),
            note=note,
        )


def _version(ask: Ask) -> str:
    """That of the server, by which it is known to be one."""
    status, said = ask("GET", "/servers/getVersion")
    if status != 200:
        raise _refused(status, said, "its version")
    version = _json(said, "version")
    if not isinstance(version, dict) or not isinstance(version.get("version"), str):
        raise OutputError("The server does not answer as MISP does.", "Check the address.")
    return str(version["version"])


def _groups(ask: Ask) -> list[Mapping[str, Any]]:
    """The sharing groups that the key may use."""
    status, said = ask("GET", "/sharing_groups/index")
    if status != 200:
        raise _refused(status, said, "its sharing groups")
    listed = _json(said, "sharing groups")
    listed = listed.get("response") if isinstance(listed, dict) else listed
    groups = (
        [one.get("SharingGroup") for one in listed if isinstance(one, dict)]
        if isinstance(listed, list)
        else []
    )
    return [group for group in groups if isinstance(group, dict)]


def _addressed(event: dict[str, Any], groups: list[Mapping[str, Any]]) -> str:
    """Put the server's sharing group in place of ours; a note where it has none."""
    wanted = event.pop("SharingGroup", None)
    if int(event["distribution"]) != SHARING_GROUP or not isinstance(wanted, dict):
        return ""
    for group in groups:
        if group.get("uuid") == wanted["uuid"] or group.get("name") == wanted["name"]:
            event["sharing_group_id"] = str(group.get("id", ""))
            return ""
    event["distribution"] = str(NOBODY_ELSE)
    return f"the server has no sharing group {wanted['name']}: sent to your organisation only"


def _json(said: bytes, what: str) -> Any:
    try:
        return read_json(said, f"The server's answer ({what})")
    except InputError as error:
        raise OutputError(error.what, "Check the address.") from error


def _refused(status: int, said: bytes, what: str) -> OutputError:
    if status in _REFUSED:
        return OutputError(f"The server refuses {what} ({status}).", "Check the key and its rights.")
    text = "".join(c if c.isprintable() else " " for c in said[:_SAID].decode("utf-8", "replace")).strip()
    return OutputError(f"The server answers {status} for {what}: {text}", "Look at the server's log.")

"""Ways out as they are configured: who is told what, how often, and where.

A table of TOML for each, for instance::

    [notify.duty]
    by = "webhook"
    url = "https://ops.example.org/hooks/watchkeeper"
    secret_env = "DUTY_HOOK_SECRET"
    least_score = 30
"""

import difflib
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from watchkeeper.errors import ConfigError
from watchkeeper.model.time import MINUTE, SECOND
from watchkeeper.model.units import UNITS, parse_quantity

By = Literal["webhook", "mail", "matrix", "mattermost"]
_DURATIONS: Final = ("each_alert_every", "summary_every")
_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "webhook": ("url", "secret"),
    "mattermost": ("url",),
    "matrix": ("url", "room", "secret"),
    "mail": ("host", "sender", "to"),
}


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way out.

    ``least_score`` and ``level`` (0 all, 1 what was escalated once, ...) say what it is told; ``per_hour`` messages at
    most, one for each alert in ``each_alert_every`` [ms], and a summary of what is more in ``summary_every`` [ms].
    ``private`` allows an address inside the own network, and plain HTTP there. ``secret`` is the key of the signature,
    the token, or the password; it is read from the environment and never written.
    """

    name: str
    by: By
    url: str = ""
    room: str = ""
    host: str = ""
    port: int = 0
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    secret: str = ""
    private: bool = False
    least_score: float = 0.0
    level: int = 0
    per_hour: int = 20
    each_alert_every: int = 10 * MINUTE
    summary_every: int = 15 * MINUTE

    def __repr__(self) -> str:
        return f"Route({self.name!r}, by={self.by!r})"


def routes_of(tables: Mapping[str, Mapping[str, Any]], environment: Mapping[str, str]) -> list[Route]:
    """The routes of a configuration.

    Args:
        tables: what stands under ``[notify]``, by name.
        environment: where ``secret_env`` is looked up.

    Raises:
        ConfigError: a key that is not known, or something missing.
    """
    return [_route(name, table, environment) for name, table in tables.items()]


def _route(name: str, table: Mapping[str, Any], environment: Mapping[str, str]) -> Route:
    where = f"[notify.{name}]"
    given = dict(table)
    variable = given.pop("secret_env", None)
    if "secret" in given:
        raise ConfigError(
            f"{where} holds a secret.", "Put it into the environment and name it with secret_env."
        )
    for key in given:
        if key not in Route.__struct_fields__ or key == "name":
            near = difflib.get_close_matches(key, (*Route.__struct_fields__, "secret_env"), 1)
            raise ConfigError(f"{where} {key} is no setting.", f"Did you mean {near[0]}?" if near else "")
    for key in _DURATIONS:
        if key in given:
            given[key] = round(parse_quantity(given[key], UNITS["s"]) * SECOND)
    if variable is not None:
        if variable not in environment:
            raise ConfigError(
                f"{where} needs the environment variable {variable}.", "Set it before starting."
            )
        given["secret"] = environment[variable]
    try:
        route = msgspec.convert({**given, "name": name}, Route)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}.", "See the how-to on working alerts.") from error
    missing = [key for key in _NEEDED[route.by] if not getattr(route, key)]
    if missing:
        need = "secret_env" if missing[0] == "secret" else missing[0]
        raise ConfigError(f"{where} has no {need}.", f"A route by {route.by} needs it.")
    return route

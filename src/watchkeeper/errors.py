"""Every error a user can meet, with the exit code the command ends with.

::

    WatchkeeperError            1   something went wrong that has no better name
    ├── UsageError              2   the command line does not make sense
    ├── InputError              3   an input cannot be used (missing, unreadable, of no known format)
    │   └── LimitError          3   an input is larger than the limits allow (line, archive)
    ├── ConfigError             4   a setting is unknown, or its value or unit does not fit
    ├── OutputError             5   the output cannot be written (folder not empty, disk full)
    ├── LayerError              6   a map layer cannot be used (CRS, empty geometry)
    ├── ListError               7   a sanctions or vessel list cannot be used
    ├── FetchError              8   public data cannot be had, or what came is not as expected
    ├── StoreError              9   a store cannot be used (no store, in use, damaged, of a newer version)
    │   ├── StateError          9   a checkpoint does not fit what is asked for
    │   └── TakenError          9   another process writes the store
    └── FeedError              10   a feed cannot be used (address, credentials)
    (interrupted by Ctrl-C    130)

Each says what happened, where, what was expected and what to do next. Bad *records* are not
errors: they are quarantined and counted.
"""


class WatchkeeperError(Exception):
    """Base of all errors meant for the user.

    Args:
        what: what happened and where, one sentence.
        next_step: what the user can do about it, one sentence; empty where nothing helps.
    """

    exit_code = 1

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what} {self.next_step}".strip()


class UsageError(WatchkeeperError):
    """The command line does not make sense."""

    exit_code = 2


class InputError(WatchkeeperError):
    """An input cannot be used."""

    exit_code = 3


class LimitError(InputError):
    """An input exceeds a safety limit."""


class ConfigError(WatchkeeperError):
    """A setting is unknown, or its value does not fit."""

    exit_code = 4


class OutputError(WatchkeeperError):
    """The output cannot be written."""

    exit_code = 5


class LayerError(WatchkeeperError):
    """A map layer cannot be used."""

    exit_code = 6


class ListError(WatchkeeperError):
    """A list cannot be used."""

    exit_code = 7


class FetchError(WatchkeeperError):
    """Public data cannot be had from its publisher, or what came is not as expected."""

    exit_code = 8


class StoreError(WatchkeeperError):
    """A store cannot be used."""

    exit_code = 9


class StateError(StoreError):
    """A checkpoint does not fit what is asked for."""


class TakenError(StoreError):
    """Another process writes the store."""


class FeedError(WatchkeeperError):
    """A feed cannot be used."""

    exit_code = 10

"""What the program says while it works: one line each, on standard error, past any progress bar."""

import json
import logging
import sys
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

LOGGER: Final = "watchkeeper"


@cache
def talk() -> "Console":
    """Standard error. Text is written as it is: ship names hold brackets, which rich would read as markup."""
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)


def set_up(*, debug: bool, as_json: bool = False) -> None:
    """Send the log to standard error: warnings, or everything with tracebacks where ``debug``; ``as_json``: each as an
    object on a line, for programs that collect logs."""
    logger = logging.getLogger(LOGGER)
    logger.handlers = [_Structured() if as_json else _Talking()]
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)
    logger.propagate = False


def debugging() -> bool:
    """Whether tracebacks are wanted."""
    return logging.getLogger(LOGGER).isEnabledFor(logging.DEBUG)


def one_line(text: str) -> str:
    """The text without line breaks and control characters, which would move the cursor of a terminal."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "·" for c in text)


class _Talking(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.levelname.lower()}: {one_line(record.getMessage())}"
        if record.exc_info and debugging():
            line += "\n" + logging.Formatter().formatException(record.exc_info)
        elif record.exc_info and record.exc_info[1] is not None:
            line += one_line(f": {type(record.exc_info[1]).__name__}: {record.exc_info[1]}")
        talk().print(line)


class _Structured(logging.Handler):
    """``{"at", "level", "room", "message"}`` and, of an error that was caught, ``"error"`` with its traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "room": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = logging.Formatter().formatException(record.exc_info)
        sys.stderr.write(json.dumps(line) + "\n")
        sys.stderr.flush()

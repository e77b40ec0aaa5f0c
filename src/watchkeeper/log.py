"""What the program says while it works: one line each, on standard error, past any progress bar."""

import logging
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


def set_up(*, debug: bool) -> None:
    """Send the log to standard error: warnings, or everything with tracebacks where ``debug``."""
    logger = logging.getLogger(LOGGER)
    logger.handlers = [_Talking()]
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

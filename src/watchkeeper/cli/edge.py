"""The edge of the process: arguments in, exit code out, every error as one line on standard error."""

import errno
import signal
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

import typer

from watchkeeper import log
from watchkeeper.cli.app import app
from watchkeeper.errors import OutputError, UsageError, WatchkeeperError

INTERRUPTED: Final = 130
UNEXPECTED: Final = 1
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def main() -> NoReturn:
    """The ``watchkeeper`` command."""
    # A reader that has seen enough (`| head`) ends us quietly, as it ends any filter.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code (see :mod:`watchkeeper.errors`)."""
    try:
        code = app(list(arguments), prog_name="watchkeeper", standalone_mode=False)
    except WatchkeeperError as error:
        return _failed(error)
    except typer.TyperException as error:
        return _misused(error)
    except OSError as error:
        return _failed(_full(error)) if error.errno in _FULL else _unexpected(error)
    except Exception as error:  # noqa: BLE001 - the edge of the process: nothing is above to report it
        return _unexpected(error)
    if code == INTERRUPTED:
        log.talk().print("interrupted; no half-written output was left")
    return code if isinstance(code, int) else 0


def _failed(error: WatchkeeperError) -> int:
    log.talk().print(f"error: {log.one_line(str(error))}")
    if log.debugging():
        log.talk().print_exception()
    return error.exit_code


def _misused(error: typer.TyperException) -> int:
    """A command line that typer refused. Without arguments it has printed the help and has no more to say."""
    if not error.format_message():
        return UsageError.exit_code
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "watchkeeper"
    return _failed(UsageError(f"{error.format_message().rstrip('.')}.", f"See `{command} --help`."))


def _full(error: OSError) -> OutputError:
    return OutputError(f"The disk is full ({error.filename or 'writing'}).", "Free some space and run again.")


def _unexpected(error: Exception) -> int:
    log.talk().print(f"error: unexpected {type(error).__name__}: {log.one_line(str(error))}")
    if log.debugging():
        log.talk().print_exception()
    else:
        log.talk().print(
            "This is a fault of watchkeeper. `watchkeeper --debug COMMAND ...` shows the traceback."
        )
    return UNEXPECTED

"""A thread that takes the outbox out, beside a watch that must not wait for the network."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from watchkeeper.errors import WatchkeeperError
from watchkeeper.notify.dispatch import Dispatcher

_LOGGER: Final = logging.getLogger("watchkeeper.notify")
_EVERY_S: Final = 5.0


class Courier:
    """Steps a dispatcher every few seconds until it is stopped; use it in a ``with`` statement.

    A step that fails, because the database is gone for a moment, is logged and done again: what is to be sent is in the
    log. Any other error is a fault of the program and ends the thread; :attr:`failed` holds it then.

    Args:
        dispatcher: whose log may be used from this thread.
        clock: the time of the alerts' events [ms UTC].
        every_s: the pause between steps [s].
    """

    def __init__(self, dispatcher: Dispatcher, clock: Callable[[], int], every_s: float = _EVERY_S) -> None:
        self.dispatcher = dispatcher
        self.clock = clock
        self.every_s = every_s
        self.failed: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)

    def __enter__(self) -> "Courier":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End after the step that is under way; what is left stays in the outbox."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._step()
                self._stop.wait(self.every_s)
        except BaseException as error:
            self.failed = error
            raise

    def _step(self) -> None:
        try:
            self.dispatcher.step(self.clock())
        except WatchkeeperError as error:
            _LOGGER.warning("notifications wait: %s", error)

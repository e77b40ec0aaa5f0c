"""What goes wrong on the way out, and whether trying again can help."""

from watchkeeper.errors import WatchkeeperError


class NotifyError(WatchkeeperError):
    """A notification could not be handed over. ``again`` says whether it is worth trying later."""

    def __init__(self, what: str, next_step: str = "", *, again: bool = True) -> None:
        super().__init__(what, next_step)
        self.again = again

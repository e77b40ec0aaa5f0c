"""The commands. Each module imports what it needs inside its command, so that light ones start at once."""

from watchkeeper.cli.edge import main

__all__ = ["main"]

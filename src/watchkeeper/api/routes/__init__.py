"""One file for each resource. Every :class:`~watchkeeper.api.declare.Route` in a file of this folder is served.

A handler asks the rooms below and says what its answer is about (``call.seen``), so that the audit has it.
"""

import importlib
import pkgutil

from watchkeeper.api.declare import Route


def all_routes() -> tuple[Route, ...]:
    """Every declared route, in order of path, fixed words before placeholders."""
    found: dict[str, Route] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        for value in vars(loaded).values():
            if isinstance(value, Route):
                assert value.name not in found or found[value.name] is value, (
                    f"two routes are called {value.name}"
                )
                found[value.name] = value
    return tuple(sorted(found.values(), key=_place))


def _place(route: Route) -> tuple[list[tuple[bool, str]], str]:
    """Longer paths first, so that an id that may hold slashes does not take what stands below it."""
    parts = route.path.strip("/").split("/")
    return [(part.startswith("{"), part) for part in parts] + [(True, "~")], route.method

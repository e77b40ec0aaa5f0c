"""One file per behaviour; the folder is the registry.

A behaviour sees arrays and, when it judges, the whole picture through :class:`watchkeeper.model.picture.Context`.
No I/O, no clock, no settings, no state of its own. Third parties declare theirs under the entry point group
``watchkeeper.behaviours``.
"""

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

from watchkeeper.model.behaviour import Behaviour


@cache
def all_behaviours() -> dict[str, Behaviour]:
    """Every behaviour by id, in order of id."""
    found: dict[str, Behaviour] = {}
    modules = [
        importlib.import_module(m.name)
        for m in pkgutil.walk_packages(__path__, __name__ + ".")
        if not m.ispkg
    ]
    modules += [entry.load() for entry in entry_points(group="watchkeeper.behaviours")]
    for module in modules:
        for declared in vars(module).values():
            if isinstance(declared, Behaviour):
                assert declared.id not in found, f"two behaviours are called {declared.id}"
                assert declared.judging is not None, f"{declared.id} has no judge"
                found[declared.id] = declared
    return dict(sorted(found.items()))

"""Every kind of case that can be injected: what the files of ``cases/`` declare."""

import importlib
import pkgutil
from functools import cache

from watchkeeper.exercises import cases
from watchkeeper.exercises.cases import Injection


@cache
def all_injections() -> dict[str, tuple[Injection, ...]]:
    """The declared injections by behaviour, in order of name."""
    found: dict[str, list[Injection]] = {}
    for module in pkgutil.iter_modules(cases.__path__, f"{cases.__name__}."):
        for declared in vars(importlib.import_module(module.name)).values():
            if isinstance(declared, Injection):
                found.setdefault(declared.behaviour, []).append(declared)
    return {behaviour: tuple(declared) for behaviour, declared in sorted(found.items())}

"""The one way a kernel is compiled: cached on disk, without the interpreter lock, exact arithmetic."""

import hashlib
import os
import re
from collections.abc import Callable
from functools import cache, cached_property, update_wrapper
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

_OURS: Final = re.compile(
    r"^(?:from|import) (watchkeeper\.(?:kernels|model)[\w.]*)(?: import ([\w, ]+))?", re.M
)


def kernel(function: F) -> F:
    """Compile ``function`` to machine code on first call and keep it on disk."""
    return cast(F, Kernel(function))


_ONE_FOLDER: Final = Lock()
"""The folder is a setting of the whole process, and kernels are met by several threads."""


class Kernel:
    """A function that the first call compiles; that call also imports numba, which takes half a second.

    Inside another kernel it stands for its compiled self; ``compiled`` is numba's dispatcher.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        update_wrapper(self, function)

    @cached_property
    def compiled(self) -> Any:
        import numba
        from numba.extending import typeof_impl

        # What numba sees where a kernel names another one.
        typeof_impl.register(Kernel, lambda other, context: typeof_impl(other.compiled, context))
        where = cache_root() / _fingerprint(self._function.__module__)
        with _ONE_FOLDER:
            numba.config.CACHE_DIR = str(where)  # type: ignore[attr-defined]  # set from numba.core.config at run time
            return numba.njit(cache=True, nogil=True)(self._function)

    def __call__(self, *arguments: Any) -> Any:
        return self.compiled(*arguments)


@cache
def cache_root() -> Path:
    """Where compiled kernels are kept: beside the package, or in the user's cache where that is not writable."""
    beside = Path(__file__).parent / "__pycache__"
    if os.access(beside if beside.exists() else beside.parent, os.W_OK):
        return beside
    from platformdirs import user_cache_path

    return user_cache_path("watchkeeper") / "kernels"


@cache
def _fingerprint(module: str) -> str:
    """A hash of a module's source and of all it takes from kernels and model.

    numba itself looks only at the file of the kernel, but the code of kernels called from it is compiled into
    it: without this, a change there would leave old machine code in use.
    """
    digest = hashlib.sha256()
    for name in sorted(_closure(module)):
        digest.update(_source(name))
    return digest.hexdigest()[:16]


def _closure(module: str) -> set[str]:
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for found, names in _OURS.findall(_source(name).decode("utf-8")):
            # ``from watchkeeper.kernels import lines`` names a module, not what is in it.
            inside = [
                f"{found}.{n.split()[0]}" for n in names.split(",") if found.count(".") == 1 and n.strip()
            ]
            waiting += inside or [found]
    return seen


@cache
def _source(module: str) -> bytes:
    spec = find_spec(module)
    return Path(spec.origin).read_bytes() if spec is not None and spec.origin else b""

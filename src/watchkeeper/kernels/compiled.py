"""The one way a kernel is compiled: ahead-of-time cached, without the interpreter lock, exact arithmetic."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile ``function`` to machine code on first call and keep it on disk beside the source."""
    return cast(F, njit(cache=True, nogil=True)(function))

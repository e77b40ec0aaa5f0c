"""The one way a kernel is compiled: ahead-of-time cached, without the interpreter lock, exact arithmetic."""

from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile ``function`` to machine code on first call and keep it on disk beside the source."""
    return cast(F, Kernel(function))


class Kernel:
    """A function that the first call compiles; that call also imports numba, which takes half a second.

    Inside another kernel it stands for its compiled self; ``compiled`` is numba's dispatcher.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        update_wrapper(self, function)

    @cached_property
    def compiled(self) -> Any:
        from numba import njit
        from numba.extending import typeof_impl

        # What numba sees where a kernel names another one.
        typeof_impl.register(Kernel, lambda other, context: typeof_impl(other.compiled, context))
        return njit(cache=True, nogil=True)(self._function)

    def __call__(self, *arguments: Any) -> Any:
        return self.compiled(*arguments)

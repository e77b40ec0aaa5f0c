"""Items made by a thread while those before them are in use."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def ahead(items: Iterator[Result]) -> Iterator[Result]:
    """The same items, each made by a thread while the one before it is in use."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


def begun(items: Iterator[Result], many: int = 3) -> Iterator[Result]:
    """The same items; a thread begins to make them at once, and stays at most ``many`` ahead."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="begun")
    coming = deque(pool.submit(next, items, None) for _ in range(many))

    def rest() -> Iterator[Result]:
        with pool:
            while (item := coming.popleft().result()) is not None:
                coming.append(pool.submit(next, items, None))
                yield item

    return rest()

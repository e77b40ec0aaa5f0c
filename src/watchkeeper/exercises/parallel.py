"""The same work on many things, in a few processes, results in the order they are done."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

Given = TypeVar("Given")
Result = TypeVar("Result")


def each_done(
    work: Callable[[Given], Result], given: Sequence[Given], jobs: int
) -> Iterator[tuple[int, Result]]:
    """Number and result of each; in this process where ``jobs`` is 1. What a worker raises is raised here.

    Workers are started afresh: a fork of a process whose libraries run threads may hang.
    """
    if jobs <= 1 or len(given) <= 1:
        yield from ((number, work(one)) for number, one in enumerate(given))
        return
    with ProcessPoolExecutor(min(jobs, len(given)), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(work, one): number for number, one in enumerate(given)}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def in_order(work: Callable[[Given], Result], given: Sequence[Given], jobs: int) -> list[Result]:
    """All results, in the order given."""
    results = dict(each_done(work, given, jobs))
    return [results[number] for number in range(len(given))]

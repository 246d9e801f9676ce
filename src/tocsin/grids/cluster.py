"""Who does the tiles: threads of this process, or the workers of a Dask cluster. Same function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from tocsin.errors import GridError

__all__ = ["Crew", "cluster", "threads"]

ANSWER_WITHIN_S = 10.0

Work = Callable[..., int]
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Crew:
    """How many blocks are done at once, how many of them share how much memory, and who works.

    ``each(function, items, tell)`` calls the function with every item, which returns how many
    blocks it did; ``tell`` hears of blocks as they are done. The first error ends it.
    """

    workers: int
    sharing: int
    memory: int
    each: Callable[[Work, Sequence[tuple[Any, ...]], Tell], None]


def threads(count: int, memory: int) -> Crew:
    """Work with threads here; the compiled kernels let each other run."""

    def each(function: Work, items: Sequence[tuple[Any, ...]], tell: Tell) -> None:
        stop = Event()
        with ThreadPoolExecutor(count, thread_name_prefix="tile") as pool:
            waiting = {pool.submit(function, *item, stop=stop, tell=tell) for item in items}
            try:
                while waiting:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
            finally:
                # On an error or Ctrl+C: the tiles under way end after the block they are at.
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)

    return Crew(workers=count, sharing=count, memory=memory, each=each)


@contextmanager
def cluster(address: str, memory: int | None) -> Iterator[Crew]:
    """Work on a Dask cluster, whose workers see the same folders as this machine.

    Raises
    ------
    GridError
        Nobody answers at the address, or there are no workers.
    """
    import distributed

    # Their package carries no types for these two.
    make_client: Callable[..., Any] = distributed.Client
    as_completed: Callable[..., Any] = distributed.as_completed

    try:
        client: Any = make_client(address, timeout=ANSWER_WITHIN_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise GridError(
            f"No Dask scheduler answers at {address!r} within {ANSWER_WITHIN_S:g} s ({error}). "
            "Start one with `dask scheduler` and workers with `dask worker ADDRESS`, or leave "
            "--dask out."
        ) from error
    with client:
        workers = list(client.scheduler_info(n_workers=-1)["workers"].values())
        if not workers:
            raise GridError(f"The Dask cluster at {address} has no workers. Start one or more.")
        limit = min(int(worker["memory_limit"] or 0) for worker in workers)

        def each(function: Work, items: Sequence[tuple[Any, ...]], tell: Tell) -> None:
            futures = [client.submit(function, *item, pure=False) for item in items]
            try:
                for future in as_completed(futures, loop=client.loop):
                    tell(future.result())
            finally:
                client.cancel(futures)

        yield Crew(
            workers=sum(int(worker["nthreads"]) for worker in workers),
            sharing=max(int(worker["nthreads"]) for worker in workers),
            # Dask begins to spill and to pause workers above 60 and 80 % of their limit.
            memory=memory or int(limit * 0.6) or 2_000_000_000,
            each=each,
        )

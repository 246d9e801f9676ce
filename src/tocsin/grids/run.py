"""Compute an indicator over a grid: plan, do every tile, keep the journal, mark the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from tocsin.errors import GridError
from tocsin.grids.block import Method
from tocsin.grids.cluster import Crew, cluster, threads
from tocsin.grids.inputs import Inputs, gather
from tocsin.grids.journal import Journal, Tally
from tocsin.grids.memory import available, in_use, parse_size
from tocsin.grids.plan import Plan
from tocsin.grids.resume import begin, check_same_run
from tocsin.grids.store import finish, read_run, read_tally, remove, status_of, writing
from tocsin.grids.tile import Job, compute_tile, method_named, plain_settings

__all__ = ["Result", "compute"]

RESERVE = 250_000_000
"""Bytes for what is loaded later: compiled kernels, readers, their buffers."""

WORKER_BYTES = 250_000_000
"""Bytes that a Dask worker occupies before it works."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did: the store, blocks computed now and before, and what was wrong in the input.

    ``tally`` counts values of the input that were missing or outside the indicator's domain; the
    indicator's own page says what it makes of them.
    """

    store: Path
    blocks: int
    blocks_before: int
    plan: Plan
    tally: Tally


def compute(
    indicator: str | Sequence[str],
    inputs: Path | str | Sequence[Path | str],
    out: Path | str,
    *,
    memory: str | int | None = None,
    threads: int | None = None,
    dask: str | None = None,
    variables: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Compute a catalogue indicator over NetCDF, Zarr or GRIB into a Zarr store.

    Parameters
    ----------
    indicator : str or list of str
        Ids of the catalogue; several must share one function, as ``["ffmc", "fwi"]`` do.
    inputs : path or list of paths
        Files or Zarr folders. Variables may be spread over them, and so may years.
    out : path
        The Zarr store. If it holds an unfinished run of the same, that run goes on.
    memory : str or int, optional
        Bytes or ``"2GB"``: of this process; on a cluster, of each worker. Part of what is free if
        not given.
    threads : int, optional
        All processors if not given. Without meaning on a cluster.
    dask : str, optional
        Address of a scheduler whose workers see the same folders.
    variables : mapping, optional
        Argument to variable name, where CF standard names do not tell.
    settings : mapping, optional
        Numbers and options for the indicator's function, in its declared units.
    fresh : bool
        Begin anew over an earlier result.
    progress : function(step, done, whole), optional
        Called after each block, on a cluster after each tile.

    Returns
    -------
    Result
        Open the numbers with ``open_result(result.store)``.

    Raises
    ------
    LookupError
        An id is not in the catalogue.
    GridError, UnitError, ShapeError
        The input, the store or the machine does not allow it; says what to do.
    """
    ids = (indicator,) if isinstance(indicator, str) else tuple(indicator)
    paths = (inputs,) if isinstance(inputs, str | Path) else tuple(inputs)
    job = Job(
        ids,
        tuple(Path(path).resolve() for path in paths),
        tuple(sorted((variables or {}).items())),
        plain_settings(settings or {}),
        Path(out).resolve(),
    )
    method = method_named(ids)
    for path in job.inputs:
        if job.store == path or job.store in path.parents:
            raise GridError(f"{path} is an input and would be written over. Give another --out.")
    gathered = gather(method.first, job.inputs, dict(job.variables), dict(job.settings))
    size = parse_size(memory) if isinstance(memory, str) else memory
    with writing(job.store):
        if fresh:
            remove(job.store)
        if status_of(job.store) == "complete":
            return _already(job)
        with _crew(dask, threads, size) as crew:
            return _run(job, method, gathered, crew, progress)


@contextmanager
def _crew(dask: str | None, count: int | None, size: int | None) -> Iterator[Crew]:
    """Say who works, and what is left for blocks of the memory that was given."""
    if dask:
        with cluster(dask, size) as crew:
            yield replace(crew, memory=crew.memory - WORKER_BYTES - RESERVE)
    else:
        size, itself = size or available() + in_use(), in_use() + RESERVE
        if size <= itself:
            raise GridError(
                f"{size / 1e6:,.0f} MB are allowed, and the program itself needs "
                f"{itself / 1e6:,.0f} MB before the first block. Give more memory."
            )
        yield threads(count or os.cpu_count() or 1, size - itself)


def _run(job: Job, method: Method, inputs: Inputs, crew: Crew, progress: Progress | None) -> Result:
    job.store.parent.mkdir(parents=True, exist_ok=True)
    plan = begin(job, method, inputs, crew)
    journal = Journal(job.store)
    with journal.alone():
        records = [journal.read(tile) for tile in range(plan.tiles)]
        before = sum(record.segments for record in records)
        items = [
            (replace(job, plan=plan), tile)
            for tile, record in enumerate(records)
            if record.segments < plan.segments
        ]
        counter = _Counter(progress, before, plan.blocks)
        counter.tell(0)
        crew.each(compute_tile, items, counter.tell)
        tally = Tally()
        for tile in range(plan.tiles):
            tally.add(journal.read(tile).tally)
        finish(job.store, tally, journal)
    return Result(job.store, plan.blocks - before, before, plan, tally)


class _Counter:
    """Counts blocks from several threads and shows them."""

    def __init__(self, progress: Progress | None, done: int, whole: int) -> None:
        self.progress, self.done, self.whole = progress, done, whole
        self.lock = Lock()

    def tell(self, blocks: int) -> None:
        """Note that some more blocks are done."""
        with self.lock:
            self.done += blocks
            if self.progress is not None:
                self.progress("Blocks of the grid", self.done, self.whole)


def _already(job: Job) -> Result:
    check_same_run(job)
    plan = Plan.restore(read_run(job.store)["plan"])
    return Result(job.store, 0, plan.blocks, plan, read_tally(job.store))

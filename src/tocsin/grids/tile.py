"""One job as a worker sees it: what to compute from what, and one tile of it from end to end."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from tocsin.errors import GridError
from tocsin.grids.block import Method, compute_block, method_of
from tocsin.grids.files import fingerprint
from tocsin.grids.inputs import Inputs, gather
from tocsin.grids.journal import Journal
from tocsin.grids.plan import Plan
from tocsin.grids.store import version_of_tocsin, writing
from tocsin.indicators.catalogue import CATALOGUE

__all__ = ["Job", "compute_tile", "method_named", "plain_settings"]


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker has to know, on this machine or another one."""

    indicators: tuple[str, ...]
    inputs: tuple[Path, ...]
    variables: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, Any], ...]
    store: Path
    plan: Plan | None = None

    def identity(self) -> dict[str, Any]:
        """Return what must be the same for a run to go on: all that numbers depend on."""
        return {
            "tocsin": version_of_tocsin(),
            "indicators": list(self.indicators),
            "variables": dict(self.variables),
            "settings": {k: list(v) if isinstance(v, tuple) else v for k, v in self.settings},
            "inputs": {str(path): fingerprint(path) for path in self.inputs},
        }


def plain_settings(settings: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return settings in a form that a store keeps and a worker can be sent."""
    plain = []
    for name, value in sorted(settings.items()):
        if isinstance(value, list | tuple):
            value = tuple(value)
        items = value if isinstance(value, tuple) else (value,)
        if not all(isinstance(item, str | int | float) for item in items):
            raise GridError(
                f"The setting {name} is a {type(value).__name__}; settings are numbers, texts and "
                f"lists of them. A field comes from a file: variables={{'{name}': 'NAME'}}."
            )
        plain.append((name, value))
    return tuple(plain)


def method_named(ids: Sequence[str]) -> Method:
    """Return the method behind ids of the catalogue; raises LookupError for an unknown one."""
    for name in ids:
        if name not in CATALOGUE:
            raise LookupError(f"{name!r} is not an indicator; see `tocsin indicators list`.")
    if not ids:
        raise LookupError("No indicator is named; see `tocsin indicators list`.")
    return method_of([CATALOGUE[name] for name in ids])


@functools.lru_cache(maxsize=2)
def _gathered(job: Job) -> Inputs:
    """Open the inputs once in each process that works on them."""
    method = method_named(job.indicators)
    return gather(method.first, job.inputs, dict(job.variables), dict(job.settings))


def compute_tile(
    job: Job, tile: int, *, stop: Event | None = None, tell: Callable[[int], None] | None = None
) -> int:
    """Compute what is left of a tile, segment by segment, and keep each; also on a Dask worker.

    Returns how many blocks it did. ``stop`` ends it early, ``tell`` hears of each block.
    """
    import zarr

    plan = job.plan
    if plan is None:
        raise TypeError("compute_tile() needs a job with a plan")
    method, inputs, journal = method_named(job.indicators), _gathered(job), Journal(job.store)
    place, record = plan.cells(tile), journal.read(tile)
    shape = tuple(part.stop - part.start for part in place)
    done = 0
    with writing(job.store):
        group = zarr.open_group(str(job.store), mode="r+", zarr_format=3, use_consolidated=False)
        arrays: list[Any] = [group[entry.id] for entry in method.entries]
        while record.segments < plan.segments and not (stop and stop.is_set()):
            rows = plan.times(record.segments)
            results, record = compute_block(method, inputs, rows, place, record)
            for array, values in zip(arrays, results, strict=True):
                if inputs.times is None:
                    array[place] = values.reshape(shape)
                else:
                    array[(rows, *place)] = values.reshape(-1, *shape)
            journal.write(tile, record)
            done += 1
            if tell is not None:
                tell(1)
    return done

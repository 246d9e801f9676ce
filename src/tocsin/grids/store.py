"""The result: a Zarr store of format 3 with CF attributes that says whether it is whole."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.errors import GridError
from tocsin.grids.files import STATUS, open_file, status
from tocsin.grids.inputs import Inputs
from tocsin.grids.journal import Journal, Tally
from tocsin.grids.plan import Plan
from tocsin.indicators.indicator import Indicator

if TYPE_CHECKING:
    import xarray

__all__ = [
    "RUN",
    "create",
    "describe",
    "finish",
    "open_result",
    "read_run",
    "read_tally",
    "remove",
    "status_of",
    "version_of_tocsin",
    "writing",
]

RUN = "tocsin_run"
"""The attribute that holds what the store was computed from, as JSON."""

MISSING, OUTSIDE = "tocsin_missing_values", "tocsin_values_outside_domain"
"""The attributes that say, by argument, how many values of the input were no use."""

STANDARD_NAMES = {
    "heat_index": "heat_index_of_air_temperature",
    "wind_chill": "wind_chill_of_air_temperature",
    "visibility": "visibility_in_air",
    "wind_beaufort": "beaufort_wind_force",
    "frost_24h": "air_temperature",
    **{f"rain_{h}h": "lwe_thickness_of_precipitation_amount" for h in (1, 3, 6, 12, 24)},
}
"""The indicators that have an entry in the CF standard name table; the others have a long name."""

CELL_METHODS = {
    "frost_24h": "time: minimum",
    **{f"rain_{h}h": "time: sum" for h in (1, 3, 6, 12, 24)},
}


def version_of_tocsin() -> str:
    """Return the version that is installed."""
    return version("tocsin")


@contextmanager
def writing(store: Path) -> Iterator[None]:
    """Turn what the system says about writing into a sentence about the store.

    Raises
    ------
    GridError
        No permission, no space, no such place. What is done stays done.
    """
    try:
        yield
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise GridError(
            f"{store} cannot be written: {error.strerror or error}{place}. What is done so far "
            "is kept; mend this and give the same command again to go on."
        ) from error


def create(
    store: Path, entries: Sequence[Indicator], inputs: Inputs, plan: Plan, run: Mapping[str, Any]
) -> None:
    """Make an empty store with its axes and attributes; its status is ``running``."""
    import zarr
    from zarr.codecs import BloscCodec

    names = ", ".join(entry.id for entry in entries)
    group = zarr.create_group(
        store=str(store),
        zarr_format=3,
        attributes={
            STATUS: "starting",
            "Conventions": "CF-1.11",
            "title": "; ".join(entry.names["en"] for entry in entries),
            "source": f"tocsin {run['tocsin']}: {names}",
            "tocsin_version": run["tocsin"],
            RUN: json.dumps(run, sort_keys=True),
        },
    )
    timed = inputs.times is not None
    dims = (["time"] if timed else []) + list(inputs.space)
    for entry in entries:
        array = group.create_array(
            entry.id,
            shape=((plan.rows,) if timed else ()) + plan.space,
            chunks=plan.chunks if timed else plan.chunks[1:],
            dtype="float32",
            fill_value=np.nan,
            compressors=BloscCodec(cname="zstd", clevel=1, shuffle="shuffle"),
            dimension_names=dims,
        )
        array.attrs.update(_attributes(entry, inputs, run["tocsin"]))
    if timed:
        _write_times(group, inputs.times)
    for name, coordinate in inputs.sample.coords.items():
        if set(coordinate.dims) <= set(inputs.space) and coordinate.dtype.kind in "fiuSU":
            _write_coordinate(group, str(name), coordinate)
    Journal(store).begin()
    group.attrs[STATUS] = "running"


def _attributes(entry: Indicator, inputs: Inputs, made_by: str) -> dict[str, Any]:
    attributes = {
        "long_name": entry.names["en"],
        "units": entry.unit,
        "method": entry.source,
        "source": f"tocsin {made_by}, indicator {entry.id}",
        "version": made_by,
        "cadence": entry.cadence,
        "validation": entry.status,
    }
    if entry.caution:
        attributes["comment"] = entry.caution["en"]
    if entry.id in STANDARD_NAMES:
        attributes["standard_name"] = STANDARD_NAMES[entry.id]
    if entry.id in CELL_METHODS:
        attributes["cell_methods"] = CELL_METHODS[entry.id]
    beside = [
        str(name)
        for name, coordinate in inputs.sample.coords.items()
        if coordinate.ndim
        and name not in inputs.space
        and set(coordinate.dims) <= set(inputs.space)
    ]
    if beside:
        attributes["coordinates"] = " ".join(beside)
    return attributes


def _write_times(group: Any, times: Any) -> None:
    seconds = times.astype("datetime64[s]").astype(np.int64)
    days = bool((seconds % 86_400 == 0).all())
    array = group.create_array(
        "time", shape=seconds.shape, dtype="int64", chunks=seconds.shape, dimension_names=["time"]
    )
    array[:] = seconds // 86_400 if days else seconds
    unit = "days" if days else "seconds"
    array.attrs.update(
        {
            "standard_name": "time",
            "axis": "T",
            "units": f"{unit} since 1970-01-01",
            "calendar": "proleptic_gregorian",
        }
    )


def _write_coordinate(group: Any, name: str, coordinate: xarray.DataArray) -> None:
    values = np.asarray(coordinate.values)
    if values.ndim == 0 or values.dtype.kind in "SU":
        return  # a height or a label beside the grid: it is told in the input
    array = group.create_array(
        name,
        shape=values.shape,
        dtype=values.dtype,
        chunks=values.shape,
        dimension_names=[str(dim) for dim in coordinate.dims],
    )
    array[...] = values
    kept = ("standard_name", "long_name", "units", "axis", "positive")
    array.attrs.update({key: coordinate.attrs[key] for key in kept if key in coordinate.attrs})


def status_of(store: Path) -> str:
    """Return ``none``, ``foreign``, ``starting``, ``running``, ``finishing`` or ``complete``."""
    if not store.exists():
        return "none"
    known = status(store)
    if known is not None:
        return known
    return "foreign" if not store.is_dir() or any(store.iterdir()) else "none"


def read_run(store: Path) -> dict[str, Any]:
    """Return what a store of ours was computed from."""
    text = json.loads((store / "zarr.json").read_text())["attributes"][RUN]
    run: dict[str, Any] = json.loads(text)
    return run


def remove(store: Path) -> None:
    """Take away a store of ours; nothing else is ever removed."""
    stands = status_of(store)
    if stands == "foreign":
        raise GridError(
            f"{store} is there and was not written by `tocsin grids compute`. Take it away "
            "yourself, or give another name."
        )
    if stands != "none":
        shutil.rmtree(store)


def _set_status(store: Path, stands: str, **more: Any) -> None:
    """Set the status of a store, in one step."""
    import zarr

    group = zarr.open_group(str(store), mode="r+", zarr_format=3, use_consolidated=False)
    group.attrs.update({STATUS: stands, **more})


def read_tally(store: Path) -> Tally:
    """Return what was counted in the input of a finished run."""
    attributes = json.loads((store / "zarr.json").read_text())["attributes"]
    return Tally(json.loads(attributes[MISSING]), json.loads(attributes[OUTSIDE]))


def finish(store: Path, tally: Tally, journal: Journal) -> None:
    """Mark a store as whole. Broken off anywhere in here, it is simply finished again."""
    import zarr

    counts = {MISSING: json.dumps(tally.missing), OUTSIDE: json.dumps(tally.outside)}
    _set_status(store, "finishing", **counts)
    journal.end()
    for left_over in store.rglob("*.partial"):  # chunks at which a run was killed
        left_over.unlink(missing_ok=True)
    with warnings.catch_warnings():
        # Not in the specification yet, read by every Zarr for Python: one file less an array.
        warnings.filterwarnings("ignore", message="Consolidated metadata")
        zarr.consolidate_metadata(str(store), zarr_format=3)
    text = json.loads((store / "zarr.json").read_text())
    text["attributes"][STATUS] = "complete"
    unfinished = store / ".zarr.json.partial"
    unfinished.write_text(json.dumps(text, indent=2))
    unfinished.replace(store / "zarr.json")


def open_result(store: Path | str) -> xarray.Dataset:
    """Open what `compute` wrote, lazily.

    Raises
    ------
    GridError
        There is none, it is something else, or it is not complete.
    """
    path = Path(store)
    if status_of(path) in ("none", "foreign"):
        raise GridError(f"{path} holds no result of `tocsin grids compute`.")
    return open_file(path)[0]


def describe(store: Path) -> list[str]:
    """Return what a store holds, a line each: status, indicators, axes, inputs, bad values.

    Raises
    ------
    GridError
        It holds no result of ours.
    """
    stands = status_of(store)
    if stands in ("none", "foreign"):
        raise GridError(f"{store} holds no result of `tocsin grids compute`.")
    run = read_run(store)
    plan = Plan.restore(run["plan"])
    lines = [f"{store}: {stands}, by tocsin {run['tocsin']}"]
    if stands == "running":
        done = sum(Journal(store).read(tile).segments for tile in range(plan.tiles))
        lines[0] += f", {done} of {plan.blocks} blocks"
    size = " x ".join(f"{n:,}" for n in plan.space)
    lines.append(f"  {', '.join(run['indicators'])} over {plan.rows:,} rows of {size} cells")
    lines += [f"  input {path}" for path in run["inputs"]]
    for what in ("variables", "settings"):
        lines += [f"  {name} = {value}" for name, value in run[what].items()]
    if stands == "complete":
        tally = read_tally(store)
        for name, missing in tally.missing.items():
            outside = tally.outside[name]
            lines.append(f"  {name}: {missing:,} value(s) missing, {outside:,} outside the domain")
    return lines

"""A year of the fire weather index over a grid, from a Zarr store to a Zarr store.

    python bench/grid_store.py [SIDE] [MEMORY] [THREADS]

Makes a store of SIDE x SIDE cells (300 if not given; the issue speaks of 1000, which needs 4 GB of
disk), packed as weather archives pack it, runs `tocsin grids compute` on it as a person would,
within MEMORY (1GB), and prints the time, the values a second and the peak memory of that process.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import zarr
from zarr.codecs import BloscCodec

from tocsin.grids.memory import parse_size

DAYS = 365
CHUNK = (30, 250, 250)
PACKED = {  # standard name, unit, scale, offset
    "t2m": ("air_temperature", "K", 0.01, 200.0),
    "rh": ("relative_humidity", "%", 0.01, 0.0),
    "ws": ("wind_speed", "m s-1", 0.01, 0.0),
    "tp": ("lwe_thickness_of_precipitation_amount", "mm", 0.01, 0.0),
}


def noon(name: str, rng: np.random.Generator, side: int) -> np.ndarray:
    """Return one noon of one quantity."""
    shape = (side, side)
    if name == "t2m":
        return 290.0 + rng.normal(0.0, 8.0, shape)
    if name == "rh":
        return rng.uniform(15.0, 100.0, shape)
    if name == "ws":
        return rng.gamma(2.0, 1.8, shape)
    return np.maximum(0.0, rng.normal(-3.0, 5.0, shape))


def make(path: Path, side: int) -> None:
    """Write the input: the noons of two weeks, shuffled in time and place over a year."""
    group = zarr.create_group(str(path), zarr_format=3)

    def add(name: str, dims: list[str], values: np.ndarray | None, dtype: str, **about: object):
        shape = (DAYS, side, side) if values is None else values.shape
        array = group.create_array(
            name,
            shape=shape,
            dtype=dtype,
            chunks=tuple(min(n, c) for n, c in zip(shape, CHUNK, strict=False)),
            dimension_names=dims,
            compressors=BloscCodec(cname="lz4", clevel=1, shuffle="shuffle"),
        )
        array.attrs.update(about)
        if values is not None:
            array[:] = values
        return array

    add("time", ["time"], np.arange(DAYS), "int64", units="days since 2023-01-01 12:00:00")
    add("lat", ["lat"], np.linspace(60.0, 35.0, side), "float64", units="degrees_north")
    add("lon", ["lon"], np.linspace(0.0, 40.0, side), "float64", units="degrees_east")
    for seed, (name, (quantity, unit, scale, offset)) in enumerate(PACKED.items()):
        rng = np.random.default_rng(seed)
        packing = {"scale_factor": scale, "add_offset": offset, "_FillValue": -32768}
        about = {"standard_name": quantity, "units": unit, **packing}
        array = add(name, ["time", "lat", "lon"], None, "int16", **about)
        noons = [np.round((noon(name, rng, side) - offset) / scale) for _ in range(14)]
        for first in range(0, DAYS, CHUNK[0]):
            days = min(CHUNK[0], DAYS - first)
            shuffled = [
                np.roll(noons[rng.integers(14)], rng.integers(0, side, 2), axis=(0, 1))
                for _ in range(days)
            ]
            array[first : first + days] = np.clip(shuffled, -32_000, 32_000).astype(np.int16)


def main(side: int, memory: str, threads: str) -> None:
    """Make the input, run, print."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-bench-"))
    try:
        make(folder / "noon.zarr", side)
        command = [sys.executable, "-c", "from tocsin.cli import main; main()", "grids", "compute"]
        command += ["fwi", str(folder / "noon.zarr"), "--out", str(folder / "fwi.zarr")]
        began = time.perf_counter()
        subprocess.run([*command, "--memory", memory, "--threads", threads], check=True)
        seconds = time.perf_counter() - began
    finally:
        shutil.rmtree(folder)
    # On Linux in units of 1,024 bytes: the largest of the processes that were waited for.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    values = DAYS * side * side
    print(
        f"{DAYS} days of {side:,} x {side:,} cells on {threads} thread(s): {seconds:.1f} s, "
        f"{values / seconds / 1e6:.1f} million values a second, start of the program included\n"
        f"peak memory {peak / 1e6:,.0f} MB of {parse_size(memory) / 1e6:,.0f} MB allowed"
    )
    if peak > parse_size(memory):
        sys.exit("It took more memory than it was given.")


if __name__ == "__main__":
    given = [*sys.argv[1:], *("300", "1GB", "2")[len(sys.argv) - 1 :]]
    main(int(given[0]), given[1], given[2])

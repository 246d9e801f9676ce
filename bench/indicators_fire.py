"""Fire weather codes against xclim and climate_indices, in one run: speed, error, memory, growth.

    make bench, or python -m tools.peers bench/indicators_fire.py

xclim is given numpy arrays inside xarray, each day contiguous, which is its fastest way: with dask
chunks on two threads it was slower. climate_indices runs its compiled (Rust) kernels.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _side_by_side import header, judge, quiet, side_by_side, timed

from tocsin.indicators.fire import fwi, fwi_grid
from tocsin.indicators.fire._fwi_kernels import daily_codes
from tocsin.indicators.fire.fwi import DAY_FACTORS, DAY_LENGTHS, MOISTURE_SCALE
from tocsin.indicators.heat import utci

CELLS, DAYS = 1_000_000, 30
CODES = ["DC", "DMC", "FFMC", "ISI", "BUI", "FWI"]


def weather(cells: int, days: int, kind: type = np.float32) -> list[np.ndarray]:
    """Return noon weather as a dry continent has it, filled in place, a day at a time."""
    rng = np.random.default_rng(0)
    out = [np.empty((days, cells), dtype=kind) for _ in range(4)]
    for day in range(days):
        for series, (low, high) in zip(out, ((0, 35), (10, 100), (0, 40)), strict=False):
            series[day] = rng.random(cells, dtype=np.float32) * (high - low) + low
        rain = rng.standard_gamma(0.4, cells) * 15.0
        out[3][day] = rain * (rng.random(cells, dtype=np.float32) < 0.3)
    return out


def dates(days: int) -> np.ndarray:
    """Return days from mid June on."""
    return np.datetime64("2020-06-15") + np.arange(days)


def peers(series: list[np.ndarray], latitude: np.ndarray) -> dict[str, Callable[[], object]]:
    """Return the other packages at hand, each as a call on these arrays."""
    found: dict[str, Callable[[], object]] = {}
    days = dates(len(series[0]))
    t, h, w, p = series
    try:
        import xarray
        from xclim.indices.fire import fire_weather_ufunc
    except ImportError as error:
        print(f"xclim is left out: {error}")
    else:
        time = {"time": days.astype("datetime64[ns]")}
        given = {
            name: xarray.DataArray(values, dims=("time", "cell"), coords=time)
            for name, values in zip(("tas", "hurs", "sfcWind", "pr"), series, strict=True)
        }
        lat = xarray.DataArray(latitude.astype(t.dtype), dims="cell")
        found["xclim"] = lambda: fire_weather_ufunc(**given, lat=lat, indexes=CODES)
    try:
        from climate_indices.fire import cffwis
    except ImportError as error:
        print(f"climate_indices is left out: {error}")
    else:
        # It computes in double precision: given such, so that nobody waits for a conversion.
        wide = [values.astype(np.float64) for values in (t, h, w / 3.6, p)]
        month = days.astype("datetime64[M]").astype(int) % 12 + 1
        quiet()
        found["climate_indices"] = lambda: cffwis(*wide, latitude, month)
    return found


def single_precision() -> None:
    """Time the grid call, allocating and into ``out``, and hold it against double precision."""
    series, latitude = weather(CELLS, DAYS), np.linspace(-60.0, 70.0, CELLS)
    out = np.zeros((6, DAYS, CELLS), dtype=np.float32)
    others = peers(series, latitude)

    def ours(into: Any = None) -> object:
        return fwi_grid(*series, time=dates(DAYS), latitude=latitude, out=into)

    what = "six codes, float32, 1 M x 30"
    side_by_side(what, ours, others, {"xclim": 15, "climate_indices": 25}, rounds=3)
    others.pop("climate_indices", None)
    side_by_side(f"{what}, out=", lambda: ours(out), others, {"xclim": 20}, rounds=5)
    exact, _ = fwi(*series, time=dates(DAYS), latitude=latitude)
    difference = np.abs(out[5] - exact.fwi)
    # Where the equations step, rounding may fall on the other side: such series are set apart.
    near = (np.abs(exact.dmc - 33.0) < 1e-3) | (np.abs(exact.dmc - 65.0) < 1e-3)
    steps = (near | (np.abs(exact.bui - 80.0) < 1e-3)).any(axis=0)
    bound = difference[:, ~steps].max()
    beyond = int((difference > 5e-4).sum())
    print(
        f"error of FWI against float64: {bound:.1e} {judge(bound, 5e-4, at_least=False)}; in the "
        f"{steps.mean():.2%} of series that come near a step of the equations up to "
        f"{difference.max():.1e}, {beyond} of {difference.size:,} cell-days beyond 5e-4"
    )


def double_precision() -> None:
    """Time ``fwi`` in double precision and hold it against the plain kernels."""
    series = weather(CELLS, DAYS, np.float64)
    latitude = np.linspace(-60.0, 70.0, CELLS)
    side_by_side(
        "seven codes, float64, 1 M x 30",
        lambda: fwi(*series, time=dates(DAYS), latitude=latitude),
        peers(series, latitude),
        {"xclim": 4},
        rounds=3,
    )
    few = [np.ascontiguousarray(values[:, :100_000].T) for values in series]
    rows = [np.repeat(table[:1], 100_000, axis=0) for table in (DAY_LENGTHS, DAY_FACTORS)]
    state = np.stack([np.full(100_000, code) for code in (85.0, 6.0, 15.0)])
    plain = np.empty((7, 100_000, DAYS))
    months = dates(DAYS).astype("datetime64[M]").astype(np.int64) % 12
    daily_codes(*few, months, *rows, MOISTURE_SCALE["exact"], state, plain)
    codes, _ = fwi(*(values.T for values in few), time=dates(DAYS), latitude=45.0)
    error = max(np.abs(got.T - exact).max() for got, exact in zip(codes, plain, strict=True))
    print(
        f"error of all codes against the plain kernels: {error:.1e} "
        f"{judge(error, 1e-9, at_least=False)}"
    )


def stations() -> None:
    """Time a thousand stations, where the calls themselves count; bare and labelled arrays."""
    import xarray

    latitude = np.linspace(-60.0, 70.0, 1000)
    for days in (30, 365):
        series = weather(1000, days, np.float64)
        others = peers(series, latitude)
        targets = dict.fromkeys(others, 1.0)
        time = {"time": dates(days).astype("datetime64[ns]")}
        labelled = [
            xarray.DataArray(values, dims=("time", "place"), coords=time, attrs={"units": unit})
            for values, unit in zip(series, ("degC", "%", "km/h", "mm"), strict=True)
        ]
        north = xarray.DataArray(latitude, dims="place", attrs={"units": "degree"})

        def bare(series: Any = series, days: int = days) -> object:
            return fwi(*series, time=dates(days), latitude=latitude)

        def with_units(labelled: Any = labelled, north: Any = north) -> object:
            return fwi(*labelled, latitude=north)

        side_by_side(f"1,000 stations, {days} days", bare, others, targets, rounds=9)
        side_by_side("  the same, labelled, with units", with_units, others, targets, rounds=9)


def growth() -> None:
    """Print the cost of a cell-day from ten thousand cells to ten million, on 1 and 2 threads."""
    print(f"{'cells':>12}  {'FWI 1 thread':>14}  {'2 threads':>10}  {'UTCI':>10}   ns a cell-day")
    for cells in (10_000, 100_000, 1_000_000, 10_000_000):
        costs = " ".join(f"{cost:12.1f}" for cost in cost_of(cells, days=3))
        print(f"{cells:>12,}  {costs}", flush=True)


def cost_of(cells: int, days: int) -> list[float]:
    """Return nanoseconds a cell-day of FWI on one thread, on two, and of UTCI: the best of nine."""
    series = weather(cells, days)
    out = np.zeros((6, days, cells), dtype=np.float32)

    def codes(threads: int) -> object:
        return fwi_grid(*series, time=dates(days), latitude=45.0, out=out, threads=threads)

    air, humid, wind, _ = (values[0].astype(np.float64) for values in series)
    sides = [
        (lambda: codes(1), days),
        (lambda: codes(2), days),
        (lambda: utci(air, humid, wind / 4, air + 5.0), 1),
    ]
    return [min(timed(side)[0] for _ in range(9)) / cells / rows * 1e9 for side, rows in sides]


def memory() -> None:
    """Print the most memory a call takes, in a process of its own, above what it had before."""

    def peak() -> int:
        # Not getrusage: Linux hands the parent's peak on to a process that it starts.
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    small = weather(1000, 2)
    fwi_grid(*small, time=dates(2), latitude=45.0)
    before = peak()
    series = weather(CELLS, DAYS)
    codes, _ = fwi_grid(*series, time=dates(DAYS), latitude=np.linspace(-60.0, 70.0, CELLS))
    needed = sum(values.nbytes for values in series) + codes.nbytes
    share = (peak() - before) / needed
    print(
        f"peak memory: {share:.3f} of input and output ({needed / 1e6:,.0f} MB) "
        f"{judge(share, 1.1, at_least=False)}"
    )


def main() -> None:
    """Run all parts."""
    warnings.simplefilter("ignore")
    header("Canadian fire weather codes")
    single_precision()
    subprocess.run([sys.executable, __file__, "memory"], check=True)
    double_precision()
    stations()
    growth()


if __name__ == "__main__":
    if sys.argv[1:] == ["memory"]:
        memory()
    else:
        main()

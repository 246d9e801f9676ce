"""SPI on many cells against climate_indices (same fit) and xclim (maximum likelihood), in one run.

make bench, or python -m tools.peers bench/indicators_drought.py
"""

from __future__ import annotations

import statistics
import sys
import warnings

import numpy as np
from _side_by_side import header, judge, quiet, side_by_side, timed

from tocsin.indicators.drought import spi

YEARS = 40
ROWS = YEARS * 12
CELLS, SHARED, BY_XCLIM = 100_000, 20_000, 20
"""What must be done within ``LIMIT_S``; what climate_indices gets as well; what xclim gets."""
LIMIT_S = 20.0


def rain(cells: int) -> np.ndarray:
    """Return monthly sums, one month in twenty dry."""
    rng = np.random.default_rng(0)
    values = rng.gamma(2.0, 40.0, (ROWS, cells))
    values[rng.random(values.shape) < 0.05] = 0.0
    return values


def ours(values: np.ndarray) -> np.ndarray:
    """Return our SPI-3."""
    return np.asarray(spi(values, scale_months=3, first_month=1))


def beside_climate_indices() -> None:
    """Time both on the same cells and say how far the numbers are apart."""
    from climate_indices import compute, indices

    quiet()
    values = rain(SHARED)
    cube = values.reshape(ROWS, 100, -1)  # time and two axes: else it is read as one series

    def theirs() -> np.ndarray:
        gamma, monthly = indices.Distribution.gamma, compute.Periodicity.monthly
        return np.asarray(
            indices.spi(cube, 3, gamma, 1981, 1981, 2020, monthly, spatial_time_major=True)
        )

    what = f"SPI-3, {SHARED:,} cells, {YEARS} years"
    side_by_side(
        what, lambda: ours(values), {"climate_indices": theirs}, {"climate_indices": 3}, rounds=3
    )
    print(f"largest difference: {np.nanmax(np.abs(ours(values) - theirs().reshape(ROWS, -1))):.1e}")


def beside_xclim() -> None:
    """Time xclim's fit on a few cells, ours on many, and compare the cost of a cell."""
    import xarray
    from xclim.indices import standardized_precipitation_index

    values = rain(SHARED)
    months = np.arange("1981-01", "2021-01", dtype="datetime64[M]").astype("datetime64[ns]")
    few = xarray.DataArray(
        values[:, :BY_XCLIM],
        dims=("time", "cell"),
        coords={"time": months},
        attrs={"units": "mm/month"},
    )

    def theirs() -> object:
        found = standardized_precipitation_index(
            few, freq=None, window=3, dist="gamma", method="ML", fitkwargs={"floc": 0}
        )
        return found.load()

    theirs()
    rounds = [(timed(lambda: ours(values))[0] / SHARED, timed(theirs)[0] / BY_XCLIM) for _ in "123"]
    ratio = statistics.median(b / a for a, b in rounds)
    cell = [statistics.median(side) * 1e6 for side in zip(*rounds, strict=True)]
    print(
        f"a cell costs us {cell[0]:.0f} us (of {SHARED:,}), xclim's maximum likelihood "
        f"{cell[1]:,.0f} us (of {BY_XCLIM}, scaled): {ratio:.0f} times "
        f"{judge(ratio, 100, at_least=True)}"
    )


def main() -> None:
    """Run all parts."""
    warnings.simplefilter("ignore")
    header("Standardised precipitation index")
    for part in (beside_climate_indices, beside_xclim):
        try:
            part()
        except ImportError as error:
            print(f"left out: {error}", file=sys.stderr)
    values = rain(CELLS)
    clock, worked = timed(lambda: ours(values))
    print(
        f"SPI-3, {CELLS:,} cells: {clock:.1f} s ({worked:.1f} s of processors) "
        f"{judge(clock, LIMIT_S, at_least=False)}"
    )


if __name__ == "__main__":
    main()

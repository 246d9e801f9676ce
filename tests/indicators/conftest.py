"""One fixture for all indicators: the same numbers as list, numpy, xarray and dask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

KINDS = ("list", "numpy", "xarray", "xarray-dask", "dask")


@pytest.fixture(params=KINDS)
def as_array(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return a function (values, unit, dims) -> the values in one of the kinds."""
    kind = request.param

    def make(values: Any, unit: str, dims: tuple[str, ...] = ("time",), time: Any = None) -> Any:
        array = np.asarray(values, dtype=np.float64)
        if kind == "list":
            return array.tolist()
        if kind == "numpy":
            return array
        if kind == "dask":
            return pytest.importorskip("dask.array").from_array(array, chunks=2)
        coords = {} if time is None else {"time": np.asarray(time, dtype="datetime64[ns]")}
        labelled = pytest.importorskip("xarray").DataArray(
            array, dims=dims, coords=coords, attrs={"units": unit}
        )
        return labelled.chunk(2) if kind == "xarray-dask" else labelled

    make.kind = kind
    return make


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Return a function that reads a CSV beside the test, its # lines left out."""

    def read(name: str) -> Any:
        path = Path(request.path).parent / name
        return np.genfromtxt(_rows(path), delimiter=",", names=True, dtype=None, encoding="utf-8")

    return read


def _rows(path: Path) -> Iterator[str]:
    return (
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )

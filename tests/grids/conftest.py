"""A small grid of noon weather, written as a person's files would be."""

from __future__ import annotations

import numpy as np
import pytest
import xarray

DAYS, ROWS, COLUMNS = 45, 14, 18

QUANTITIES = {
    "t2m": ("air_temperature", "K"),
    "rh": ("relative_humidity", "%"),
    "ws": ("wind_speed", "m s-1"),
    "tp": ("lwe_thickness_of_precipitation_amount", "mm"),
}


def make_weather(days=DAYS, rows=ROWS, columns=COLUMNS, seed=1):
    """Return noon weather of a fire season over a piece of Scandinavia."""
    rng = np.random.default_rng(seed)
    shape = (days, rows, columns)
    numbers = {
        "t2m": 285.0 + rng.normal(0.0, 8.0, shape),
        "rh": rng.uniform(15.0, 100.0, shape),
        "ws": rng.gamma(2.0, 1.8, shape),
        "tp": np.maximum(0.0, rng.normal(-3.0, 5.0, shape)),
    }
    start = np.datetime64("2024-04-01T12", "ns")
    axes = {
        "time": start + np.arange(days) * np.timedelta64(1, "D"),
        "lat": ("lat", np.linspace(64.0, 58.0, rows), {"units": "degrees_north"}),
        "lon": ("lon", np.linspace(4.0, 16.0, columns), {"units": "degrees_east"}),
    }
    return xarray.Dataset(
        {
            name: (
                ("time", "lat", "lon"),
                values.astype(np.float32),
                {"standard_name": QUANTITIES[name][0], "units": QUANTITIES[name][1]},
            )
            for name, values in numbers.items()
        },
        coords=axes,
    )


@pytest.fixture(scope="session")
def weather():
    return make_weather()


@pytest.fixture(scope="session")
def netcdf(weather, tmp_path_factory):
    path = tmp_path_factory.mktemp("grids") / "noon.nc"
    weather.to_netcdf(path, engine="netcdf4")
    return path


def write_zarr(data, path, chunks):
    encoding = {name: {"chunks": chunks} for name in data.data_vars}
    data.to_zarr(path, zarr_format=3, consolidated=False, encoding=encoding)
    return path

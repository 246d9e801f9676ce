"""Elementwise indicators on a million values against thermofeel and xclim, in one run.

    make bench, or python -m tools.peers bench/indicators_heat.py

Each side gets float64 arrays in the units it asks for, made beforehand. Where a peer gets the dew
point instead of the humidity, that is what its function takes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from _side_by_side import header, side_by_side

from tocsin.indicators.cold import wind_chill
from tocsin.indicators.fire import ffdi
from tocsin.indicators.heat import apparent_temperature, heat_index, humidex, utci, wbgt

VALUES = 1_000_000
KELVIN = 273.15
Sides = Mapping[str, Callable[[], object]]


def weather() -> dict[str, np.ndarray]:
    """Return air, humidity, wind, radiation and what follows from them."""
    rng = np.random.default_rng(0)
    air = rng.uniform(-10.0, 45.0, VALUES)
    wind = rng.uniform(0.5, 15.0, VALUES)
    return {
        "t": air,
        "h": rng.uniform(10.0, 99.0, VALUES),
        "w": wind,
        "kmh": wind * 3.6,
        "mrt": air + rng.uniform(-5.0, 40.0, VALUES),
        "dew": air - rng.uniform(0.1, 20.0, VALUES),
        "drought": rng.uniform(0.0, 10.0, VALUES),
    }


def of_thermofeel(x: dict[str, np.ndarray]) -> dict[str, Callable[[], object]]:
    """Return thermofeel's functions by our names."""
    try:
        from thermofeel import thermofeel as th
    except ImportError as error:
        print(f"thermofeel is left out: {error}")
        return {}
    t, dew, mrt = x["t"] + KELVIN, x["dew"] + KELVIN, x["mrt"] + KELVIN
    return {
        "utci": lambda: th.calculate_utci(t, x["w"], mrt, td_k=dew),
        "heat_index": lambda: th.calculate_heat_index_adjusted(t, dew),
        "humidex": lambda: th.calculate_humidex(t, dew),
        "apparent_temperature": lambda: th.calculate_apparent_temperature(t, x["w"], x["h"]),
        "wbgt": lambda: th.calculate_wbgt(t, mrt, x["w"], dew),
        "wind_chill": lambda: th.calculate_wind_chill(t, x["w"]),
    }


def of_xclim(x: dict[str, np.ndarray]) -> dict[str, Callable[[], object]]:
    """Return xclim's functions by our names."""
    try:
        import xarray
        import xclim.indices as xi
    except ImportError as error:
        print(f"xclim is left out: {error}")
        return {}

    def labelled(name: str, unit: str) -> Any:
        return xarray.DataArray(x[name], dims="place", attrs={"units": unit})

    t, h, dew = labelled("t", "degC"), labelled("h", "%"), labelled("dew", "degC")
    kmh, drought = labelled("kmh", "km/h"), labelled("drought", "")
    return {
        "heat_index": lambda: xi.heat_index(t, h),
        "humidex": lambda: xi.humidex(t, dew),
        "wind_chill": lambda: xi.wind_chill_index(t, kmh),
        "ffdi": lambda: xi.mcarthur_forest_fire_danger_index(drought, t, h, kmh),
    }


def main() -> None:
    """Compare each indicator with every peer that has it."""
    warnings.simplefilter("ignore")
    header(f"Elementwise indicators, {VALUES:,} values, float64")
    x = weather()
    ours: Sides = {
        "utci": lambda: utci(x["t"], x["h"], x["w"], x["mrt"]),
        "heat_index": lambda: heat_index(x["t"], x["h"]),
        "humidex": lambda: humidex(x["t"], x["dew"]),
        "apparent_temperature": lambda: apparent_temperature(x["t"], x["h"], x["w"]),
        "wbgt": lambda: wbgt(x["t"], x["h"], x["w"], x["mrt"]),
        "wind_chill": lambda: wind_chill(x["t"], x["kmh"]),
        "ffdi": lambda: ffdi(x["drought"], x["t"], x["h"], x["kmh"]),
    }
    packages = {"thermofeel": of_thermofeel(x), "xclim": of_xclim(x)}
    for name, own in ours.items():
        peers = {package: by[name] for package, by in packages.items() if name in by}
        side_by_side(name, own, peers, dict.fromkeys(peers, 5 if name == "utci" else 1), rounds=9)


if __name__ == "__main__":
    main()

"""Every indicator of the catalogue over a grid: its own numbers, within the planned memory."""

from __future__ import annotations

import re
import tracemalloc

import numpy as np
import pytest
import xarray

from tocsin.errors import GridError
from tocsin.grids import compute, open_result
from tocsin.grids.block import Method, compute_block
from tocsin.grids.inputs import FROM_AXES, NEED_UNITS, gather
from tocsin.grids.journal import Record
from tocsin.grids.plan import Plan
from tocsin.indicators.catalogue import CATALOGUE

STEP = {"hourly": "1h", "hourly-sum": "1h", "weekly": "7D", "monthly": "MS"}
DAY = np.timedelta64(1, "D")
ROWS = {"monthly": 300, "weekly": 330}
SETTINGS = {
    "mean_annual_rain": 900.0,
    "action": 1.0,
    "minor": 2.0,
    "moderate": 3.0,
    "major": 4.0,
    "normal_mean": 20.0,
    "normal_spread": 9.0,
    "land": "paddy",
    "snow_class": "alpine",
    "season_correction": 1.0,
}
PLAUSIBLE = {
    "degC": (-5.0, 30.0),
    "%": (20.0, 90.0),
    "km/h": (5.0, 40.0),
    "mm": (0.0, 20.0),
    "ppm": (0.001, 0.05),
}


def data_for(entry, rows=7, columns=6):
    """Return a data set with everything an indicator takes, from plausible numbers."""
    import pandas as pd

    rng = np.random.default_rng(4)
    count = ROWS.get(entry.cadence, 40)
    if entry.cadence in ("daily", "hourly"):
        count += (entry.window_h or 0) // (24 if entry.cadence == "daily" else 1)
    start = "2026-04-01T12" if entry.standard else "2001-01-01T12"  # an edition has to be known
    axis = pd.date_range(start, periods=count, freq=STEP.get(entry.cadence, "D"))
    shape = (count, rows, columns)
    variables = {}
    for argument, (quantity, unit) in entry.takes.items():
        low, high = PLAUSIBLE.get(unit, (1.0, 9.0))
        values = np.round(rng.uniform(low, high, shape), 2)
        base, _, method = quantity.partition(" (")
        about = {"standard_name": base, "units": unit, "cell_methods": method.rstrip(")")}
        variables[argument] = (("time", "lat", "lon"), values, about)
    if "annual_maxima" in entry.needs:
        record = rng.gamma(9.0, 5.0, (30, rows, columns))
        variables["annual_maxima"] = (("year", "lat", "lon"), record, {"units": "mm"})
    latitude = ("lat", np.linspace(50.0, 44.0, rows), {"units": "degrees_north"})
    return xarray.Dataset(
        variables, {"time": axis, "lat": latitude, "lon": np.arange(columns) * 1.0}
    )


def wants(entry):
    """Return settings and variables beside the series."""
    for need in entry.needs:
        if need not in {*SETTINGS, *FROM_AXES, "annual_maxima"}:
            pytest.skip(f"no example of {need} is known here: add one to SETTINGS")
    settings = {need: SETTINGS[need] for need in entry.needs if need in SETTINGS}
    variables = {need: need for need in entry.needs if need == "annual_maxima"}
    return settings, {**variables, **{argument: argument for argument in entry.takes}}


def directly(entry, data):
    """Return what the function itself makes of bare arrays."""
    given = {argument: data[argument].values for argument in entry.takes}
    settings, variables = wants(entry)
    if "annual_maxima" in variables:
        settings["annual_maxima"] = data["annual_maxima"].values
    if "latitude" in entry.needs:
        shape = data[next(iter(entry.takes))].shape[1:]
        settings["latitude"] = np.broadcast_to(data["lat"].values[:, None], shape)
    if "time" in entry.needs:
        settings["time"] = data["time"].values
    if "first_month" in entry.needs:
        settings["first_month"] = 1
    return entry.compute(**given, **settings)


EXAMPLES = {  # one of each function: the others differ in an option
    (entry.path, entry.output): entry for entry in reversed(CATALOGUE.values())
}


@pytest.mark.slow  # all of them together
@pytest.mark.parametrize("entry", EXAMPLES.values(), ids=lambda entry: entry.id)
def test_a_grid_has_the_functions_own_numbers(entry, tmp_path):
    data = data_for(entry)
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    settings, variables = wants(entry)
    compute(
        entry.id, tmp_path / "in.nc", tmp_path / "out.zarr", threads=1,
        settings=settings, variables=variables,
    )  # fmt: skip
    found = open_result(tmp_path / "out.zarr")[entry.id].values
    # The fast road of fire weather is in single precision throughout; see fwi_grid.
    within = {"rtol": 2e-5, "atol": 6e-3} if Method((entry,)).fast else {"rtol": 1e-7}
    np.testing.assert_allclose(found, np.asarray(directly(entry, data), np.float32), **within)
    assert np.isfinite(found).any()


CARRIED = [e for e in EXAMPLES.values() if e.state and not Method((e,)).whole_series]


@pytest.mark.parametrize("entry", CARRIED, ids=lambda entry: entry.id)
def test_a_series_cut_in_two_has_the_same_numbers(entry, tmp_path):
    data_for(entry).to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    settings, variables = wants(entry)
    method = Method((entry,))
    inputs = gather(entry, [tmp_path / "in.nc"], variables, settings)
    place = (slice(0, 7), slice(0, 6))
    whole, _ = compute_block(method, inputs, slice(0, 40), place, Record())
    first, record = compute_block(method, inputs, slice(0, 23), place, Record())
    second, record = compute_block(method, inputs, slice(23, 40), place, record)
    assert record.segments == 2
    np.testing.assert_array_equal(np.concatenate([first[0], second[0]]), whole[0])


@pytest.mark.slow  # all of them together
@pytest.mark.parametrize("entry", EXAMPLES.values(), ids=lambda entry: entry.id)
def test_a_block_stays_within_its_plan(entry, tmp_path):
    side = 40
    data = data_for(entry, rows=side, columns=side)
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    settings, variables = wants(entry)
    method = Method((entry,))
    inputs = gather(entry, [tmp_path / "in.nc"], variables, settings)
    place, rows = (slice(0, side), slice(0, side)), slice(0, inputs.rows)
    compute_block(method, inputs, rows, (slice(0, 2), slice(0, 2)), Record())  # compiled
    tracemalloc.start()
    try:
        compute_block(method, inputs, rows, place, Record())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    planned = method.cost(inputs).of(side * side, inputs.rows, inputs.chunks[0])
    assert peak <= planned


def test_a_need_without_a_unit_here_is_set_and_not_read(tmp_path):
    entry = CATALOGUE["soil_risk_cd"]
    data_for(entry).to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    with pytest.raises(GridError, match="land cannot come from a file: --set land=VALUE"):
        compute("soil_risk_cd", tmp_path / "in.nc", tmp_path / "out", variables={"land": "ph"})
    assert {*NEED_UNITS} <= {need for entry in CATALOGUE.values() for need in entry.needs}


def test_standard_names_are_in_the_form_of_cf():
    from tocsin.grids.store import CELL_METHODS, STANDARD_NAMES

    assert {*STANDARD_NAMES, *CELL_METHODS} <= set(CATALOGUE)
    assert all(re.fullmatch("[a-z_]+", name) for name in STANDARD_NAMES.values())


def test_a_plan_is_kept_and_restored():
    import json
    from dataclasses import asdict

    plan = Plan(365, (100, 90), 60, (50, 90), (30, 50, 90), 12)
    assert Plan.restore(json.loads(json.dumps(asdict(plan)))) == plan


def test_each_day_is_judged_by_the_edition_of_its_standard(tmp_path):
    """HJ 633-2012 up to 28 February 2026, HJ 633-2026 from 1 March; 70 ug/m3 were 94."""
    entry = CATALOGUE["cn_iaqi_pm25_24h"]
    data = data_for(entry).isel(time=slice(0, 4))
    data = data.assign_coords(time=np.datetime64("2026-02-27", "ns") + np.arange(4) * DAY)
    data["concentration"][:] = 70.0
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    named = {"concentration": "concentration"}
    compute(entry.id, tmp_path / "in.nc", tmp_path / "out.zarr", variables=named)
    by_2026 = float(entry.compute(concentration=70.0, on="2026-03-01"))
    found = open_result(tmp_path / "out.zarr")[entry.id].values[:, 0, 0]
    np.testing.assert_array_equal(found, [94.0, 94.0, by_2026, by_2026])
    assert by_2026 > 94.0
    early = data.assign_coords(time=data["time"] - 20 * 365 * DAY)
    early.to_netcdf(tmp_path / "early.nc", engine="netcdf4")
    with pytest.raises(GridError, match=r"'aqi_cn' is known for 2006-03-04.*on=2016"):
        compute(entry.id, tmp_path / "early.nc", tmp_path / "early.zarr", variables=named)
    assert not (tmp_path / "early.zarr").exists()

"""Each kind of bad input has a stated answer: docs/guide/compute-indicators.md, Bad input."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError, UnitError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.reasons import reasons_at

from .over import over_the_catalogue
from .test_contract import ROWS, extras, sample

NAN = np.nan
LAST = ROWS - 1
WITH_HUMIDITY = [
    (name, argument)
    for name, entry in CATALOGUE.items()
    for argument, quantity in entry.inputs.items()
    if quantity.startswith("relative_humidity")
]
WITH_RAIN = [
    (name, argument)
    for name, entry in CATALOGUE.items()
    for argument, quantity in entry.inputs.items()
    if quantity.startswith("lwe_thickness")
]
LOOKING_BACK = sorted(
    name for name, entry in CATALOGUE.items() if entry.gaps.rule not in ("row", "any")
)
STEP = {"hourly": "h", "hourly-sum": "h", "daily": "D", "daily-noon": "D", "weekly": "W",
        "monthly": "M"}  # fmt: skip


def values(entry, inputs, **needs):
    return np.asarray(entry.compute(**inputs, **{**extras(entry), **needs}), dtype=np.float64)


@pytest.mark.parametrize(("name", "argument"), WITH_HUMIDITY)
def test_humidity_a_little_over_a_hundred_counts_as_a_hundred(name, argument):
    """Interpolation makes 100.4; up to 101 it is taken as 100, unless the method ends lower."""
    entry = CATALOGUE[name]
    inputs, whole = sample(entry), sample(entry)
    inputs[argument][:], whole[argument][:] = 100.4, 100.0
    got, expected = values(entry, inputs), values(entry, whole)
    np.testing.assert_array_equal(got, expected)
    if np.isnan(got).all():
        codes = {reason.code for reason in reasons_at(entry, inputs, extras(entry))}
        assert codes & {"outside-domain", "undefined-combination"}
    inputs[argument][:] = 101.5
    assert np.isnan(values(entry, inputs)).all()


@pytest.mark.parametrize(("name", "argument"), WITH_RAIN)
def test_negative_rain_is_no_rain_gauge(name, argument):
    """It counts as missing: what is undefined says so, a tolerated gap stays one."""
    entry = CATALOGUE[name]
    inputs, missing = sample(entry), sample(entry)
    inputs[argument][LAST], missing[argument][LAST] = -0.1, NAN
    np.testing.assert_array_equal(values(entry, inputs), values(entry, missing))
    if np.isnan(values(entry, inputs)[LAST]):
        reasons = reasons_at(entry, inputs, extras(entry))
        assert argument in {reason.argument for reason in reasons}


@pytest.mark.slow
@over_the_catalogue
def test_a_month_of_nothing_is_no_error_and_passes(entry):
    """Thirty rows without any input: undefined with reasons there, defined again after them."""
    inputs = sample(entry)
    month = slice(60, 90)
    for series in inputs.values():
        series[month] = NAN
    got = values(entry, inputs)
    if entry.gaps.rule != "recedes":
        assert np.isnan(got[month][5:]).any()
    undefined = int(np.flatnonzero(np.isnan(got))[-1])
    assert reasons_at(entry, inputs, extras(entry), undefined)
    if entry.gaps.rule not in ("half", "months") and entry.gaps.rows < 300:
        assert np.isfinite(got[90 + entry.gaps.rows + 10 :]).any()


@over_the_catalogue
def test_a_masked_value_is_a_missing_one(entry):
    """Whatever number a reader left beneath the mask."""
    masked, missing = sample(entry), sample(entry)
    for argument, series in missing.items():
        masked[argument] = np.ma.array(series.copy(), mask=np.arange(ROWS) == LAST)
        series[LAST] = NAN
    np.testing.assert_array_equal(values(entry, masked), values(entry, missing))


@pytest.mark.parametrize("sentinel", [-9999.0, 9.96921e36])
@pytest.mark.parametrize("name", [e.id for e in CATALOGUE.values() if e.family == "cold"])
def test_a_number_that_stands_for_missing_is_no_temperature(name, sentinel):
    """As files write it who forgot to say so; a cold wave of 10,000 K must not come of it."""
    entry = CATALOGUE[name]
    inputs, missing = sample(entry), sample(entry)
    inputs["temperature"][LAST - 30 :: 2], missing["temperature"][LAST - 30 :: 2] = sentinel, NAN
    np.testing.assert_array_equal(values(entry, inputs), values(entry, missing))
    assert np.isnan(values(entry, inputs)[LAST - 30 :]).any() or entry.gaps.rule == "day"


@pytest.mark.parametrize(
    "name", [name for name, entry in CATALOGUE.items() if "latitude" in entry.needs]
)
def test_a_latitude_that_is_missing(name):
    entry = CATALOGUE[name]
    with pytest.raises(ShapeError, match=f"^{name}: latitude is missing; expected it beside"):
        entry.compute(**sample(entry), time=extras(entry)["time"])
    nowhere = values(entry, sample(entry), latitude=NAN)
    if name in ("ffmc", "isi"):  # fine fuel does not know how long the day is
        np.testing.assert_array_equal(nowhere, values(entry, sample(entry)))
        return
    assert np.isnan(nowhere).all()
    reasons = reasons_at(entry, sample(entry), {**extras(entry), "latitude": NAN})
    assert [(reason.code, reason.argument) for reason in reasons] == [("missing", "latitude")]


@over_the_catalogue
def test_an_input_that_is_not_given_is_named_with_its_unit(entry):
    if entry.gaps.rule == "any":
        with pytest.raises(ShapeError, match="needs at least one pollutant; none was given"):
            entry.compute()
        return
    inputs = sample(entry)
    argument = min(inputs)
    del inputs[argument]
    with pytest.raises(ShapeError) as refused:
        entry.compute(**inputs, **extras(entry))
    assert str(refused.value).startswith(f"{entry.id}: {argument} is missing; expected ")
    assert f"[{entry.input_units[argument]}]" in str(refused.value)


@pytest.mark.parametrize(
    "name", sorted(name for name, entry in CATALOGUE.items() if len(entry.inputs) > 1)
)
def test_shapes_that_do_not_fit_are_refused_by_argument(name):
    entry = CATALOGUE[name]
    inputs = sample(entry)
    *_, last = inputs
    inputs[last] = inputs[last][:7]
    with pytest.raises(ShapeError, match=rf"{last} has shape \(7,\), expected one that fits"):
        entry.compute(**inputs, **extras(entry))


@pytest.mark.parametrize("name", LOOKING_BACK)
@pytest.mark.parametrize("fault", ["unsorted", "given twice"])
def test_a_time_axis_out_of_order_is_refused(name, fault):
    xarray = pytest.importorskip("xarray")
    entry = CATALOGUE[name]
    unit = STEP[entry.cadence]
    first = np.datetime64("1990-01-01" if unit in "WD" else "1990-01", "D" if unit == "W" else unit)
    times = first + np.arange(ROWS) * np.timedelta64(
        7 if unit == "W" else 1, "D" if unit == "W" else unit
    )
    times[5] = times[6] if fault == "given twice" else times[0]
    inputs = {
        argument: xarray.DataArray(
            series,
            dims="time",
            coords={"time": times.astype("datetime64[ns]")},
            attrs={"units": entry.input_units[argument]},
        )
        for argument, series in sample(entry).items()
    }
    needs = {
        need: value for need, value in extras(entry).items() if need not in ("time", "first_month")
    }
    with pytest.raises(ShapeError, match="time"):
        entry.compute(**inputs, **needs)


def test_a_series_that_is_a_single_number_is_refused():
    with pytest.raises(ShapeError, match="give arrays with time as the first axis"):
        CATALOGUE["rain_1h"].compute(amount=1.0)


def test_a_word_for_a_unit_is_refused():
    xarray = pytest.importorskip("xarray")
    warm = xarray.DataArray([1.0], dims="time", attrs={"units": "warm"})
    with pytest.raises(UnitError, match="temperature is in 'warm', expected 'degC'"):
        CATALOGUE["heat_index"].compute(temperature=warm, relative_humidity=50.0)

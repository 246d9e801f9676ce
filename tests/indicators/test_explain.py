"""Reasons are true and never missing; drivers add up to the change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.explain import explain

STAND_ALONE = ("instant", "sample", "event")
DOMAINS = [
    (entry.id, argument, limit, outside)
    for entry in CATALOGUE.values()
    if entry.cadence in STAND_ALONE and entry.gaps.rule != "any"
    for argument, (low, high) in entry.domain.items()
    for limit, outside in ((low, -1), (high, +1))
    if math.isfinite(limit)
]
PLAUSIBLE = {
    "air_temperature": 5.0, "relative_humidity": 30.0, "wind_speed": 10.0,
    "wind_speed_of_gust": 10.0, "visibility_in_air": 5.0, "drought_factor": 5.0,
    "mean_radiant_temperature": 10.0, "dew_point_temperature": 2.0, "drought_code": 100.0,
    "lwe_thickness_of_precipitation_amount": 50.0, "soil_ph": 7.0, "moment_magnitude": 6.0,
    "hypocentral_distance": 50.0, "landslide_rain_index": 30.0,
    "landslide_rain_index (95th percentile)": 20.0, "landslide_susceptibility_class": 3.0,
}  # fmt: skip
NEEDS = {"land": "other", "annual_maxima": np.random.default_rng(4).gumbel(40.0, 12.0, 30)}


def plausible(entry):
    inputs = {argument: PLAUSIBLE.get(name, 0.15) for argument, name in entry.inputs.items()}
    if "mean_radiant_temperature" in inputs:
        inputs["mean_radiant_temperature"] = inputs["temperature"]
    return inputs


def needs(entry):
    return {name: NEEDS[name] for name in entry.needs}


@pytest.mark.parametrize(("name", "argument", "limit", "outside"), DOMAINS)
def test_declared_limits_are_those_of_the_code(name, argument, limit, outside):
    entry = CATALOGUE[name]
    inputs = plausible(entry)
    inputs[argument] = limit + outside * 1e-6
    if "mean_radiant_temperature" in inputs:
        inputs["mean_radiant_temperature"] = inputs["temperature"]
    beyond = explain(name, inputs, **needs(entry))
    assert math.isnan(beyond.value)
    assert ("outside-domain", argument) in {(r.code, r.argument) for r in beyond.reasons}
    inputs[argument] = limit - outside * 1e-6
    within = explain(name, inputs, **needs(entry))
    assert not any(reason.code == "outside-domain" for reason in within.reasons)
    assert math.isfinite(within.value)


def test_the_sentences():
    reason = explain("wind_chill", {"temperature": 12.0, "wind_speed": 20.0}).reasons[0]
    assert reason.text == {
        "en": "temperature is 12 degC, above the limit of 10 degC.",
        "zh-Hans": "temperature 为 12 degC，高于界限 10 degC。",
    }


def test_a_missing_input_is_named():
    got = explain("heat_index", {"temperature": math.nan, "relative_humidity": 50.0})
    assert [(r.code, r.argument) for r in got.reasons] == [("missing", "temperature")]


def test_a_combination_is_called_one():
    hot = {"temperature": 45.0, "relative_humidity": 100.0, "wind_speed": 1.0}
    got = explain("utci", {**hot, "mean_radiant_temperature": 45.0})
    assert [reason.code for reason in got.reasons] == ["undefined-combination"]


def test_gaps_of_a_window_are_counted():
    got = explain("rain_6h", {"amount": [math.nan, 1.0, -1.0, 2.0]})
    assert [reason.code for reason in got.reasons] == ["gaps"]
    assert got.reasons[0].text["en"] == (
        "Of the last 6 rows of amount, 2 are missing or impossible and 2 lie before the start."
    )


def test_units_of_labelled_inputs_count():
    xarray = pytest.importorskip("xarray")
    warm = xarray.DataArray([59.0], attrs={"units": "degF"})
    got = explain("wind_chill", {"temperature": warm, "wind_speed": 20.0})
    assert got.reasons[0].text["en"] == "temperature is 15 degC, above the limit of 10 degC."


def test_no_reasons_where_the_value_is_defined():
    got = explain("heat_index", {"temperature": 35.0, "relative_humidity": 50.0})
    assert got.reasons == got.drivers == ()
    assert got.unit == "degC"
    assert got.value == pytest.approx(40.675, abs=1e-3)


@given(st.floats(27, 42), st.floats(20, 90), st.floats(27, 42), st.floats(20, 90))
def test_drivers_add_up_to_the_change(t0, h0, t1, h1):
    before = {"temperature": t0, "relative_humidity": h0}
    now = {"temperature": t1, "relative_humidity": h1}
    got = explain("heat_index", now, before=before)
    change = got.value - explain("heat_index", before).value
    assert sum(driver.share for driver in got.drivers) == pytest.approx(change, abs=1e-9)


def test_an_input_that_did_not_change_drove_nothing():
    before = {"temperature": -5.0, "wind_speed": 20.0}
    got = explain("wind_chill", {"temperature": -5.0, "wind_speed": 40.0}, before=before)
    shares = {driver.argument: driver.share for driver in got.drivers}
    assert shares["temperature"] == 0.0
    assert shares["wind_speed"] < 0.0


def test_drivers_of_a_series_are_refused():
    with pytest.raises(ValueError, match="rain_1h looks back over rows"):
        explain("rain_1h", {"amount": [1.0]}, before={"amount": [0.0]})


def test_an_unknown_id_is_refused():
    with pytest.raises(LookupError, match="'hotness' is not an indicator"):
        explain("hotness", {})

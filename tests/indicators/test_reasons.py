"""No NaN of any indicator stays without a reason, and the reason names the input at fault."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.explain import explain
from tocsin.indicators.reasons import CODES, reasons_at

from .over import over_the_catalogue
from .test_contract import ROWS, extras, sample

IMPOSSIBLE = (np.nan, np.inf, -np.inf, -1e6)
LAST = ROWS - 1


def values_of(indicator, inputs):
    return np.asarray(indicator.compute(**inputs, **extras(indicator)), dtype=np.float64)


@over_the_catalogue
def test_the_input_at_fault_is_named(indicator):
    for argument, bad in itertools.product(indicator.inputs, IMPOSSIBLE):
        inputs = sample(indicator)
        inputs[argument][LAST] = bad
        if np.isnan(values_of(indicator, inputs)[LAST]):
            named = {reason.argument for reason in reasons_at(indicator, inputs, extras(indicator))}
            assert argument in named or named == {""}, (argument, bad)


@over_the_catalogue
def test_every_undefined_row_has_reasons_in_both_languages(indicator):
    rng = np.random.default_rng(7)
    inputs = sample(indicator)
    for series in inputs.values():
        series[rng.random(ROWS) < 0.05] = np.nan
        series[rng.random(ROWS) < 0.02] = -1e6
        series[rng.random(ROWS) < 0.02] = np.inf
    rows = np.flatnonzero(np.isnan(values_of(indicator, inputs)))
    for row in rng.permutation(rows)[:20]:
        for reason in reasons_at(indicator, inputs, extras(indicator), int(row)):
            assert reason.code in CODES
            assert reason.text["en"]
            assert reason.text["zh-Hans"]


def test_a_row_before_the_last_is_explained_by_its_own_past():
    inputs = {"amount": np.array([1.0, np.nan, 1.0, 1.0, 1.0, 1.0])}
    first, last = (reasons_at(CATALOGUE["rain_3h"], inputs, {}, row) for row in (2, -1))
    assert [reason.code for reason in first] == ["gaps"]
    assert last[0].code == "undefined-combination"  # the value is defined; nobody should ask


def test_what_it_needs_is_named_when_missing():
    noon = {"temperature": 20.0, "relative_humidity": 40.0, "wind_speed": 10.0, "rain": 0.0}
    got = explain("fwi", {k: [v] for k, v in noon.items()}, latitude=np.nan, time=["2020-07-01"])
    assert [(reason.code, reason.argument) for reason in got.reasons] == [("missing", "latitude")]


@pytest.mark.parametrize(
    ("name", "inputs", "code"),
    [
        ("temperature_drop_24h", {"temperature": [5.0, 6.0]}, "before-start"),
        ("spi_3", {"precipitation": np.linspace(1, 90, 60)}, "short-record"),
        ("rain_6h", {"amount": [1.0] * 3}, "gaps"),
        ("drought_factor", {"rain": [0.0] * 3, "soil_moisture_deficit": [9.0] * 3}, "gaps"),
    ],
)
def test_codes_of_too_short_a_record(name, inputs, code):
    needs = {"first_month": 1} if name == "spi_3" else {}
    assert code in {reason.code for reason in explain(name, inputs, **needs).reasons}


def test_what_is_not_verified_is_said_with_the_value():
    got = explain("cn_iaqi_so2_24h", {"concentration": 100.0})
    assert "NOT VERIFIED" in got.caution["en"]
    assert explain("heat_index", {"temperature": 30.0, "relative_humidity": 50.0}).caution == {}

"""What every indicator of the catalogue promises, whatever it computes."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import UnitError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.units import same_dimension

from .over import over_the_catalogue

ROWS = 384  # 32 years of months, or more than a year of days
DAYS = np.datetime64("2019-01-01") + np.arange(ROWS)

RANGES = {
    "air_temperature": (-5.0, 35.0),
    "air_temperature (time: maximum)": (5.0, 40.0),
    "air_temperature (time: maximum over a day)": (5.0, 40.0),
    "air_temperature (time: minimum over a day)": (-15.0, 20.0),
    "wind_speed (time: maximum over a day)": (0.0, 20.0),
    "wind_speed_of_gust (time: maximum over a day)": (0.0, 30.0),
    "mole_fraction_of_ozone_in_air": (0.0, 0.12),  # the table over 8 hours ends at 0.2 ppm
    "surface_temperature": (-10.0, 35.0),
    "relative_humidity (time: minimum)": (10.0, 80.0),
    "wind_speed (time: maximum)": (0.0, 20.0),
    "lwe_thickness_of_snowfall_amount": (0.0, 9.0),
    "surface_snow_thickness": (0.0, 2.0),
    "snow_density": (70.0, 500.0),
    "dust_reported": (0.5, 1.0),
    "number_of_lightning_strokes": (0.0, 40.0),
    "fire_weather_index_cn": (0.0, 130.0),
    "dew_point_temperature": (-15.0, -5.0),
    "mean_radiant_temperature": (0.0, 30.0),
    "relative_humidity": (20.0, 95.0),
    "wind_speed": (3.0, 20.0),
    "wind_speed_of_gust": (3.0, 30.0),
    "visibility_in_air": (0.1, 16.0),
    "lwe_thickness_of_precipitation_amount": (0.0, 9.0),
    "lwe_thickness_of_precipitation_amount (time: sum over a month)": (1.0, 200.0),
    "potential_evapotranspiration (time: sum over a month)": (10.0, 150.0),
    "water_surface_height_above_reference_datum": (1.0, 6.0),
    "lwe_thickness_of_precipitation_amount (time: sum over a day)": (0.0, 9.0),
    "soil_ph": (4.0, 9.0),
    "landslide_rain_index": (0.0, 50.0),
    "landslide_rain_index (95th percentile)": (20.0, 40.0),
    "landslide_susceptibility_class": (1.0, 5.0),
    "number_of_cases": (0.0, 20.0),
    "number_of_crashes": (0.0, 20.0),
    "number_of_crashes_predicted": (1.0, 8.0),
    "overdispersion": (0.1, 1.0),
    "moment_magnitude": (5.0, 7.5),
    "hypocentral_distance": (5.0, 250.0),
    "drought_code": (20.0, 500.0),
    "drought_factor": (0.0, 10.0),
    "soil_moisture_deficit": (0.0, 150.0),
}
"""A plausible range for each quantity, in the unit its indicators declare."""

NEEDS = {
    "latitude": 40.0,
    "time": DAYS,
    "mean_annual_rain": 800.0,
    "land": "other",
    "snow_class": "alpine",
    "season_correction": 0.0,
    "first_month": 1,
    "normal_mean": 1600.0,
    "normal_spread": 90.0,
    "action": 2.0,
    "minor": 3.0,
    "moderate": 4.0,
    "major": 5.0,
    "annual_maxima": np.random.default_rng(4).gumbel(40.0, 12.0, 30),
}


@pytest.fixture(params=sorted(CATALOGUE))
def indicator(request):
    return CATALOGUE[request.param]


def sample(indicator):
    """Return ``ROWS`` plausible rows for each argument."""
    rng = np.random.default_rng(11)
    return {a: rng.uniform(*_range(name), ROWS) for a, name in indicator.inputs.items()}


def _range(quantity):
    """Concentrations differ by the substance; any positive number will do for the contract."""
    if quantity not in RANGES and quantity.startswith(("mass_", "mole_", "concentration_")):
        return (0.0, 3.0)
    return RANGES[quantity]


def extras(indicator):
    return {name: NEEDS[name] for name in indicator.needs}


@pytest.mark.slow
def test_every_kind_of_array_gives_the_same_numbers(indicator, as_array):
    plain = sample(indicator)
    kept = {argument: values.copy() for argument, values in plain.items()}
    expected = indicator.compute(**plain, **extras(indicator))
    given = {a: as_array(v, indicator.input_units[a]) for a, v in plain.items()}
    got = indicator.compute(**given, **extras(indicator))
    assert np.isfinite(expected).any()
    np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-12)
    assert all((plain[argument] == kept[argument]).all() for argument in plain)
    if as_array.kind.startswith("xarray"):
        assert same_dimension(got.attrs["units"], indicator.unit)
    if as_array.kind in ("xarray-dask", "dask"):
        assert hasattr(got, "compute")


@over_the_catalogue
def test_nan_in_gives_nan_out_and_never_an_error(indicator):
    together = indicator.gaps.rule == "any"  # there the inputs that are left still answer
    for argument in indicator.inputs:
        broken = sample(indicator)
        for one in indicator.inputs if together else [argument]:
            broken[one][:] = np.nan
        assert np.isnan(indicator.compute(**broken, **extras(indicator))).all(), argument


@over_the_catalogue
def test_infinite_input_is_no_error(indicator):
    for argument in indicator.inputs:
        broken = sample(indicator)
        broken[argument][::2] = np.inf
        broken[argument][1::4] = -np.inf
        indicator.compute(**broken, **extras(indicator))


@over_the_catalogue
def test_places_do_not_mix(indicator):
    """Two places side by side give what each gives alone."""
    one = sample(indicator)
    pair = {a: np.stack([v, v[::-1]], axis=1) for a, v in one.items()}
    got = indicator.compute(**pair, **extras(indicator))
    alone = indicator.compute(**one, **extras(indicator))
    np.testing.assert_allclose(np.asarray(got)[:, 0], alone, rtol=1e-9, atol=1e-10)


@over_the_catalogue
def test_a_wrong_unit_is_refused_by_name(indicator):
    xarray = pytest.importorskip("xarray")
    for argument, unit in indicator.input_units.items():
        wrong = "degC" if not same_dimension(unit, "degC") else "mm"
        plain = sample(indicator)
        plain[argument] = xarray.DataArray(plain[argument], dims="time", attrs={"units": wrong})
        with pytest.raises(UnitError) as refused:
            indicator.compute(**plain, **extras(indicator))
        assert str(refused.value).endswith(f"{argument} is in {wrong!r}, expected {unit!r}.")


@over_the_catalogue
def test_a_missing_unit_is_refused_by_name(indicator):
    xarray = pytest.importorskip("xarray")
    for argument in indicator.inputs:
        plain = sample(indicator)
        plain[argument] = xarray.DataArray(plain[argument], dims="time")
        with pytest.raises(UnitError, match=f"{argument} has no units attribute"):
            indicator.compute(**plain, **extras(indicator))

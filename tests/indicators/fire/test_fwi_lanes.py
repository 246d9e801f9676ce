"""The vectorised codes in double precision against the plain kernels, place by place."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.indicators.fire import FireWeatherState, fwi
from tocsin.indicators.fire._fwi_kernels import daily_codes
from tocsin.indicators.fire.fwi import DAY_FACTORS, DAY_LENGTHS, MOISTURE_SCALE

DAYS = np.datetime64("2020-05-20") + np.arange(60)
MONTHS = DAYS.astype("datetime64[M]").astype(np.int64) % 12


def weather(places, seed=0, wind=60.0):
    rng = np.random.default_rng(seed)
    shape = (DAYS.size, places)
    wet = rng.random(shape) < 0.3
    return [
        rng.uniform(-20, 45, shape),
        rng.uniform(0, 101, shape),
        rng.uniform(0, wind, shape),
        rng.gamma(0.4, 15.0, shape) * wet,
    ]


def plain(series, start, variant):
    """Latitude 45 degrees north throughout."""
    places = series[0].shape[1]
    state = np.stack([np.full(places, code) for code in start])
    out = np.empty((7, places, DAYS.size))
    tables = [np.repeat(table[:1], places, axis=0) for table in (DAY_LENGTHS, DAY_FACTORS)]
    noon = [np.ascontiguousarray(values.T) for values in series]
    daily_codes(*noon, MONTHS, *tables, MOISTURE_SCALE[variant], state, out)
    return out.transpose(0, 2, 1), state


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["exact", "147.2"])
@pytest.mark.parametrize("start", [(85.0, 6.0, 15.0), (99.0, 300.0, 1200.0), (0.0, 0.0, 0.0)])
def test_it_is_the_plain_kernel_to_a_billionth(start, variant):
    series = weather(1500)
    got, end = fwi(
        *series, latitude=45.0, time=DAYS, initial=FireWeatherState(*start), variant=variant
    )
    expected, state = plain(series, start, variant)
    for code, exact, name in zip(got, expected, got._fields, strict=True):
        np.testing.assert_allclose(code, exact, rtol=1e-10, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(np.stack(end), state, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize(
    ("series", "value"),
    [(0, np.nan), (0, -np.inf), (1, 101.5), (2, np.inf), (2, -1.0), (3, -0.1), (3, 6000.0)],
)
def test_bad_values_are_the_same_as_in_the_plain_kernel(series, value):
    broken = weather(70, seed=1)
    broken[series][5, ::3] = value
    broken[series][:, 1] = value  # a whole series without a day
    got, end = fwi(*broken, latitude=45.0, time=DAYS)
    expected, state = plain(broken, (85.0, 6.0, 15.0), "exact")
    np.testing.assert_allclose(np.stack(got), expected, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(np.stack(end), state, rtol=1e-10, atol=1e-9)
    assert [float(code[1]) for code in end] == [85.0, 6.0, 15.0]


@pytest.mark.parametrize("places", [1, 63, 64, 65, 200])
def test_a_number_does_not_depend_on_its_neighbours(places):
    series = weather(200, seed=2)
    all_, _ = fwi(*series, latitude=45.0, time=DAYS)
    part, _ = fwi(*(values[:, -places:] for values in series), latitude=45.0, time=DAYS)
    np.testing.assert_array_equal(part.fwi, all_.fwi[:, -places:])


def test_extremes_of_weather():
    corners = np.array(
        np.meshgrid([-99, -2.8, -1.1, 0, 60], [0, 100], [0, 400], [0, 0.5, 2.8, 999])
    )
    series = [np.tile(row, (DAYS.size, 1)) for row in corners.reshape(4, -1).astype(float)]
    got, _ = fwi(*series, latitude=45.0, time=DAYS)
    expected, _ = plain(series, (85.0, 6.0, 15.0), "exact")
    for code, exact, name in zip(got, expected, got._fields, strict=True):
        np.testing.assert_allclose(code, exact, rtol=1e-9, atol=1e-9, err_msg=name)

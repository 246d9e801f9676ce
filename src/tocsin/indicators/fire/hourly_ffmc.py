"""Hourly fine fuel moisture code.

Source: Van Wagner (1977), A method of computing fine fuel moisture content throughout the diurnal
cycle, Information Report PS-X-69, with the drying rates of the daily code as the cffdrs package has
them. Checked against: tests/indicators/fire/cffdrs_hourly_ffmc.csv
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import quantities

__all__ = ["hourly_ffmc"]

MOISTURE_SCALE = 250.0 * 59.5 / 101.0
HOURLY_RATE = 0.0579


@kernel
def _step(t: float, h: float, w: float, p: float, before: float, hours: float) -> float:
    m: float = MOISTURE_SCALE * (101.0 - before) / (59.5 + before)
    if p > 0.0:
        gain = 42.5 * p * math.exp(-100.0 / (251.0 - m)) * (1.0 - math.exp(-6.93 / p))
        if m > 150.0:
            gain += 0.0015 * (m - 150.0) ** 2 * math.sqrt(p)
        m = min(m + gain, 250.0)
    common = 0.18 * (21.1 - t) * (1.0 - math.exp(-0.115 * h))
    drying_to = 0.942 * h**0.679 + 11.0 * math.exp((h - 100.0) / 10.0) + common
    wetting_to = 0.618 * h**0.753 + 10.0 * math.exp((h - 100.0) / 10.0) + common
    if m > drying_to:
        share, target = h / 100.0, drying_to
    elif m < wetting_to:
        share, target = (100.0 - h) / 100.0, wetting_to
    else:
        share, target = 0.0, m
    rate: float = 0.424 * (1.0 - share**1.7) + 0.0694 * math.sqrt(w) * (1.0 - share**8)
    m = target + (m - target) * 10.0 ** (-HOURLY_RATE * rate * math.exp(0.0365 * t) * hours)
    return min(max(59.5 * (250.0 - m) / (MOISTURE_SCALE + m), 0.0), 101.0)


@kernel
def _hourly(t: Any, h: Any, w: Any, p: Any, hours: float, state: Any, out: Any) -> None:
    for place in range(t.shape[0]):
        for row in range(t.shape[1]):
            a, b, c, d = t[place, row], h[place, row], w[place, row], p[place, row]
            if abs(a) < 100.0 and 0.0 <= b <= 101.0 and 0.0 <= c < 500.0 and 0.0 <= d < 1000.0:
                state[place] = _step(a, min(b, 100.0), c, d, state[place], hours)
                out[place, row] = state[place]
            else:
                out[place, row] = math.nan  # the state stands still


@quantities(temperature="degC", relative_humidity="%", wind_speed="km/h", rain="mm")
def hourly_ffmc(
    temperature: Any,
    relative_humidity: Any,
    wind_speed: Any,
    rain: Any,
    *,
    initial: Any = 85.0,
    step_h: float = 1.0,
) -> tuple[Any, Any]:
    """Moisture of litter and fine fuel through the day.

    Parameters
    ----------
    temperature, relative_humidity, wind_speed : array-like, time first [degC, %, km/h]
        On an unbroken axis of ``step_h`` hours; wind as the mean at 10 m.
    rain : array-like [mm]
        Of the step that ends at the row.
    initial : number or array of the shape of the places [1]
        The code of the step before.
    step_h : float
        Hours between rows.

    Returns
    -------
    code : same kind and shape as the inputs [1]
        A step with a missing or impossible value is NaN and the state stands still.
    state : [1]
        After the last step; give it as ``initial`` to go on from there.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    ShapeError
        Shapes do not fit together.
    """
    check_steps("hourly_ffmc", temperature, "hour" if step_h == 1.0 else "rising")

    def codes(t: Any, h: Any, w: Any, p: Any, start: Any) -> tuple[Any, Any]:
        out = np.empty_like(rows(t))
        state = np.array(np.ravel(start))
        _hourly(rows(t), rows(h), rows(w), rows(p), step_h, state, out)
        return out.reshape(t.shape), state.reshape(t.shape[:-1])

    values, state = along_time(
        codes,
        [temperature, relative_humidity, wind_speed, rain],
        places=[initial],
        outputs=[True, False],
    )
    if hasattr(values, "attrs"):
        values.attrs["units"] = "1"
    return values, state

"""The fire weather codes for many places at a time, written so that LLVM vectorises them.

The same equations as in ``_fwi_kernels``, with both arms of each branch computed and one kept, and
rearranged where that saves a division or a power. Each function takes the type of float it works
in as ``F``. Numbers are those of Van Wagner (1987), Forestry Technical Report 35.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from tocsin.indicators.simd import FLAGS, inlined, keep, vexp, vexp2, vlog2, vpow, vsqrt

__all__ = ["block_codes"]

LN2 = 0.6931471805599453
LOG2_E = 1.4426950408889634
LOG2_10 = 3.3219280948873623


@inlined
def _moisture(code: Any, scale: Any, F: Any) -> Any:
    return scale * (F(101.0) - code) / (F(59.5) + code)


@inlined
def _absorbed(z: Any, F: Any) -> Any:
    """``1 - exp(-z)`` of a positive number; a series near zero, where the difference cancels."""
    p = F(1.0 / 40320.0) * z - F(1.0 / 5040.0)
    p = ((p * z + F(1.0 / 720.0)) * z - F(1.0 / 120.0)) * z + F(1.0 / 24.0)
    p = ((p * z - F(1.0 / 6.0)) * z + F(0.5)) * z
    return keep(z < F(0.125), z - p * z, F(1.0) - vexp(-z))


@inlined
def _wetted(p: Any, m: Any, F: Any) -> Any:
    """Moisture of fine fuel after the rain, eq. 2 and 3."""
    wet = p > F(0.5)
    r = keep(wet, p - F(0.5), F(1.0))
    soaked = m - F(150.0)
    gain = F(42.5) * r * vexp(F(-100.0) / (F(251.0) - m)) * _absorbed(F(6.93) / r, F)
    gain = gain + keep(m > F(150.0), F(0.0015) * soaked * soaked * vsqrt(r), F(0.0))
    m = keep(wet, m + gain, m)
    return keep(m > F(250.0), F(250.0), m)


@inlined
def _targets(t: Any, h: Any, F: Any) -> Any:
    """Moisture that drying and wetting tend to, eq. 4 and 5."""
    log = vlog2(h)
    humid = vexp(h * F(0.1) - F(10.0))
    both = F(0.18) * (F(21.1) - t) * (F(1.0) - vexp(F(-0.115) * h))
    drying_to = F(0.942) * vexp2(F(0.679) * log) + F(11.0) * humid + both
    return drying_to, F(0.618) * vexp2(F(0.753) * log) + F(10.0) * humid + both


@inlined
def _fine_fuel(t: Any, h: Any, w: Any, m: Any, drying_to: Any, wetting_to: Any, F: Any) -> Any:
    """Moisture after a day of drying or wetting by the air, eq. 6 to 9."""
    dries = m > drying_to
    wets = (m < drying_to) & (m < wetting_to)
    share = keep(dries, h, F(100.0) - h) * F(0.01)
    squared = share * share
    eighth = squared * squared
    eighth = eighth * eighth
    rate = F(0.424) * (F(1.0) - vpow(share, F(1.7))) + F(0.0694) * vsqrt(w) * (F(1.0) - eighth)
    left = vexp2(F(-0.581 * LOG2_10) * rate * vexp(F(0.0365) * t))
    target = keep(dries, drying_to, wetting_to)
    return keep(dries | wets, target + (m - target) * left, m)


@inlined
def _duff(t: Any, h: Any, p: Any, before: Any, day_length: Any, F: Any) -> Any:
    """Duff moisture code, eq. 11 to 17."""
    warm = keep(t < F(-1.1), F(-1.1), t)
    drying = F(1.894e-4) * (warm + F(1.1)) * (F(100.0) - h) * day_length
    wet = p > F(1.5)
    rain = keep(wet, F(0.92) * p - F(1.27), F(1.0))
    log = vlog2(keep(before > F(1.0), before, F(1.0)))
    above = keep(before <= F(65.0), F(14.0) - F(1.3 * LN2) * log, F(6.2 * LN2) * log - F(17.2))
    low = before <= F(33.0)
    upper = keep(low, F(100.0), above)  # the slope is upper / lower: one division less
    lower = keep(low, F(0.5) + F(0.3) * before, F(1.0))
    moisture = F(280.0) * vexp(F(-0.023) * before)  # above the 20 % that never dry
    moisture = moisture + F(1000.0) * rain * lower / (F(48.77) * lower + upper * rain)
    rained = F(43.43 * 5.6348) - F(43.43 * LN2) * vlog2(moisture)
    rained = keep(rained < F(0.0), F(0.0), rained)
    code = keep(wet, rained, before) + drying
    return keep(code < F(0.0), F(0.0), code)


@inlined
def _drought(t: Any, p: Any, before: Any, day_factor: Any, F: Any) -> Any:
    """Drought code, eq. 18 to 23."""
    warm = keep(t < F(-2.8), F(-2.8), t)
    drying = (F(0.36) * (warm + F(2.8)) + day_factor) * F(0.5)
    drying = keep(drying < F(0.0), F(0.0), drying)
    wet = p > F(2.8)
    rain = keep(wet, F(0.83) * p - F(1.27), F(1.0))
    fuller = F(1.0) + F(3.937 / 800.0) * rain * vexp(F(0.0025) * before)
    rained = before - F(400.0 * LN2) * vlog2(fuller)
    rained = keep(rained < F(0.0), F(0.0), rained)
    return keep(wet, rained, before) + drying


@inlined
def _spread(w: Any, m: Any, F: Any) -> Any:
    """Spread index at the start, eq. 24 to 26; wind and fuel in one power."""
    squared = m * m
    power = squared * squared * m * vpow(m, F(0.31))
    fuel = F(0.208 * 91.9) * vexp(F(0.05039) * w - F(0.1386) * m)
    return fuel * (F(1.0) + power * F(1.0 / 4.93e7))


@inlined
def _buildup(dmc: Any, dc: Any, F: Any) -> Any:
    """Buildup index, eq. 27; both arms share one division."""
    part = F(0.4) * dc
    nothing = dmc + part <= F(0.0)
    inverse = F(1.0) / keep(nothing, F(1.0), dmc + part)
    index = F(2.0) * part * dmc * inverse
    less = dmc - (F(0.92) + vpow(F(0.0114) * dmc, F(1.7))) * ((dmc - part) * inverse)
    less = keep(less < F(0.0), F(0.0), less)
    return keep(dmc > part, less, index)


@inlined
def _intensity(isi: Any, bui: Any, F: Any) -> Any:
    """Fire intensity, eq. 28 and 29; the power of the arm that counts."""
    deep = bui > F(80.0)
    power = vexp2(keep(deep, F(-0.023 * LOG2_E) * bui, F(0.809) * vlog2(bui)))
    depth = keep(deep, F(1000.0) / (F(25.0) + F(108.64) * power), F(0.626) * power + F(2.0))
    return F(0.1) * isi * depth


@inlined
def _fire_weather(intensity: Any, F: Any) -> Any:
    """Fire weather index, eq. 30."""
    strong = intensity > F(1.0)
    log = F(0.434 * LN2) * vlog2(keep(strong, intensity, F(2.0)))
    return keep(strong, vexp2(F(2.72 * LOG2_E) * vpow(log, F(0.647))), intensity)


# Short loops over a block, each compiled by itself: one loop over all would wait for its own long
# chain of results, while of a short one the processor has several places in work at a time.
_row = numba.njit(nogil=True, cache=True, fastmath=FLAGS, error_model="numpy")


@_row
def _clean_row(
    t: Any, h: Any, w: Any, p: Any, air: Any, humid: Any, wind: Any, rain: Any, gone: Any, F: Any
) -> None:
    """Copy the weather; where it is none, something harmless, and NaN instead of 0 in ``gone``."""
    for n in range(t.size):
        known = (t[n] > F(-100.0)) & (t[n] < F(100.0)) & (h[n] >= F(0.0)) & (h[n] <= F(101.0))
        known &= (w[n] >= F(0.0)) & (w[n] < F(500.0)) & (p[n] >= F(0.0)) & (p[n] < F(5000.0))
        air[n] = keep(known, t[n], F(0.0))
        h_known = keep(known, h[n], F(50.0))
        humid[n] = keep(h_known > F(100.0), F(100.0), h_known)
        wind[n] = keep(known, w[n], F(0.0))
        rain[n] = keep(known, p[n], F(0.0))
        gone[n] = keep(known, F(0.0), F(np.nan))


@_row
def _moisture_row(ffmc: Any, scale: Any, moisture: Any, F: Any) -> None:
    for n in range(ffmc.size):
        moisture[n] = _moisture(keep(ffmc[n] == ffmc[n], ffmc[n], F(85.0)), scale, F)


@_row
def _wetted_row(rain: Any, moisture: Any, wetted: Any, F: Any) -> None:
    for n in range(rain.size):
        wetted[n] = _wetted(rain[n], moisture[n], F)


@_row
def _targets_row(air: Any, humid: Any, drying_to: Any, wetting_to: Any, F: Any) -> None:
    for n in range(air.size):
        both = _targets(air[n], humid[n], F)
        drying_to[n] = both[0]
        wetting_to[n] = both[1]


@_row
def _fine_fuel_row(
    air: Any, humid: Any, wind: Any, wetted: Any, drying_to: Any, wetting_to: Any, gone: Any,
    scale: Any, state: Any, out: Any, F: Any,
) -> None:  # fmt: skip
    for n in range(air.size):
        m = _fine_fuel(air[n], humid[n], wind[n], wetted[n], drying_to[n], wetting_to[n], F)
        code = F(59.5) * (F(250.0) - m) / (scale + m)
        code = keep(code > F(101.0), F(101.0), code)
        code = keep(code < F(0.0), F(0.0), code) + (state[n] - state[n])  # unknown stays unknown
        state[n] = keep(gone[n] == F(0.0), code, state[n])
        out[n] = code + gone[n]


@_row
def _duff_row(
    air: Any, humid: Any, rain: Any, lengths: Any, gone: Any, state: Any, out: Any, F: Any
) -> None:
    for n in range(air.size):
        before = keep(state[n] == state[n], state[n], F(6.0))
        code = _duff(air[n], humid[n], rain[n], before, lengths[n], F) + (state[n] - state[n])
        state[n] = keep(gone[n] == F(0.0), code, state[n])
        out[n] = code + gone[n]


@_row
def _drought_row(
    air: Any, rain: Any, factors: Any, gone: Any, state: Any, out: Any, F: Any
) -> None:
    for n in range(air.size):
        before = keep(state[n] == state[n], state[n], F(15.0))
        code = _drought(air[n], rain[n], before, factors[n], F) + (state[n] - state[n])
        state[n] = keep(gone[n] == F(0.0), code, state[n])
        out[n] = code + gone[n]


@_row
def _spread_row(wind: Any, ffmc: Any, moisture: Any, out: Any, F: Any) -> None:
    for n in range(wind.size):
        out[n] = _spread(wind[n], moisture[n], F) + (ffmc[n] - ffmc[n])


@_row
def _buildup_row(dmc: Any, dc: Any, out: Any, F: Any) -> None:
    for n in range(dmc.size):
        unknown = (dmc[n] - dmc[n]) + (dc[n] - dc[n])  # NaN or 0
        known = unknown == unknown
        out[n] = _buildup(keep(known, dmc[n], F(6.0)), keep(known, dc[n], F(15.0)), F) + unknown


@_row
def _intensity_row(isi: Any, bui: Any, intensity: Any, F: Any) -> None:
    for n in range(isi.size):
        known = bui[n] == bui[n]
        value = _intensity(isi[n], keep(known, bui[n], F(0.0)), F)
        intensity[n] = keep(known, value, F(np.nan))


@_row
def _fire_weather_row(intensity: Any, out: Any, F: Any) -> None:
    for n in range(intensity.size):
        known = intensity[n] == intensity[n]
        index = _fire_weather(keep(known, intensity[n], F(0.0)), F)
        out[n] = keep(known, index, F(np.nan))


@_row
def _severity_row(fwi: Any, out: Any, F: Any) -> None:
    for n in range(fwi.size):
        known = fwi[n] == fwi[n]
        rating = F(0.0272) * vpow(keep(known, fwi[n], F(0.0)), F(1.77))
        out[n] = keep(known, rating, F(np.nan))


@_row
def block_codes(
    weather: Any, months: Any, tables: Any, zones: Any, scale: Any, state: Any, out: Any,
    first: int, last: int, F: Any,
) -> None:  # fmt: skip
    """Fill ``out`` (6 or 7, day, place) and carry ``state`` (3, place) for ``first`` to ``last``.

    ``weather`` are four arrays (day, place), ``tables`` and ``zones`` those of both day lengths.
    Rows are cut out one by one: a row of a cut of several axes would not be known as contiguous,
    and its loop would not be vectorised.
    """
    size = last - first
    lengths, factors = np.empty(size, out.dtype), np.empty(size, out.dtype)
    air, humid = np.empty(size, out.dtype), np.empty(size, out.dtype)
    wind, rain = np.empty(size, out.dtype), np.empty(size, out.dtype)
    gone, moisture = np.empty(size, out.dtype), np.empty(size, out.dtype)
    wetted = np.empty(size, out.dtype)
    drying_to, wetting_to = np.empty(size, out.dtype), np.empty(size, out.dtype)
    ffmc, dmc, dc = state[0, first:last], state[1, first:last], state[2, first:last]
    _moisture_row(ffmc, scale, moisture, F)
    month = -1
    for day in range(months.size):
        if months[day] != month:
            month = months[day]
            for n in range(size):
                lengths[n] = tables[0][zones[0, first + n], month]
                factors[n] = tables[1][zones[1, first + n], month]
        t, h = weather[0][day, first:last], weather[1][day, first:last]
        w, p = weather[2][day, first:last], weather[3][day, first:last]
        _clean_row(t, h, w, p, air, humid, wind, rain, gone, F)
        _wetted_row(rain, moisture, wetted, F)
        _targets_row(air, humid, drying_to, wetting_to, F)
        fine, duff, drought = (
            out[0, day, first:last],
            out[1, day, first:last],
            out[2, day, first:last],
        )
        isi, bui, fwi = out[3, day, first:last], out[4, day, first:last], out[5, day, first:last]
        _fine_fuel_row(air, humid, wind, wetted, drying_to, wetting_to, gone, scale, ffmc, fine, F)
        _duff_row(air, humid, rain, lengths, gone, dmc, duff, F)
        _drought_row(air, rain, factors, gone, dc, drought, F)
        _moisture_row(ffmc, scale, moisture, F)  # of today, and tomorrow's start
        _spread_row(wind, fine, moisture, isi, F)
        _buildup_row(duff, drought, bui, F)
        _intensity_row(isi, bui, wetted, F)
        _fire_weather_row(wetted, fwi, F)
        if out.shape[0] > 6:
            _severity_row(fwi, out[6, day, first:last], F)

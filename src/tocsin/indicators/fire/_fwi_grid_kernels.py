"""The fire weather codes in float32 for a block of cells, written so that LLVM vectorises it.

The same equations as in ``_fwi_kernels``, with both arms of each branch computed and one kept.
Numbers are those of Van Wagner (1987), Forestry Technical Report 35.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from tocsin.indicators.fire._simd import (
    FLAGS,
    F,
    inlined,
    keep,
    vexp,
    vexp2,
    vlog,
    vlog2,
    vpow,
    vrelief,
    vsqrt,
)

__all__ = ["block_codes"]


@inlined
def _wetted(p: Any, before: Any, scale: Any) -> Any:
    """Moisture of fine fuel after the rain."""
    m = scale * (F(101.0) - before) / (F(59.5) + before)
    wet = p > F(0.5)
    r = keep(wet, p - F(0.5), F(1.0))
    soaked = m - F(150.0)
    gain = F(294.525) * vexp(F(-100.0) / (F(251.0) - m)) * vrelief(F(6.93) / r)  # 42.5 times 6.93
    gain = gain + keep(m > F(150.0), F(0.0015) * soaked * soaked * vsqrt(r), F(0.0))
    m = keep(wet, m + gain, m)
    return keep(m > F(250.0), F(250.0), m)


@inlined
def _fine_fuel(t: Any, h: Any, w: Any, m: Any, scale: Any) -> Any:
    """Code after a day of drying or wetting by the air."""
    log = vlog2(h)
    humid = vexp((h - F(100.0)) * F(0.1))
    common = F(0.18) * (F(21.1) - t) * (F(1.0) - vexp(F(-0.115) * h))
    drying_to = F(0.942) * vexp2(F(0.679) * log) + F(11.0) * humid + common
    wetting_to = F(0.618) * vexp2(F(0.753) * log) + F(10.0) * humid + common
    dries = m > drying_to
    wets = (m < drying_to) & (m < wetting_to)
    share = keep(dries, h, F(100.0) - h) * F(0.01)
    squared = share * share
    eighth = squared * squared
    eighth = eighth * eighth
    rate = F(0.424) * (F(1.0) - vpow(share, F(1.7))) + F(0.0694) * vsqrt(w) * (F(1.0) - eighth)
    left = vexp2(F(-1.9300402) * rate * vexp(F(0.0365) * t))  # 0.581 in powers of two
    target = keep(dries, drying_to, wetting_to)
    m = keep(dries | wets, target + (m - target) * left, m)
    code = F(59.5) * (F(250.0) - m) / (scale + m)
    code = keep(code > F(101.0), F(101.0), code)
    return keep(code < F(0.0), F(0.0), code)


@inlined
def _duff(t: Any, h: Any, p: Any, before: Any, day_length: Any) -> Any:
    warm = keep(t < F(-1.1), F(-1.1), t)
    drying = F(1.894e-4) * (warm + F(1.1)) * (F(100.0) - h) * day_length
    log = vlog(keep(before > F(1.0), before, F(1.0)))
    slope = keep(before <= F(65.0), F(14.0) - F(1.3) * log, F(6.2) * log - F(17.2))
    slope = keep(before <= F(33.0), F(100.0) / (F(0.5) + F(0.3) * before), slope)
    wet = p > F(1.5)
    rain = keep(wet, F(0.92) * p - F(1.27), F(1.0))
    moisture = F(280.0) * vexp(F(-0.023) * before)  # above the 20 % that never dry
    moisture = moisture + F(1000.0) * rain / (F(48.77) + slope * rain)
    rained = F(43.43) * (F(5.6348) - vlog(moisture))
    rained = keep(rained < F(0.0), F(0.0), rained)
    code = keep(wet, rained, before) + drying
    return keep(code < F(0.0), F(0.0), code)


@inlined
def _drought(t: Any, p: Any, before: Any, day_factor: Any) -> Any:
    warm = keep(t < F(-2.8), F(-2.8), t)
    drying = (F(0.36) * (warm + F(2.8)) + day_factor) * F(0.5)
    drying = keep(drying < F(0.0), F(0.0), drying)
    wet = p > F(2.8)
    rain = keep(wet, F(0.83) * p - F(1.27), F(1.0))
    stored = F(800.0) * vexp(before * F(-0.0025))
    rained = before - F(400.0) * vlog(F(1.0) + F(3.937) * rain / stored)
    rained = keep(rained < F(0.0), F(0.0), rained)
    return keep(wet, rained, before) + drying


@inlined
def _spread(w: Any, ffmc: Any, scale: Any) -> Any:
    m = scale * (F(101.0) - ffmc) / (F(59.5) + ffmc)
    squared = m * m
    power = squared * squared * m * vpow(m, F(0.31))
    fuel = F(91.9) * vexp(F(-0.1386) * m) * (F(1.0) + power * F(2.0283976e-8))
    return F(0.208) * vexp(F(0.05039) * w) * fuel


@inlined
def _buildup(dmc: Any, dc: Any) -> Any:
    sum_ = dmc + F(0.4) * dc
    nothing = sum_ <= F(0.0)
    index = keep(nothing, F(0.0), F(0.8) * dc * dmc / keep(nothing, F(1.0), sum_))
    share = (dmc - index) / keep(dmc <= F(0.0), F(1.0), dmc)
    less = dmc - (F(0.92) + vpow(F(0.0114) * dmc, F(1.7))) * share
    less = keep(less < F(0.0), F(0.0), less)
    return keep(index < dmc, less, index)


@inlined
def _weather(isi: Any, bui: Any) -> Any:
    deep = F(1000.0) / (F(25.0) + F(108.64) * vexp(F(-0.023) * bui))
    depth = keep(bui > F(80.0), deep, F(0.626) * vpow(bui, F(0.809)) + F(2.0))
    intensity = F(0.1) * isi * depth
    strong = intensity > F(1.0)
    log = vlog(keep(strong, intensity, F(2.0)))
    return keep(strong, vexp(F(2.72) * vpow(F(0.434) * log, F(0.647))), intensity)


@inlined
def _is_weather(t: Any, h: Any, w: Any, p: Any) -> Any:
    plausible = (t > F(-100.0)) & (t < F(100.0)) & (h >= F(0.0)) & (h <= F(101.0))
    return plausible & (w >= F(0.0)) & (w < F(500.0)) & (p >= F(0.0)) & (p < F(5000.0))


_compiled = numba.njit(nogil=True, cache=True, fastmath=FLAGS, error_model="numpy")


@_compiled
def _wetted_row(rain: Any, scale: Any, state: Any, moisture: Any) -> None:
    for n in range(rain.size):
        known = (rain[n] >= F(0.0)) & (rain[n] < F(5000.0))
        moisture[n] = _wetted(keep(known, rain[n], F(0.0)), state[n], scale)


@_compiled
def _fine_fuel_row(
    air: Any, humidity: Any, wind: Any, rain: Any, scale: Any, moisture: Any, state: Any, out: Any
) -> None:
    for n in range(air.size):
        known = _is_weather(air[n], humidity[n], wind[n], rain[n])
        t, h = keep(known, air[n], F(0.0)), keep(known, humidity[n], F(50.0))
        h = keep(h > F(100.0), F(100.0), h)
        code = _fine_fuel(t, h, keep(known, wind[n], F(0.0)), moisture[n], scale)
        state[n] = keep(known, code, state[n])
        out[n] = keep(known, code, F(np.nan))


@_compiled
def _duff_row(
    air: Any, humidity: Any, wind: Any, rain: Any, lengths: Any, state: Any, out: Any
) -> None:
    for n in range(air.size):
        known = _is_weather(air[n], humidity[n], wind[n], rain[n])
        t, h = keep(known, air[n], F(0.0)), keep(known, humidity[n], F(50.0))
        h = keep(h > F(100.0), F(100.0), h)
        code = _duff(t, h, keep(known, rain[n], F(0.0)), state[n], lengths[n])
        state[n] = keep(known, code, state[n])
        out[n] = keep(known, code, F(np.nan))


@_compiled
def _drought_row(
    air: Any, humidity: Any, wind: Any, rain: Any, factors: Any, state: Any, out: Any
) -> None:
    for n in range(air.size):
        known = _is_weather(air[n], humidity[n], wind[n], rain[n])
        t, p = keep(known, air[n], F(0.0)), keep(known, rain[n], F(0.0))
        code = _drought(t, p, state[n], factors[n])
        state[n] = keep(known, code, state[n])
        out[n] = keep(known, code, F(np.nan))


@_compiled
def _spread_row(wind: Any, ffmc: Any, scale: Any, out: Any) -> None:
    for n in range(wind.size):
        known = ffmc[n] >= F(0.0)
        w, code = keep(known, wind[n], F(0.0)), keep(known, ffmc[n], F(85.0))
        out[n] = keep(known, _spread(w, code, scale), F(np.nan))


@_compiled
def _buildup_row(dmc: Any, dc: Any, out: Any) -> None:
    for n in range(dmc.size):
        known = (dmc[n] >= F(0.0)) & (dc[n] >= F(0.0))
        index = _buildup(keep(known, dmc[n], F(6.0)), keep(known, dc[n], F(15.0)))
        out[n] = keep(known, index, F(np.nan))


@_compiled
def _weather_row(isi: Any, bui: Any, out: Any) -> None:
    for n in range(isi.size):
        known = (isi[n] >= F(0.0)) & (bui[n] >= F(0.0))
        index = _weather(keep(known, isi[n], F(0.0)), keep(known, bui[n], F(0.0)))
        out[n] = keep(known, index, F(np.nan))


@_compiled
def block_codes(
    weather: Any, months: Any, tables: Any, zones: Any, scale: Any, state: Any, out: Any,
    first: int, last: int,
) -> None:  # fmt: skip
    """Fill ``out`` (6, day, cell) and carry ``state`` (3, cell) for cells ``first`` to ``last``.

    ``weather`` are four arrays (day, cell), ``tables`` and ``zones`` those of both day lengths.
    Many short loops: one loop over all would wait for its own long chain of results, while of a
    short one the processor has several cells in work at a time.
    """
    cells = last - first
    lengths, factors = np.empty(cells, np.float32), np.empty(cells, np.float32)
    moisture = np.empty(cells, np.float32)
    month = -1
    for day in range(months.size):
        if months[day] != month:
            month = months[day]
            for n in range(cells):
                lengths[n] = tables[0][zones[0, first + n], month]
                factors[n] = tables[1][zones[1, first + n], month]
        t, h = weather[0][day, first:last], weather[1][day, first:last]
        w, p = weather[2][day, first:last], weather[3][day, first:last]
        ffmc, dmc, dc = out[0, day, first:last], out[1, day, first:last], out[2, day, first:last]
        isi, bui, fwi = out[3, day, first:last], out[4, day, first:last], out[5, day, first:last]
        _wetted_row(p, scale, state[0, first:last], moisture)
        _fine_fuel_row(t, h, w, p, scale, moisture, state[0, first:last], ffmc)
        _duff_row(t, h, w, p, lengths, state[1, first:last], dmc)
        _drought_row(t, h, w, p, factors, state[2, first:last], dc)
        _spread_row(w, ffmc, scale, isi)
        _buildup_row(dmc, dc, bui)
        _weather_row(isi, bui, fwi)

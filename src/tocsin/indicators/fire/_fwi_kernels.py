"""Kernels of the Canadian fire weather codes: one day, one place, and the loop over both.

Equation numbers are those of Van Wagner (1987), Forestry Technical Report 35. Written to be read:
the vectorised ``_fwi_lanes`` is held against this file, and the hourly code uses its parts.
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import kernel

__all__ = ["daily_codes"]


@kernel
def fine_fuel(t: float, h: float, w: float, p: float, before: float, scale: float) -> float:
    """Fine fuel moisture code, eq. 1 to 10."""
    m: float = scale * (101.0 - before) / (59.5 + before)
    if p > 0.5:
        r = p - 0.5
        gain = 42.5 * r * math.exp(-100.0 / (251.0 - m)) * (1.0 - math.exp(-6.93 / r))
        if m > 150.0:
            gain += 0.0015 * (m - 150.0) ** 2 * math.sqrt(r)
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
    m = target + (m - target) * 10.0 ** (-0.581 * rate * math.exp(0.0365 * t))
    return min(max(59.5 * (250.0 - m) / (scale + m), 0.0), 101.0)


@kernel
def duff(t: float, h: float, p: float, before: float, day_length: float) -> float:
    """Duff moisture code, eq. 11 to 17."""
    drying = 1.894e-4 * (max(t, -1.1) + 1.1) * (100.0 - h) * day_length
    code = before
    if p > 1.5:
        moisture = 20.0 + 280.0 * math.exp(-0.023 * before)
        if before <= 33.0:
            slope = 100.0 / (0.5 + 0.3 * before)
        elif before <= 65.0:
            slope = 14.0 - 1.3 * math.log(before)
        else:
            slope = 6.2 * math.log(before) - 17.2
        rain = 0.92 * p - 1.27
        moisture += 1000.0 * rain / (48.77 + slope * rain)
        code = max(43.43 * (5.6348 - math.log(moisture - 20.0)), 0.0)
    return max(code + drying, 0.0)


@kernel
def drought(t: float, p: float, before: float, day_factor: float) -> float:
    """Drought code, eq. 18 to 23."""
    code = before
    if p > 2.8:
        rain = 0.83 * p - 1.27
        stored = 800.0 * math.exp(-before / 400.0)
        code = max(before - 400.0 * math.log(1.0 + 3.937 * rain / stored), 0.0)
    return code + max((0.36 * (max(t, -2.8) + 2.8) + day_factor) / 2.0, 0.0)


@kernel
def initial_spread(w: float, ffmc: float, scale: float) -> float:
    """Spread index at the start, eq. 24 to 26."""
    m: float = scale * (101.0 - ffmc) / (59.5 + ffmc)
    spread: float = (
        0.208 * math.exp(0.05039 * w) * 91.9 * math.exp(-0.1386 * m) * (1.0 + m**5.31 / 4.93e7)
    )
    return spread


@kernel
def buildup(dmc: float, dc: float) -> float:
    """Buildup index, eq. 27."""
    if dmc == 0.0:
        return 0.0
    index: float = 0.8 * dc * dmc / (dmc + 0.4 * dc)
    if index < dmc:
        index = dmc - (0.92 + (0.0114 * dmc) ** 1.7) * (dmc - index) / dmc
    return max(index, 0.0)


@kernel
def fire_weather(isi: float, bui: float) -> float:
    """Fire weather index, eq. 28 to 30."""
    if bui > 80.0:
        depth: float = 1000.0 / (25.0 + 108.64 * math.exp(-0.023 * bui))
    else:
        depth = 0.626 * bui**0.809 + 2.0
    intensity = 0.1 * isi * depth
    if intensity <= 1.0:
        return intensity
    return math.exp(2.72 * (0.434 * math.log(intensity)) ** 0.647)


@kernel
def daily_codes(
    t: Any, h: Any, w: Any, p: Any, months: Any,
    day_lengths: Any, day_factors: Any, scale: float, state: Any, out: Any,
) -> None:  # fmt: skip
    """Fill ``out`` (7, place, day) and carry ``state`` (3, place) in place over the days."""
    for place in range(t.shape[0]):
        for day in range(t.shape[1]):
            a, b, c, d = t[place, day], h[place, day], w[place, day], p[place, day]
            month = months[day]
            if not (
                abs(a) < 100.0 and 0.0 <= b <= 101.0 and 0.0 <= c < 500.0 and 0.0 <= d < 5000.0
            ):
                out[:, place, day] = math.nan  # the state stands still
                continue
            b = min(b, 100.0)
            ffmc = fine_fuel(a, b, c, d, state[0, place], scale)
            dmc = duff(a, b, d, state[1, place], day_lengths[place, month])
            dc = drought(a, d, state[2, place], day_factors[place, month])
            isi = initial_spread(c, ffmc, scale)
            bui = buildup(dmc, dc)
            fwi = fire_weather(isi, bui)
            state[0, place], state[1, place], state[2, place] = ffmc, dmc, dc
            out[0, place, day], out[1, place, day], out[2, place, day] = ffmc, dmc, dc
            out[3, place, day], out[4, place, day], out[5, place, day] = isi, bui, fwi
            out[6, place, day] = 0.0272 * fwi**1.77

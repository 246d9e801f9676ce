"""Canadian Forest Fire Weather Index System: six codes and the daily severity rating.

Source: Van Wagner, C.E. (1987), Development and Structure of the Canadian Forest Fire Weather
Index System, Forestry Technical Report 35; day lengths for other latitudes as the cffdrs package
has them (Lawson and Armitage 2008). Checked against: tests/indicators/fire/cffdrs_48days.csv
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.fire._fwi_blocks import Tables, run_blocks
from tocsin.indicators.kernels import along_time
from tocsin.units import is_labelled, quantities

__all__ = ["DEFAULT_STATE", "FireWeather", "FireWeatherState", "fwi", "months_of"]

MOISTURE_SCALE = {"exact": 250.0 * 59.5 / 101.0, "147.2": 147.2}
"""The constant of eq. 1 and 10: exact since cffdrs 1.9.2, and as the 1987 report rounds it."""

DAY_LENGTH_NORTH_OF = (30.0, 10.0, -10.0, -30.0)
DAY_LENGTHS = np.array([
    [6.5, 7.5, 9.0, 12.8, 13.9, 13.9, 12.4, 10.9, 9.4, 8.0, 7.0, 6.0],  # 1987, table 1
    [7.9, 8.4, 8.9, 9.5, 9.9, 10.2, 10.1, 9.7, 9.1, 8.6, 8.1, 7.8],
    [9.0] * 12,
    [10.1, 9.6, 9.1, 8.5, 8.1, 7.8, 7.9, 8.3, 8.9, 9.4, 9.9, 10.2],
    [11.5, 10.5, 9.2, 7.9, 6.8, 6.2, 6.5, 7.4, 8.7, 10.0, 11.2, 11.8],
])  # fmt: skip
"""Effective day length of the duff moisture code: a row a zone, a column a month."""

DAY_FACTOR_NORTH_OF = (20.0, -20.0)
DAY_FACTORS = np.array([
    [-1.6, -1.6, -1.6, 0.9, 3.8, 5.8, 6.4, 5.0, 2.4, 0.4, -1.6, -1.6],  # 1987, table 2
    [1.4] * 12,
    [6.4, 5.0, 2.4, 0.4, -1.6, -1.6, -1.6, -1.6, -1.6, 0.9, 3.8, 5.8],
])  # fmt: skip
"""Day length factor of the drought code: a row a zone, a column a month."""

TABLES: Tables = ((DAY_LENGTH_NORTH_OF, DAY_LENGTHS), (DAY_FACTOR_NORTH_OF, DAY_FACTORS))


class FireWeatherState(NamedTuple):
    """What today leaves to tomorrow: the three moisture codes, each a number or one a place."""

    ffmc: Any
    dmc: Any
    dc: Any


DEFAULT_STATE = FireWeatherState(85.0, 6.0, 15.0)
"""The start of a season after snow melt, Van Wagner (1987)."""


class FireWeather(NamedTuple):
    """The daily codes, each of the shape of the inputs, without unit."""

    ffmc: Any
    dmc: Any
    dc: Any
    isi: Any
    bui: Any
    fwi: Any
    dsr: Any


def months_of(time: Any, temperature: Any, function: str = "fwi") -> Any:
    """Return the month (0 to 11) of each day, and refuse days out of order or twice."""
    if time is None:
        if not (is_labelled(temperature) and "time" in temperature.coords):
            raise ShapeError(f"{function}(): time is missing; give the day of each row.")
        time = temperature["time"].values
    days = np.asarray(time, dtype="datetime64[D]")
    if not is_labelled(temperature) and np.ndim(temperature) == 0:
        raise ShapeError(f"{function}(): temperature is one number; expected a row for each day.")
    length = temperature.sizes["time"] if is_labelled(temperature) else np.shape(temperature)[0]
    if days.shape != (length,):
        raise ShapeError(f"{function}(): time has shape {days.shape}, expected ({length},).")
    steps = np.diff(days).astype(np.int64)
    if (steps <= 0).any():
        at = int(np.flatnonzero(steps <= 0)[0])
        raise ShapeError(
            f"{function}(): time must rise by days; {days[at + 1]} follows {days[at]}."
        )
    return days.astype("datetime64[M]").astype(np.int64) % 12


@quantities(
    temperature="degC", relative_humidity="%", wind_speed="km/h", rain="mm", latitude="degree"
)
def fwi(
    temperature: Any,
    relative_humidity: Any,
    wind_speed: Any,
    rain: Any,
    *,
    latitude: Any,
    time: Any = None,
    initial: FireWeatherState = DEFAULT_STATE,
    variant: Literal["exact", "147.2"] = "exact",
) -> tuple[FireWeather, FireWeatherState]:
    """Moisture of three fuel layers and the fire behaviour it allows, from noon weather.

    Computed in double precision by vectorised kernels, on all processors where there are many
    places; the codes are those of the plain equations to 1e-9, or to 1e-10 of a large value.

    Parameters
    ----------
    temperature, relative_humidity, wind_speed : array-like, time first [degC, %, km/h]
        At noon local standard time; wind as the mean at 10 m.
    rain : array-like [mm]
        Of the 24 hours before noon.
    latitude : number or array of the shape of the places [degree]
        Chooses the tables of day length; north is positive.
    time : array of dates, optional
        The local day of each row, rising; taken from a DataArray's ``time`` if not given.
    initial : FireWeatherState
        The codes of the day before, as a run before this one returned them.
    variant : {"exact", "147.2"}
        The constant between moisture content and FFMC; the older one changes FWI by up to 1.

    Returns
    -------
    codes : FireWeather [1]
        Seven arrays of the shape of the inputs. A day with a missing or impossible value (humidity
        outside 0 to 101 %, negative wind or rain) is NaN and the state stands still; so does it
        over days that ``time`` leaves out. NaN where the latitude or the initial state is NaN.
    state : FireWeatherState [1]
        After the last day; give it as ``initial`` to go on from there.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    ShapeError
        Shapes do not fit together, or the days do not rise.
    """
    if variant not in MOISTURE_SCALE:
        raise ValueError(f"fwi(): variant is {variant!r}; give 'exact' or '147.2'.")
    temperature = temperature if hasattr(temperature, "shape") else np.asarray(temperature)
    months = months_of(time, temperature)
    scale = MOISTURE_SCALE[variant]

    def codes(t: Any, h: Any, w: Any, p: Any, lat: Any, *start: Any) -> tuple[Any, ...]:
        noon = tuple(series.reshape(len(months), -1) for series in (t, h, w, p))
        state = np.stack([np.ravel(code) for code in start])
        out = np.empty((7, *noon[0].shape))
        run_blocks(noon, months, TABLES, np.ravel(lat), scale, state, out)
        return (*out.reshape(7, *t.shape), *state.reshape(3, *t.shape[1:]))

    results = along_time(
        codes,
        [temperature, relative_humidity, wind_speed, rain],
        places=[latitude, *initial],
        outputs=[True] * 7 + [False] * 3,
        time_first=True,
    )
    for result in results:
        if is_labelled(result):
            result.attrs["units"] = "1"
    return FireWeather(*results[:7]), FireWeatherState(*results[7:])

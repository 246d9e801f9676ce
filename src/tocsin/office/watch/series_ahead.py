"""The newest run of a forecast for the series page: median and members of each station shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from tocsin.triggers.futures import ModelRun

from .asked import Period
from .forecast_models import ForecastRun
from .labels import Shown
from .model_runs import newest_runs, stored_runs
from .models import Series
from .times import from_utc

__all__ = ["SeriesAhead", "newest_ahead"]

AHEAD = timedelta(hours=72)
"""How much of a run is drawn: the past beside it must stay readable."""
DECIMALS = 3


@dataclass(frozen=True, slots=True)
class SeriesAhead:
    """A run, and for each station that it has the hours after ``at``."""

    run: ForecastRun
    present: int
    x: list[int]
    lines: list[dict[str, Any]]
    """station -> median, lowest and highest member, in the unit of the page."""

    @property
    def is_single(self) -> bool:
        """Whether it is a single forecast, without members."""
        return self.run.members == 1

    def as_json(self) -> dict[str, Any]:
        """Return what the chart draws."""
        return {"model": self.run.model, "x": self.x, "lines": self.lines}


def newest_ahead(
    series: Sequence[Series], period: Period, shown: Shown, at: datetime
) -> SeriesAhead | None:
    """Return the newest run over the series shown; None where the period does not reach ``at``."""
    observed = [one for one in series if one.kind == Series.OBSERVED]
    if not observed or period.end < at - timedelta(hours=1):
        return None
    quantity = observed[0].quantity
    stations = [one.station.code for one in observed]
    rows = newest_runs(at, at, quantities=[quantity])
    for row in sorted(rows, key=lambda run: (run.issued_at, run.members), reverse=True):
        for run in stored_runs([row], stations, [quantity]):
            if found := _lines(run, quantity, stations, shown, at):
                return SeriesAhead(row, len(run.values[quantity]), *found)
    return None


def _lines(
    run: ModelRun, quantity: str, stations: Sequence[str], shown: Shown, at: datetime
) -> tuple[list[int], list[dict[str, Any]]] | None:
    """Return the times and lines after ``at``; None where there are none."""
    begin = from_utc(at)
    chosen = (run.times > begin) & (run.times <= begin + np.timedelta64(AHEAD))
    if not chosen.any():
        return None
    values = run.values[quantity][:, chosen]
    lines = []
    for place, station in enumerate(stations):
        column = values[:, :, place]
        if np.isfinite(column).any():
            there = np.isfinite(column).any(axis=0)
            lines.append(
                {
                    "station": station,
                    "median": _shown(np.nanmedian, column, there, shown),
                    "low": _shown(np.nanmin, column, there, shown),
                    "high": _shown(np.nanmax, column, there, shown),
                }
            )
    return (run.times[chosen].astype(np.int64).tolist(), lines) if lines else None


def _shown(how: Any, column: Any, there: Any, shown: Shown) -> list[float | None]:
    """Return one number an hour in the unit of the page, None where no member has one."""
    out: list[float | None] = [None] * there.size
    for hour in np.flatnonzero(there).tolist():
        value = shown.of(float(how(column[:, hour])))
        out[hour] = None if value is None else round(value, DECIMALS)
    return out

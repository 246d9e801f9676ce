"""Time series at stations in one NetCDF file, as the CF conventions lay them out.

Format: CF 1.11, chapter 9 and appendix H.2, "Time Series Data": a dimension of stations with a
variable of ``cf_role = "timeseries_id"``, a time axis with ``units`` and ``calendar``, and
variables (station, time) or (time, station) with ``standard_name`` and ``units``. Both the
rectangular layout and a single station without a dimension are read; the ragged ones (H.2.4) are
refused in words.
Opened by xarray with netCDF4, which come with ``tocsin[grids]``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from tocsin.intake.feed import Feed, Reading, reader
from tocsin.intake.quantities import QUANTITIES
from tocsin.intake.rows import Rows, StationNames

if TYPE_CHECKING:
    import xarray

__all__ = ["NetcdfStations", "read_netcdf_stations"]


class NetcdfStations(StationNames):
    """The settings of this reader."""

    station_variable: str = Field(
        "", description="the variable with the stations' names; without it by cf_role"
    )
    variables: dict[str, str] = Field(
        default_factory=dict,
        description="variable = CF standard name, where the file does not say it itself",
    )

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Return quantities that are not known."""
        return [
            *super().problems(),
            *(
                (f"variables.{name}", quantity, "Not a known quantity.", "Use a CF standard name.")
                for name, quantity in self.variables.items()
                if quantity not in QUANTITIES
            ),
        ]


@reader("netcdf-stations", NetcdfStations, "netcdf")
def read_netcdf_stations(feed: Feed, options: NetcdfStations, stations: Collection[str]) -> Reading:
    """Read one file."""
    rows = Rows(feed, stations, options.stations)
    try:
        import xarray  # here, not above: NetCDF is an extra, and half a second of loading
    except ImportError:
        rows.fault("file", "", "NetCDF cannot be read here.", "Install tocsin[grids].")
        return rows.reading()
    try:
        with xarray.open_dataset(feed.file, engine="netcdf4") as data:
            _read_data(rows, options, data)
    except (OSError, ValueError, RuntimeError) as error:
        rows.fault(
            "file", str(error).split("\n")[0], "This file cannot be read.", "Fetch it again."
        )
    return rows.reading()


def _read_data(rows: Rows, options: NetcdfStations, data: xarray.Dataset) -> None:
    names = options.station_variable or next(
        (
            str(n)
            for n, one in data.variables.items()
            if one.attrs.get("cf_role") == "timeseries_id"
        ),
        "",
    )
    if names not in data.variables or "time" not in data.variables:
        rows.fault(
            "cf_role", names, "There are no station names or no time.",
            "Name the variable of the stations in station_variable.",
        )  # fmt: skip
        return
    if data["time"].dtype.kind != "M" or data["time"].ndim != 1:
        rows.fault("time", str(data["time"].dtype), "The time axis is no time.", "Mend its units.")
        return
    times = data["time"].values.astype("datetime64[s]")
    labels = [_text(one) for one in np.atleast_1d(data[names].values)]
    for label in sorted(set(labels)):
        if labels.count(label) > 1:
            rows.fault(names, label, "Two stations have this name.", "The first one is used.")
    for key, one in data.data_vars.items():
        name = str(key)
        quantity = options.variables.get(name) or str(one.attrs.get("standard_name", ""))
        if quantity in QUANTITIES and name != names:
            _read_variable(rows, name, quantity, one, times, labels)


def _text(value: Any) -> str:
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()


def _read_variable(
    rows: Rows, name: str, quantity: str, one: xarray.DataArray, times: Any, labels: list[str]
) -> None:
    axis = [str(dim) for dim in one.dims]
    if "time" not in axis or len(axis) > 2 or (len(axis) == 1 and len(labels) > 1):
        rows.fault(
            name, ", ".join(axis), "The variable is not laid out as (station, time).",
            "Ragged arrays are not read: write the file as a rectangle.",
        )  # fmt: skip
        return
    values = np.asarray(one.transpose(..., "time").values, np.float64).reshape(-1, times.size)
    if values.shape[0] != len(labels):
        rows.fault(name, ", ".join(axis), "The variable has other stations.", "Mend the file.")
        return
    unit = str(one.attrs.get("units", ""))
    seen: set[str] = set()
    for label, row in zip(labels, values, strict=True):
        rows.rows_read += times.size
        station = rows.station(label)
        if station is None or label in seen:
            continue
        seen.add(label)
        for n in np.flatnonzero(~np.isnat(times)).tolist():
            if np.isfinite(row[n]):
                rows.add(station, quantity, unit, times[n], float(row[n]), f"{name}[{label},{n}]")

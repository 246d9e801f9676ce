"""NetCDF and GRIB, whole and half, made here by the libraries that write the real ones."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.intake.feeds import Named
from tests.intake.readings import feed_of, values
from tocsin.errors import IntakeError
from tocsin.intake import Forecast, Reading, read

netCDF4 = pytest.importorskip("netCDF4")
eccodes: Any = pytest.importorskip("eccodes")
RAIN = "lwe_thickness_of_precipitation_amount"
POINTS = {"EST": {"lat": 40.0, "lon": 10.0}, "WST": {"lat": 50.0, "lon": 12.0}}


def netcdf(path: Path, names: tuple[str, ...] = ("EST", "WST"), unit: str = "K") -> Path:
    with netCDF4.Dataset(path, "w") as data:
        data.Conventions, data.featureType = "CF-1.11", "timeSeries"
        data.createDimension("station", len(names))
        data.createDimension("time", 3)
        name = data.createVariable("station_name", str, ("station",))
        name.cf_role = "timeseries_id"
        name[:] = np.array(names, dtype=object)
        time = data.createVariable("time", "f8", ("time",))
        time.units, time.calendar = "hours since 2026-01-01 00:00:00", "standard"
        time[:] = [0, 1, 2]
        value = data.createVariable("t", "f4", ("time", "station"), fill_value=-9999.0)
        value.standard_name, value.units = "air_temperature", unit
        value[:] = np.array([[273.15, 274.15], [275.15, -9999.0], [276.15, 277.15]])
        cloud = data.createVariable("clt", "f4", ("station", "time"))
        cloud.standard_name, cloud.units = "cloud_area_fraction", "1"
    return path


def read_netcdf(path: Path, **options: Any) -> Reading:
    return read(feed_of("netcdf-stations", path, **options), [Named("EST"), Named("WST")])


def test_netcdf_stations_are_found_by_their_role(tmp_path: Path) -> None:
    reading = read_netcdf(netcdf(tmp_path / "x.nc"))

    assert values(reading, "EST", "air_temperature") == {
        "2026-01-01T00:00": 0.0, "2026-01-01T01:00": 2.0, "2026-01-01T02:00": 3.0,
    }  # fmt: skip
    assert len(values(reading, "WST", "air_temperature")) == 2
    assert reading.faults == []


def test_netcdf_oddities_are_told(tmp_path: Path) -> None:
    twice = read_netcdf(netcdf(tmp_path / "twice.nc", ("EST", "EST")))
    assert values(twice, "EST", "air_temperature")["2026-01-01T01:00"] == 2.0
    assert "Two stations have this name" in twice.faults[0].problem

    with pytest.raises(IntakeError, match="does not measure air_temperature"):
        read_netcdf(netcdf(tmp_path / "unit.nc", unit="Pa"))
    with pytest.raises(IntakeError, match="no station names"):
        read_netcdf(netcdf(tmp_path / "name.nc"), station_variable="nothing")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_half_a_netcdf_file_is_refused(tmp_path: Path, share: float) -> None:
    whole = netcdf(tmp_path / "whole.nc").read_bytes()
    half = tmp_path / "half.nc"
    half.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(IntakeError, match="cannot be read"):
        read_netcdf(half)


def grib(short: str, value: float, step: int, **keys: Any) -> bytes:
    """Return one message of a global grid that has ``value`` everywhere north of 45 N, else + 1."""
    message = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
    settings = {
        "Ni": 36, "Nj": 19, "latitudeOfFirstGridPointInDegrees": 90.0,
        "longitudeOfFirstGridPointInDegrees": 0.0, "latitudeOfLastGridPointInDegrees": -90.0,
        "longitudeOfLastGridPointInDegrees": 350.0, "iDirectionIncrementInDegrees": 10.0,
        "jDirectionIncrementInDegrees": 10.0, "dataDate": 20260101, "dataTime": 600,
    }  # fmt: skip
    for key, one in {**settings, **keys, "shortName": short}.items():
        eccodes.codes_set(message, key, one)
    if short == "tp":
        eccodes.codes_set(message, "stepRange", f"0-{step}")
    else:
        eccodes.codes_set(message, "step", step)
    field = np.full((19, 36), value)
    field[5:] += 1
    eccodes.codes_set_values(message, field.ravel())
    body: bytes = eccodes.codes_get_message(message)
    eccodes.codes_release(message)
    return body


def read_grib(folder: Path, body: bytes, **options: Any) -> Reading:
    file = folder / "x.grib2"
    file.write_bytes(body)
    settings = {"model": "ifs", "points": POINTS, **options}
    return read(feed_of("grib-points", file, **settings), [Named("EST"), Named("WST")])


def predicted(reading: Reading, station: str, quantity: str) -> Forecast:
    (one,) = [
        part
        for part in reading.forecasts
        if (part.series.station, part.series.quantity) == (station, quantity)
    ]
    return one


def numbers(reading: Reading, station: str, quantity: str) -> dict[str, float]:
    return values(Reading([predicted(reading, station, quantity).series]), station, quantity)


def test_grib_gives_each_station_its_point_run_and_hours(tmp_path: Path) -> None:
    body = grib("2t", 280.0, 0) + grib("2t", 281.0, 3) + grib("msl", 101_300.0, 3)
    reading = read_grib(tmp_path, body)

    assert reading.series == []
    assert numbers(reading, "WST", "air_temperature") == {
        "2026-01-01T06:00": 6.85, "2026-01-01T09:00": 7.85,
    }  # fmt: skip
    assert numbers(reading, "EST", "air_temperature")["2026-01-01T06:00"] == 7.85
    one = predicted(reading, "EST", "air_temperature")
    assert (one.model, one.run, one.member) == ("ifs", np.datetime64("2026-01-01T06:00"), None)
    assert reading.faults == []


def test_grib_wind_is_joined_and_half_of_it_is_told(tmp_path: Path) -> None:
    body = grib("10u", 3.0, 3) + grib("10v", 4.0, 3) + grib("10u", 3.0, 6)
    reading = read_grib(tmp_path, body, points={"WST": POINTS["WST"]})

    assert numbers(reading, "WST", "wind_speed") == {"2026-01-01T09:00": 5.0}
    assert numbers(reading, "WST", "wind_from_direction") == {"2026-01-01T09:00": 216.87}
    assert "Only one component" in reading.faults[0].problem


def test_grib_rain_is_made_of_the_differences_of_sums(tmp_path: Path) -> None:
    body = grib("tp", 1.0, 1) + grib("tp", 3.5, 2) + grib("tp", 9.0, 6)
    reading = read_grib(tmp_path, body, points={"WST": POINTS["WST"]})

    unit = 1.0 if numbers(reading, "WST", RAIN)["2026-01-01T06:00"] == 1.0 else 1000.0
    assert numbers(reading, "WST", RAIN) == {
        "2026-01-01T06:00": unit, "2026-01-01T07:00": 2.5 * unit,
    }  # fmt: skip
    assert [fault.value for fault in reading.faults] == ["0-6"]


def test_half_a_grib_file_gives_its_whole_messages(tmp_path: Path) -> None:
    body = grib("2t", 280.0, 0) + grib("2t", 281.0, 3)
    for cut in (len(body) - 1, len(body) - 4, len(body) // 2 + 30):
        reading = read_grib(tmp_path, body[:cut])
        assert list(numbers(reading, "EST", "air_temperature")) == ["2026-01-01T06:00"]
        assert "in the middle of a message" in reading.faults[0].problem

    with pytest.raises(IntakeError):
        read_grib(tmp_path, body[:40])


def test_missing_members_of_an_ensemble_are_told(tmp_path: Path) -> None:
    keys = {"productDefinitionTemplateNumber": 1, "numberOfForecastsInEnsemble": 5}
    body = b"".join(grib("2t", 280.0 + n, 3, **keys, number=n) for n in (0, 1, 3))
    reading = read_grib(tmp_path, body, members=5)

    assert sorted(part.member for part in reading.forecasts if part.series.station == "EST") == [
        0, 1, 3,
    ]  # fmt: skip
    assert [(fault.value, fault.problem) for fault in reading.faults] == [
        ("3", "The ensemble should have 5 members.")
    ]


def test_without_the_library_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    body = grib("2t", 280.0, 0)
    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(IntakeError, match=r"tocsin\[grids\]"):
        read_grib(tmp_path, body)

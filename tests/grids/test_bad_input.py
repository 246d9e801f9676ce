"""What is wrong with a file is said before anything is computed from it, or counted after."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import numpy as np
import pytest
import xarray

from tocsin.errors import GridError, ShapeError
from tocsin.grids import compute, open_result
from tocsin.grids.damage import check_classic_netcdf, check_grib

from .conftest import write_zarr
from .test_compute import codes


def attempt(data, tmp_path, indicator="fwi", **more):
    source = tmp_path / "in.zarr"
    data.to_zarr(source, zarr_format=3, consolidated=False, mode="w")
    return compute(indicator, source, tmp_path / "out.zarr", **more)


def refused(data, tmp_path, kind, words, indicator="fwi"):
    with pytest.raises(kind, match=words):
        attempt(data, tmp_path, indicator)
    assert not (tmp_path / "out.zarr").exists()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.999])
def test_a_truncated_netcdf_is_refused(netcdf, tmp_path, share):
    whole = netcdf.read_bytes()
    (tmp_path / "cut.nc").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(GridError, match=r"cut.nc cannot be opened as NetCDF.*fetch it again"):
        compute("fwi", tmp_path / "cut.nc", tmp_path / "out.zarr")


CLASSIC = ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"]


@pytest.mark.parametrize("format_", CLASSIC)
@pytest.mark.parametrize("unlimited", [None, "time"])
def test_a_truncated_classic_netcdf_would_read_as_zeros_and_is_refused(
    weather, tmp_path, format_, unlimited
):
    path = tmp_path / "in.nc"
    weather.to_netcdf(path, format=format_, engine="netcdf4", unlimited_dims=unlimited)
    check_classic_netcdf(path)
    whole = path.read_bytes()
    for share in (0.01, 0.5, 0.9999):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(GridError, match="cut off"):
            compute("fwi", path, tmp_path / "out.zarr")


def test_what_is_no_grid_at_all_is_refused(tmp_path):
    (tmp_path / "notes.nc").write_text("rain was heavy")
    (tmp_path / "folder").mkdir()
    for name, words in (
        ("notes.nc", "neither NetCDF nor GRIB"),
        ("folder", "no Zarr store"),
        ("nowhere.nc", "does not exist"),
    ):
        with pytest.raises(GridError, match=words):
            compute("fwi", tmp_path / name, tmp_path / "out.zarr")


def test_a_damaged_chunk_is_named_and_no_result_is_shown(weather, tmp_path):
    source = write_zarr(weather, tmp_path / "in.zarr", (45, 7, 18))
    chunk = source / "rh" / "c" / "0" / "1" / "0"
    chunk.write_bytes(chunk.read_bytes()[:100])
    with pytest.raises(
        GridError, match=r"in.zarr: rh cannot be read at lat 0 to 13.*fetch it again"
    ):
        compute("fwi", source, tmp_path / "out.zarr")
    with pytest.raises(GridError, match="is not complete"):
        open_result(tmp_path / "out.zarr")


def test_an_unsorted_time_axis_is_refused_with_its_first_row(weather, tmp_path):
    order = [0, 1, 2, 5, 4, 3, *range(6, 45)]
    words = r"not sorted: 2024-04-05T12:00:00 follows 2024-04-06T12:00:00 in row 4.*sortby"
    refused(weather.isel(time=order), tmp_path, ShapeError, words)


def test_a_duplicated_time_is_refused_with_its_rows(weather, tmp_path):
    twice = weather.isel(time=[0, 1, 1, *range(2, 45)])
    words = r"2024-04-02T12:00:00 stands twice.*rows 1 and 2.*drop_duplicates"
    refused(twice, tmp_path, ShapeError, words)


def test_two_rows_of_one_day_are_no_daily_weather(weather, tmp_path):
    times = weather["time"].values.copy()
    times[3] = times[2] + np.timedelta64(6, "h")
    words = "needs a step of at least one day; 2024-04-03T18:00:00 follows 2024-04-03T12:00:00"
    refused(weather.assign_coords(time=times), tmp_path, ShapeError, words)


def test_a_missing_day_is_bridged_by_fire_weather_and_refused_where_rows_are_counted(
    weather, tmp_path
):
    gap = weather.isel(time=[n for n in range(45) if n != 9])
    attempt(gap, tmp_path)
    np.testing.assert_array_equal(open_result(tmp_path / "out.zarr")["fwi"], codes(gap)[5])
    with pytest.raises(ShapeError, match=r"step of 24 h; 2024-04-11T12:00:00 follows 2024-04-09T"):
        attempt(gap, tmp_path, "antecedent_precipitation_index")


def test_a_missing_latitude_is_asked_for(weather, tmp_path):
    bare = weather.rename(lat="row").drop_vars("row")
    refused(bare, tmp_path, GridError, r"needs the latitude of each cell.*--set latitude=47.5")
    for given in ("north", 95.0):
        with pytest.raises(GridError, match=f"latitude is {given!r}; give a number from -90 to 90"):
            attempt(bare, tmp_path, settings={"latitude": given})
    attempt(bare, tmp_path, settings={"latitude": 61.0})
    assert np.isfinite(open_result(tmp_path / "out.zarr")["fwi"]).all()


def test_a_latitude_beyond_the_pole_is_refused(weather, tmp_path):
    metres = weather.assign_coords(
        lat=("lat", np.arange(14) * 1000.0, {"standard_name": "latitude"})
    )
    refused(metres, tmp_path, GridError, "a latitude is 13000; it ends at 90")


def test_a_month_of_nan_is_nan_and_the_codes_go_on_after_it(weather, tmp_path):
    data = weather.copy(deep=True)
    data["rh"][5:35] = np.nan
    result = attempt(data, tmp_path)
    fwi = open_result(tmp_path / "out.zarr")["fwi"].values
    assert np.isnan(fwi[5:35]).all()
    np.testing.assert_array_equal(fwi, codes(data)[5])
    assert np.isfinite(fwi[35:]).all()
    assert result.tally.missing["relative_humidity"] == 30 * 14 * 18
    assert result.tally.missing["rain"] == 0


def test_humidity_over_100_after_interpolation(weather, tmp_path):
    data = weather.copy(deep=True)
    data["rh"][10, 0, 0] = 100.9  # taken as 100
    data["rh"][10, 0, 1] = 103.0  # impossible: NaN that day, and counted
    result = attempt(data, tmp_path)
    fwi = open_result(tmp_path / "out.zarr")["fwi"].values
    assert np.isfinite(fwi[10, 0, 0])
    assert np.isnan(fwi[10, 0, 1])
    assert np.isfinite(fwi[11, 0, 1])
    assert result.tally.outside["relative_humidity"] == 1
    saturated = weather.copy(deep=True)
    saturated["rh"][10, 0, 0] = 100.0
    assert fwi[10, 0, 0] == codes(saturated)[5][10, 0, 0]


def test_negative_rain_is_missing_and_counted(weather, tmp_path):
    data = weather.copy(deep=True)
    data["tp"][10, 3, 4] = -1e-4
    result = attempt(data, tmp_path)
    fwi = open_result(tmp_path / "out.zarr")["fwi"].values
    assert np.isnan(fwi[10, 3, 4])
    assert np.isnan(fwi).sum() == 1
    assert result.tally.outside["rain"] == 1


def test_grids_that_differ_are_refused(weather, tmp_path):
    smaller = weather[["tp"]].isel(lon=slice(0, 17))
    shifted = weather[["tp"]].assign_coords(lon=weather["lon"] + 0.25)
    upside_down = weather[["tp"]].isel(lat=slice(None, None, -1))
    a = write_zarr(weather.drop_vars("tp"), tmp_path / "a.zarr", (45, 14, 18))
    for n, (other, words) in enumerate(
        [
            (smaller, "lon has 18 cells in temperature .t2m of a.zarr. and 17 in rain"),
            (shifted, r"lon\[0\] is 4.0 in temperature .* and 4.25 in rain"),
            (upside_down, r"lat\[0\] is 64.0 .* 58.0 .*sortby if one is upside down"),
        ]
    ):
        b = tmp_path / f"b{n}.zarr"
        other.to_zarr(b, zarr_format=3, consolidated=False)
        with pytest.raises(GridError, match=words):
            compute("fwi", [a, b], tmp_path / "out.zarr")


def test_times_that_differ_are_refused(weather, tmp_path):
    a = write_zarr(weather.drop_vars("tp"), tmp_path / "a.zarr", (45, 14, 18))
    for n, (other, words) in enumerate(
        [
            (weather[["tp"]].isel(time=slice(1, None)), "has 45 rows .* has 44 from 2024-04-02"),
            (
                weather[["tp"]].assign_coords(time=weather["time"] + np.timedelta64(1, "D")),
                "Row 0 is 2024-04-01 in temperature .* and 2024-04-02 in rain",
            ),
        ]
    ):
        b = tmp_path / f"b{n}.zarr"
        other.to_zarr(b, zarr_format=3, consolidated=False)
        with pytest.raises(ShapeError, match=words):
            compute("fwi", [a, b], tmp_path / "out.zarr")


def test_a_missing_variable_is_named_with_those_there_are(weather, tmp_path):
    words = r"rain is not clear: no variable has the standard name 'lwe_.*There is rh .*rain=NAME"
    refused(weather.drop_vars("tp"), tmp_path, GridError, words)


def test_another_axis_is_refused_unless_it_is_idle(weather, tmp_path):
    data = weather.copy()
    data["t2m"] = weather["t2m"].expand_dims(height=[2.0])
    attempt(data, tmp_path)
    np.testing.assert_array_equal(open_result(tmp_path / "out.zarr")["fwi"], codes(weather)[5])
    data["t2m"] = weather["t2m"].expand_dims(member=3)
    with pytest.raises(GridError, match="t2m has the axis member of 3 beside time"):
        attempt(data, tmp_path)


def test_a_calendar_without_leap_days_is_refused(weather, tmp_path):
    words = "in the calendar 'noleap'. Convert it first"
    refused(weather.convert_calendar("noleap"), tmp_path, GridError, words)


def test_an_empty_time_axis_is_refused(weather, tmp_path):
    refused(weather.isel(time=slice(0, 0)), tmp_path, ShapeError, "time axis is empty")


def test_an_input_is_never_written_over(weather, tmp_path):
    source = write_zarr(weather, tmp_path / "in.zarr", (45, 14, 18))
    with pytest.raises(GridError, match="would be written over"):
        compute("fwi", source, source, fresh=True)
    with pytest.raises(GridError, match="not written by `tocsin grids compute`"):
        compute("fwi", source, write_zarr(weather, tmp_path / "other.zarr", (45, 14, 18)))
    with pytest.raises(GridError, match="Take it away yourself"):
        compute("fwi", source, tmp_path / "other.zarr", fresh=True)
    xarray.testing.assert_equal(xarray.open_zarr(source, consolidated=False), weather)


def test_no_place_to_write_is_said_in_a_sentence(netcdf, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GridError, match=r"cannot be written: File exists \(.*/file\).*to go on"):
        compute("fwi", netcdf, tmp_path / "file" / "out.zarr")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission_to_write_is_said_in_a_sentence(netcdf, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(GridError, match="cannot be written: Permission denied"):
        compute("fwi", netcdf, tmp_path / "locked" / "out.zarr")


FULL = """
import resource, sys
from tocsin.errors import GridError
from tocsin.grids import compute
# A limit on files stands in for a disk that is full: the same call fails in the same place.
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, {hard}))
try:
    compute("fwi", sys.argv[1], sys.argv[2])
except GridError as error:
    sys.exit(str(error))
"""


@pytest.mark.slow
def test_a_full_disk_stops_the_run_and_it_goes_on_once_there_is_room(weather, netcdf, tmp_path):
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    store = tmp_path / "out.zarr"
    full = subprocess.run(
        [sys.executable, "-c", FULL.format(hard=hard), netcdf, store],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "out.zarr cannot be written: File too large. What is done so far is kept" in full.stderr
    with pytest.raises(GridError, match="is not complete"):
        open_result(store)
    compute("fwi", netcdf, store)
    np.testing.assert_array_equal(open_result(store)["fwi"], codes(weather)[5])


def write_grib(path, days=3):
    import eccodes

    with path.open("wb") as file:
        for day in range(1, days + 1):
            for name in ("2t", "2r", "10si", "tp"):
                message = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
                keys = {
                    "Ni": 6, "Nj": 4, "dataDate": 20240400 + day, "dataTime": 1200,
                    "latitudeOfFirstGridPointInDegrees": 50,
                    "latitudeOfLastGridPointInDegrees": 47,
                    "longitudeOfFirstGridPointInDegrees": 10,
                    "longitudeOfLastGridPointInDegrees": 15,
                    "iDirectionIncrementInDegrees": 1, "jDirectionIncrementInDegrees": 1,
                    "shortName": name,
                }  # fmt: skip
                for key, value in keys.items():
                    eccodes.codes_set(message, key, value)
                low, high = {"2t": (285, 301), "2r": (30, 90), "10si": (1, 9), "tp": (0, 0.02)}[
                    name
                ]
                eccodes.codes_set_values(message, np.linspace(low, high, 24))
                eccodes.codes_write(message, file)
                eccodes.codes_release(message)
    return path


def test_grib_is_computed_and_half_of_it_is_refused(tmp_path):
    path = write_grib(tmp_path / "noon.grib")
    named = {"wind_speed": "si10", "rain": "tp"}  # GRIB has no standard names for these two
    compute("fwi", path, tmp_path / "fwi.zarr", variables=named)
    fwi = open_result(tmp_path / "fwi.zarr")["fwi"]
    assert fwi.shape == (3, 4, 6)
    assert np.isfinite(fwi).all()
    whole = path.read_bytes()
    check_grib(path)
    for size in (len(whole) // 2, len(whole) - 1, 30):
        path.write_bytes(whole[:size])
        with pytest.raises(
            GridError, match=r"message \d+, which begins at byte [\d,]+, is cut off"
        ):
            compute("heat_index", path, tmp_path / "cut.zarr")
    assert not (tmp_path / "cut.zarr").exists()


def test_rubbish_between_grib_messages_is_no_message(tmp_path):
    path = write_grib(tmp_path / "noon.grib", days=1)
    whole = path.read_bytes()
    path.write_bytes(b"\x01\r\r\n123\r\r\nHTXX01 ECMF 011200\r\r\n" + whole + b"\x00" * 40)
    check_grib(path)
    path.write_bytes(whole + b"rubbish after the last message")
    with pytest.raises(GridError, match="message 5"):
        check_grib(path)

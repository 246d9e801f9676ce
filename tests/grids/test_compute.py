"""The same numbers as the catalogue's functions, whatever the file, the cut and the crew."""

from __future__ import annotations

import numpy as np
import pytest
import xarray

from tocsin.errors import GridError, UnitError
from tocsin.grids import compute, open_result
from tocsin.indicators.drought import spi
from tocsin.indicators.fire import fwi, fwi_grid
from tocsin.indicators.heat import heat_index
from tocsin.indicators.rain import rain_sum

from .conftest import make_weather, write_zarr


def codes(data):
    """Return the six fire weather codes of a data set, computed in one go in memory."""
    weather = [
        (data["t2m"].values.astype(np.float64) - 273.15).astype(np.float32),
        data["rh"].values,
        (data["ws"].values.astype(np.float64) * 3.6).astype(np.float32),
        data["tp"].values,
    ]
    latitude = np.broadcast_to(data["lat"].values[:, None], weather[0].shape[1:])
    return fwi_grid(*weather, time=data["time"].values, latitude=latitude)[0]


def test_fire_weather_is_the_functions_to_the_bit(weather, netcdf, tmp_path):
    compute(["ffmc", "fwi"], netcdf, tmp_path / "out.zarr", threads=1)
    result = open_result(tmp_path / "out.zarr")
    np.testing.assert_array_equal(result["ffmc"], codes(weather)[0])
    np.testing.assert_array_equal(result["fwi"], codes(weather)[5])


def test_results_carry_cf_attributes(netcdf, weather, tmp_path):
    compute("heat_index", netcdf, tmp_path / "out.zarr")
    result = open_result(tmp_path / "out.zarr")
    about = result["heat_index"].attrs
    assert about["standard_name"] == "heat_index_of_air_temperature"
    assert about["long_name"] == "Heat index"
    assert about["units"] == "degC"
    assert "Rothfusz" in about["method"]
    assert about["source"] == f"tocsin {about['version']}, indicator heat_index"
    assert result.attrs["Conventions"].startswith("CF-")
    assert result["lat"].attrs["units"] == "degrees_north"
    xarray.testing.assert_equal(result["time"], weather["time"])
    expected = heat_index(weather["t2m"].astype(np.float64), weather["rh"].astype(np.float64))
    np.testing.assert_array_equal(result["heat_index"], expected.values.astype(np.float32))


@pytest.mark.parametrize(
    ("chunks", "segments"), [((45, 14, 18), 1), ((7, 5, 6), 2), ((1, 14, 18), 2)]
)
def test_numbers_do_not_depend_on_the_cut(weather, tmp_path, chunks, segments, monkeypatch):
    monkeypatch.setattr("tocsin.grids.plan.LEAST_TILE", 40)
    monkeypatch.setattr("tocsin.grids.plan.READ_AT_ONCE", 300)
    monkeypatch.setattr("tocsin.grids.plan.GOOD_ROWS", 8)
    monkeypatch.setattr("tocsin.grids.run.in_use", lambda: 0)
    monkeypatch.setattr("tocsin.grids.run.RESERVE", -8_000_000 * 3)
    source = write_zarr(weather, tmp_path / "in.zarr", chunks)
    result = compute("fwi", source, tmp_path / "out.zarr", memory=200_000, threads=3)
    assert result.plan.tiles >= 3
    assert result.plan.segments >= segments
    np.testing.assert_array_equal(open_result(result.store)["fwi"], codes(weather)[5])


def test_years_in_several_files_are_one_series(weather, tmp_path):
    weather.isel(time=slice(20, None)).to_netcdf(tmp_path / "a.nc", engine="netcdf4")
    weather.isel(time=slice(0, 20)).to_netcdf(tmp_path / "b.nc", engine="netcdf4")
    result = compute("fwi", [tmp_path / "a.nc", tmp_path / "b.nc"], tmp_path / "out.zarr")
    np.testing.assert_array_equal(open_result(result.store)["fwi"], codes(weather)[5])


def test_variables_may_come_from_different_files_and_formats(weather, tmp_path):
    weather[["t2m", "ws"]].to_netcdf(tmp_path / "a.nc", format="NETCDF3_CLASSIC", engine="netcdf4")
    rest = write_zarr(weather[["rh", "tp"]], tmp_path / "b.zarr", (45, 14, 18))
    result = compute("fwi", [tmp_path / "a.nc", rest], tmp_path / "out.zarr")
    np.testing.assert_array_equal(open_result(result.store)["fwi"], codes(weather)[5])


@pytest.mark.slow
def test_a_severity_rating_takes_the_road_of_double_precision(weather, netcdf, tmp_path):
    result = compute("dsr", netcdf, tmp_path / "out.zarr")
    wide = weather.astype(np.float64, keep_attrs=True)
    expected = fwi(wide["t2m"], wide["rh"], wide["ws"], wide["tp"], latitude=wide["lat"])[0].dsr
    np.testing.assert_array_equal(
        open_result(result.store)["dsr"], expected.values.astype(np.float32)
    )


def test_a_moving_sum_sees_the_whole_series(tmp_path):
    hours = np.datetime64("2024-07-01", "ns") + np.arange(72) * np.timedelta64(1, "h")
    rain = np.random.default_rng(2).gamma(0.2, 3.0, (72, 5, 4))
    about = {"standard_name": "lwe_thickness_of_precipitation_amount", "units": "m"}
    data = xarray.Dataset(
        {"tp": (("time", "y", "x"), rain / 1000.0, about)},
        coords={"time": hours, "y": np.arange(5) * 1000.0, "x": np.arange(4) * 1000.0},
    )
    source = write_zarr(data, tmp_path / "in.zarr", (6, 5, 4))
    result = compute("rain_24h", source, tmp_path / "out.zarr")
    assert result.plan.segments == 1
    expected = rain_sum(rain, window_h=24)
    np.testing.assert_allclose(open_result(result.store)["rain_24h"], expected, rtol=1e-6)


def test_what_an_indicator_needs_beside_its_series_is_set_or_read(weather, tmp_path):
    data = weather.rename(t2m="tmax")
    data["tmax"].attrs["cell_methods"] = "time: maximum"
    data["normal"] = (("lat", "lon"), np.full((14, 18), 0.9), {"units": "m"})
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    with pytest.raises(GridError, match="needs mean_annual_rain: give it, --set"):
        compute("kbdi", tmp_path / "in.nc", tmp_path / "a.zarr")
    compute("kbdi", tmp_path / "in.nc", tmp_path / "a.zarr", settings={"mean_annual_rain": 900})
    compute(
        "kbdi", tmp_path / "in.nc", tmp_path / "b.zarr", variables={"mean_annual_rain": "normal"}
    )
    a, b = (open_result(tmp_path / f"{name}.zarr")["kbdi"].values for name in "ab")
    assert np.isfinite(a).all()
    np.testing.assert_array_equal(a, b)


def test_a_cell_method_of_the_catalogue_is_asked_for(netcdf, tmp_path):
    with pytest.raises(GridError, match=r"air_temperature.*maximum.*There is.*t2m.*--variable"):
        compute("kbdi", netcdf, tmp_path / "out.zarr", settings={"mean_annual_rain": 900})


def test_two_candidates_are_not_guessed_between(weather, tmp_path):
    data = weather.assign(t850=weather["t2m"] - 10.0)
    data["t850"].attrs = weather["t2m"].attrs
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    with pytest.raises(GridError, match="t2m and t850 are all air_temperature"):
        compute("fwi", tmp_path / "in.nc", tmp_path / "out.zarr")
    chosen = {"temperature": "t2m"}
    result = compute("fwi", tmp_path / "in.nc", tmp_path / "out.zarr", variables=chosen)
    np.testing.assert_array_equal(open_result(result.store)["fwi"], codes(weather)[5])


def test_a_wrong_unit_names_argument_got_and_expected(weather, tmp_path):
    data = weather.copy()
    data["ws"] = data["ws"].assign_attrs(units="hPa")
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    with pytest.raises(UnitError, match=r"fwi: wind_speed \(ws of in.nc\) is in 'hPa'.*'km/h'"):
        compute("fwi", tmp_path / "in.nc", tmp_path / "out.zarr")


def test_a_missing_unit_is_refused(weather, tmp_path):
    data = weather.copy()
    del data["tp"].attrs["units"]
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    with pytest.raises(UnitError, match=r"rain .*no units attribute, expected one like 'mm'"):
        compute("fwi", tmp_path / "in.nc", tmp_path / "out.zarr")


def test_a_map_of_one_moment_needs_no_time(tmp_path):
    about = {"standard_name": "hypocentral_distance", "units": "m"}
    distance = np.linspace(5.0, 290.0, 12).reshape(3, 4)
    data = xarray.Dataset({"r": (("lat", "lon"), distance * 1000.0, about)})
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    result = compute(
        "earthquake_intensity", tmp_path / "in.nc", tmp_path / "out.zarr", settings={"magnitude": 6}
    )
    values = open_result(result.store)["earthquake_intensity"].values
    assert values.shape == (3, 4)
    assert (np.diff(values.ravel()) < 0).all()


def test_axes_may_stand_in_any_order_and_latitude_in_two_dimensions(weather, tmp_path):
    latitude = np.broadcast_to(weather["lat"].values[:, None], (14, 18)) - 0.3 * np.arange(18)
    curved = weather.rename(lat="row", lon="column").drop_vars(["row", "column"])
    curved = curved.assign_coords(
        nav_lat=(("row", "column"), latitude, {"standard_name": "latitude"})
    )
    turned = curved.transpose("column", "row", "time")
    turned.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    result = open_result(compute("dmc", tmp_path / "in.nc", tmp_path / "out.zarr").store)
    given = [
        (weather["t2m"].values.astype(np.float64) - 273.15).astype(np.float32),
        weather["rh"].values,
        (weather["ws"].values.astype(np.float64) * 3.6).astype(np.float32),
        weather["tp"].values,
    ]
    expected = fwi_grid(*given, time=weather["time"].values, latitude=latitude)[0][1]
    np.testing.assert_array_equal(result["dmc"].transpose("time", "row", "column"), expected)
    np.testing.assert_array_equal(result["nav_lat"].transpose("row", "column"), latitude)


def test_a_list_is_a_setting_and_an_array_is_none(tmp_path):
    months = np.arange("1980-01", "2010-01", dtype="datetime64[M]").astype("datetime64[ns]")
    rain = np.random.default_rng(3).gamma(2.0, 30.0, (360, 2, 3))
    about = {
        "standard_name": "lwe_thickness_of_precipitation_amount",
        "cell_methods": "time: sum",
        "units": "mm",
    }
    data = xarray.Dataset({"pr": (("time", "y", "x"), rain, about)}, {"time": months})
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    arguments = ("spi_3", tmp_path / "in.nc", tmp_path / "out.zarr")
    given = {"calibration_rows": [0, 300]}
    assert compute(*arguments, settings=given).blocks == 1
    assert compute(*arguments, settings=given).blocks == 0
    found = open_result(tmp_path / "out.zarr")["spi_3"]
    expected = spi(rain, scale_months=3, first_month=1, calibration_rows=(0, 300))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    with pytest.raises(GridError, match=r"calibration_rows is a ndarray.*comes from a file"):
        compute(*arguments, settings={"calibration_rows": np.arange(3)})


def test_unknown_indicators_and_mixed_ones_are_refused(netcdf, tmp_path):
    with pytest.raises(LookupError, match="tocsin indicators list"):
        compute("fwii", netcdf, tmp_path / "out.zarr")
    with pytest.raises(GridError, match="different functions"):
        compute(["fwi", "heat_index"], netcdf, tmp_path / "out.zarr")


def test_too_little_memory_says_how_much_is_needed(netcdf, tmp_path):
    with pytest.raises(GridError, match=r"needs [\d,]+ MB"):
        compute("fwi", netcdf, tmp_path / "out.zarr", memory="200MB")
    with pytest.raises(GridError, match="'two' is not an amount of memory"):
        compute("fwi", netcdf, tmp_path / "out.zarr", memory="two")


def test_progress_tells_of_every_block(netcdf, tmp_path):
    told = []
    result = compute(
        "fwi", netcdf, tmp_path / "out.zarr", progress=lambda step, done, whole: told.append(done)
    )
    assert told == list(range(result.blocks + 1))


def test_seeds_differ():  # the fixtures would hide a wrong comparison otherwise
    assert not np.array_equal(codes(make_weather())[5], codes(make_weather(seed=2))[5])

"""Units are checked at the door, and conversions are exact."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import ShapeError, UnitError
from tocsin.units import check_unit, convert, quantities, same_dimension


@quantities(temperature="degC", returns="degC")
def warmer(temperature, by=1.0):
    return temperature + by


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (90.0, "degF", "degC", 32.2222222222222),
        (-40.0, "degC", "degF", -40.0),
        (1.0, "inch", "mm", 25.4),
        (10.0, "mph", "km/h", 16.09344),
        (10.0, "m s-1", "km/h", 36.0),
        (1.0, "kt", "m/s", 0.5144444444444445),
        (0.5, "1", "%", 50.0),
        (1013.25, "hPa", "Pa", 101325.0),
        (10.0, "mi", "km", 16.09344),
        (47.5, "degrees_north", "degree", 47.5),
        (1.0, "mg m-3", "ug/m**3", 1000.0),
        (6.0, "Bft", "1", 6.0),
    ],
)
def test_it_converts_as_worked_by_hand(value, source, target, expected):
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-14)


@given(st.floats(-100, 150))
def test_there_and_back_is_the_same_number(value):
    assert convert(convert(value, "degF", "degC"), "degC", "degF") == pytest.approx(
        value, abs=1e-12
    )


@pytest.mark.parametrize("unit", ["degC", "%", "degree", "m s-1", "hPa", "km", "mm", "km/h", "1"])
def test_it_knows_the_units_of_the_house(unit):
    assert check_unit(unit) == unit
    assert same_dimension(unit, unit)


def test_it_refuses_an_unknown_unit():
    with pytest.raises(UnitError, match="'furlongz' is not a unit that is known here"):
        check_unit("furlongz")


@pytest.mark.parametrize("broken", ["m/", "mm h-", "((", "3", "degC +"])
def test_it_refuses_what_is_no_unit_at_all(broken):
    with pytest.raises(UnitError, match="is not a unit"):
        check_unit(broken)


def test_it_refuses_another_dimension():
    assert not same_dimension("mm", "degC")
    with pytest.raises(UnitError, match=r"'mm' cannot be converted to 'degC'"):
        check_unit("mm", like="degC")


def test_mass_of_water_is_its_depth_where_millimetres_are_asked_for():
    np.testing.assert_array_equal(convert([1.0, 2.5], "kg m-2", "mm"), [1.0, 2.5])
    np.testing.assert_allclose(convert([1 / 3600], "kg m-2 s-1", "mm/h"), [1.0])
    with pytest.raises(UnitError, match="different things"):
        convert([300.0], "kg m-2", "m")  # snow: its depth depends on its density
    with pytest.raises(UnitError, match="different things"):
        convert([1.0], "kg m-2 s-1", "mm")


def test_lists_become_arrays_and_labels_are_kept():
    xarray = pytest.importorskip("xarray")
    assert convert([32, 212], "degF", "degC").tolist() == pytest.approx([0.0, 100.0])
    labelled = xarray.DataArray([32.0], attrs={"units": "degF", "long_name": "air"})
    got = convert(labelled, "degF", "degC")
    assert got.attrs == {"units": "degC", "long_name": "air"}
    assert labelled.attrs["units"] == "degF"


def test_dask_stays_lazy():
    array = pytest.importorskip("dask.array").ones(4, chunks=2)
    got = convert(array, "m", "mm")
    assert type(got) is type(array)
    assert got.compute().tolist() == [1000.0] * 4


def test_a_labelled_array_is_converted_at_the_door():
    xarray = pytest.importorskip("xarray")
    got = warmer(xarray.DataArray([273.15], attrs={"units": "K"}))
    assert got.values == pytest.approx([1.0])
    assert got.attrs["units"] == "degC"


def test_a_labelled_array_without_unit_is_refused():
    xarray = pytest.importorskip("xarray")
    with pytest.raises(UnitError) as refused:
        warmer(xarray.DataArray([1.0]))
    assert str(refused.value) == (
        "warmer(): temperature has no units attribute. "
        "Set temperature.attrs[\"units\"] to a unit like 'degC'."
    )


def test_a_wrong_unit_is_refused_by_argument_and_both_units():
    xarray = pytest.importorskip("xarray")
    with pytest.raises(UnitError) as refused:
        warmer(xarray.DataArray([1.0], attrs={"units": "mm"}))
    assert str(refused.value) == "warmer(): temperature is in 'mm', expected 'degC'."


def test_a_declared_argument_must_exist():
    with pytest.raises(TypeError, match="has no argument temp"):
        quantities(temp="degC")(lambda temperature: temperature)


def test_bare_arrays_are_in_the_declared_unit():
    assert warmer(np.array([1.0])).tolist() == [2.0]
    assert warmer([1, 2]).tolist() == [2.0, 3.0]


def test_importing_units_does_not_load_pint_or_xarray():
    code = "import sys, tocsin.units; assert not {'pint', 'xarray'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("spelled", "plain"),
    [("degrees_C", "degC"), ("degree_Celsius", "degC"), ("Celsius", "degC"), ("Kelvin", "K"),
     ("degrees_F", "degF")],
)  # fmt: skip
def test_it_knows_the_scales_of_temperature_as_files_spell_them(spelled, plain):
    assert convert(25.0, spelled, "degC") == convert(25.0, plain, "degC")


def test_beneath_a_mask_nothing_counts():
    """A reader of NetCDF masks what is missing; the number beneath is not a measurement."""
    given = np.ma.array([20.0, 21.0, -3.0], mask=[False, True, False])
    np.testing.assert_array_equal(warmer(given), [21.0, np.nan, -2.0])
    np.testing.assert_array_equal(warmer(np.ma.array([20, 21], mask=[True, False])), [np.nan, 22.0])
    assert given[1] is np.ma.masked


def test_an_argument_that_is_not_given_is_named():
    with pytest.raises(
        ShapeError, match=r"^warmer\(\): temperature is missing; expected it in 'degC'"
    ):
        warmer()
    with pytest.raises(TypeError, match=r"^warmer\(\): .*'colder'"):
        warmer(20.0, colder=1.0)


@pytest.mark.parametrize(
    ("given", "why"),
    [("warm", "it is 'warm'"), (None, "it is None"), (["warm"], "could not convert"),
     ([[1.0, 2.0], [3.0]], "inhomogeneous")],
)  # fmt: skip
def test_what_is_no_number_is_refused_by_name(given, why):
    with pytest.raises(ShapeError, match=rf"^warmer\(\): temperature has to be numbers.*{why}"):
        warmer(given)


@pytest.mark.parametrize("other", [[1, 2, 4], [1, 2]])
def test_labelled_series_that_do_not_lie_side_by_side_are_refused_by_name(other):
    xarray = pytest.importorskip("xarray")

    @quantities(one="mm", two="mm", returns="mm")
    def both(one, two):
        return one + two

    def labelled(places):
        return xarray.DataArray(
            np.ones(len(places)), dims="place", coords={"place": places}, attrs={"units": "mm"}
        )

    with pytest.raises(
        ShapeError, match=r"^both\(\): two has \d along 'place', expected the 3 of one"
    ):
        both(labelled([1, 2, 3]), labelled(other))
    assert both(labelled([1, 2, 3]), labelled([1, 2, 3]).expand_dims(day=2)).sum() == 12.0

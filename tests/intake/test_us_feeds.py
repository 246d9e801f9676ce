"""The feeds of US agencies: NWS observations, USGS water and earthquakes, NASA's hotspots."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.intake.readings import SAMPLES, read_bytes, read_sample, series, values
from tocsin.errors import IntakeError
from tocsin.intake.quality import Flag

RAIN = "lwe_thickness_of_precipitation_amount"
STAGE = "water_surface_height_above_reference_datum"


def test_nws_units_are_read_from_each_value() -> None:
    old = read_sample("nws-observations", "nws_2019.json", "KCNK")
    new = read_sample(
        "nws-observations", "nws_2026.json", "NYC", stations={"KNYC": "NYC", "KJFK": "JFK"}
    )

    assert (old.faults, new.faults) == ([], [])
    assert (old.rows_read, old.rows_used) == (2, 2)
    assert values(old, "KCNK", "wind_speed") == {
        "2019-08-17T10:55": 1.5, "2019-08-17T11:55": 2.1,
    }  # fmt: skip
    assert values(old, "KCNK", RAIN) == {"2019-08-17T10:55": 0.3}
    assert values(old, "KCNK", "air_pressure_at_mean_sea_level")["2019-08-17T11:55"] == 1008.1
    assert values(new, "NYC", "wind_speed") == {"2026-04-07T20:51": 7.8}
    assert values(new, "NYC", RAIN) == {"2026-04-07T20:51": 1.5}
    assert values(new, "NYC", "visibility_in_air") == {"2026-04-07T20:51": 16.093}


def test_nws_own_doubts_are_kept_as_a_flag() -> None:
    reading = read_sample("nws-observations", "nws_2026.json", "KNYC")

    assert series(reading, "KNYC", "wind_speed_of_gust").flags.tolist() == [Flag.DOUBTED]
    assert series(reading, "KNYC", "wind_speed").flags.tolist() == [0]


@pytest.mark.parametrize(
    ("key", "given", "problem"),
    [
        ("timestamp", "2026-04-07T20:51:00", "not a time with its offset"),
        ("temperature", {"unitCode": "wmoUnit:K2", "value": 11}, "its unit is not known"),
        ("temperature", {"unitCode": "wmoUnit:degC", "value": "warm"}, "no number"),
        ("temperature", {"unitCode": "wmoUnit:Pa", "value": 11}, "does not measure air_temp"),
        ("stationId", "KXYZ", "does not have this station"),
    ],
)
def test_nws_oddity_costs_a_value_or_an_observation(
    tmp_path: Path, key: str, given: object, problem: str
) -> None:
    good = json.loads((SAMPLES / "nws_2026.json").read_text())
    bad = json.loads((SAMPLES / "nws_2026.json").read_text())
    bad["properties"][key] = given
    bad["properties"].setdefault("timestamp", "")
    if key != "timestamp":
        bad["properties"]["timestamp"] = "2026-04-07T21:51:00+00:00"
    body = json.dumps({"type": "FeatureCollection", "features": [good, bad]})

    reading = read_bytes(tmp_path, "x.json", body, "nws-observations", "KNYC")

    assert any(problem in fault.problem for fault in reading.faults)
    assert "2026-04-07T20:51" in values(reading, "KNYC", "relative_humidity")


@pytest.mark.parametrize("reader", ["nws-observations", "usgs-water", "usgs-earthquakes"])
@pytest.mark.parametrize("body", ["{}", "[]", '{"features": 1', '"x"', "[" * 100_000])
def test_what_is_no_answer_is_refused(tmp_path: Path, reader: str, body: str) -> None:
    with pytest.raises(IntakeError):
        read_bytes(tmp_path, "x.json", body, reader, "KNYC")


def test_stage_and_discharge_come_in_metres_and_utc() -> None:
    reading = read_sample("usgs-water", "usgs_water.json", "BRX", stations={"01302020": "BRX"})

    assert values(reading, "BRX", STAGE) == {"2026-08-30T20:30": 1.25, "2026-08-30T20:45": 1.265}
    assert values(reading, "BRX", "water_volume_transport_in_river_channel") == {
        "2026-08-30T20:30": 0.949
    }
    assert reading.faults == []  # ice and "no value" say so themselves
    assert (reading.rows_read, reading.rows_used) == (5, 3)


def test_stage_in_words_or_of_an_unknown_kind_is_told(tmp_path: Path) -> None:
    text = (SAMPLES / "usgs_water.json").read_text().replace('"4.15"', '"high"')
    text = text.replace('"00060"', '"00095"')
    reading = read_bytes(tmp_path, "x.json", text, "usgs-water", "01302020")

    assert [fault.problem for fault in reading.faults] == [
        "This is not a number.",
        "This variable or its unit is not known here.",
    ]
    assert len(values(reading, "01302020", STAGE)) == 1


def test_quakes_are_events_and_one_without_magnitude_is_told() -> None:
    reading = read_sample("usgs-earthquakes", "usgs_earthquakes.geojson", "")

    small, large = sorted(reading.events, key=lambda one: one.size)
    assert (large.id, large.size, large.lat, large.lon) == ("nc75000002", 4.6, 38.9, -122.7)
    assert large.at == np.datetime64("2026-01-01T23:26:40")
    assert large.facts["depth_km"] == 7.5
    assert small.facts["status"] == "automatic"
    assert reading.series == []
    assert [fault.value for fault in reading.faults] == ["nc75000003"]


def test_small_quakes_can_be_left_out() -> None:
    reading = read_sample("usgs-earthquakes", "usgs_earthquakes.geojson", "", least_magnitude=3.0)
    assert [one.id for one in reading.events] == ["nc75000002"]


def test_hotspots_of_both_instruments_are_events() -> None:
    viirs = read_sample("firms-csv", "firms_viirs.csv", "")
    modis = read_sample("firms-csv", "firms_modis.csv", "", least_confidence="high")

    assert [one.size for one in viirs.events] == [8.5, 15.2, 22.8]
    assert viirs.events[0].at == np.datetime64("2026-06-12T05:45")
    assert [(one.size, one.unit) for one in modis.events] == [(31.4, "MW")]
    assert modis.events[0].facts["brightness"] == 330.1


def test_hotspot_rows_that_are_broken_or_cut_cost_themselves(tmp_path: Path) -> None:
    good = (SAMPLES / "firms_viirs.csv").read_text()
    body = good + good.splitlines()[1].replace("-12.3450", "95.0") + "\n" + "-12.3,-67.8,325"
    reading = read_bytes(tmp_path, "x.csv", body, "firms-csv", "")

    assert len(reading.events) == 3
    assert [fault.line for fault in reading.faults] == [6, 5] or [
        fault.line for fault in reading.faults
    ] == [5, 6]


def test_a_sentence_in_place_of_hotspots_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="wrong key"):
        read_bytes(tmp_path, "x.csv", "Invalid MAP_KEY.\n", "firms-csv", "")

"""Open-Meteo, OpenAQ, SensorThings and a gateway's own messages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.intake.feeds import Named
from tests.intake.readings import SAMPLES, feed_of, read_bytes, read_sample, series, values
from tocsin.errors import IntakeError
from tocsin.intake import Reading, read
from tocsin.intake.quality import Flag, flag_reading

RAIN = "lwe_thickness_of_precipitation_amount"
PM25 = "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air"


def predicted(reading: Reading, station: str, quantity: str) -> dict[str, float]:
    one = next(
        part.series
        for part in reading.forecasts
        if (part.series.station, part.series.quantity) == (station, quantity)
    )
    return values(Reading([one]), station, quantity)


def test_open_meteo_is_a_forecast_and_never_an_observation() -> None:
    reading = read_sample("open-meteo", "open_meteo.json", "NYC JFK", places=["NYC", "JFK"])

    assert reading.series == []
    assert reading.faults == []
    assert predicted(reading, "NYC", "air_temperature") == {
        "2026-01-01T00:00": 1.0, "2026-01-01T01:00": 0.5, "2026-01-01T03:00": -0.5,
    }  # fmt: skip
    assert predicted(reading, "JFK", "air_temperature")["2026-01-01T01:00"] == 2.5
    # a sum and a maximum of the hour before their time: labelled with that hour's start
    assert predicted(reading, "NYC", RAIN)["2026-01-01T00:00"] == 1.2
    assert predicted(reading, "NYC", "wind_speed_of_gust")["2026-01-01T00:00"] == 15.0
    assert predicted(reading, "NYC", "visibility_in_air")["2026-01-01T02:00"] == 0.8


def test_open_meteo_may_stand_in_where_nothing_is_measured(tmp_path: Path) -> None:
    body = (SAMPLES / "open_meteo.json").read_text()
    reading = read_bytes(
        tmp_path, "20260101T021500Z.json", body, "open-meteo", "NYC JFK", places=["NYC", "JFK"],
        past_as_observed=True,
    )  # fmt: skip

    assert list(values(reading, "NYC", "air_temperature")) == [
        "2026-01-01T00:00", "2026-01-01T01:00",
    ]  # fmt: skip
    assert list(values(reading, "NYC", RAIN)) == [
        "2025-12-31T23:00", "2026-01-01T00:00", "2026-01-01T01:00",
    ]  # fmt: skip
    assert list(predicted(reading, "NYC", RAIN)) == ["2026-01-01T02:00"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"°C"', '"°R"', "not known here"),
        ('"temperature_2m": [', '"soil_what": [', "not known here"),
        ("36.0,", "", "not as many"),
        ("1.2,", '"wet",', "not a number"),
        ('"2026-01-01T01:00"', '"yesterday"', "not a time"),
    ],
)
def test_open_meteo_oddities_are_told(tmp_path: Path, old: str, new: str, problem: str) -> None:
    found = json.loads((SAMPLES / "open_meteo.json").read_text())[0]
    body = json.dumps(found, ensure_ascii=False)
    assert old in body
    reading = read_bytes(
        tmp_path, "x.json", body.replace(old, new), "open-meteo", "NYC", places=["NYC"]
    )
    assert problem in reading.faults[0].problem
    assert reading.forecasts


def test_open_meteo_with_other_places_than_asked_gives_nothing(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="other places"):
        read_sample("open-meteo", "open_meteo.json", "NYC", places=["NYC"])
    refused = json.dumps({"error": True, "reason": "Too many requests"})
    with pytest.raises(IntakeError, match="Too many requests"):
        read_bytes(tmp_path, "x.json", refused, "open-meteo", "NYC", places=["NYC"])


def test_openaq_keeps_its_doubts_and_its_units() -> None:
    reading = read_sample("openaq", "openaq.json", "SITE", station="SITE")

    assert values(reading, "SITE", PM25) == {
        "2026-01-01T00:00": 12.5, "2026-01-01T01:00": -999.0, "2026-01-01T02:00": 31.0,
    }  # fmt: skip
    assert values(reading, "SITE", "mole_fraction_of_ozone_in_air") == {"2026-01-01T02:00": 31.0}
    flags = dict(zip([one.quantity for one in reading.series], flag_reading(reading.series),
                     strict=True))  # fmt: skip
    assert flags[PM25].tolist() == [0, Flag.RANGE, Flag.DOUBTED]
    assert [fault.value for fault in reading.faults] == ["um003 particles/cm³"]


def test_sensorthings_observations_alone_and_with_their_streams() -> None:
    one = {"station": "EST", "quantity": "relative_humidity", "unit": "%"}
    alone = read_sample(
        "sensorthings", "sensorthings_observations.json", "EST", datastreams={"1": one}
    )
    assert values(alone, "EST", "relative_humidity") == {
        "2014-12-31T03:59": 70.4, "2014-12-31T04:59": 71.0,
    }  # fmt: skip

    warm = {"quantity": "air_temperature", "unit": "degC"}
    both = read_sample(
        "sensorthings", "sensorthings_datastreams.json", "EST WST",
        datastreams={"7": {"station": "EST", **warm}, "8": {"station": "WST", **warm}},
    )  # fmt: skip
    assert values(both, "EST", "air_temperature") == {"2026-01-01T00:00": 3.5}
    assert [fault.problem for fault in both.faults] == [
        "This is no number, or its phenomenonTime is none with an offset.",
        "The settings say degC.",  # and the server degF: nothing is guessed
        "The settings do not say what this datastream is.",
    ]


def test_two_datastreams_for_one_series_are_refused() -> None:
    same = {"station": "EST", "quantity": "air_temperature", "unit": "degC"}
    with pytest.raises(IntakeError, match="Another stream"):
        read_sample(
            "sensorthings", "sensorthings_datastreams.json", "EST",
            datastreams={"7": same, "8": same},
        )  # fmt: skip


def test_two_names_for_one_station_are_refused() -> None:
    with pytest.raises(IntakeError, match="stands for this station"):
        read_sample(
            "nws-observations", "nws_2026.json", "NYC", stations={"KNYC": "NYC", "KJFK": "NYC"}
        )


MESSAGE = (
    '{"station": "EST", "time": "2026-01-01T12:00:00Z", '
    '"values": {"air_temperature": {"value": 38.3, "unit": "degF"}}}'
)


def test_a_gateways_messages_are_read_line_by_line(tmp_path: Path) -> None:
    body = f"{MESSAGE}\n[{MESSAGE.replace('12:00', '13:00')}]\n"
    reading = read_bytes(tmp_path, "x.jsonl", body, "sensor-json", "EST")
    assert values(reading, "EST", "air_temperature") == {
        "2026-01-01T12:00": 3.5, "2026-01-01T13:00": 3.5,
    }  # fmt: skip
    assert reading.faults == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON"),
        ("[]]", "not JSON"),
        ("[1]", "lacks station"),
        (MESSAGE.replace("Z", ""), "time with offset"),
        (MESSAGE.replace("air_temperature", "warmth"), "not a known CF"),
        (MESSAGE.replace("degF", "hPa"), "does not measure"),
        (MESSAGE.replace("38.3", "true"), "not a number"),
        (MESSAGE.replace("38.3", "1e999"), "not a number"),
        (MESSAGE.replace("EST", "NST"), "does not have this station"),
    ],
)
def test_a_bad_message_costs_itself(tmp_path: Path, line: str, problem: str) -> None:
    reading = read_bytes(tmp_path, "x.jsonl", f"{MESSAGE}\n{line}\n", "sensor-json", "EST")
    assert problem in reading.faults[0].problem
    assert len(values(reading, "EST", "air_temperature")) == 1


def test_a_clock_in_the_future_is_kept_flagged_and_told(tmp_path: Path) -> None:
    file = tmp_path / "20260101T121000Z.jsonl"
    late = MESSAGE.replace("12:00:00", "14:00:00")
    file.write_text(f"{MESSAGE}\n{late}\n")
    reading = read(feed_of("sensor-json", file), [Named("EST")])

    warm = series(reading, "EST", "air_temperature")
    assert warm.flags.tolist() == [0, Flag.FUTURE]
    assert "1 values are of times after 2026-01-01T12:10Z" in reading.faults[0].problem
    assert np.isfinite(warm.values).all()


def test_many_faults_of_one_kind_are_counted(tmp_path: Path) -> None:
    bad = MESSAGE.replace("degF", "hPa")
    reading = read_bytes(
        tmp_path, "x.jsonl", f"{MESSAGE}\n" + f"{bad}\n" * 50, "sensor-json", "EST"
    )
    assert len(reading.faults) == 4
    assert reading.faults[-1].problem.startswith("47 more like this")

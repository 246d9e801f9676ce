"""One live cycle of 10,000 stations x 10 quantities x 20 rules, ingest included.

    python bench/live_cycle.py [STATIONS]
    DATABASE_URL=postgresql://... python bench/live_cycle.py [STATIONS]    # PostgreSQL as well

A region is made with STATIONS stations and one area for twenty of them, and two days of hours are
put into the store. Then an hour arrives as one CSV file and is read, checked, kept, judged by 20
rules and issued. Values are random and stand for real ones only in number. Timed are an hour (which
reads the two days into memory), the next one, one that raises rules, and the same moment again.
SQLite comes first; with DATABASE_URL PostgreSQL after it, in a process and a database of its own
that is dropped at the end. The machine's load stands beside each time: above 1 it is not quiet.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

BEGIN = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
STORED_H = 48
MARK = "TOCSIN_BENCH_LIVE_ONE"
"""Set where this process measures one database."""
QUANTITIES = {
    "air_temperature": ("degC", 22.0, 3.0),
    "relative_humidity": ("%", 55.0, 6.0),
    "dew_point_temperature": ("degC", 12.0, 0.5),
    "wind_speed": ("m s-1", 4.0, 1.0),
    "wind_speed_of_gust": ("m s-1", 9.0, 1.0),
    "wind_from_direction": ("degree", 180.0, 60.0),
    "air_pressure_at_mean_sea_level": ("hPa", 1013.0, 2.0),
    "visibility_in_air": ("km", 12.0, 2.0),
    "lwe_thickness_of_precipitation_amount": ("mm", 0.4, 0.2),
    "water_surface_height_above_reference_datum": ("m", 3.0, 0.2),
}
RULES = (
    ("heat_index", "degC", 40), ("heat_index", "degC", 42), ("humidex", "degC", 45),
    ("apparent_temperature", "degC", 42), ("wind_chill", "degC", -30),
    ("temperature_drop_24h", "K", 20),
    ("frost_24h", "degC", -5), ("stage_rise_3h", "m h-1", 2), ("rain_1h", "mm", 20),
    ("rain_3h", "mm", 40), ("rain_6h", "mm", 50), ("rain_12h", "mm", 70), ("rain_24h", "mm", 100),
    ("wind_beaufort", "1", 9), ("gust_beaufort", "1", 10), ("wind_force_cn", "1", 9),
    ("gust_force_cn", "1", 10), ("visibility", "km", 0.5), ("rain_24h", "mm", 150),
    ("humidex", "degC", 38),
)  # fmt: skip
LOW = {"wind_chill", "frost_24h", "ground_frost_24h", "visibility"}


def make_region(folder: Path, stations: int) -> None:
    """Write the region's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    side = int(np.ceil(np.sqrt(stations)))
    (folder / "region.toml").write_text(
        'id = "bench"\nlanguages = ["en"]\ntime_zone = "UTC"\n[name]\nen = "Bench"\n'
        '[cap]\nsender = "bench@example.org"\nidentifier_prefix = "urn:example:bench"\n'
        '[area_method]\nname = "nearest"\nmax_distance_km = 40\n[area_method.text]\nen = "Near."\n'
        + "[approval]\n"
        + "".join(f'{one} = "auto"\n' for one in ("blue", "yellow", "orange", "red", "cancel"))
    )
    lon = [-10 + 0.1 * (i % side) for i in range(stations)]
    lat = [40 + 0.1 * (i // side) for i in range(stations)]
    rows = [f"S{i},Station {i},{lat[i]:.2f},{lon[i]:.2f},5,made" for i in range(stations)]
    (folder / "stations.csv").write_text(
        "\n".join(["id,name.en,lat,lon,elevation_m,source", *rows]) + "\n"
    )
    areas = [
        "code,kind,parent,name.en,population,population_date,population_source",
        "R,region,,R,,,",
    ]
    features = []
    for number in range(max(1, stations // 20)):
        at = number * 20
        areas.append(f"A{number},county,R,Area {number},1000,2020-01-01,made")
        west, south, size = lon[at] - 0.04, lat[at] - 0.04, 0.08
        ring = [[west, south], [west + size, south], [west + size, south + size],
                [west, south + size], [west, south]]  # fmt: skip
        features.append({
            "type": "Feature", "properties": {"code": f"A{number}"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        })  # fmt: skip
    (folder / "areas.csv").write_text("\n".join(areas) + "\n")
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "outlines.geojson").write_text(json.dumps(collection))
    (folder / "facilities.csv").write_text("id,kind,name.en,lat,lon,source,example\n")
    columns = "".join(
        f'{name} = {{ quantity = "{name}", unit = "{unit}" }}\n'
        for name, (unit, _, _) in QUANTITIES.items()
    )
    (folder / "feeds.toml").write_text(
        '[[feed]]\nid = "hour"\nreader = "hourly-station-csv"\npath = "weather.csv"\n'
        'delay_min = 60\nsource = "made"\nlicence = "Apache-2.0"\n[feed.options]\n'
        'station_column = "station"\ntime_column = "time"\ntime_label = "start"\n'
        f"[feed.options.columns]\n{columns}"
    )
    (folder / "rules.toml").write_text("".join(map(rule, range(len(RULES)))))
    (folder / "weather.csv").write_text("station,time\n")


def rule(number: int) -> str:
    """Return one rule as TOML."""
    indicator, unit, level = RULES[number]
    when = 'when = "at-or-below"\n' if indicator in LOW else ""
    return (
        f'[[rule]]\nid = "rule-{number}"\nversion = 1\nname = {{ en = "Rule {number}" }}\n'
        f'hazard = "hazard"\nindicator = "{indicator}"\nunit = "{unit}"\n{when}'
        f'levels = {{ yellow = {level} }}\nhold_h = 3\nvalid_h = 12\nsource = "made"\n'
        '[rule.text.yellow]\nheadline = { en = "{value} at {place}" }\n'
        'instruction = { en = "Take care until {until}." }\n'
    )


def hour_file(folder: Path, stations: int, hour: int, hours: int, *, hot: bool) -> None:
    """Write ``hours`` hours of values from ``hour`` on into the feed's file."""
    rng = np.random.default_rng(hour)
    lines = ["station,time," + ",".join(QUANTITIES)]
    for step in range(hour, hour + hours):
        label = f"{BEGIN + step * HOUR:%Y-%m-%dT%H:%M:%SZ}"
        table = np.stack(
            [
                np.abs(mean + (16.0 if hot and name == "air_temperature" else 0.0)
                       + spread * 0.2 * rng.standard_normal(stations))
                for name, (_, mean, spread) in QUANTITIES.items()
            ],
            axis=1,
        ).round(2)  # fmt: skip
        lines += [
            f"S{i},{label}," + ",".join(map(str, row)) for i, row in enumerate(table.tolist())
        ]
    (folder / "weather.csv").write_text("\n".join(lines) + "\n")


def main() -> None:
    """Measure and print; without a mark of its own start a process for each database."""
    stations = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    if MARK not in os.environ:
        addresses = ["", *filter(None, [os.environ.get("DATABASE_URL")])]
        for address in addresses:
            own = {**os.environ, MARK: "1", "DATABASE_URL": address}
            subprocess.run([sys.executable, __file__, str(stations)], env=own, check=True)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "region"
        make_region(folder, stations)
        drop = own_database()
        try:
            measure(folder, Path(scratch) / "var", stations)
        finally:
            drop()


def own_database():  # type: ignore[no-untyped-def]
    """Make a database beside that of DATABASE_URL; return what drops it."""
    address = os.environ.get("DATABASE_URL")
    if not address:
        return lambda: None
    import psycopg

    name = f"bench_live_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    os.environ["DATABASE_URL"] = address.rsplit("/", 1)[0] + f"/{name}"

    def drop() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    return drop


def store(hours: int) -> None:
    """Repeat the stored hour over the hours after it, a little different each time."""
    from django.db import connection, transaction

    on_postgres = connection.vendor == "postgresql"
    later = "time + %s * interval '1 hour'" if on_postgres else "datetime(time, %s || ' hours')"
    first = "2026-07-01 00:00:00+00" if on_postgres else "2026-07-01 00:00:00"
    for hour in range(1, hours):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO watch_observation (series_id, time, value, flags) "  # noqa: S608 - ours
                f"SELECT series_id, {later}, value * %s, flags FROM watch_observation "
                "WHERE time = %s ORDER BY series_id",
                [hour if on_postgres else f"+{hour}", 1 + 0.0005 * (hour % 7), first],
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def as_if_watched() -> None:
    """Say that the stored hours were judged, or the first cycle would make up for two days."""
    from tocsin.office.watch.models import Cycle

    Cycle.objects.update(hour=BEGIN + (STORED_H - 1) * HOUR)


def measure(folder: Path, data: Path, stations: int) -> None:
    """Fill two days, then time the cycles."""
    from tocsin.cli.door import set_up_office

    set_up_office(data)
    from django.db import connection

    from tocsin.office.warnings_desk.live import LiveWatch

    hour_file(folder, stations, 0, 1, hot=False)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    begun = time.perf_counter()
    watch = LiveWatch(folder, data / "feeds", at=BEGIN)
    print(f"{connection.vendor}: {stations} stations; region loaded in "
          f"{time.perf_counter() - begun:.1f} s")  # fmt: skip
    watch.cycle(BEGIN + HOUR)
    begun = time.perf_counter()
    store(STORED_H)
    as_if_watched()
    watch.close()
    watch = LiveWatch(folder, data / "feeds", at=BEGIN)
    print(f"  {STORED_H} hours put into the store: {time.perf_counter() - begun:.1f} s")
    rounds = (
        ("an hour", False),
        ("the next hour", False),
        ("an hour that raises rules", True),
        ("the same moment again", None),
    )
    for step, (words, hot) in enumerate(rounds):
        if hot is not None:
            hour_file(folder, stations, STORED_H + step, 1, hot=hot)
            at = BEGIN + (STORED_H + step + 1) * HOUR
        begun, busy = time.perf_counter(), time.process_time()
        row = watch.cycle(at)
        took, busy = time.perf_counter() - begun, time.process_time() - busy
        print(
            f"  {words}: {took:.1f} s, {busy:.1f} s of this process  ({row.new} values, "
            f"{row.levels} areas above none, {row.messages} messages, errors {row.errors}; "
            f"load {os.getloadavg()[0]:.1f})"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory {peak:.0f} MB")
    watch.close()
    connection.close()


if __name__ == "__main__":
    main()

"""A small replay region on disk: three counties, two stations, a week of July made to be known."""

from __future__ import annotations

import json
from pathlib import Path

REGION = """
id = "small"
languages = ["en", "zh-Hans"]
time_zone = "America/New_York"
[name]
en = "Small region"
zh-Hans = "小区域"
[units]
temperature = "degF"
[replay]
first = 2013-07-15T00:00:00-04:00
last = 2013-07-17T00:00:00-04:00
stand_at = 2013-07-15T16:00:00-04:00
[cap]
sender = "small@example.org"
identifier_prefix = "urn:example:small"
[area_method]
name = "nearest"
max_distance_km = 60
[area_method.text]
en = "The nearest station."
zh-Hans = "最近的站。"
"""
AREAS = """code,kind,parent,name.en,name.zh-Hans,population,population_date,population_source
R,region,,Region,区域,,,
west,county,R,West County,西县,1000,2010-04-01,a census
east,county,R,East County,东县,500,2010-04-01,a census
"""
STATIONS = """id,name.en,name.zh-Hans,lat,lon,elevation_m,source
AAA,West Field,西站,40.5,-74.5,3,a list
BBB,East Field,东站,40.5,-73.5,3,a list
"""
FACILITIES = """id,kind,name.en,name.zh-Hans,lat,lon,source,example
F1,airport,West Airport,西机场,40.5,-74.5,a list,false
"""
FEEDS = """
[[feed]]
id = "hourly"
reader = "hourly-station-csv"
path = "weather.csv"
delay_min = 60
source = "made for a test"
licence = "Apache-2.0"
[feed.options]
station_column = "station"
time_column = "time"
time_label = "start"
missing = [""]
[feed.options.columns]
temp = { quantity = "air_temperature", unit = "degF" }
humid = { quantity = "relative_humidity", unit = "%" }
"""
RULES = """
[[rule]]
id = "heat"
version = 1
name = { en = "Heat", zh-Hans = "高温" }
hazard = "heat"
indicator = "heat_index"
unit = "degF"
levels = { yellow = 95, orange = 100 }
hold_h = 2
valid_h = 8
source = "made for a test"
[rule.text.yellow]
headline = { en = "Heat, {value} at {place}", zh-Hans = "{place}高温{value}" }
instruction = { en = "Drink water until {until}.", zh-Hans = "多喝水，直到{until}。" }
[rule.text.orange]
headline = { en = "Dangerous heat, {value} at {place}", zh-Hans = "{place}酷热{value}" }
instruction = { en = "Stay inside until {until}.", zh-Hans = "请留在室内，直到{until}。" }
"""
COUNTIES = {"west": (-75.0, -74.0), "east": (-74.0, -73.0)}


def weather() -> str:
    """Two days: both stations hot in the afternoon of the first, an impossible value on the second.

    At 41 % humidity 94 degF is a heat index of 97.3 degF (yellow) and 97 is 103.5 (orange).
    """
    rows = ["station,time,temp,humid"]
    for station, top in (("AAA", 97), ("BBB", 94)):
        for hour in range(48):
            day, of_day = divmod(hour, 24)
            temp = top if day == 0 and 13 <= of_day <= 16 else 75 + (of_day % 3)
            if station == "BBB" and hour == 36:
                temp = 1040
            utc = hour + 4  # midnight in New York is 04:00 UTC
            rows.append(
                f"{station},2013-07-{15 + utc // 24}T{utc % 24:02d}:00:00Z,{temp},{40 + of_day % 2}"
            )
    return "\n".join(rows) + "\n"


def write_region(folder: Path, **files: str) -> Path:
    """Write the region into ``folder``; ``files`` (``rules="..."``) replaces one."""
    folder.mkdir(parents=True, exist_ok=True)
    outlines = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[west, 40], [east, 40], [east, 41], [west, 41], [west, 40]]],
                },
            }
            for code, (west, east) in COUNTIES.items()
        ],
    }
    contents = {
        "region.toml": REGION,
        "areas.csv": AREAS,
        "stations.csv": STATIONS,
        "facilities.csv": FACILITIES,
        "feeds.toml": FEEDS,
        "rules.toml": files.get("rules", RULES),
        "weather.csv": files.get("weather", weather()),
        "outlines.geojson": json.dumps(outlines),
    }
    for name, text in contents.items():
        (folder / name).write_text(text)
    return folder

"""A small good region folder, to break in one place at a time."""

from __future__ import annotations

from pathlib import Path

REGION = """\
id = "two-valleys"
languages = ["en", "zh-Hans"]
time_zone = "Europe/Zurich"

[name]
en = "Two Valleys"
zh-Hans = "双谷"

[units]
temperature = "degC"
speed = "km/h"

[replay]
first = 2020-01-01T00:00:00Z
last = 2020-12-31T00:00:00Z
stand_at = 2020-07-01T12:00:00Z

[cap]
sender = "desk@example.org"
identifier_prefix = "urn:example:two-valleys"

[area_method]
name = "nearest"
max_distance_km = 50
text = { en = "The nearest station.", zh-Hans = "最近的站点。" }
"""

AREAS = """\
code,kind,parent,name.en,name.zh-Hans,population,population_date,population_source
TV,region,,Two Valleys,双谷,,,
E1,county,TV,East Valley,东谷,1200,2020-01-01,"Census 2020, table 1"
W1,county,TV,West Valley,西谷,800,2020-01-01,"Census 2020, table 1"
"""

STATIONS = """\
id,name.en,name.zh-Hans,lat,lon,elevation_m,source
EST,East Station,东站,46.50,8.55,900,Weather office
WST,West Station,西站,46.50,8.15,1100,Weather office
"""

FACILITIES = """\
id,kind,name.en,name.zh-Hans,lat,lon,source,example
S1,school,East School,东谷学校,46.51,8.56,Made up for tests,true
"""

OUTLINES = """\
{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"code": "E1"}, "geometry": {"type": "Polygon",
 "coordinates": [[[8.4, 46.4], [8.8, 46.4], [8.8, 46.6], [8.4, 46.6], [8.4, 46.4]]]}},
{"type": "Feature", "properties": {"code": "W1"}, "geometry": {"type": "Polygon",
 "coordinates": [[[8.0, 46.4], [8.4, 46.4], [8.4, 46.6], [8.0, 46.6], [8.0, 46.4]]]}}
]}
"""

FEEDS = """\
[[feed]]
id = "stations"
reader = "hourly-station-csv"
path = "values.csv"
delay_min = 10
source = "Weather office"
licence = "CC0-1.0"

[feed.options]
station_column = "place"
time_column = "at"
time_label = "start"

[feed.options.columns]
t = { quantity = "air_temperature", unit = "degC" }
rain = { quantity = "lwe_thickness_of_precipitation_amount", unit = "mm" }
"""

RULES = """\
# A comment, so that lines do not begin at one.
[[rule]]
id = "heat"
version = 1
hazard = "heat"
indicator = "heat_index"
unit = "degF"
levels = { yellow = 95, red = 105 }
season = { first = "05-01", last = "09-30" }
areas = ["E1", "W1"]
source = "Made up for tests"

[rule.name]
en = "Heat"
zh-Hans = "高温"

[rule.text.yellow]
headline = { en = "Hot: {value}", zh-Hans = "炎热：{value}" }
instruction = { en = "Drink.", zh-Hans = "多喝水。" }

[rule.text.red]
headline = { en = "Very hot", zh-Hans = "酷热" }
instruction = { en = "Stay inside.", zh-Hans = "留在室内。" }

[[rule]]
id = "cold"
version = 1
hazard = "cold"
indicator = "wind_chill"
unit = "degC"
when = "at-or-below"
levels = { blue = -15 }
source = "Made up for tests"
name = { en = "Cold", zh-Hans = "寒冷" }

[rule.text.blue]
headline = { en = "Cold", zh-Hans = "寒冷" }
instruction = { en = "Dress warmly.", zh-Hans = "注意保暖。" }
"""

VALUES = """\
place,at,t,rain
EST,2020-01-01T00:00Z,-3.5,0
WST,2020-01-01T00:00Z,-4.0,0.2
"""

FILES = {
    "region.toml": REGION,
    "areas.csv": AREAS,
    "stations.csv": STATIONS,
    "facilities.csv": FACILITIES,
    "outlines.geojson": OUTLINES,
    "feeds.toml": FEEDS,
    "rules.toml": RULES,
    "values.csv": VALUES,
}


def make_region_folder(folder: Path, changes: dict[str, str | None] | None = None) -> Path:
    """Write the good folder, with files replaced, or left out where the change is None."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**FILES, **(changes or {})}.items():
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def replaced(file: str, old: str, new: str) -> dict[str, str | None]:
    """Return the change of one text in one file; the text must be there, once."""
    assert FILES[file].count(old) == 1, f"{old!r} stands {FILES[file].count(old)} times in {file}"
    return {file: FILES[file].replace(old, new)}

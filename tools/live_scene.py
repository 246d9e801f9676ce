"""A live region for ``make shots``: what a replay cannot show, made from the example's own weather.

Every hour of the example is moved so that its afternoon of 18 July 2013 is this hour. Beside it
stand a forecast (what really followed, nine times over), earthquakes, hotspots, a gateway that says
nothing, and two airports that send degC for degF. All of it is made up; nothing is sent anywhere.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools.demo import REGION, TOCSIN
from tools.steps import ROOT, run

__all__ = ["FOLDER", "PASSWORD", "USER", "begin", "write_region"]

FOLDER = ROOT / "build" / "live-scene"
USER, PASSWORD = "officer", "a-scene-for-pictures"
STANDS_AT = datetime(2013, 7, 18, 19, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAST, AHEAD = 21 * 24, 36
LOOKS = (72, 48, 36, 24, 12, 6, 3)
"""So many hours ago the scene was looked at; the last look is now."""
STATIONS = ("EWR", "JFK", "LGA")
POSTS = ("duty_officer", "approver")
APPROVAL = """
[approval]
blue = "auto"
yellow = "auto"
orange = "auto"
red = "one"
cancel = "auto"
"""
FEEDS = """
[[feed]]
id = "model"
reader = "open-meteo"
url = "{address}/model.json"
delay_min = 0
run_every_h = 3
source = "What followed in 2013, nine times over; no forecast"
licence = "made up"
[feed.options]
places = ["EWR", "JFK", "LGA"]
model = "Scene ensemble"

[[feed]]
id = "quakes"
reader = "usgs-earthquakes"
url = "{address}/quakes.json"
delay_min = 0
source = "Made up in the format of the USGS, https://earthquake.usgs.gov"
licence = "made up"

[[feed]]
id = "fires"
reader = "firms-csv"
url = "{address}/fires.csv"
delay_min = 0
source = "Made up in the format of NASA's FIRMS, https://firms.modaps.eosdis.nasa.gov"
licence = "made up"

[[feed]]
id = "river-gateway"
reader = "sensor-json"
push = true
delay_min = 0
source = "Gateway at the river; it has never spoken"
licence = "made up"
"""
CURVES = """
[[curve]]
id = "help"
hazard = "heat"
unit = "degC"
harm = { en = "people in need of help", zh-Hans = "需要帮助的人" }
source = "made up for a picture"
intensity = [30, 45]
damage = [0, 0.02]

[[matrix]]
id = "committee"
impact_of = "people in need of help"
source = "a committee, made up for a picture"
likelihood = [
  { name = { en = "possible", zh-Hans = "可能" }, at_least = 0.2 },
  { name = { en = "likely", zh-Hans = "很可能" }, at_least = 0.6 },
]
impact = [
  { name = { en = "minor", zh-Hans = "轻微" }, at_least = 500 },
  { name = { en = "severe", zh-Hans = "严重" }, at_least = 5000 },
]
levels = [["blue", "yellow"], ["yellow", "orange"]]
"""
CLASSES = """
[rule.impact]
layer = "people"
curve = "help"
classes = [
  { name = { en = "minor", zh-Hans = "轻微" }, at_least = 500 },
  { name = { en = "severe", zh-Hans = "严重" }, at_least = 5000 },
]
"""


def write_region(folder: Path, address: str) -> None:
    """Write the region's folder; ``prepared/`` and ``address`` get their files look by look."""
    shutil.copytree(REGION, folder, ignore=shutil.ignore_patterns("weather.csv"))
    text = (REGION / "region.toml").read_text()
    begin, end = text.index("[replay]"), text.index("[cap]")
    text = (text[:begin] + text[end:]).replace("[files]\n", '[files]\ncurves = "curves.toml"\n')
    (folder / "region.toml").write_text(text + APPROVAL)
    (folder / "curves.toml").write_text(CURVES)
    with (folder / "feeds.toml").open("a") as file:
        file.write(FEEDS.replace("{address}", address))
    rules = (folder / "rules.toml").read_text()
    heat = rules[rules.index("[[rule]]") : rules.index('[[rule]]\nid = "cold"')]
    looks = heat.replace("hold_h = 6\n", "hold_h = 6\nlead_h = 24\n")
    (folder / "rules.toml").write_text(
        rules.replace(heat, looks + CLASSES + "\n") + _by_impact(heat)
    )


def _by_impact(heat: str) -> str:
    """Return the rule on heat once more, its levels from the matrix."""
    limits = "levels = { blue = 90, yellow = 95, orange = 100, red = 105 }\n"
    name = heat.replace('id = "heat"', 'id = "heat-impact"').replace(limits, "")
    name = name.replace('en = "Heat"\n', 'en = "Heat by impact"\n').replace('"高温"', '"高温影响"')
    return (
        "\n"
        + name[: name.index("[rule.text.red]")]
        + CLASSES[: CLASSES.index("classes")]
        + ('matrix = "committee"\n')
    )


def _weather() -> Iterator[dict[str, str]]:
    with (REGION / "prepared" / "weather.csv").open() as file:
        yield from csv.DictReader(file)


@contextmanager
def _answering(folder: Path) -> Iterator[str]:
    """Serve a folder's files over HTTP, as live feeds are fetched; yield the address."""
    said = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), said) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def write_files(region: Path, web: Path, at: datetime, now: datetime) -> None:
    """Write what each feed would have said at ``at`` of a scene that ends ``now``."""
    ahead = now.replace(minute=0, second=0, microsecond=0) - STANDS_AT
    rows = [(datetime.fromisoformat(row["time_hour"]) + ahead, row) for row in _weather()]
    with (region / "prepared" / "weather.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0][1]))
        writer.writeheader()
        for time, row in rows:
            if now - PAST * HOUR < time <= at - HOUR:
                writer.writerow(
                    row | {"time_hour": f"{time:%Y-%m-%dT%H:%M:%SZ}"} | _changed(time, row, now)
                )
    (web / "model.json").write_text(json.dumps(_forecast(rows, at)))
    (web / "quakes.json").write_text(json.dumps(_quakes(at, now)))
    (web / "fires.csv").write_text("\n".join(_fires(at)) + "\n")


def _changed(time: datetime, row: dict[str, str], now: datetime) -> dict[str, str]:
    """Return what is wrong with an hour: airports in degC, and one that is always saturated."""
    changed = {}
    if row["origin"] != "EWR" and time > now - 13 * HOUR and row["temp"] != "NA":
        changed["temp"] = f"{(float(row['temp']) - 32) / 1.8:.1f}"
    if row["origin"] == "LGA" and time > now - 18 * HOUR:
        changed["humid"] = "100"
    return changed


def _forecast(rows: list[tuple[datetime, dict[str, str]]], at: datetime) -> list[dict[str, object]]:
    start = at.replace(minute=0, second=0, microsecond=0)
    places = []
    for station in STATIONS:
        mine = [
            (time, row)
            for time, row in rows
            if row["origin"] == station
            and start <= time < start + AHEAD * HOUR
            and row["temp"] != "NA"
        ]
        hourly: dict[str, object] = {"time": [f"{time:%Y-%m-%dT%H:%M}" for time, _ in mine]}
        units = {"time": "iso8601"}
        for member in range(9):
            tail = f"_member{member:02d}" if member else ""
            off = (member - 4) * 0.9 + start.hour % 5 - 2
            hourly[f"temperature_2m{tail}"] = [
                round(float(row["temp"]) + off, 1) for _, row in mine
            ]
            hourly[f"relative_humidity_2m{tail}"] = [round(float(row["humid"])) for _, row in mine]
            units |= {f"temperature_2m{tail}": "°F", f"relative_humidity_2m{tail}": "%"}
        places.append({"utc_offset_seconds": 0, "hourly_units": units, "hourly": hourly})
    return places


QUAKES = (
    ("scene1", 5.4, 52, -73.1, 40.35, 9.8, "58 km ESE of Sandy Hook, New Jersey", "reviewed"),
    ("scene2", 2.8, 20, -73.52, 41.12, 5.1, "2 km NNW of New Canaan, Connecticut", "automatic"),
    ("scene3", 3.6, 5, -74.75, 40.71, 4.7, "7 km NNE of Whitehouse, New Jersey", "reviewed"),
)


def _quakes(at: datetime, now: datetime) -> dict[str, object]:
    features = []
    for name, size, ago, lon, lat, depth, place, state in QUAKES:
        time = now - ago * HOUR
        if time <= at:
            stamp = int(time.timestamp() * 1000)
            told = {"mag": size, "place": place, "time": stamp, "updated": stamp + 600_000}
            told |= {"status": state, "magType": "mw", "type": "earthquake", "ids": f",{name},"}
            point = {"type": "Point", "coordinates": [lon, lat, depth]}
            features.append({"type": "Feature", "id": name, "properties": told, "geometry": point})
    return {"type": "FeatureCollection", "features": features}


def _fires(at: datetime) -> Iterator[str]:
    yield (
        "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,"
        "confidence,version,bright_ti5,frp,daynight"
    )
    for n, (lat, lon) in enumerate(
        ((40.83, -74.05), (40.831, -74.046), (40.62, -74.22), (41.02, -73.87))
    ):
        seen = at - (2 + n) * HOUR
        word = ("nominal", "high", "low")[n % 3]
        seen_as = f"{lat},{lon},330.1,0.42,0.36,{seen:%Y-%m-%d},{seen:%H%M},N,VIIRS"
        yield f"{seen_as},{word},2.0NRT,290.3,{8.5 + 7 * n},D"


def begin() -> Path:
    """Play the scene from nothing and return its data folder, an officer's account in it."""
    now = datetime.now(UTC)
    shutil.rmtree(FOLDER, ignore_errors=True)
    region, data, web = FOLDER / "region", FOLDER / "data", FOLDER / "web"
    web.mkdir(parents=True)
    os.environ["TOCSIN_ALLOW_TARGETS"] = "127.0.0.1"
    with _answering(web) as address:
        write_region(region, address)
        for ago in (*LOOKS, 0):
            at = now - ago * HOUR
            write_files(region, web, at, now)
            look = ["--once", "--at", f"{at:%Y-%m-%dT%H:%M:%SZ}"]
            run([TOCSIN, "run", region, "--data", data, *look], remedy="Read what it said above.")
    for role in POSTS:
        _give_post(data, role)
    return data


def _give_post(data: Path, role: str) -> None:
    subprocess.run(
        [TOCSIN, "people", "give-post", USER, "--role", role, "--title", role, "--data", data],
        input=f"{PASSWORD}\n{PASSWORD}\n", text=True, check=True, capture_output=True,
    )  # fmt: skip


if __name__ == "__main__":
    print(begin())

"""The small region with a third station, a rule by return period and one with a minimum share."""

from __future__ import annotations

from pathlib import Path

from . import live_region, small_region

# A third station between the two: of West County it has what lies east of 74.35 degrees west,
# and BBB, nearest to none of it, has nothing.
STATIONS = small_region.STATIONS + "CCC,Mid Field,中站,40.5,-74.2,3,a list\n"
TEXTS = """
[rule.text.yellow]
headline = { en = "HEAD", zh-Hans = "HEAD" }
instruction = { en = "Drink.", zh-Hans = "多喝水。" }
[rule.text.orange]
headline = { en = "HEAD", zh-Hans = "HEAD" }
instruction = { en = "Stay inside.", zh-Hans = "请留在室内。" }
"""
RULE = """
[[rule]]
id = "NAME"
version = 1
name = { en = "NAME", zh-Hans = "NAME" }
hazard = "heat"
indicator = "heat_index"
unit = "degF"
hold_h = 2
valid_h = 8
source = "made for a test"
"""
RULES = (
    RULE.replace("NAME", "wide")
    + "levels = { yellow = 95, orange = 100 }\nmin_share = 0.5\n"
    + TEXTS.replace("HEAD", "{value}, {share}")
    + RULE.replace("NAME", "rare")
    + 'levels = { yellow = 2, orange = 10 }\nlevels_as = "return-period"\n'
    + TEXTS.replace("HEAD", "{value}, {years} a")
)


def records(**tops: float) -> str:
    """Made for the test: 25 years whose extremes lie up to 6 degF below a station's own top."""
    rows = ["indicator,station,year,extreme,unit,source"]
    for station, top in tops.items():
        for n in range(25 if station != "CCC" else 5):
            extreme = top - (7 * n % 25) / 4
            rows.append(f"heat_index,{station},{1990 + n},{extreme},degF,made for a test")
    return "\n".join(rows) + "\n"


def made(folder: Path, *, live: bool) -> Path:
    make = live_region.make if live else small_region.write_region
    make(folder, rules=RULES, **({} if live else {"weather": small_region.weather() + middle()}))
    (folder / "stations.csv").write_text(STATIONS)
    (folder / "records.csv").write_text(records(AAA=104.0, BBB=96.0, CCC=90.0))
    text = (folder / "region.toml").read_text().replace("= 60", "= 80")  # the corners as well
    (folder / "region.toml").write_text(text + '\n[files]\nrecords = "records.csv"\n')
    return folder


def middle() -> str:
    """What CCC measured: as AAA until 15 h local, then nothing."""
    rows = [row for row in small_region.weather().splitlines() if row.startswith("AAA")]
    return "\n".join(row.replace("AAA", "CCC") for row in rows[:15]) + "\n"

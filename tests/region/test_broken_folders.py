"""Folders broken in one place: the fault names file, line, field, and says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.region.folder import FILES, make_region_folder, replaced
from tocsin.errors import Fault, RegionError
from tocsin.region import check_region, load_region

Case = tuple[str, str, str, str, int, str, str]
"""File, what to replace, by what; then line, field, words of the problem, words of the remedy."""

HEAD: list[Case] = [
    ("region.toml", 'id = "two-valleys"', 'id = "Two Valleys"', 1, "id", "not written",
     "small letters"),
    ("region.toml", "languages =", "language =", 2, "language", "not known", "languages?"),
    ("region.toml", "Europe/Zurich", "Europe/Zurych", 3, "time_zone", "no such time zone", "IANA"),
    ("region.toml", 'zh-Hans = "双谷"', "", 5, "name.zh-Hans", "zh-Hans is missing", "Add zh-Hans"),
    ("region.toml", 'temperature = "degC"', 'temperature = "mm"', 10, "units.temperature",
     "not a unit of temperature", "degC"),
    ("region.toml", "speed =", "sped =", 11, "units.sped", "no such quantity", "speed"),
    ("region.toml", "last = 2020-12-31", "last = 2019-12-31", 15, "replay.last", "ends before",
     "later than first"),
    ("region.toml", "stand_at = 2020-07-01", "stand_at = 2021-07-01", 16, "replay.stand_at",
     "outside the replay", "inside"),
    ("region.toml", "stand_at = 2020-07-01T12:00:00Z", "stand_at = 2020-07-01T12:00:00", 16,
     "replay.stand_at", "no offset", "Write the offset"),
    ("region.toml", "stand_at = 2020-07-01T12:00:00Z", 'stand_at = "noon"', 16, "replay.stand_at",
     "not a date", "2013-07-18"),
    ("region.toml", "desk@example.org", "the desk", 19, "cap.sender", "not written", "no spaces"),
    ("region.toml", 'name = "nearest"', 'name = "kriging"', 23, "area_method.name", "not known",
     "nearest"),
    ("region.toml", "max_distance_km = 50", 'max_distance_km = "far"', 24,
     "area_method.max_distance_km", "not a number", "digits"),
    ("region.toml", "max_distance_km = 50", "max_distance_km = 0", 24,
     "area_method.max_distance_km", "too small", "more than 0"),
    ("region.toml", '["en", "zh-Hans"]', '["en", "zh_Hans"]', 2, "languages[2]", "not written",
     "BCP 47"),
    ("region.toml", "[cap]", '[approval]\nred = "three"\n[cap]', 19, "approval.red", "not known",
     "auto"),
    ("region.toml", "[cap]", '[approval]\npurple = "one"\n[cap]', 19, "approval.purple",
     "not known", "one of blue"),
    ("region.toml", "[cap]", '[cap]\nsigned = "yes please"', 19, "cap.signed", "neither true",
     "true or false"),
    ("region.toml", "[cap]", "[cap]\nsigned = true", 19, "cap.signed", "cannot be signed",
     "take out [replay]"),
    ("region.toml", "[units]", "[units", 9, "column 7", "not TOML", "bracket"),
]  # fmt: skip

TABLES: list[Case] = [
    ("areas.csv", "E1,county,TV", "E1,county,TX", 3, "parent", "No area has this code", "TV"),
    ("areas.csv", "TV,region,,", "TV,region,E1,", 2, "parent", "in a circle", "outside the circle"),
    ("areas.csv", "W1,county", "E1,county", 4, "code", "Line 3 has this code", "its own"),
    ("areas.csv", "1200", "many", 3, "population", "not a whole number", "digits"),
    ("areas.csv", '1200,2020-01-01,"Census 2020, table 1"', "1200,2020-01-01,", 3,
     "population_source", "no source", "Say where"),
    ("areas.csv", "1200,2020-01-01", "1200,2020-13-01", 3, "population_date", "not a date", "2013"),
    ("areas.csv", "西谷", "", 4, "name.zh-Hans", "zh-Hans is missing", "Add zh-Hans"),
    ("areas.csv", "code,kind,parent", "code,kin,parent", 1, "kin", "not known", "kind?"),
    ("areas.csv", 'W1,county,TV,West Valley,西谷,800,2020-01-01,"Census 2020, table 1"\n',
     "W1,county,TV,West Val", 4, "name.en", "middle of this row", "Fetch"),
    ("stations.csv", "46.50,8.55", "146.50,8.55", 2, "lat", "too large", "at most 90"),
    ("stations.csv", "46.50,8.15", "46.50,-188.15", 3, "lon", "too small", "at least -180"),
    ("stations.csv", "lat,lon", "lat,longitude", 1, "lon", "column is missing", "Add it"),
    ("stations.csv", "EST,East Station,东站,46.50", "EST,East Station,东站,\"46.50", 2, "row",
     "quotation mark", "Close it"),
    ("facilities.csv", "test", "tests\0", 2, "source", "NUL byte", "UTF-8"),
    ("facilities.csv", "true", "perhaps", 2, "example", "neither true nor false", "true or false"),
    ("facilities.csv", "S1,school", "S1,", 2, "kind", "kind is missing", "Give kind"),
]  # fmt: skip

OUTLINES: list[Case] = [
    ("outlines.geojson", "[8.8, 46.4], [8.8, 46.6], [8.4, 46.6]",
     "[8.8, 46.6], [8.8, 46.4], [8.4, 46.6]", 2, "features[1].geometry",
     "crosses itself at longitude 8.6, latitude 46.5", "Mend it"),
    ("outlines.geojson", '"code": "W1"', '"code": "X9"', 4, "features[2].properties.code",
     "No area has this code", "E1"),
    ("outlines.geojson", '"code": "W1"', '"name": "W1"', 0, "features[2].properties.code",
     "names no area", '"code"'),
    ("outlines.geojson", '"code": "W1"', '"code": "E1"', 2, "features[2].properties.code",
     "outline already", "MultiPolygon"),
    ("outlines.geojson", '"features": [', '"features": [,', 1, "column 44", "not JSON", "Mend"),
    ("outlines.geojson", "[[[8.0, 46.4], [8.4, 46.4]", "[[[46.4, 188.0], [8.4, 46.4]", 4,
     "features[2].geometry", "leaves the globe", "longitude before latitude"),
    ("outlines.geojson", "\"W1\"}, \"geometry\": {\"type\": \"Polygon\",\n \"coordinates\": "
     "[[[8.0, 46.4], [8.4, 46.4], [8.4, 46.6], [8.0, 46.6], [8.0, 46.4]]]",
     "\"W1\"}, \"geometry\": {\"type\": \"Point\", \"coordinates\": [8.0, 46.4]", 4,
     "features[2].geometry", "encloses an area", "Polygon"),
]  # fmt: skip

FEEDS: list[Case] = [
    ("feeds.toml", "hourly-station-csv", "hourly-staton-csv", 3, "feed[1].reader",
     "no such reader", "hourly-station-csv?"),
    ("feeds.toml", 'quantity = "air_temperature"', 'quantity = "temperature"', 15,
     "feed[1].options.columns.t.quantity", "not known", "air_temperature"),
    ("feeds.toml", 'unit = "mm"', 'unit = "buckets"', 16, "feed[1].options.columns.rain.unit",
     "unit is not known", "mm"),
    ("feeds.toml", 'unit = "mm"', 'unit = "degC"', 16, "feed[1].options.columns.rain.unit",
     "does not measure", "mm"),
    ("feeds.toml", 'time_label = "start"', 'time_label = "middle"', 12,
     "feed[1].options.time_label", "not known", "start"),
    ("feeds.toml", 'time_label = "start"', 'time_label = "start"\ntime_zone = "Mars"', 13,
     "feed[1].options.time_zone", "no such time zone", "IANA"),
    ("feeds.toml", 'lwe_thickness_of_precipitation_amount", unit = "mm"',
     'air_temperature", unit = "degC"', 16, "feed[1].options.columns.rain.quantity",
     "gives this quantity too", "Keep one"),
    ("feeds.toml", "delay_min = 10", "delay_min = -10", 5, "feed[1].delay_min", "too small",
     "at least 0"),
    ("feeds.toml", "delay_min = 10", "", 1, "feed[1].delay_min", "delay_min is missing",
     "Give delay_min"),
    ("feeds.toml", "delay_min = 10", 'folder = "x"', 5, "feed[1].folder", "not known", "path"),
    ("feeds.toml", 'path = "values.csv"', 'path = "value.csv"', 0, "file", "not there",
     "value.csv"),
]  # fmt: skip

RULES: list[Case] = [
    ("rules.toml", "heat_index", "heat_indx", 6, "rule[1].indicator", "No indicator",
     "heat_index?"),
    ("rules.toml", 'unit = "degF"', 'unit = "degQ"', 7, "rule[1].unit", "unit is not known",
     "degC"),
    ("rules.toml", 'unit = "degF"', 'unit = "mm"', 7, "rule[1].unit", "does not measure heat_index",
     "degC"),
    ("rules.toml", "yellow = 95, red = 105", "yellow = 105, red = 95", 8, "rule[1].levels",
     "not in order", "must rise"),
    ("rules.toml", "red = 105 }", "red = 105, orange = 100 }", 17, "rule[1].text",
     "No text for level orange", "rule.text.orange"),
    ("rules.toml", "{ yellow = 95, red = 105 }", "{ red = 105 }", 17, "rule[1].text.yellow",
     "no threshold", "levels"),
    ("rules.toml", "levels = { yellow", "levels = { purple", 8, "rule[1].levels.purple",
     "not known", "orange"),
    ("rules.toml", '"05-01"', '"31 May"', 9, "rule[1].season.first", "not written", "month-day"),
    ("rules.toml", '"09-30"', '"09-31"', 9, "rule[1].season.last", "no such day", "month-day"),
    ("rules.toml", '["E1", "W1"]', '["E1", "W2"]', 10, "rule[1].areas", "No area has this code",
     "W1"),
    ("rules.toml", 'zh-Hans = "高温"', "", 13, "rule[1].name.zh-Hans", "zh-Hans is missing", "Add"),
    ("rules.toml", "Hot: {value}", "Hot: {value", 17, "rule[1].text.yellow",
     "A brace has no partner", "in 'Hot: {value'"),
    ("rules.toml", 'en = "Hot: {value}"', 'en = "Hot: {amount}"', 18,
     "rule[1].text.yellow.headline.en", "Nothing can be filled in",
     "value"),
    ("rules.toml", 'en = "Hot: {value}", ', 'fr = "Chaud", en = "Hot", ', 18,
     "rule[1].text.yellow.headline.fr", "not a language of the region", "languages"),
    ("rules.toml", 'id = "cold"', 'id = "heat"', 26, "rule[2].id", "has a rule of this id",
     "Rename"),
    ("rules.toml", 'when = "at-or-below"', 'when = "at-or-above"', 31, "rule[2].when",
     "dangerous when it is low", "at-or-below"),
    ("rules.toml", 'when = "at-or-below"', 'when = "below"', 31, "rule[2].when", "not known",
     "at-or"),
    ("rules.toml", "levels = { blue = -15 }", "level = { blue = -15 }", 32, "rule[2].level",
     "not known", "levels?"),
    ("rules.toml", "levels = { blue = -15 }", 'levels = { blue = "cold" }', 32,
     "rule[2].levels.blue", "not a number", "digits"),
    ("rules.toml", 'hazard = "cold"', 'hazard = "cold', 28, "column 15", "not TOML", "quote"),
    ("rules.toml", "# A comment", "[rules]\n# A comment", 1, "rules", "not known", "[[rule]]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "field", "problem", "remedy"),
    [*HEAD, *TABLES, *OUTLINES, *FEEDS, *RULES],
)
def test_fault_has_its_place_and_a_remedy(
    tmp_path: Path, file: str, old: str, new: str, line: int, field: str, problem: str, remedy: str
) -> None:
    faults = check_region(make_region_folder(tmp_path / "region", _changed(file, old, new)))

    fault = next((one for one in faults if one.field == field), None)
    assert fault is not None, "\n".join(map(str, faults)) or "no fault at all"
    shown_in = "value.csv" if "value.csv" in new else file
    assert (fault.file, fault.line) == (shown_in, line)
    assert problem in fault.problem
    assert remedy in fault.remedy
    assert _plain(faults)


def _changed(file: str, old: str, new: str) -> dict[str, str | None]:
    if file == "facilities.csv" and old == "test":
        return {file: FILES[file].replace("tests", new)}
    return replaced(file, old, new)


def _plain(faults: list[Fault]) -> bool:
    """No word of the libraries underneath shows through; each fault is one or two sentences."""
    said = " ".join(f"{one.problem} {one.remedy}" for one in faults)
    jargon = "Value error|Input should|pydantic|validation|Errno|Traceback|Exception|NoneType|None"
    assert not re.search(jargon, said), said
    assert all(one.problem.endswith(".") and one.problem[0] != " " for one in faults), said
    return True


def test_good_folder_has_no_fault(tmp_path: Path) -> None:
    assert check_region(make_region_folder(tmp_path)) == []


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    changes: dict[str, str | None] = {}
    for file, old, new in [
        ("region.toml", "Europe/Zurich", "Nowhere"),
        ("areas.csv", "1200", "many"),
        ("stations.csv", "46.50,8.55", "146.50,8.55"),
        ("outlines.geojson", "[8.8, 46.4], [8.8, 46.6]", "[8.8, 46.6], [8.8, 46.4]"),
        ("feeds.toml", 'unit = "mm"', 'unit = "degC"'),
        ("rules.toml", "heat_index", "heat_indx"),
    ]:
        changes.update(replaced(file, old, new))
    folder = make_region_folder(tmp_path, changes)

    with pytest.raises(RegionError) as refused:
        load_region(folder)

    assert [fault.file for fault in refused.value.faults] == [
        "region.toml",
        "areas.csv",
        "outlines.geojson",
        "stations.csv",
        "feeds.toml",
        "rules.toml",
    ]
    assert "stations.csv:2: lat = 146.50: This is too large." in str(refused.value)


def test_one_wrong_row_of_areas_is_told_once(tmp_path: Path) -> None:
    folder = make_region_folder(tmp_path, replaced("areas.csv", "1200", "many"))

    assert len(check_region(folder)) == 1


@pytest.mark.parametrize("name", [name for name in FILES if name != "values.csv"])
def test_missing_file_is_named(tmp_path: Path, name: str) -> None:
    faults = check_region(make_region_folder(tmp_path, {name: None}))

    assert (faults[0].file, faults[0].line, faults[0].problem) == (
        name,
        0,
        "The file is not there.",
    )
    assert faults[0].remedy == f"Put {name} into the region folder."


def test_data_not_yet_prepared_points_to_the_script(tmp_path: Path) -> None:
    files = '[files]\noutlines = "prepared/outlines.geojson"\nprepare = "prepare.py"\n'
    head = FILES["region.toml"] + files
    folder = make_region_folder(tmp_path, {"region.toml": head, "prepare.py": ""})

    faults = check_region(folder)

    assert [fault.file for fault in faults] == ["prepared/outlines.geojson"]
    assert faults[0].remedy == f"Prepare the data first: python {folder / 'prepare.py'}"


def test_no_folder_is_a_fault(tmp_path: Path) -> None:
    (fault,) = check_region(tmp_path / "nowhere")

    assert fault.problem == "There is no such folder."


def test_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    folder = make_region_folder(tmp_path)
    (folder / "areas.csv").write_bytes(FILES["areas.csv"].encode("gb18030"))

    faults = check_region(folder)

    assert (faults[0].file, faults[0].line) == ("areas.csv", 2)
    assert "not UTF-8" in faults[0].problem


def test_area_without_outline_is_told(tmp_path: Path) -> None:
    text = FILES["outlines.geojson"].split(",\n{")[0] + "\n]}\n"
    (fault,) = check_region(make_region_folder(tmp_path, {"outlines.geojson": text}))

    assert (fault.value, fault.problem) == ("W1", "The area has no outline.")


def test_area_that_no_station_reaches_is_told(tmp_path: Path) -> None:
    change = replaced("region.toml", "max_distance_km = 50", "max_distance_km = 2")
    fault, _ = check_region(make_region_folder(tmp_path, change))

    assert (fault.file, fault.line, fault.value) == ("areas.csv", 3, "E1")
    assert fault.problem == "No station lies within 2 km of the area's centre."


@pytest.mark.parametrize("name", ["areas.csv", "stations.csv"])
def test_table_without_rows_is_told(tmp_path: Path, name: str) -> None:
    header = FILES[name].splitlines()[0] + "\n"
    faults = check_region(make_region_folder(tmp_path, {name: header}))

    assert (faults[0].file, faults[0].problem) == (name, "The file has no rows.")

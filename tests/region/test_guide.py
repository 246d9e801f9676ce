"""The recipes for regions and readers hold what the code holds."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.intake.feeds import STATIONS
from tocsin.intake import QUANTITIES, READERS, Feed, read
from tocsin.intake.readers.daily_station_csv import DailyColumn, DailyStationCsv
from tocsin.intake.readers.hourly_station_csv import Column, HourlyStationCsv
from tocsin.region import (
    Approval,
    Area,
    AreaMethod,
    Cap,
    Facility,
    Policy,
    RegionFile,
    RegionFiles,
    Replay,
    Settlement,
    Station,
)

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
MODELS = (
    RegionFile, RegionFiles, Replay, Cap, AreaMethod, Policy, Approval, Area, Station, Facility,
    Settlement, Feed, HourlyStationCsv, Column, DailyStationCsv, DailyColumn,
)  # fmt: skip
NOT_WRITTEN = {"geometry", "folder"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_explained(model: type[BaseModel]) -> None:
    text = (GUIDE / "make-a-region.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[a-z_A-Z]+", text))
    assert set(model.model_fields) - NOT_WRITTEN <= words


def test_every_reader_is_explained() -> None:
    text = (GUIDE / "make-a-region.md").read_text(encoding="utf-8")
    assert [name for name in READERS if f"`{name}`" not in text] == []


def test_the_reader_of_the_recipe_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (GUIDE / "add-a-reader.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    monkeypatch.setitem(READERS, "last-value", READERS["hourly-station-csv"])
    del READERS["last-value"]  # the recipe enters its own; monkeypatch takes it out again
    exec(textwrap.dedent(found[1]), {"__name__": "recipe"})  # noqa: S102  our own page
    (tmp_path / "x.txt").write_text("2020-01-01T00:00 -3.5")
    feed = Feed(
        id="one", reader="last-value", path="x.txt", delay_min=0, source="test", licence="CC0-1.0",
        options={"station": "EST"}, folder=tmp_path,
    )  # fmt: skip

    (series,) = read(feed, STATIONS).series

    assert series.values.tolist() == [-3.5]
    assert series.unit == QUANTITIES[series.quantity].unit

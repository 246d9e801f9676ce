"""Pages of rules whose levels follow from impact: the matrix in place of thresholds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.office.factories import make_user
from tests.office.matrix_region import CURVES, IMPACT, RULES, write_region
from tocsin.errors import RuleError
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.models import Warning
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch import rule_edits
from tocsin.office.watch.models import RuleVersion, Trigger
from tocsin.office.watch.rule_edits import Wish, checked

WALL = datetime(2026, 1, 1, tzinfo=UTC)
RULE = "/desk/watch/rules/heat/"
TABLE = ("likely, from 60 %", "possible, from 20 %", "minor, 20 or more", "severe, 60 or more")


@pytest.fixture(autouse=True)
def folder(db: None, tmp_path: Path) -> Path:
    made = write_region(tmp_path / "small")
    replay(made, at=WALL)
    return made


def region() -> Region:
    return Region.objects.get()


def test_every_page_of_a_rule_shows_its_matrix(officer: Client, words: Any) -> None:
    version = RuleVersion.objects.get()
    for page in (RULE, f"{RULE}try/", f"{RULE}{version.version}/", "/how-we-warn/"):
        text = words(officer.get(page))
        for said in (*TABLE, "people in need of help", "a committee, made for a test"):
            assert said in text, (page, said)
        assert "None" not in text
        assert "≥ –" not in text
    listed = words(officer.get("/desk/watch/rules/"))
    assert "by impact" in listed
    assert "Levels by likelihood and impact (people in need of help): minor, 20 or more" in listed
    assert "轻微，20及以上；" in words(officer.get("/zh-hans/desk/watch/rules/"))
    chinese = words(officer.get(f"/zh-hans{RULE}"))
    assert "需要帮助的人" in chinese
    assert "很可能，60 %起" in chinese
    assert "people in need of help" not in chinese


def test_the_map_has_the_colours_of_the_matrix(officer: Client) -> None:
    hottest = Trigger.objects.latest("peak_value").peak_at + timedelta(hours=1)  # known by then
    body = officer.get(f"/desk/?show=heat_index&at={hottest:%Y-%m-%dT%H:%MZ}").content.decode()
    assert len(re.findall(r'class="area f-[a-z]+"', body)) == 2
    assert 'class="area f-orange"' in body
    assert 'class="area f-yellow"' in body


def test_trying_it_says_what_it_says_of_thresholds(officer: Client, words: Any) -> None:
    text = words(officer.get(f"{RULE}try/"))
    assert "no threshold to move" in text
    assert "1 warning" in text
    assert "by impact" in text
    assert "2 messages" in text
    patient = words(officer.get(f"{RULE}try/?persistence_h=9"))
    assert "As tried 0 warnings" in patient
    lines = officer.get(f"{RULE}try/?format=csv").content.decode().splitlines()
    assert [line.split(",")[2] for line in lines[1:]] == ["blue", "yellow", "orange"]


def test_the_warning_has_the_thresholds_of_the_worst_area(words: Any) -> None:
    warning = Warning.objects.get()
    text = words(Client().get(f"/warnings/{warning.slug}/"))
    assert "yellow ≥ 89.6 °F" in text  # 20 of 1,000 people: 32 degC
    assert "orange ≥ 96.8 °F" in text
    assert "blue ≥" not in text, "yellow begins where blue would: blue is passed over"


def test_the_office_may_name_curves_and_matrices_by_id() -> None:
    again = checked(RULES, region())
    assert again == RuleVersion.objects.get().definition
    with pytest.raises(RuleError, match=r"No curve has this id\. Did you mean help"):
        checked(RULES.replace('curve = "help"', 'curve = "helpp"'), region())


def test_areas_chosen_anew_are_counted_anew() -> None:
    west = checked(RULES.replace('hazard = "heat"', 'hazard = "heat"\nareas = ["west"]'), region())
    assert west["impact"]["amounts"] == {"west": 1000}
    both = checked(_text({**west, "areas": ["*"]}), region())
    assert both["impact"]["amounts"] == {"west": 1000, "east": 500}


def test_a_proposal_over_a_matrix_goes_the_whole_way(officer: Client, words: Any) -> None:
    definition = RuleVersion.objects.get().definition
    by, at = make_user("anna", "duty_officer"), WALL
    wish = Wish({**definition, "hold_h": 4}, "It falls too early.")
    held = rule_edits.propose(wish, over=definition["version"], by=by, at=at)
    text = words(officer.get(f"/desk/watch/proposals/{held.pk}/"))
    assert "4 hours" in text
    tried = words(officer.get(f"/desk/watch/proposals/{held.pk}/try/"))
    assert "by impact" in tried
    form = officer.get(f"{RULE}change/").content.decode()
    assert "impact" in form


def test_a_plain_harm_is_said_as_it_is(folder: Path, officer: Client, words: Any) -> None:
    plain = CURVES.replace(
        'harm = { en = "people in need of help", zh-Hans = "需要帮助的人" }', 'harm = "value lost"'
    )
    assert plain != CURVES
    (folder / "curves.toml").write_text(plain)
    replay(folder, fresh=True, at=WALL)
    assert "value lost" in words(officer.get(f"/zh-hans{RULE}"))


def test_the_table_stands_in_for_one_of_classes(folder: Path, officer: Client, words: Any) -> None:
    classes = 'classes = [{ name = { en = "many", zh-Hans = "多" }, at_least = 20 }]'
    text = RULES.replace('matrix = "committee"', classes).replace(
        "hold_h = 2\n", "levels = { blue = 90, yellow = 95, orange = 100 }\nhold_h = 2\n"
    )
    assert IMPACT.count("matrix") == 1
    (folder / "rules.toml").write_text(text)
    replay(folder, fresh=True, at=WALL)
    said = words(officer.get(RULE))
    assert "tells the expected impact (people in need of help) by classes: many, 20 or more" in said
    assert "≥ 95 °F" in said


def _text(definition: dict[str, Any]) -> str:
    from tocsin.region.rule_text import rule_as_toml

    return rule_as_toml(definition)

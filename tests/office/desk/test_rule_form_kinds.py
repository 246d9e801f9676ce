"""The rule's form where levels are no plain thresholds: years stay years, a matrix stays whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.office import matrix_region, rare_region
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch.models import RuleVersion

from .test_rule_pages import PROPOSALS, RULES, WALL, fields, proposed

HEAT, RARE, WIDE = (f"{RULES}{name}/change/" for name in ("heat", "rare", "wide"))


@pytest.fixture
def matrix(db: None, tmp_path: Path) -> None:
    replay(matrix_region.write_region(tmp_path / "small"), at=WALL)


@pytest.fixture
def rare(db: None, tmp_path: Path) -> None:
    replay(rare_region.made(tmp_path / "small", live=False), at=WALL)


def definition(rule: str) -> dict[str, Any]:
    return RuleVersion.objects.get(rule=rule).definition


@pytest.mark.usefixtures("rare")
def test_return_periods_are_asked_for_in_years(officer: Client, words: Any) -> None:
    page = officer.get(RARE)
    assert page.context["around"] == ("once in", "years")
    assert page.context["values"]["level-orange"] == "10"
    assert "{people}, {years} are filled in" in words(page)
    assert officer.get(f"/zh-hans{RARE}").context["around"] == ("", "年一遇")
    held = proposed(officer, RARE, **{"level-orange": "50"})
    before = definition("rare")
    assert held.definition == {**before, "levels": {"yellow": 2.0, "orange": 50.0}}
    assert "once in 50 years" in words(officer.get(f"{PROPOSALS}{held.pk}/"))


@pytest.mark.usefixtures("rare")
def test_rarer_is_more_years_also_where_low_is_bad(officer: Client) -> None:
    """It said ≤ 10 year, as of a temperature."""
    low = {**definition("rare"), "when": "at-or-below"}
    RuleVersion.objects.filter(rule="rare").update(definition=low)
    assert officer.get(RARE).context["around"] == ("once in", "years")
    RuleVersion.objects.filter(rule="rare").update(definition={**low, "levels_as": "value"})
    assert officer.get(RARE).context["around"] == ("≤", "°F")


@pytest.mark.usefixtures("rare")
def test_records_are_the_folder_s_and_are_not_sent_to_and_fro(officer: Client, words: Any) -> None:
    """A line for each of ten thousand stations: more than a form may send back."""
    record = definition("rare")["record"]
    assert record
    page = officer.get(RARE)
    assert "record" not in page.context["carried"]
    assert "gev" not in page.content.decode()
    text = officer.post(RARE, fields(officer, RARE) | {"then": "text"}).context["values"]["text"]
    assert "gev" not in text
    assert 'levels_as = "return-period"' in text
    held = proposed(officer, RARE, mode="text", text=text.replace("hold_h = 2", "hold_h = 5"))
    assert held.definition == {**definition("rare"), "hold_h": 5}


@pytest.mark.usefixtures("rare")
def test_what_the_text_made_of_it_is_what_the_form_says(officer: Client) -> None:
    """The unit was that of the version the change began with."""
    text = fields(officer, RARE)["text"]
    by_value = text.replace('levels_as = "return-period"\n', "").replace("{years}", "{time}")
    sent = fields(officer, RARE) | {"mode": "text", "text": by_value, "then": "form"}
    assert officer.post(RARE, sent).context["around"] == ("≥", "°F")


@pytest.mark.usefixtures("rare")
def test_a_minimum_share_is_carried_and_may_be_said(officer: Client, words: Any) -> None:
    page = officer.get(WIDE)
    assert "{people}, {share} are filled in" in words(page)
    assert "min_share" in page.context["carried"]
    held = proposed(officer, WIDE, **{"level-orange": "101"})
    assert held.definition["min_share"] == 0.5


@pytest.mark.usefixtures("matrix")
def test_a_matrix_has_texts_and_no_thresholds(officer: Client, words: Any) -> None:
    page = officer.get(HEAT)
    html, said = page.content.decode(), words(page)
    assert 'name="level-' not in html
    assert "follow from likelihood and impact" in said
    assert "A level without a threshold" not in said
    assert [row["is_open"] for row in page.context["levels"]] == [False, True, True, True]
    assert "impact" in page.context["carried"]
    sent = {key: one for key, one in fields(officer, HEAT).items() if key[:6] != "level-"}
    sent |= {"hold_h": "5", "headline-blue-en": "Warm days, {value}"}
    assert officer.post(HEAT, sent).status_code == 302
    before = definition("heat")
    blue = before["text"]["blue"]
    headline = {**blue["headline"], "en": "Warm days, {value}"}
    assert proposed(officer, HEAT, **sent).definition == {
        **before, "hold_h": 5, "text": {**before["text"], "blue": {**blue, "headline": headline}},
    }  # fmt: skip


@pytest.mark.usefixtures("matrix")
def test_a_matrix_goes_to_text_and_back_whole(officer: Client) -> None:
    text = officer.post(HEAT, fields(officer, HEAT) | {"then": "text"}).context["values"]["text"]
    assert "likelihood" in text
    assert "damage" in text
    sent = fields(officer, HEAT) | {"mode": "text", "text": text, "then": "form"}
    back = officer.post(HEAT, sent)
    assert back.context["by_matrix"]
    values = {**back.context["values"], "everywhere": "yes", "then": "save", "hold_h": "5"}
    held = proposed(officer, HEAT, **{k: v for k, v in values.items() if k != "is_off"})
    assert held.definition == {**definition("heat"), "hold_h": 5}


@pytest.mark.usefixtures("matrix")
def test_a_threshold_beside_a_matrix_is_told_and_kept_as_typed(officer: Client) -> None:
    answer = officer.post(HEAT, fields(officer, HEAT) | {"level-red": "110"})
    assert answer.status_code == 422
    assert "matrix" in str(answer.context["errors"])
    assert answer.context["values"]["level-red"] == "110"


@pytest.mark.usefixtures("matrix")
@pytest.mark.parametrize("impact", ["true", "7", '"x"', "[1]", "{}", '{"matrix": 3}'])
def test_whatever_is_sent_as_carried_is_answered(officer: Client, impact: str) -> None:
    carried = f'{{"impact": {impact}, "indicator": "heat_index", "unit": "degF", "also": [1]}}'
    answer = officer.post(HEAT, fields(officer, HEAT) | {"carried": carried, "hazard": "heat"})
    assert answer.status_code == 422

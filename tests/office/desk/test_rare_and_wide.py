"""Pages of rules by return period and by share: years are years, and values stand beside them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from tests.office.rare_region import made
from tocsin.office.warnings_desk.models import Warning
from tocsin.office.warnings_desk.replay import replay
from tocsin.triggers.return_levels import limit_at
from tocsin.triggers.rules import Rule

WALL = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def replayed(db: None, tmp_path) -> None:
    replay(made(tmp_path / "small", live=False), at=WALL)


def test_the_rules_say_once_in_how_many_years(officer: Client, words) -> None:
    for page in ("/desk/watch/rules/", "/desk/watch/rules/rare/", "/desk/watch/rules/rare/try/"):
        text = words(officer.get(page))
        assert "once in 2 years" in text
        assert "once in 10 years" in text
        assert "10 °F" not in text
    text = words(officer.get("/desk/watch/rules/rare/"))
    assert "return periods of each station by its own record" in text
    chinese = words(officer.get("/zh-hans/desk/watch/rules/rare/"))
    assert "10年一遇" in chinese


def test_the_rule_says_how_much_of_the_surface(officer: Client, words) -> None:
    text = words(officer.get("/desk/watch/rules/wide/"))
    assert "at least 50% of the area's surface reaches it, and 50% of the surface has" in text


def test_the_public_page_of_rules_has_years(words) -> None:
    text = words(Client().get("/how-we-warn/"))
    assert "once in 10 years" in text


def test_the_warning_draws_the_values_of_its_station(words) -> None:
    warning = Warning.objects.filter(rule_version__rule="rare").first()
    assert warning is not None
    assert warning.rule_version is not None
    rule = Rule.model_validate(warning.rule_version.definition)
    text = words(Client().get(f"/warnings/{warning.slug}/"))
    stations = {row["station"] for m in warning.messages.all() for row in m.evidence}
    assert any(f"{limit_at(rule, 10, code):.4g} °F (once in 10 years)" in text for code in stations)
    assert "{years}" not in text
    wide = Warning.objects.get(rule_version__rule="wide")
    text = words(Client().get(f"/warnings/{wide.slug}/"))
    assert "of the surface)" in text
    assert "{share}" not in text


def test_trying_other_years_judges_anew(officer: Client, words) -> None:
    text = words(officer.get("/desk/watch/rules/rare/try/?yellow=3&orange=40"))
    assert "once in 40 years" in text

"""What a cycle tells the desk is kept as a code with facts, and said in the reader's language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tocsin.cli.run import _say
from tocsin.office.warnings_desk.note_words import NOTES, told
from tocsin.office.watch.models import Cycle
from tocsin.office.watch.notes import note

from .. import factories

OFFICE = Path(__file__).parents[3] / "src" / "tocsin" / "office"
HELD = note(
    "held", feed="boxes", quantity="air_temperature", unit="degC", before=21.04, after=70.25,
    stations=["AAA", "BBB"], sent="degF", taken="degC",
)  # fmt: skip
LEFT = note("left", draft=7, version="heat v2", levels={"east": 2, "west": 3})
WAITS = note("waits", draft=7, until="2013-07-18T19:10:00+00:00")


def written() -> Iterator[tuple[str, set[str]]]:
    """Each note that some code makes: its code, and the names of its facts."""
    for path in OFFICE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "note":
                for one in ast.walk(node.args[0]):
                    if isinstance(one, ast.Constant):
                        yield str(one.value), {str(fact.arg) for fact in node.keywords}


class Asked(dict[str, Any]):
    """Facts that note which of them a sentence asks for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __missing__(self, name: str) -> int:
        self.names.add(name)
        return 2


def test_every_note_has_a_sentence_of_all_its_facts_in_both_languages() -> None:
    found = dict(written())
    assert found.keys() == NOTES.keys()
    for code, facts in found.items():
        said = set()
        for language in ("en", "zh-hans"):
            asked = Asked()
            with translation.override(language):
                said.add(str(NOTES[code] % asked))
            assert asked.names == facts, (code, language)
        assert len(said) == 2, code


@pytest.mark.parametrize(
    ("one", "english", "chinese"),
    [
        (
            HELD,
            "boxes: Air temperature 21.04 → 70.25 °C. At AAA, BBB the values moved as if °F were "
            "now sent for °C. They are held for review.",
            "boxes：气温 21.04 → 70.25 °C。AAA、BBB的数值突变，如同现以°F代替°C发送。"
            "这些数值等待审核。",
        ),
        (
            LEFT,
            "Draft 7 (heat v2) is in hand and was left as it is; the rule now sees east yellow, "
            "west orange.",
            "草稿7（heat v2）正有人处理，未作改动；规则现判定：east 黄色、west 橙色。",
        ),
        (
            note("left", draft=7, version="heat v2", levels={}),
            "Draft 7 (heat v2) is in hand and was left as it is; the rule now sees no area any "
            "more.",
            "草稿7（heat v2）正有人处理，未作改动；规则现判定：已无任何地区。",
        ),
        (
            WAITS,
            "Draft 7 is in hand and says what the machine would issue by itself; the machine waits "
            "for it until 19:10 UTC.",
            "草稿7正有人处理，所述不低于系统将自动发布的内容；系统等待它至19:10 UTC。",
        ),
        (
            note("expected", areas=1),
            "Expected by forecasts, not measured yet: 1 area.",
            "据预报预计达到、尚未观测到的地区：1个。",
        ),
        ("Words of an older program.", "Words of an older program.", "Words of an older program."),
    ],
)  # fmt: skip
def test_what_a_note_says(one: Any, english: str, chinese: str) -> None:
    assert told(one) == english
    with translation.override("zh-hans"):
        assert told(one) == chinese


@pytest.mark.django_db
def test_the_page_says_it_in_its_language_and_the_command_line_in_english(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.make_region()
    row = Cycle.objects.create(
        at=factories.NOW, started_at=factories.NOW, notes=[LEFT, "Older words."], errors=["no JSON"]
    )
    client.force_login(factories.make_user("duty", "duty_officer"))
    row.refresh_from_db()
    for prefix, words in (("", "was left as it is"), ("/zh-hans", "未作改动")):
        page = client.get(f"{prefix}/desk/watch/feeds/").content.decode()
        assert words in page
        assert "Older words." in page
        assert '<span lang="en">no JSON</span>' in page
    with translation.override("zh-hans"):
        _say(row)
    assert "Draft 7 (heat v2) is in hand and was left as it is" in capsys.readouterr().err

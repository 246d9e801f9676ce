"""Every sentence of the pages has its Chinese one, and no two catalogues disagree."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import django
import pytest
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
OFFICE = ROOT / "src" / "tocsin" / "office"
CATALOGUES = sorted((ROOT / "src" / "tocsin").rglob("*.po"))
DJANGOS = sorted(Path(django.__file__).parent.rglob("zh_Hans/LC_MESSAGES/django.po"))
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
FILLED_IN = re.compile(r"%\(\w+\)s|%[sd]|\{h\}")

Word = tuple[str, str]
"""A context, empty for most, and the English words."""


def calls_in(text: str) -> Iterator[str]:
    """Each call for a translation; a text may hold brackets of its own."""
    for start in re.finditer(r"\b(?:n?p?gettext|_)\(", text):
        for end in re.finditer(r"\)", text[start.end() :]):
            call = text[start.start() : start.end() + end.end()]
            try:
                ast.parse(call)
            except SyntaxError:
                continue
            yield call
            break


def said_in(path: Path) -> Iterator[Word]:
    """Each text of a template or module that asks for its translation."""
    text = path.read_text()
    if path.suffix == ".html":
        # Django's own extraction: templates become calls as xgettext reads them.
        text = ";".join(calls_in(templatize(text, str(path))))
    for node in ast.walk(ast.parse(text)):
        name = getattr(node, "func", None)
        if isinstance(node, ast.Call) and getattr(name, "id", "") in CALLS:
            words = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if words and isinstance(words[0], str):
                context = words.pop(0) if "pgettext" in getattr(name, "id", "") else ""
                yield str(context), str(words[0])


@cache
def used() -> dict[Word, set[str]]:
    """Every text with the files that say it."""
    found: dict[Word, set[str]] = defaultdict(set)
    for path in (*OFFICE.rglob("*.html"), *OFFICE.rglob("*.py")):
        for word in said_in(path):
            found[word].add(str(path.relative_to(OFFICE)))
    return found


@cache
def catalogue(path: Path) -> dict[Word, tuple[str, ...]]:
    """What a catalogue says for each of its texts."""
    with path.open("rb") as source:
        return {
            (m.context or "", m.id[0] if m.pluralizable else m.id): tuple(m.string)
            if m.pluralizable
            else (m.string,)
            for m in read_po(source, abort_invalid=True)
            if m.id
        }


def test_there_are_words_to_look_at() -> None:
    assert CATALOGUES
    assert len(used()) > 400


def test_every_word_of_every_page_is_translated() -> None:
    known = {word for path in (*CATALOGUES, *DJANGOS) for word in catalogue(path)}
    assert {word[1]: sorted(files) for word, files in used().items() if word not in known} == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_no_translation_is_left_over(path: Path) -> None:
    assert sorted(word[1] for word in catalogue(path).keys() - used().keys()) == []


def test_all_catalogues_say_the_same_of_the_same_words() -> None:
    """Django looks a text up in all of them: two answers would depend on the order of apps."""
    answers: dict[Word, set[tuple[str, ...]]] = defaultdict(set)
    for path in CATALOGUES:
        for word, said in catalogue(path).items():
            answers[word].add(said)
    assert {word[1]: said for word, said in answers.items() if len(said) > 1} == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_nothing_is_left_untranslated_or_unsure(path: Path) -> None:
    assert [word[1] for word, said in catalogue(path).items() if not all(said)] == []
    with path.open("rb") as source:
        assert [one.id for one in read_po(source) if one.fuzzy and one.id] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_what_is_filled_in_is_the_same_in_both_languages(path: Path) -> None:
    with path.open("rb") as source:
        read = read_po(source)
    assert [(one.id, errors) for one, errors in read.check()] == []
    for one in read:
        ids, said = (one.id, one.string) if one.pluralizable else ((one.id,), (one.string,))
        wanted = [sorted(FILLED_IN.findall(words)) for words in ids]
        for words in said:
            assert sorted(FILLED_IN.findall(words)) in wanted, one.id

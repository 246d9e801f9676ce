"""Every word on the desk is there in Simplified Chinese, and both catalogues agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tocsin.office import atlas, watch

ATLAS, WATCH = Path(atlas.__file__).parent, Path(watch.__file__).parent
TEMPLATES = [*(ATLAS / "templates" / "desk").glob("*.html"), *WATCH.rglob("templates/**/*.html")]
SOURCES = [*ATLAS.glob("desk_*.py"), ATLAS / "templatetags" / "desk.py", *WATCH.glob("*.py")]
SIMPLE = re.compile(r"""\{%\s*translate\s+(?:'([^']*)'|"([^"]*)")|=_\("([^"]*)"\)""")
BLOCK = re.compile(r"\{%\s*blocktranslate[^%]*%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.DOTALL)
PLURAL = re.compile(r"\{%\s*plural\s*%\}")
CALL = re.compile(r"""\b(?:_|gettext|gettext_lazy)\(\s*((?:"[^"]*"\s*)+)\)""")


def as_id(text: str) -> str:
    """A block's text as the catalogue has it."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", text.replace("%", "%%"))


def words_used() -> Iterator[tuple[str, str]]:
    """Each text with the file that says it."""
    for path in TEMPLATES:
        text = path.read_text()
        for found in SIMPLE.finditer(text):
            yield next(filter(None, found.groups())), path.name
        for found in BLOCK.finditer(text):
            yield as_id(PLURAL.split(found[1])[0]), path.name
    for path in SOURCES:
        for found in CALL.finditer(path.read_text()):
            yield "".join(re.findall(r'"([^"]*)"', found[1])), path.name


def catalogue(app: Path) -> dict[str, str]:
    """What an app's Chinese catalogue says."""
    with (app / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as source:
        read = read_po(source, abort_invalid=True)
    return {
        one.id[0] if one.pluralizable else one.id: one.string[0] if one.pluralizable else one.string
        for one in read
        if one.id and not one.context
    }


def test_there_are_words_to_look_at():
    assert len(set(words_used())) > 200


def test_every_word_of_the_desk_is_translated():
    known = catalogue(WATCH)
    assert sorted({(text, file) for text, file in words_used() if not known.get(text)}) == []


def test_no_translation_is_left_over():
    used = {text for text, _ in words_used()}
    assert sorted(text for text in catalogue(WATCH) if text not in used) == []


def test_both_catalogues_say_the_same_of_the_same_words():
    """Django looks a text up in all of them: two answers would depend on the order of apps."""
    public, desk = catalogue(ATLAS), catalogue(WATCH)
    differ = {text for text in public.keys() & desk.keys() if public[text] != desk[text]}
    assert differ == set()


@pytest.mark.parametrize("mark", [r"%\(\w+\)s", r"%[sd]", r"\{h\}"])
def test_a_translation_keeps_what_is_filled_in(mark):
    for text, said in catalogue(WATCH).items():
        assert sorted(re.findall(mark, text)) == sorted(re.findall(mark, said)), text

"""Every sentence of the pages has its Chinese one."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = sorted((ROOT / "src" / "tocsin").rglob("*.po"))


def test_there_are_catalogues() -> None:
    assert CATALOGUES


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_nothing_is_left_untranslated_or_unsure(path: Path) -> None:
    with path.open("rb") as source:
        messages = [message for message in read_po(source, abort_invalid=True) if message.id]
    empty = [
        message.id
        for message in messages
        if not (all(message.string) if message.pluralizable else message.string)
    ]
    assert empty == []
    assert [message.id for message in messages if message.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_placeholders_are_the_same_in_both_languages(path: Path) -> None:
    with path.open("rb") as source:
        faults = [(message.id, errors) for message, errors in read_po(source).check()]
    assert faults == []

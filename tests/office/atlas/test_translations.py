"""Every sentence of the public pages stands in Simplified Chinese."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po

from .messages import ATLAS, marked

CATALOGUE = ATLAS / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
FIELDS = re.compile(r"%\((\w+)\)[sd]|%[sd]")


def _catalogue():
    with CATALOGUE.open("rb") as source:
        return read_po(source, abort_invalid=True)


def test_every_sentence_is_translated():
    catalogue = _catalogue()
    missing = []
    for (context, singular, _plural), name in marked():
        found = catalogue.get(singular, context or None)
        texts = [] if found is None else found.string
        texts = [texts] if isinstance(texts, str) else list(texts)
        if not texts or not all(texts) or found.fuzzy:
            missing.append(f"{name}: {context and context + ': '}{singular}")
    assert not missing


def test_a_translation_keeps_the_fields_of_its_sentence():
    wrong = []
    for message in _catalogue():
        if not message.id:
            continue
        asked = message.id if isinstance(message.id, str) else message.id[-1]
        given = message.string if isinstance(message.string, str) else message.string[0]
        if sorted(m.group() for m in FIELDS.finditer(asked)) != sorted(
            m.group() for m in FIELDS.finditer(given)
        ):
            wrong.append(message.id)
    assert not wrong


def test_there_is_something_to_hold():
    assert len(list(marked())) > 200

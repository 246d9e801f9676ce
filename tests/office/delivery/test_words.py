"""Every sentence of delivery's pages stands in Simplified Chinese."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.urls import reverse
from django.utils.translation.template import templatize

import tocsin.office.delivery
from tests.office.factories import make_user
from tools.translations import compile_catalogues

from .cast import queued_message

ROOM = Path(tocsin.office.delivery.__file__).parent
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}


def marked() -> set[str]:
    found = set()
    for path in [*ROOM.rglob("*.py"), *ROOM.rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        source = templatize(text) if path.suffix == ".html" else text
        for _line, message, _comments, _context in extract(
            "python", BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


def test_every_sentence_is_translated_and_none_is_left_over():
    with (ROOM / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as source:
        catalogue = read_po(source, abort_invalid=True)
    known = {one.id if isinstance(one.id, str) else one.id[0] for one in catalogue if one.id}
    assert known == marked()
    assert len(known) > 60


@pytest.mark.django_db
def test_the_pages_are_in_chinese(client, live):
    compile_catalogues(ROOM)
    client.force_login(
        make_user("ada", "duty_officer"), "django.contrib.auth.backends.ModelBackend"
    )
    message = queued_message()
    page = client.get("/zh-hans" + reverse("delivery:message", args=[message.pk])).content.decode()
    assert "正在查找接收方" in page
    assert "The recipients are being looked up" not in page

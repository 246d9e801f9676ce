"""The composer's fields: what is read is what was shown, and what cannot be read is named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from tests.office import drafting
from tocsin.office.warnings_desk.content import DraftContent
from tocsin.office.warnings_desk.differences import words_changed
from tocsin.office.warnings_desk.forms import Form, read_form, values_of

ZONE = ZoneInfo("America/New_York")
POINTS = {"t:home": (40.5, -74.5)}


def read(before: DraftContent, **changed: Any) -> Form:
    post = QueryDict(mutable=True)
    for name, value in {**values_of(before, ZONE), **changed}.items():
        post.setlist(name, value if isinstance(value, list) else [str(value)])
    if post["drill"] == "False":
        del post["drill"]
    return read_form(post, before, zone=ZONE, points=POINTS)


def test_a_content_comes_back_as_it_was() -> None:
    said = drafting.content(
        blocks=[
            {"level": "red", "circles": [[40.5, -73.5, 12.5]]},
            {
                "level": "orange",
                "area_codes": ["west"],
                "polygons": [[[40.1, -74.2], [40.3, -74.2], [40.3, -74.0]]],
            },
        ],
        onset=datetime(2026, 7, 18, 20, 0, tzinfo=UTC),
        parameters={"CMAMtext": "Heat.", "own": "kept"},
    )
    form = read(said)
    assert form.errors == {}
    assert form.content == said


def test_a_circle_around_a_place_becomes_a_line() -> None:
    form = read(
        drafting.content(), **{"circle-place": "t:home", "circle-km": "7", "circle-level": "red"}
    )
    assert form.values["shapes"] == "red circle 40.50000,-74.50000 7"
    assert form.content is not None
    assert form.content.blocks[0].circles == ((40.5, -74.5, 7.0),)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shapes", "orange circle 91,0 5"),
        ("shapes", "purple circle 40,-74 5"),
        ("shapes", "red polygon 40,-74 41,-74"),
        ("shapes", "red circle 40,-74 nan"),
        ("expires", "2026-03-08T02:30"),  # the clock goes from 2 to 3 that night
        ("expires", "soon"),
        ("circle-km", "9999"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_field(field: str, value: str) -> None:
    form = read(drafting.content(), **{"circle-place": "t:home", "circle-km": "1", field: value})
    assert field in form.errors
    assert form.values[field] == value or field == "shapes"


def test_words_changed_are_words_and_chinese_signs() -> None:
    assert words_changed("hot until noon", "hot until night") == [
        ("same", "hot until "), ("gone", "noon"), ("new", "night"),
    ]  # fmt: skip
    assert words_changed("高温", "高寒") == [("same", "高"), ("gone", "温"), ("new", "寒")]

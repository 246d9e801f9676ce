"""What an officer wrote, on public pages; and what of a live region's drills never gets there."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tocsin.office.places import current
from tocsin.office.warnings_desk.models import Message

from .. import drafting, factories
from ..drafting import NOW, content, go_on, issued

pytestmark = pytest.mark.django_db
SRC = Path(__file__).parents[3] / "src" / "tocsin" / "office"
SECRET = "Nobody outside may read this"
TEXTS = {language: {**texts, "headline": SECRET} for language, texts in drafting.TEXTS.items()}


@pytest.fixture
def office(db, monkeypatch):
    made = drafting.make_office()
    at = NOW + timedelta(hours=2)
    monkeypatch.setattr(current.timezone, "now", lambda: at)
    return made


def read(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_home_and_warning_page_say_what_the_officer_wrote(client, office):
    message = issued(office)
    home = read(client, "/")
    assert "Dangerous heat this afternoon" in home
    assert "Stay in the shade." in home
    page = read(client, f"/warnings/{message.warning.slug}/")
    assert "Up to 40 °C in the shade." in page
    assert "今天下午高温危险" in read(client, f"/zh-hans/warnings/{message.warning.slug}/")


def test_a_warning_by_hand_is_in_the_list_and_its_end_too(client, office):
    message = issued(office)
    go_on(office, message, "all_clear")
    assert "Heat warning" in read(client, "/warnings/")
    assert "Heat warning" in read(client, "/")
    assert "is over" in read(client, f"/warnings/{message.warning.slug}/")
    assert client.get(f"/warnings/{message.warning.slug}/values.csv").status_code == 404


def test_of_an_area_that_is_drawn_in_part_the_public_reads_so(client, office):
    whole = content("orange", "west")
    ring = [[40.2, -73.9], [40.4, -73.9], [40.4, -73.6], [40.2, -73.9]]
    drawn = {"level": "yellow", "polygons": [ring]}
    blocks = [*whole.as_json()["blocks"], drawn]
    message = issued(office, content(blocks=blocks))
    for address in ("/", f"/warnings/{message.warning.slug}/"):
        page = read(client, address)
        assert "Parts of East" in page
        assert "Parts of West" not in page
        assert "The whole region" not in page
        # West County whole, and the triangle's 281 km2 of the 9,430 km2 of the east: 1000 + 30.
        assert "about 1,000 people" in page
        # The map colours the shape, not the county it lies in.
        assert page.count('class="a-orange"') == 1
        assert page.count('class="a-yellow"') == 1
        assert '<g class="areas drawn"><path d="M' in page
    features = client.get("/areas.geojson").json()["features"]
    levels = {
        one["properties"].get("code", "drawn"): one["properties"]["level"] for one in features
    }
    assert levels == {"west": 3, "east": 0, "drawn": 2}


def public_addresses(patterns, before=""):
    """Every address of the resolver, placeholders as they are written."""
    for one in patterns:
        here = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from public_addresses(one.url_patterns, here)
        elif isinstance(one, URLPattern):
            yield here


def fill(address, message):
    address = re.sub(r"<(\w+:)?slug>", message.warning.slug, address)
    address = re.sub(r"<(\w+:)?identifier>", message.identifier, address)
    return "/" + re.sub(r"<(\w+:)?\w+>", "heat", address).lstrip("^/")


@pytest.mark.parametrize("status", ["Exercise", "Test"])
def test_no_address_gives_a_drill_of_a_live_region_to_the_public(client, office, status):
    message = issued(office, content("red", "west", "east", status=status, texts=TEXTS))
    assert not message.is_public(office.region)
    assert message in Message.objects.in_force(NOW + timedelta(hours=2))
    asked = 0
    for address in {fill(one, message) for one in public_addresses(get_resolver().url_patterns)}:
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        said = body.decode(errors="replace")
        assert SECRET not in said, address
        assert message.sha256 not in said, address
        if message.warning.slug in said:  # only ever as the address that was asked for
            assert response.status_code != 200 or message.warning.slug in address, address
        asked += response.status_code == 200
    assert asked >= 8


def test_the_same_words_of_an_actual_message_are_everywhere(client, office):
    """The judge of the test above: what it looks for is really there when it may be."""
    message = issued(office, content("red", "west", "east", texts=TEXTS))
    for address in ("/", f"/warnings/{message.warning.slug}/", f"/cap/{message.identifier}.xml"):
        assert SECRET in read(client, address)
    assert message.identifier in read(client, "/feeds/warnings.atom")


def test_the_warning_page_and_the_file_of_a_drill_are_not_there(client, office):
    message = issued(office, content(status="Exercise"))
    assert client.get(f"/warnings/{message.warning.slug}/").status_code == 404
    assert client.get(f"/cap/{message.identifier}.xml").status_code == 404


def test_a_replay_shows_its_exercises(client, db):
    region = factories.make_region()
    heat_wave = factories.make_heat_wave(region)
    assert heat_wave.messages[0].status == "Exercise"
    assert "heat-2013-07-17" in read(client, "/")


def _lines(path):
    """Give the lines, each with the next: ``Message.objects`` may stand at the end of one."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [one + after for one, after in zip(lines, [*lines[1:], ""], strict=False)]


def test_every_public_room_asks_for_public_messages_only():
    """Whoever adds a page cannot forget: these rooms take messages by ``published`` or ``public``.

    The feeds keep rows in memory and choose among them by status: the test above asks them. Rooms
    that deliver get messages from the outbox, which asks ``is_public`` of each. The timing
    pages are the desk's, behind the sign-in: drills are timed as well.
    """
    apart = {"feeds.py", "feed_ledger.py", "timing.py", "timing_views.py"}
    asks = re.compile(r"\bMessage\.objects(?!\s*\.\s*(published|public)\()")
    offenders = [
        f"{path.relative_to(SRC)}:{number}"
        for path in sorted((SRC / "atlas").rglob("*.py"))
        if path.name not in apart
        for number, line in enumerate(_lines(path), 1)
        if asks.search(line)
    ]
    assert offenders == []

"""Every public page in both languages: it answers, is well formed, is small, asks little."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

import tocsin.office
from tests.office import factories

PAGES = ["/", "/warnings/", "/warnings/heat-2013-07-17/", "/how-we-warn/", "/account/sign-in/"]
STYLE = Path(tocsin.office.__file__).parent / "static" / "atlas" / "public.css"
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Outline(HTMLParser):
    """Collects what a page is made of, and fails on a tag that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"closed but never opened: {tag}"
        assert self.open.pop() == tag, f"closed out of order: {tag}"

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
@pytest.mark.parametrize("path", PAGES)
def test_it_is_well_formed_and_complete(client, heat_wave, prefix, path):
    response = client.get(prefix + path)
    assert response.status_code == 200
    page = Outline(response.content.decode())
    assert page.all("html")[0]["lang"] == ("zh-Hans" if prefix else "en")
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert page.all("a")[0]["href"] == "#main"
    ids = [attrs["id"] for _tag, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids)), f"ids twice: {sorted(ids)}"
    assert not [attrs for _tag, attrs in page.tags if "style" in attrs or "onclick" in attrs]
    assert all("src" in attrs for attrs in page.all("script")), "an inline script"


@pytest.mark.parametrize("path", PAGES)
def test_the_language_switch_keeps_the_page(client, heat_wave, path):
    english = client.get(path + "?q=heat").content.decode()
    chinese = client.get("/zh-hans" + path + "?q=heat").content.decode()
    assert f'class="lang" href="/zh-hans{path}?q=heat"' in english
    assert f'class="lang" href="{path}?q=heat"' in chinese


@pytest.mark.parametrize("path", PAGES)
def test_it_is_marked_as_a_replay(client, heat_wave, path):
    assert "Replay of 2013." in client.get(path).content.decode()
    assert "2013年回放" in client.get("/zh-hans" + path).content.decode()


def test_a_live_region_carries_no_replay_band(client, db):
    factories.make_region(is_replay=False, clock_at=None)
    assert "Replay of" not in client.get("/").content.decode()


@pytest.mark.parametrize("path", PAGES[:4])
def test_it_is_small(client, heat_wave, path):
    assert len(client.get(path).content) + STYLE.stat().st_size < 60_000


def test_the_style_sheet_is_small():
    assert STYLE.stat().st_size < 20_000


@pytest.mark.parametrize("path", [*PAGES, "/feeds/warnings.atom", "/areas.geojson"])
def test_it_asks_at_most_twelve_questions(client, heat_wave, at_most_queries, path):
    with at_most_queries(12):
        client.get(path)


@pytest.mark.parametrize("path", [*PAGES[:4], "/feeds/warnings.atom", "/areas.geojson"])
def test_before_a_region_is_loaded_every_page_says_so(client, db, path):
    response = client.get(path)
    assert response.status_code == 503
    assert "No region has been loaded yet" in response.content.decode()


def test_signing_in_works_before_a_region_is_loaded(client, db):
    assert client.get("/account/sign-in/").status_code == 200


@pytest.mark.parametrize("path", ["/nope/", "/zh-hans/nope/", "/warnings/nope/", "/cap/nope.xml"])
def test_a_wrong_address_gets_the_page_that_says_so(client, region, path):
    response = client.get(path)
    assert response.status_code == 404
    said = response.content.decode()
    assert ("页面不存在" if "zh" in path else "This page does not exist") in said
    Outline(said)


@pytest.mark.parametrize("path", PAGES[:4])
def test_a_name_cannot_bring_markup(client, region, path):
    evil = "<script>alert(1)</script>\"'&"
    factories.make_area("1", evil, evil, lon=-74.0, lat=40.7)
    station = factories.make_station("JFK", names={"en": evil})
    factories.make_series(station)
    factories.make_facility("JFK", names={"en": evil})
    factories.make_settlement("brooklyn", names={"en": evil})
    rule = factories.make_rule(name={"en": evil}, source=evil)
    warning = factories.make_warning(rule, slug="heat-2013-07-17")
    factories.make_message(warning, {"1": 3})
    said = client.get(path).content.decode()
    assert "<script>alert" not in said
    Outline(said)


@pytest.mark.parametrize("path", PAGES[:4])
def test_only_reading_is_allowed(client, heat_wave, path):
    assert client.head(path).status_code == 200
    assert client.head(path).content == b""
    assert client.post(path).status_code == 405


def test_no_public_page_sets_a_cookie_or_varies_with_one(client, heat_wave):
    for path in PAGES[:4]:
        response = client.get(path)
        assert not response.cookies
        assert "Cookie" not in response["Vary"]


def test_an_office_without_rules_or_stations_still_answers(client, region):
    for path in ("/", "/warnings/", "/how-we-warn/", "/places.geojson", "/feeds/warnings.atom"):
        assert client.get(path).status_code == 200, path


def test_a_live_office_that_has_not_looked_for_long_says_so(client, db):
    factories.make_region(is_replay=False, clock_at=None)
    factories.make_feed(read_at=factories.NOW - timedelta(days=1))
    assert "may be out of date" in client.get("/").content.decode()

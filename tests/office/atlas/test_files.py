"""CAP files, feeds, GeoJSON and the health check: bytes, media types, caching."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import DatabaseError
from lxml import etree

from tests.office import factories

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def test_a_cap_file_is_the_ledgers_own_bytes(client, heat_wave):
    message = heat_wave.messages[0]
    response = client.get(f"/cap/{message.identifier}.xml")
    assert response.content == bytes(message.raw)
    assert hashlib.sha256(response.content).hexdigest() == message.sha256
    assert response["Content-Type"] == "application/cap+xml"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["ETag"] == f'"{message.sha256}"'


def test_a_cap_file_is_not_sent_twice(client, heat_wave):
    message = heat_wave.messages[0]
    known = {"If-None-Match": f'"{message.sha256}"'}
    response = client.get(f"/cap/{message.identifier}.xml", headers=known)
    assert (response.status_code, response.content) == (304, b"")


def test_a_message_later_than_the_moment_has_no_file_yet(client, heat_wave):
    address = f"/cap/{heat_wave.messages[2].identifier}.xml"
    assert client.get(address).status_code == 404
    heat_wave.region.clock_at = heat_wave.messages[2].sent_at
    heat_wave.region.save()
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("address", "language", "title"),
    [
        ("/feeds/warnings.atom", "en", "[Exercise] Heat"),
        ("/feeds/warnings.en.atom", "en", "[Exercise] Heat"),
        ("/feeds/warnings.zh-hans.atom", "zh-Hans", "[Exercise] 高温"),
    ],
)
def test_the_feed_carries_the_newest_message_of_each_warning(
    client, heat_wave, address, language, title
):
    response = client.get(address)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(response.content)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert feed.xpath("//a:entry/a:title/text()", namespaces=ATOM) == [title]
    links = feed.xpath("//a:entry/a:link/@href", namespaces=ATOM)
    assert any(link.endswith(f"/cap/{heat_wave.messages[1].identifier}.xml") for link in links)
    assert any("/warnings/heat-2013-07-17/" in link for link in links)


def test_the_feed_keeps_what_ended_for_seven_days(client, region):
    rule = factories.make_rule()
    for days in (6, 8):
        sent = factories.NOW - timedelta(days=days)
        warning = factories.make_warning(rule, first=sent, slug=f"ended-{days}")
        factories.make_message(warning, {"1": 2}, sent=sent, hours=2)
    said = client.get("/feeds/warnings.atom").content.decode()
    assert "/warnings/ended-6/" in said
    assert "/warnings/ended-8/" not in said


def test_there_is_no_feed_in_another_language(client, region):
    assert client.get("/feeds/warnings.xx.atom").status_code == 404


def test_the_areas_carry_their_level_at_the_moment(client, heat_wave):
    response = client.get("/areas.geojson")
    assert response["Content-Type"] == "application/geo+json"
    levels = {
        area["properties"]["code"]: area["properties"]["level_word"]
        for area in json.loads(response.content)["features"]
    }
    assert levels == {"36061": "orange", "36081": "yellow", "36119": "none"}


def test_the_places_are_points(client, heat_wave):
    places = json.loads(client.get("/places.geojson").content)["features"]
    assert {one["properties"]["kind"] for one in places} == {"station", "facility", "settlement"}


@pytest.mark.parametrize(
    "address", ["/", "/zh-hans/", "/warnings/", "/warnings/heat-2013-07-17/", "/how-we-warn/",
                "/areas.geojson", "/places.geojson"],
)  # fmt: skip
def test_what_has_not_changed_is_not_sent_again(client, heat_wave, address):
    first = client.get(address)
    assert first["ETag"]
    assert first["Last-Modified"] == "Thu, 18 Jul 2013 19:00:00 GMT"
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    by_date = client.get(address, headers={"If-Modified-Since": first["Last-Modified"]})
    assert by_date.status_code == 304
    repeated = client.get(address)
    assert (repeated.content, repeated["ETag"]) == (first.content, first["ETag"])


@pytest.mark.parametrize("change", ["clock", "ledger", "rules", "feed", "language", "folder"])
def test_any_change_gives_a_new_mark(client, heat_wave, change):
    before = client.get("/how-we-warn/")["ETag"]
    address = "/how-we-warn/"
    region = heat_wave.region
    if change == "clock":
        region.clock_at += timedelta(hours=1)
    elif change == "ledger":
        factories.make_message(
            heat_wave.warning, {"36061": 3}, sent=factories.NOW, msg_type="Update"
        )
    elif change == "rules":
        factories.make_rule(version=4)
    elif change == "feed":
        factories.make_feed(code="another")
    elif change == "folder":
        region.digest = "another"
    else:
        address = "/zh-hans/how-we-warn/"
    region.save()
    response = client.get(address, headers={"If-None-Match": before})
    assert response.status_code == 200
    assert response["ETag"] != before


def test_the_health_check_names_region_and_ledger(client, heat_wave):
    facts = client.get("/healthz").json()
    assert facts == {
        "status": "ok",
        "region": "new-york-2013",
        "moment": "2013-07-18T19:00:00+00:00",
        "ledger": 2,
    }


def test_the_health_check_answers_before_a_region_is_loaded(client, db):
    assert client.get("/healthz").json()["region"] is None


def test_the_health_check_fails_without_a_database(client, db):
    with patch("tocsin.office.atlas.files.current_region", side_effect=DatabaseError):
        response = client.get("/healthz")
    assert response.status_code == 503
    assert response["Cache-Control"] == "no-store"

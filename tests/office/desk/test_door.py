"""Who may open the desk: a table of pages and accounts."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.office import factories
from tocsin.office.audit.models import Entry
from tocsin.office.people.services import give_post
from tocsin.office.places.models import Region

PAGES = (
    "/desk/",
    "/desk/warnings/",
    "/desk/audit/",
    "/desk/watch/rules/",
    "/desk/watch/rules/heat/",
    "/desk/watch/series/",
    "/desk/watch/series/points.json",
    "/desk/watch/series/values.csv",
    "/desk/watch/feeds/",
)
ALLOWED = (((), 403), (("inspector",), 403), (("approver",), 200), (("duty_officer",), 200))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("roles", "status"), ALLOWED)
def test_a_post_opens_the_desk(path, roles, status, signed_in, heat_wave):
    assert signed_in(*roles).get(path).status_code == status


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_sign_in_and_back(path, client, heat_wave):
    response = client.get(path)
    assert response.status_code == 302
    assert response.url == f"/account/sign-in/?next={path}"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_read_only(path, officer, heat_wave):
    assert officer.post(path).status_code == 405


def test_a_refusal_says_why_and_what_to_do(signed_in, heat_wave, words):
    said = words(signed_in().get("/desk/"))
    assert "this account holds no post that opens the desk" in said
    assert "Sign out" in said


def test_a_refusal_is_in_chinese_too(signed_in, heat_wave, words):
    assert "没有可进入值班台的岗位" in words(signed_in().get("/zh-hans/desk/"))


def test_a_fragment_asked_for_after_the_session_ended_moves_the_whole_page(client, heat_wave):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?hour=5"}
    response = client.get("/desk/?hour=6", headers=headers)
    assert response.headers["HX-Redirect"] == "/account/sign-in/?next=/desk/%3Fhour%3D5"


@pytest.mark.parametrize("path", PAGES)
def test_before_a_region_is_loaded_every_page_says_how_to_load_one(path, officer, words):
    response = officer.get(path)
    assert response.status_code == 200
    assert "tocsin replay examples/new-york-2013" in words(response)


@pytest.mark.parametrize(
    ("roles", "status", "stands"),
    [((), 403, False), (("approver",), 403, False), (("duty_officer",), 302, True)],
)
def test_only_a_duty_officer_stands_the_clock(roles, status, stands, signed_in, heat_wave):
    response = signed_in(*roles).post("/desk/clock/", {"at": "2013-07-16T15:00Z"})
    assert response.status_code == status
    clock_at = Region.objects.get().clock_at
    assert (clock_at != factories.NOW) is stands
    assert Entry.objects.filter(verb="set_clock").exists() is stands


def test_the_clock_button_is_shown_to_those_who_may_use_it(signed_in, heat_wave, words):
    path, button = "/desk/?at=2013-07-16T15:00Z", "Let the public page stand here"
    assert button in words(signed_in("duty_officer").get(path))
    assert button not in words(signed_in("approver").get(path))


def test_the_clock_is_not_set_by_a_link(officer, heat_wave):
    assert officer.get("/desk/clock/?at=2013-07-16T15:00Z").status_code == 405
    assert Region.objects.get().clock_at == factories.NOW


def test_the_clock_is_not_set_from_another_site(signed_in, heat_wave):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in("duty_officer").cookies
    assert strict.post("/desk/clock/", {"at": "2013-07-16T15:00Z"}).status_code == 403


def test_signing_in_leads_to_the_desk(client, heat_wave):
    give_post(
        "duty",
        "a long test password",
        title="Duty",
        role="duty_officer",
        by="test",
        at=factories.NOW,
    )
    form = {"username": "duty", "password": "a long test password"}
    response = client.post("/account/sign-in/?next=/desk/watch/feeds/", form)
    assert response.url == "/desk/watch/feeds/"

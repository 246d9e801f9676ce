"""The duty officer at the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.office.factories import NOW, HeatWave
from tocsin.office.people.rules import MACHINE
from tocsin.office.people.services import give_post

PASSWORD = "a long test password"
DESK = ("/desk/", "/desk/warnings/", "/desk/watch/series/", "/desk/watch/feeds/")
RULES = ("/desk/watch/rules/", "/desk/watch/rules/heat/", "/desk/audit/")
LISTS = (
    "/desk/drafts/",
    "/desk/watch/occurrences/",
    "/desk/timing/",
    "/desk/delivery/",
    "/desk/right/",
)


def sign_in(page: Page, address: str) -> None:
    give_post("duty", PASSWORD, title="Duty officer", role="duty_officer", by=MACHINE, at=NOW)
    page.goto(f"{address}/desk/")
    page.fill("input[name=username]", "duty")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button")
    page.wait_for_url(f"{address}/desk/")  # and until its scripts have run


def test_the_desk_asks_for_a_sign_in_and_leads_back(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    sign_in(page, live_server.url)
    expect(page.locator("main")).to_contain_text("Heat")


def test_every_desk_page_opens_and_fits_a_phone(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": 390, "height": 844})
    wide = {}
    for path in DESK + RULES + LISTS:
        answer = page.goto(live_server.url + path)
        assert answer is not None
        assert answer.status == 200, path
        if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            wide[path] = over
        lists = page.locator(".scroll:has(> table.list)").all()
        assert all(one.evaluate("e => e.scrollWidth <= e.clientWidth") for one in lists), path
    assert not wide


def test_axe_finds_nothing_on_the_desk(
    page: Page, live_server: Any, heat_wave: HeatWave, accessibility: Callable[[], list[str]]
) -> None:
    sign_in(page, live_server.url)
    found = {}
    for path in DESK + RULES + LISTS:
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        if violations := accessibility():
            found[path] = violations
    assert not found

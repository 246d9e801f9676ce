"""Warnings drafted, approved, issued, updated and ended at the desk, by hand and eye alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.office import drafting, factories
from tests.office.drafting import Office


@pytest.fixture
def office(transactional_db: None) -> Office:
    return drafting.make_office()


def sign_in(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/account/sign-in/?next=/desk/drafts/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", factories.PASSWORD)
    page.click("form:has(input[name=password]) button")
    page.wait_for_url("**/desk/drafts/")


def another(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_context(locale="en-US").new_page()
    page.set_default_timeout(15_000)
    sign_in(page, address, name)
    return page


def test_a_stranger_issues_updates_and_cancels_without_reading(
    page: Page,
    chromium: Browser,
    live_server: Any,
    office: Office,
    accessibility: Callable[[], list[str]],
) -> None:
    sign_in(page, live_server.url, "duty")
    page.get_by_role("link", name="New warning").click()
    assert accessibility() == []
    page.select_option("select[name=hazard]", "heat")
    page.get_by_label("Orange").check()
    page.get_by_role("button", name="Begin").first.click()
    page.select_option("#area-west", "orange")
    expect(page.locator("#preview")).to_contain_text("Ready to be submitted.")
    expect(page.locator("#preview")).to_contain_text("West County")
    assert accessibility() == []
    page.get_by_role("button", name="Save and submit").click()
    expect(page.locator("main")).to_contain_text("is still needed")
    assert accessibility() == []
    ann = another(chromium, live_server.url, "ann")
    ann.locator("main table a").first.click()
    ann.get_by_role("button", name="Approve").click()
    expect(ann.locator("main")).to_contain_text("Approved: it can be issued.")
    ann.get_by_role("link", name="Issue").click()
    ann.get_by_role("button", name="Issue now").click()
    expect(ann.locator("main")).to_contain_text("message 1 of the ledger")
    page.goto(live_server.url)
    expect(page.locator("main")).to_contain_text("Dangerous heat")
    for verb, words in (("Update", "Still very hot"), ("Cancel", "")):
        page.goto(f"{live_server.url}/desk/drafts/")
        page.wait_for_timeout(1100)  # CAP counts seconds: the next message is sent a second later
        page.locator("#in-force").get_by_role("button", name=verb, exact=True).click()
        if words:
            page.fill("#text-en-headline", words)
        page.get_by_role("button", name="Save and submit").click()
        page.wait_for_url("**/review/")
        ann.goto(page.url)
        if ann.get_by_role("button", name="Approve").count():
            ann.get_by_role("button", name="Approve").click()
        ann.get_by_role("link", name="Issue").click()
        ann.get_by_role("button", name="Issue now").click()
        expect(ann.locator("main")).to_contain_text("of the ledger")
    page.goto(live_server.url)
    expect(page.locator("main")).not_to_contain_text("Still very hot")
    ann.context.close()


def test_two_officers_at_once_are_told_and_lose_nothing(
    page: Page, chromium: Browser, live_server: Any, office: Office
) -> None:
    draft = drafting.draft(office)
    sign_in(page, live_server.url, "duty")
    page.goto(f"{live_server.url}/desk/drafts/{draft.pk}/")
    ann = another(chromium, live_server.url, "ann")
    ann.goto(f"{live_server.url}/desk/drafts/{draft.pk}/")
    expect(ann.locator("#presence")).to_contain_text("Duty officer")
    page.fill("#text-en-headline", "Written by the duty officer")
    page.keyboard.press("Control+s")
    expect(page.locator("main")).to_contain_text("Saved.")
    ann.fill("#text-en-instruction", "Written by Ann")
    ann.get_by_role("button", name="Save", exact=True).click()
    expect(ann.locator("main")).to_contain_text("Written by the duty officer")
    ann.get_by_role("button", name="Save what is chosen").click()
    expect(ann.locator("#text-en-headline")).to_have_value("Written by the duty officer")
    expect(ann.locator("#text-en-instruction")).to_have_value("Written by Ann")
    ann.context.close()


def test_a_shape_is_drawn_and_unsaved_text_comes_back(
    page: Page, live_server: Any, office: Office
) -> None:
    draft = drafting.draft(office)
    sign_in(page, live_server.url, "duty")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/desk/drafts/{draft.pk}/")
    page.locator("#draw summary").click()
    page.locator("#draw-map[data-live=yes]").wait_for()
    page.get_by_role("button", name="Circle", exact=True).click()
    page.locator("#draw-map").scroll_into_view_if_needed()
    map_box = page.locator("#draw-map").bounding_box()
    assert map_box is not None
    x, y = map_box["x"] + map_box["width"] / 2, map_box["y"] + map_box["height"] / 2
    page.mouse.click(x, y)
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.click(x + 30, y)
    assert " circle " in page.locator("#shapes").input_value()
    page.fill("#text-en-headline", "Not saved yet")
    page.wait_for_timeout(500)
    page.reload()
    page.get_by_role("button", name="Bring it back").click()
    expect(page.locator("#text-en-headline")).to_have_value("Not saved yet")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_preview_counts_what_is_drawn_while_it_is_written(
    page: Page, live_server: Any, office: Office, accessibility: Callable[[], list[str]]
) -> None:
    draft = drafting.draft(office)
    sign_in(page, live_server.url, "duty")
    page.goto(f"{live_server.url}/desk/drafts/{draft.pk}/")
    page.select_option("#area-west", "")
    page.locator("#draw summary").click()
    page.fill("#shapes", "orange polygon 40.0,-75.0 40.0,-74.5 41.0,-74.5 41.0,-75.0")
    expect(page.locator("#preview")).to_contain_text("about 500 people")
    page.fill("#shapes", "orange polygon 40.0,-75.0 40.0,-74.0 41.0,-74.0 41.0,-75.0")
    expect(page.locator("#preview")).to_contain_text("about 1,000 people")
    assert accessibility() == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

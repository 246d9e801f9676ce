"""A resident and an editor on the public pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.office.factories import HeatWave


def test_a_resident_sees_what_is_in_force_and_opens_its_warning(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    page.goto(live_server.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 warning is in force")
    expect(page.get_by_role("note")).to_contain_text("Replay of 2013")
    page.locator("article h2 a").first.click()
    expect(page).to_have_url(live_server.url + heat_wave.warning.get_absolute_url())
    expect(page.locator("main")).to_contain_text("New York")
    expect(page.locator("main")).to_contain_text("103")


def test_a_reader_of_chinese_stays_in_chinese(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    page.goto(live_server.url)
    page.locator("header a.lang").click()
    expect(page).to_have_url(f"{live_server.url}/zh-hans/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.locator("article h2 a").first.click()
    expect(page).to_have_url(f"{live_server.url}/zh-hans{heat_wave.warning.get_absolute_url()}")
    expect(page.locator("main")).to_contain_text("高温")


def test_the_home_page_is_complete_without_scripts(
    chromium: Browser, live_server: Any, heat_wave: HeatWave
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url)
    expect(page.locator("#map svg").first).to_be_visible()
    expect(page.locator("article")).to_have_count(1)
    context.close()


def test_the_map_library_takes_the_place_of_the_drawn_map(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    page.goto(live_server.url)
    expect(page.locator("#map canvas")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/zh-hans/", "/warnings/", "/how-we-warn/"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_the_screen(
    page: Page, live_server: Any, heat_wave: HeatWave, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(live_server.url + path)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("width", [1280, 390])
def test_what_was_measured_fits_the_screen_and_keeps_its_heads(
    page: Page, live_server: Any, heat_wave: HeatWave, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(live_server.url + heat_wave.messages[-1].warning.get_absolute_url())
    table = page.locator("#measured .scroll")
    assert table.evaluate("e => e.scrollWidth <= e.clientWidth")
    heads = table.locator("td").first.evaluate("e => getComputedStyle(e, '::before').content")
    assert ("Hour from" in heads) == (width == 390)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_public_pages(
    page: Page,
    live_server: Any,
    heat_wave: HeatWave,
    accessibility: Callable[[], list[str]],
    scheme: Any,
) -> None:
    page.emulate_media(color_scheme=scheme)
    found = {}
    for path in ("/", heat_wave.warning.get_absolute_url(), "/warnings/", "/how-we-warn/"):
        page.goto(live_server.url + path)
        if violations := accessibility():
            found[path] = violations
    assert not found

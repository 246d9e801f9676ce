"""A resident without a mouse, one whose map does not load, and one who prints."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.office.factories import HeatWave


def test_the_first_tab_leads_past_the_menu(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_every_stop_of_the_keyboard_shows_where_it_is(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    page.goto(live_server.url + "/warnings/")
    stops = page.locator("a[href], button, input, select").count()
    for _stop in range(stops):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")


def test_a_search_by_keyboard_alone(page: Page, live_server: Any, heat_wave: HeatWave) -> None:
    page.goto(live_server.url + "/warnings/")
    page.get_by_label("Words").focus()
    page.keyboard.type("queens")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=queens"))
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_drawn_map_stays_when_the_library_does_not_load(
    chromium: Browser, live_server: Any, heat_wave: HeatWave
) -> None:
    page = chromium.new_page()
    page.route("**/maplibre-gl-csp.js*", lambda route: route.abort())
    with page.expect_console_message(lambda said: "The drawn map stays" in said.text):
        page.goto(live_server.url)
    expect(page.locator("#map svg.map")).to_be_visible()
    expect(page.locator("#map canvas")).to_have_count(0)
    page.close()


def test_the_map_is_moved_by_keys_and_opens_an_area(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    page.goto(live_server.url)
    expect(page.locator("#map[data-live]")).to_be_attached(timeout=30_000)
    canvas = page.locator("#map canvas")
    canvas.focus()
    page.keyboard.press("Equal")
    canvas.click(position={"x": 200, "y": 400})
    expect(page.locator(".maplibregl-popup-content strong")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_the_evidence_fits_a_phone(
    page: Page, live_server: Any, heat_wave: HeatWave, prefix: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + prefix + heat_wave.warning.get_absolute_url())
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    expect(page.locator("#why .chart.narrow")).to_be_visible()
    expect(page.locator("#why .chart.wide")).to_be_hidden()


def test_on_paper_the_menu_is_gone_and_the_warning_stays(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    page.goto(live_server.url + heat_wave.warning.get_absolute_url())
    page.emulate_media(media="print")
    expect(page.locator("header nav")).to_be_hidden()
    expect(page.get_by_role("note")).to_be_visible()
    expect(page.locator("#why .chart.wide")).to_be_visible()


def test_the_page_is_painted_before_the_map_library_is_asked_for(
    page: Page, live_server: Any, heat_wave: HeatWave
) -> None:
    page.goto(live_server.url)
    expect(page.locator("#map[data-live]")).to_be_attached(timeout=30_000)
    paint, library = page.evaluate(
        """() => {
            const library = performance.getEntriesByType('resource');
            return [performance.getEntriesByName('first-contentful-paint')[0].startTime,
                    library.find(one => one.name.includes('maplibre')).startTime];
        }"""
    )
    assert paint < library

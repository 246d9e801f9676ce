"""The duty officer's way from a morning in February to the value that could not be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.office import factories
from tests.office.factories import HeatWave
from tocsin.office.people.rules import MACHINE
from tocsin.office.people.services import give_post
from tocsin.office.places.models import Region
from tocsin.office.watch.models import Observation

PASSWORD = "a long test password"
STORM = datetime(2013, 2, 9, 3, tzinfo=UTC)  # Friday 8 February, 22:00 in New York
GALE = datetime(2013, 2, 12, 8, tzinfo=UTC)
SLOW = 60_000  # ms; a first page loads units and templates


@pytest.fixture
def winter(heat_wave: HeatWave) -> HeatWave:
    """A snowstorm with its warning, three days before an impossible mean wind."""
    rule = factories.make_rule(
        id="fog", hazard="fog", indicator="visibility", unit="mile", when="at-or-below",
        name={"en": "Poor visibility", "zh-Hans": "低能见度"},
        levels={"yellow": 0.5, "orange": 0.25},
    )  # fmt: skip
    warning = factories.make_warning(rule, slug="fog-2013-02-08", first=STORM)
    row = factories.evidence_row("36061", 3, indicator="visibility", unit="mile")
    storm = {**row, "value": 0.2, "threshold": 0.25, "observed_at": STORM.isoformat()}
    factories.make_message(warning, {"36061": 3}, sent=STORM, hours=8, evidence=[storm])
    series = factories.make_series(heat_wave.stations["EWR"], "wind_speed", "m s-1", "observed")
    calm = [4.0 + hour % 3 for hour in range(96)]
    factories.make_observations(series, calm, first=GALE - timedelta(hours=96))
    Observation.objects.create(series=series, time=GALE, value=468.66, flags=1)
    factories.make_observations(series, calm, first=GALE + timedelta(hours=1))
    return heat_wave


def sign_in(page: Page, address: str, path: str) -> None:
    give_post("duty", PASSWORD, title="Duty", role="duty_officer", by=MACHINE, at=factories.NOW)
    page.goto(address + path, timeout=SLOW)
    page.fill("input[name=username]", "duty")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button")
    page.wait_for_url(address + path)  # and until its scripts have run


def hour_of(moment: datetime) -> str:
    """The slider's value at a moment of the factories' year."""
    return str(int((moment - datetime(2013, 1, 1, 5, tzinfo=UTC)) / timedelta(hours=1)))


def move_slider(page: Page, moment: datetime) -> None:
    page.locator("#hour").evaluate(
        "(slider, hour) => { slider.value = hour;"
        "slider.dispatchEvent(new Event('input', {bubbles: true}));"
        "slider.dispatchEvent(new Event('change', {bubbles: true})); }",
        hour_of(moment),
    )


def test_from_the_snowstorm_to_its_rule_and_to_the_impossible_wind(
    page: Page, live_server: Any, winter: HeatWave
) -> None:
    sign_in(page, live_server.url, "/desk/")
    move_slider(page, STORM)
    expect(page.locator("#moment b")).to_contain_text("Fri 8 Feb 2013 22:00 EST")
    expect(page.locator("#board")).to_contain_text("Poor visibility")
    expect(page.locator("#board .map title").filter(has_text="New York: orange")).to_have_count(1)
    page.get_by_role("link", name="Rules", exact=True).click()
    page.get_by_role("link", name="Poor visibility").click()
    expect(page.locator("main")).to_contain_text("≤ 0.25 mi")
    page.goto(
        f"{live_server.url}/desk/watch/series/?quantity=wind_speed&from=2013-02-10&to=2013-02-14"
    )
    expect(page.locator("#flagged")).to_contain_text("1,048.4 mph")
    expect(page.locator("#flagged")).to_contain_text("impossible value")
    expect(page.locator("#chart[data-drawn='1'] canvas")).to_be_visible()


def test_keys_move_the_hour_find_the_search_and_list_themselves(
    page: Page, live_server: Any, winter: HeatWave
) -> None:
    sign_in(page, live_server.url, "/desk/")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#moment b")).to_contain_text("Thu 18 Jul 2013 14:00 EDT")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#board")).to_have_attribute(
        "data-hour", hour_of(factories.NOW - timedelta(hours=25))
    )
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#desk-search")).to_be_focused()


def test_the_public_page_stands_where_the_officer_puts_it(
    page: Page, live_server: Any, winter: HeatWave
) -> None:
    sign_in(page, live_server.url, "/desk/?at=2013-02-09T04:00Z")
    page.get_by_role("button", name="Let the public page stand here").click()
    expect(page.locator("main")).to_contain_text("The public page now stands at this hour.")
    assert Region.objects.get().clock_at == STORM + timedelta(hours=1)


def test_without_a_script_the_same_hour_can_be_reached(
    chromium: Any, live_server: Any, winter: HeatWave
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url, "/desk/")
    page.fill("#at", "2013-02-08T22:00")
    page.get_by_role("button", name="Go").click()
    expect(page.locator("#board")).to_contain_text("Poor visibility")
    page.get_by_role("link", name="+1 day").click()
    expect(page.locator("#board")).to_contain_text("No warning is in force at this hour.")
    context.close()

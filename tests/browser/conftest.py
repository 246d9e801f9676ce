"""Chromium and its pages for the journeys; pytest-django's ``live_server`` is the server.

Without a Chromium each journey is skipped with the way to get one; ``make test`` installs it
where it may. Playwright drives the system's Chromium and downloads no browser of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.office.factories import HeatWave, make_heat_wave, make_region
from tools.browser import CHROMIUM_FLAGS, MISSING, find_chromium

PICTURES = Path(__file__).resolve().parents[2] / "build" / "journeys"
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"

# Playwright's sync API runs an event loop in the test's own thread; the tests stay synchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as a journey."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def heat_wave(transactional_db: None) -> HeatWave:
    """The office's heat wave, written so that the server's own thread sees it."""
    return make_heat_wave(make_region())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of 1280 px; the test fails on script errors, and leaves a picture where it failed."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.set_default_timeout(15_000)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    failed_before = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failed_before:
        PICTURES.mkdir(parents=True, exist_ok=True)
        opened.screenshot(path=PICTURES / f"{request.node.name}.png", full_page=True)
    context.close()
    errors = _without_replaced(errors)
    assert not errors, f"the page's scripts reported: {errors}"


def _without_replaced(errors: list[str]) -> list[str]:
    """Leave out the two lines that htmx prints when a newer request replaces one (hx-sync).

    A slow preview is given up while somebody types on: that is what was asked for.
    """
    kept: list[str] = []
    for line in errors:
        if not line.startswith("htmx:sendAbort"):
            kept.append(line)
        elif kept and kept[-1].startswith("htmx:afterRequest"):
            kept.pop()
    return kept


@pytest.fixture
def accessibility(page: Page) -> Callable[[], list[str]]:
    """Return a function that lists what axe-core finds on the page as it stands."""

    def check() -> list[str]:
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
            ".then(r => r.violations.map(v => v.id + ': ' + v.help + ' ' + "
            "v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', ')))"
        )
        return [str(violation) for violation in found]

    return check

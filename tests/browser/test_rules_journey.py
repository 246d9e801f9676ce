"""A rule is changed by two officers, and the live watch goes by it from its moment on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.office import live_region
from tests.office.factories import NOW
from tocsin.office.people.rules import MACHINE
from tocsin.office.people.services import give_post
from tocsin.office.warnings_desk.models import Message
from tocsin.office.watch.models import Cycle, RuleVersion
from tocsin.office.watch.notes import note

PASSWORD = "a long test password"
HOUR = timedelta(hours=1)
SLOW = 60_000  # ms; a first page loads units and templates
RULE = "/desk/watch/rules/heat/"


def sign_in(page: Page, address: str, who: str, role: str, path: str) -> None:
    give_post(who, PASSWORD, title=who, role=role, by=MACHINE, at=NOW)
    page.goto(address + path, timeout=SLOW)
    page.fill("input[name=username]", who)
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button")
    page.wait_for_url(address + path)


def cycle(folder: Path, at: datetime) -> Cycle:
    """Run one cycle in a thread of its own: this one has the browser's event loop running."""

    def run() -> Cycle:
        try:
            return live_region.cycle(folder, at)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def hot(transactional_db: None, tmp_path: Path) -> Path:
    """A live region in the third hour of a hot afternoon; two hours ago it warned by version 1."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    shift = hour - 16 * HOUR - live_region.MIDNIGHT
    weather = {(name, at + shift): value for (name, at), value in live_region.weather().items()}
    folder = live_region.make(tmp_path / "small")
    live_region.write(folder, weather, hour - 3 * HOUR)
    assert cycle(folder, hour - 2 * HOUR).messages == 1
    live_region.write(folder, weather, hour)
    return folder


def test_propose_look_approve_and_the_next_warning_names_it(
    page: Page, chromium: Browser, live_server: Any, hot: Path,
    accessibility: Callable[[], list[str]],
) -> None:  # fmt: skip
    sign_in(page, live_server.url, "officer", "duty_officer", RULE)
    page.get_by_role("link", name="Change this rule").click()
    assert accessibility() == []
    page.fill("#why", "At 100 °F nobody called for help.")
    page.fill("#level-orange", "110")
    page.keyboard.press("Enter")  # the form can be sent from any field
    expect(page.locator("main")).to_contain_text("Another person has to approve it.")
    expect(page.locator("main")).to_contain_text("≥ 100 °F")
    expect(page.locator("ins")).to_have_text("110")
    expect(page.locator("#tried")).to_contain_text("As tried", timeout=SLOW)
    expect(page.locator("#tried tbody")).to_contain_text("110 °F")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    assert accessibility() == []

    other = chromium.new_context().new_page()
    path = page.url.removeprefix(live_server.url)
    sign_in(other, live_server.url, "second", "approver", path)
    other.fill("#remark-a", "Agreed.")
    other.get_by_role("button", name="Approve", exact=True).click()
    expect(other.locator("main")).to_contain_text("Approved as heat v2.", timeout=SLOW)

    page.wait_for_timeout(1000)  # a cycle's moment is a whole second, after that of the approval
    row = cycle(hot, timezone.now())
    assert row.notes == [note("in-force", version="heat v2")]
    newest = Message.objects.latest("number")
    assert {evidence["rule"] for evidence in newest.evidence} == {"heat v2"}
    assert b"<value>heat v2</value>" in bytes(newest.raw)
    assert RuleVersion.objects.get(version=2).proposal.decided_by == "second"

    page.goto(f"{live_server.url}/warnings/{newest.warning.slug}/")
    page.get_by_role("link", name="version 2").click()
    expect(page.locator("main")).to_contain_text("This version is in force.")
    expect(page.locator("main")).to_contain_text("110 °F")
    page.goto(live_server.url + RULE)
    expect(page.locator("#versions")).to_contain_text("officer, approved by second")
    other.context.close()

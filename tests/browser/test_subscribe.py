"""A resident on a phone: asks, confirms by the link, changes the choices, leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.office.factories import HeatWave, make_area, make_user
from tests.office.subscribers.make import make_subscription
from tocsin.office.places.models import Area
from tocsin.office.subscribers import offers
from tocsin.office.subscribers.models import Subscription
from tocsin.office.subscribers.services import due_notices

PICTURES = Path(__file__).resolve().parents[2] / "build" / "journeys"


@pytest.fixture(autouse=True)
def _open(monkeypatch: pytest.MonkeyPatch, live_server: Any) -> None:
    monkeypatch.setattr(offers, "_offers", {})
    offers.offer("email", ready=lambda: True)
    offers.offer("webhook", ready=lambda: True, residents=False)
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", live_server.url)


def shot(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"subscribe-{name}.png", full_page=True)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_ask_confirm_change_leave(
    page: Page, live_server: Any, heat_wave: HeatWave, accessibility: Callable[[], list[str]]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url)
    page.get_by_role("link", name="Get warnings").click()
    assert accessibility() == []
    assert fits(page)
    shot(page, "form")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_text("Choose an area or a place")).to_be_visible()
    expect(page.get_by_text("Without your consent")).to_be_visible()
    assert accessibility() == []
    shot(page, "errors")
    page.get_by_label("Queens").check()
    page.get_by_label("Orange").check()
    page.get_by_label("Yes, send me warnings").check()
    expect(page.get_by_label("E-mail")).to_have_value("ada@example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("heading", name="Look into your messages")).to_be_visible()
    (notice,) = due_notices(timezone.now())
    link = re.search(r"http\S+", notice.text)
    assert link is not None
    page.goto(link.group())
    page.get_by_role("button", name="Yes, send me warnings").click()
    expect(page.get_by_role("heading", name="You will get warnings")).to_be_visible()
    assert accessibility() == []
    page.get_by_role("link", name="Change your choices").click()
    expect(page.get_by_label("Queens")).to_be_checked()
    page.get_by_label("Red").check()
    page.get_by_role("button", name="Keep these choices").click()
    expect(page.get_by_text("Your choices are kept.")).to_be_visible()
    expect(page.get_by_label("Red")).to_be_checked()
    assert accessibility() == []
    assert fits(page)
    shot(page, "choices")
    page.get_by_role("link", name="Leave").click()
    page.get_by_role("button", name="Yes, send me no more").click()
    expect(page.get_by_text("Your address has been erased.")).to_be_visible()
    assert accessibility() == []
    assert Subscription.objects.get().state == "unsubscribed"


def test_finding_an_area_among_many_and_notifications_of_the_browser(
    page: Page, live_server: Any, heat_wave: HeatWave, accessibility: Callable[[], list[str]]
) -> None:
    offers.offer("web_push", ready=lambda: True, details=lambda: {"key": "BPublic"})
    state = make_area("ny", "New York State", "纽约州", lon=-75, lat=40)
    for number in range(12):
        state.refresh_from_db()
        Area.objects.add_child(
            state, {"code": f"t{number}", "kind": "town", "names": {"en": f"Town {number:02}"}}
        )
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + "/subscribe/")
    expect(page.get_by_label("Town 07")).to_be_hidden()
    page.get_by_label("Find an area").fill("town 07")
    expect(page.get_by_label("Town 07")).to_be_visible()
    expect(page.get_by_label("Town 08")).to_be_hidden()
    expect(page.get_by_label("Queens")).to_be_hidden()
    shot(page, "find")
    page.get_by_label("Town 07").check()
    page.get_by_label("Find an area").fill("")
    expect(page.get_by_label("Queens")).to_be_visible()
    page.get_by_text("Or a place").click()
    expect(page.get_by_role("button", name="Where I am now")).to_be_visible()
    expect(page.get_by_role("button", name="Show them in this browser")).to_be_visible()
    assert accessibility() == []
    shot(page, "tree")


def test_without_scripts_and_in_chinese(
    chromium: Browser, live_server: Any, heat_wave: HeatWave
) -> None:
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto(live_server.url + "/zh-hans/subscribe/")
    shot(page, "zh")
    page.get_by_label("皇后县").check()
    page.get_by_label("电子邮件").fill("ada@example.org")
    page.get_by_label("是的，请按以上说明").check()
    page.get_by_role("button", name="把确认链接发给我").click()
    expect(page.get_by_role("heading", name="请查收消息")).to_be_visible()
    context.close()
    assert Subscription.objects.get().language == "zh-Hans"


def test_the_desk_enters_a_webhook(
    page: Page, live_server: Any, heat_wave: HeatWave, accessibility: Callable[[], list[str]],
    client: Any,
) -> None:  # fmt: skip
    user = make_user("olga", "duty_officer")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    make_subscription(
        heat_wave.region, kind="organisation", area_codes=("36081",), at=timezone.now()
    )
    page.goto(live_server.url + "/desk/subscribers/")
    assert accessibility() == []
    shot(page, "desk")
    page.get_by_role("link", name="Enter an organisation").click()
    assert accessibility() == []
    shot(page, "desk-new")
    page.get_by_label("Name").fill("Hospital North")
    page.get_by_label("Webhook").check()
    page.get_by_label("Address, number or URL").fill("https://hooks.example.org/north")
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.get_by_text("Copy it now")).to_be_visible()
    expect(page.locator("#secret")).to_have_text(re.compile(r"^[\w-]{43}$"))
    assert accessibility() == []
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("rowheader", name="Hospital North")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "desk-phone")

"""``make shots``: photograph the main pages of the demo into ``build/shots/``.

Starts its own server on the demo's data folder, then on the live scene (``live_scene.py``), which
has what a replay cannot show: drafts, forecasts, held values. Every page is taken at 1280 and 390
px; those marked so in the tables also in dark and in Chinese. A page that does not answer 200, is
wider than the screen, or whose scripts report an error, is named at the end and fails the run.
``python -m tools.shots live-desk home`` takes these alone.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Error, FloatRect, Page, StorageState, sync_playwright

from tocsin.cli import DEMO_PASSWORD, DEMO_USER
from tools import live_scene
from tools.browser import CHROMIUM_FLAGS, MISSING, find_chromium
from tools.demo import DATA, TOCSIN, build
from tools.steps import ROOT, Steps, stop

__all__ = ["LIVE_PAGES", "PAGES", "Shot"]

SHOTS = ROOT / "build" / "shots"
SIZES = {"1280": (1280, 860), "390": (390, 844)}
TALLEST = 8192
"""Dots from top to bottom that Chromium can take; below them the picture is its beginning again."""
CHINESE = "/zh-hans"


@dataclass(frozen=True)
class Shot:
    """A page to photograph; ``link`` is a selector on ``path`` whose address is opened instead."""

    name: str
    path: str
    link: str = ""
    signed_in: bool = False
    dark: bool = False
    chinese: bool = False


PAGES = (
    Shot("home", "/", dark=True, chinese=True),
    Shot("warning", "/", link="main a[href*='/warnings/']", dark=True, chinese=True),
    Shot("warnings", "/warnings/", chinese=True),
    Shot("warnings-none-found", "/warnings/?q=nothing-is-called-this"),
    Shot("how-we-warn", "/how-we-warn/", chinese=True),
    Shot("not-found", "/warnings/no-such-warning/"),
    Shot("sign-in", "/account/sign-in/"),
    Shot("desk", "/desk/", signed_in=True, dark=True, chinese=True),
    Shot("desk-warnings", "/desk/warnings/", signed_in=True),
    Shot("desk-drafts", "/desk/drafts/", signed_in=True, chinese=True),
    Shot("desk-new-draft", "/desk/drafts/new/", signed_in=True, chinese=True),
    Shot("desk-series", "/desk/watch/series/", signed_in=True, chinese=True),
    Shot("desk-occurrences", "/desk/watch/occurrences/", signed_in=True, chinese=True),
    Shot("desk-feeds", "/desk/watch/feeds/", signed_in=True, chinese=True),
    Shot("desk-rules", "/desk/watch/rules/", signed_in=True, chinese=True),
    Shot("desk-rule", "/desk/watch/rules/", link="main a[href*='/rules/']", signed_in=True),
    Shot("desk-try", "/desk/watch/rules/heat/try/?yellow=98", signed_in=True, chinese=True),
    Shot("desk-change-rule", "/desk/watch/rules/heat/change/", signed_in=True, chinese=True),
    Shot("desk-rule-version", "/desk/watch/rules/heat/1/", signed_in=True, chinese=True),
    Shot("desk-proposals", "/desk/watch/proposals/", signed_in=True, chinese=True),
    Shot("desk-received", "/desk/received/", signed_in=True),
    Shot("desk-delivery", "/desk/delivery/", signed_in=True),
    Shot("desk-subscribers", "/desk/subscribers/", signed_in=True),
    Shot("desk-timing", "/desk/timing/", signed_in=True),
    Shot("desk-timing-warning", "/desk/timing/heat-2013-07-17/", signed_in=True),
    Shot("desk-right", "/desk/right/", signed_in=True, chinese=True),
    Shot("desk-forecasts", "/desk/right/forecasts/", signed_in=True, chinese=True),
    Shot("desk-events", "/desk/watch/events/", signed_in=True, chinese=True),
    Shot("desk-import-events", "/desk/watch/events/import/", signed_in=True, chinese=True),
    Shot("desk-audit", "/desk/audit/", signed_in=True),
    Shot("subscribe", "/subscribe/", chinese=True),
)
LIVE_PAGES = (
    Shot("live-home", "/", chinese=True),
    Shot("live-warning", "/", link="main article:last-of-type h2 a", dark=True, chinese=True),
    Shot("live-how-we-warn", "/how-we-warn/", chinese=True),
    Shot("live-desk", "/desk/", signed_in=True, dark=True, chinese=True),
    Shot("live-drafts", "/desk/drafts/", signed_in=True, chinese=True),
    Shot("live-compose", "/desk/drafts/", link="main td a", signed_in=True, chinese=True),
    Shot("live-review", "/desk/drafts/1/review/", signed_in=True, chinese=True),
    Shot("live-history", "/desk/drafts/1/history/", signed_in=True),
    Shot("live-feeds", "/desk/watch/feeds/", signed_in=True, chinese=True),
    Shot("live-series", "/desk/watch/series/", signed_in=True, chinese=True),
    Shot("live-occurrences", "/desk/watch/occurrences/", signed_in=True, chinese=True),
    Shot(
        "live-occurrence", "/desk/watch/occurrences/?kind=earthquake", signed_in=True, chinese=True,
        link="main td a",
    ),
    Shot("live-rules", "/desk/watch/rules/", signed_in=True, chinese=True),
    Shot("live-rule", "/desk/watch/rules/heat-impact/", signed_in=True, chinese=True),
    Shot("live-rule-ahead", "/desk/watch/rules/heat/", signed_in=True),
    Shot("live-try", "/desk/watch/rules/heat/try/", signed_in=True),
    Shot("live-right", "/desk/right/", signed_in=True),
    Shot("live-forecasts", "/desk/right/forecasts/", signed_in=True, chinese=True),
    Shot("live-events", "/desk/watch/events/", signed_in=True, chinese=True),
    Shot("live-delivery", "/desk/delivery/", signed_in=True, chinese=True),
    Shot("live-timing", "/desk/timing/", signed_in=True),
    Shot("live-audit", "/desk/audit/", signed_in=True, chinese=True),
)  # fmt: skip
NOT_FOUND = {"not-found"}


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Serve a data folder on a free port for as long as the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(TOCSIN), "serve", "--data", str(data), "--port", str(port)]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(server, f"{address}/healthz")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if server.poll() is not None:
            stop(f"The server ended by itself (exit status {server.returncode}).")
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310  (our own server)
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        else:
            return
    stop(f"No answer from {address} within 60 s.")


def _variants(shot: Shot) -> Iterator[tuple[str, str, bool]]:
    """Yield suffix, language prefix and darkness of each way a page is photographed."""
    yield "", "", False
    if shot.dark:
        yield "-dark", "", True
    if shot.chinese:
        yield "-zh", CHINESE, False


def _sign_in(browser: Browser, address: str, user: str, password: str) -> StorageState:
    """Sign in once; every picture of the desk then shares the session."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/account/sign-in/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", password)
    page.click("form:has(input[name=password]) button")
    page.wait_for_load_state()
    state = context.storage_state()
    context.close()
    return state


def _open(page: Page, shot: Shot, address: str) -> int:
    """Open the page of a shot and let its maps and charts settle; return the HTTP status."""
    answer = page.goto(address + shot.path)
    if shot.link:
        target = page.locator(shot.link).first.get_attribute("href", timeout=5000)
        answer = page.goto(page.evaluate("href => new URL(href, location).href", target))
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    return answer.status if answer else 0


def _note(errors: list[str], error: Error) -> None:
    errors.append(str(error))


def _picture(page: Page, name: str) -> None:
    """Take a page from top to bottom, a tall one in parts: ``NAME.png``, ``NAME-part2.png``."""
    wide, tall, ratio = page.evaluate(
        "[innerWidth, document.documentElement.scrollHeight, devicePixelRatio]"
    )
    step = int(TALLEST / ratio)
    for number, top in enumerate(range(0, tall, step), 1):
        part = f"-part{number}" if number > 1 else ""
        clip: FloatRect = {"x": 0, "y": top, "width": wide, "height": min(step, tall - top)}
        page.screenshot(path=SHOTS / f"{name}{part}.png", full_page=True, clip=clip)


def _photograph(browser: Browser, shot: Shot, address: str, session: StorageState) -> Iterator[str]:
    """Take every picture of one page; yield what was wrong."""
    for suffix, language, dark in _variants(shot):
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                device_scale_factor=1 if width > 1000 else 2,
                reduced_motion="reduce",
                storage_state=session if shot.signed_in else None,
            )
            page = context.new_page()
            name = f"{shot.name}-{size}{suffix}"
            errors: list[str] = []
            page.on("pageerror", partial(_note, errors))
            status = _open(page, shot, address + language)
            _picture(page, name)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if status != (404 if shot.name in NOT_FOUND else 200):
                yield f"{name}: answered {status}"
            if wide > 0:
                yield f"{name}: {wide} px wider than the screen"
            yield from (f"{name}: {error}" for error in errors)
            context.close()


def _chosen(pages: tuple[Shot, ...], wanted: set[str]) -> list[Shot]:
    return [shot for shot in pages if not wanted or shot.name in wanted]


def _take(
    browser: Browser, pages: list[Shot], data: Path, user: str, password: str
) -> Iterator[str]:
    """Photograph pages of one data folder; yield what was wrong."""
    os.environ["TOCSIN_DATA"] = str(data)
    with served(data) as address:
        session = _sign_in(browser, address, user, password)
        for shot in pages:
            print(f"  {shot.name}", flush=True)
            yield from _photograph(browser, shot, address, session)


def main() -> int:
    """Build what the demo needs, serve it, photograph every page of the table."""
    path = find_chromium()
    if path is None:
        stop(MISSING)
    wanted = set(sys.argv[1:])
    build(Steps(6))
    if not wanted:
        shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        if pages := _chosen(PAGES, wanted):
            faults += _take(browser, pages, DATA, DEMO_USER, DEMO_PASSWORD)
        if pages := _chosen(LIVE_PAGES, wanted):
            data = live_scene.begin()
            faults += _take(browser, pages, data, live_scene.USER, live_scene.PASSWORD)
        browser.close()
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS.relative_to(ROOT)}/", flush=True)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""How long the office takes to serve a feed of 10,000 alerts, and to say that it did not change.

    python bench/feed_speed.py [ALERTS]

Fills a ledger of its own in a temporary folder and calls the WSGI application, from the request's
environment to the last byte. Four cases for each format: a process that has just started, the list
as it was, the list after one more message, and a client that has the list already (304). Printed
are best and median of several rounds; the best is held against the targets (20 ms, and 5 ms for a
304), since other work on the machine only ever slows a round down.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

ALERTS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
ROUNDS = 25
LANGUAGES = {"en": "Heat until tomorrow evening", "zh-Hans": "高温，至明日傍晚"}


def fill(count: int) -> Callable[[int], None]:
    """Make a live region with ``count`` warnings in force; return what adds one more."""
    from django.db import transaction

    from tocsin import cap
    from tocsin.office.places.models import Region
    from tocsin.office.warnings_desk import ledger
    from tocsin.office.warnings_desk.models import Message, Warning

    sent = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    Region.objects.create(
        code="bench", folder="bench", names={"en": "Bench", "zh-Hans": "测试"},
        languages=list(LANGUAGES), time_zone="UTC", sender="desk@bench.example",
        identifier_prefix="urn:bench", area_method={}, digest="bench",
    )  # fmt: skip

    def alert(number: int) -> cap.Alert:
        text = "Temperatures reach 39 degrees. " * 12
        area = cap.Area(area_desc=f"County {number}", geocode=(cap.Geocode("FIPS", "36061"),))
        return cap.Alert(
            identifier=f"urn:bench.{number}", sender="desk@bench.example", sent=sent,
            status="Actual", msg_type="Alert", scope="Public",
            info=tuple(
                cap.Info(
                    language=language, category=("Met",), event="Heat", urgency="Immediate",
                    severity="Severe", certainty="Observed", headline=words, description=text,
                    instruction=text, expires=sent + timedelta(hours=24), area=(area,),
                )
                for language, words in LANGUAGES.items()
            ),
        )  # fmt: skip

    def add(number: int) -> None:
        one = alert(number)
        warning = Warning(slug=f"bench-{number}", hazard="heat", first_sent_at=sent)
        ledger.append(
            warning, one, cap.write(one), sent_at=sent, expires_at=sent + timedelta(hours=24),
            reason="issue", levels={"36061": 3}, evidence=[], impact={},
        )  # fmt: skip

    with transaction.atomic():
        for number in range(1, count + 1):
            add(number)
    print(f"{Message.objects.count():,} messages in the ledger")
    return add


def call(path: str, etag: str = "") -> tuple[float, int, int, str]:
    """Ask the application for ``path``: milliseconds, status, bytes, ETag."""
    from tocsin.office.project.wsgi import application

    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1",
        "wsgi.url_scheme": "http", "wsgi.input": sys.stdin.buffer, "wsgi.errors": sys.stderr,
        **({"HTTP_IF_NONE_MATCH": etag} if etag else {}),
    }  # fmt: skip
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        said.append((status, headers))

    begun = time.perf_counter()
    response = application(environ, start)
    size = sum(map(len, response))
    took = (time.perf_counter() - begun) * 1000
    response.close()
    return took, int(said[0][0][:3]), size, dict(said[0][1]).get("ETag", "")


def say(what: str, times: list[float], size: int, limit: float | None) -> None:
    """Print a line: best, median, and whether the best keeps the limit."""
    best, middle = min(times), statistics.median(times)
    verdict = "" if limit is None else f"  {'within' if best <= limit else 'OVER'} {limit:g} ms"
    print(f"  {what:<28} best {best:8.2f}  median {middle:8.2f} ms  {size:>11,} B{verdict}")


def main() -> None:
    """Fill, ask, print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOCSIN_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.office.project.settings"
        (Path(folder) / "static").mkdir()
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        add = fill(ALERTS)
        more = ALERTS
        call("/healthz")  # the application itself is up
        for kind in ("atom", "rss", "json"):
            path = f"/feeds/warnings.{kind}"
            print(kind)
            took, status, size, etag = call(path)
            if status != 200:
                raise SystemExit(f"{path} answers {status}")
            say("first of a fresh process", [took], size, None)
            say("as it was", [call(path)[0] for _ in range(ROUNDS)], size, 20)
            grown = []
            for _ in range(ROUNDS):
                more += 1
                add(more)
                took, status, size, etag = call(path)
                grown.append(took)
            say("after one more message", grown, size, 20)
            answers = [call(path, etag) for _ in range(ROUNDS)]
            if {answer[1] for answer in answers} != {304}:
                raise SystemExit(f"{path} does not answer 304 to its own ETag")
            say("not modified (304)", [answer[0] for answer in answers], 0, 5)


if __name__ == "__main__":
    main()

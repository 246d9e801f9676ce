"""What the soak runs: prepares an office, then forks processes that issue, send or tell on demand.

    python -m tests.soak.office DATA COUNT URL...   one webhook subscription for each URL

Each line on standard input is a verb; the answer is a line. ``issue`` and ``work`` answer with the
number of a process of their own, to be killed; forked, it is at work at once and not starting up.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from tocsin.cli.door import set_up_office

AREA = "36061"
LEASE_S = 1.0


def prepare(urls: Sequence[str]) -> None:
    """Make a live region with one area, two officers and the subscriptions."""
    from tests.office.delivery.cast import live_region, subscription
    from tests.office.factories import make_area, make_user

    live_region()
    make_area(AREA, "New York", "纽约县", lon=-74.2, lat=40.7)
    make_user("duty", "duty_officer")
    make_user("ann", "approver")
    for url in urls:
        subscription(url)


def issue(count: int) -> None:
    """Issue each of ``count`` warnings that the ledger does not hold, as a watch's cycle does."""
    from tests.office.factories import evidence_row, rule_definition
    from tocsin.office.places.models import Region
    from tocsin.office.warnings_desk.models import Warning
    from tocsin.office.warnings_desk.services import Desk
    from tocsin.office.warnings_desk.services import issue as issue_message
    from tocsin.office.watch.models import RuleVersion
    from tocsin.triggers.reconcile import Action
    from tocsin.triggers.rules import Level, Rule

    desk = Desk.of(Region.objects.get(), {"JFK": {"en": "Kennedy", "zh-Hans": "肯尼迪"}})
    for number in range(count):
        name = f"soak{number:04d}"
        if Warning.objects.filter(slug__startswith=name).exists():
            continue
        definition = rule_definition(id=name)
        version, _ = RuleVersion.objects.get_or_create(
            rule=name,
            version=definition["version"],
            defaults={"hazard": "heat", "definition": definition, "digest": name.zfill(64)},
        )
        issue_message(
            desk,
            Action("issue", name, None, {AREA: Level.ORANGE}),
            Rule.model_validate(definition),
            version,
            [evidence_row(AREA, 3)],
            at=datetime.now(UTC).replace(microsecond=0),
        )


def work() -> None:
    """Send until terminated, with a short lease so that a dead worker's claims come back soon."""
    from tocsin.cli.deliver import _work

    _work(once=False, lease_s=LEASE_S, with_parent=False)


def tell() -> None:
    """Print what the ledger and the outbox hold, after the ledger's chain has been verified."""
    from tocsin.office.delivery.models import Delivery, Fanout
    from tocsin.office.warnings_desk.ledger import verify
    from tocsin.office.warnings_desk.models import Draft, Message

    by_hand = {
        draft.message_id: draft.content["texts"]["en"]["headline"]
        for draft in Draft.objects.exclude(message=None)
    }
    rows = Delivery.objects.values_list(
        "message__identifier", "target", "idempotency_key", "state", "attempts"
    )
    found = {
        "verified": verify(),
        "messages": [
            by_hand.get(key, slug)[:8]
            for key, slug in Message.objects.values_list("pk", "warning__slug")
        ],
        "fanouts": Fanout.objects.count(),
        "waiting_fanouts": Fanout.objects.filter(expanded_at=None).count(),
        "deliveries": list(rows),
    }
    print(json.dumps(found))


def main() -> None:
    """Prepare, then answer."""
    data, count, *urls = sys.argv[1:]
    set_up_office(Path(data))
    from django.db import connections

    prepare(urls)
    connections.close_all()  # no connection may be shared with a forked process
    verbs = {"issue": lambda: issue(int(count)), "work": work, "tell": tell}
    print("ready", flush=True)
    for line in sys.stdin:
        verb = line.strip()
        child = os.fork()
        if not child:
            _be(verbs[verb])
        if verb == "tell":
            if os.waitpid(child, 0)[1]:
                print(flush=True)  # it could not: its connection was cut
        else:
            print(child, flush=True)
        while _reaped():
            pass


def _be(verb: Callable[[], None]) -> NoReturn:
    """Do one thing in a forked process and end it there."""
    code = 1
    try:
        sys.stdin.close()
        verb()
        code = 0
    except Exception:  # noqa: BLE001 - the log says what; the judge counts what it led to
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _reaped() -> bool:
    """Take one process that has ended off the list of the living."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


if __name__ == "__main__":
    main()

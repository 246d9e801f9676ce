"""Organisations and posts from a CSV file: all of it or nothing, each fault with its row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from tocsin.errors import Fault, IntakeError, StateError
from tocsin.office.people.models import User
from tocsin.office.people.services import require
from tocsin.office.places.models import Region
from tocsin.office.watch.models import RuleVersion
from tocsin.triggers.rules import LEVELS

from ..addresses import checked
from ..models import Subscription
from .organisations import add
from .wishes import Wish, unknown_areas

__all__ = ["COLUMNS", "import_csv"]

COLUMNS = ("name", "kind", "channel", "address", "areas", "hazards", "min_level", "language")
MOST_ROWS = 5_000
MOST_LETTERS = 120
_CHANNELS = ("email", "sms")  # a webhook's secret is shown once: entered one by one
_KINDS = (Subscription.ORGANISATION, Subscription.POST)
_LEVELS = {level.word: int(level) for level in LEVELS}


def import_csv(region: Region, text: str, *, file: str, by: User | str, at: datetime) -> int:
    """Enter every row of a CSV file and return how many; with one fault, none is entered.

    Columns are ``COLUMNS``; areas and hazards are separated by semicolons, no hazard means all.

    Raises
    ------
    IntakeError
        With a fault for each row and column that is not in order; no fault quotes an address.
    """
    require("manage_subscribers", by)
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        problem = f"These columns are missing: {', '.join(missing)}."
        raise IntakeError([Fault(file, 1, "columns", "", problem, "Add them to the first line.")])
    faults: list[Fault] = []
    count = 0
    with transaction.atomic():
        for row in rows:
            count += 1
            if count > MOST_ROWS:
                problem = f"There are more than {MOST_ROWS} rows."
                faults.append(Fault(file, rows.line_num, "", "", problem, "Split the file."))
                break
            faults += _enter(region, row, Fault(file, rows.line_num, "", "", "", ""), by, at)
        transaction.set_rollback(bool(faults))
    if not count:
        faults = [Fault(file, 1, "", "", "There is no row.", "Add one below the first line.")]
    if faults:
        raise IntakeError(faults)
    return count


def _enter(
    region: Region, row: dict[str, str | None], here: Fault, by: User | str, at: datetime
) -> list[Fault]:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if found := [*_wrong_words(region, cells, here), *_wrong_facts(cells, here)]:
        return found
    wish = Wish(
        language=cells["language"],
        min_level=_LEVELS[cells["min_level"]],
        hazards=_listed(cells["hazards"]),
        area_codes=_listed(cells["areas"]),
    )
    facts = {name: cells[name] for name in ("kind", "name", "channel", "address")}
    add(region, **facts, wish=wish, by=by, at=at)
    return []


def _wrong_words(region: Region, cells: dict[str, str], here: Fault) -> list[Fault]:
    """Return a fault for each cell that holds none of the words it may hold."""
    allowed = {
        "kind": _KINDS,
        "channel": _CHANNELS,
        "min_level": tuple(_LEVELS),
        "language": tuple(region.languages),
    }
    return [
        replace(
            here,
            field=name,
            value=cells[name],
            problem="This word is not known here.",
            remedy=f"Write {' or '.join(words)}.",
        )
        for name, words in allowed.items()
        if cells[name] not in words
    ]


def _wrong_facts(cells: dict[str, str], here: Fault) -> list[Fault]:
    """Return a fault for name, address, areas and hazards; the address is not quoted."""
    found = []

    def wrong(field: str, problem: str, remedy: str, value: Iterable[str] = ()) -> None:
        text = ";".join(value)
        found.append(replace(here, field=field, value=text, problem=problem, remedy=remedy))

    if not 0 < len(cells["name"]) <= MOST_LETTERS:
        wrong("name", "The name is missing or too long.", f"Write 1 to {MOST_LETTERS} letters.")
    if cells["channel"] in _CHANNELS:
        try:
            checked(cells["channel"], cells["address"])
        except StateError as error:
            wrong("address", str(error), "Mend it.")
    areas = _listed(cells["areas"])
    if not areas:
        wrong("areas", "No area is named.", "Write codes with semicolons between, * for all.")
    elif unknown := unknown_areas(areas):
        remedy = "Take the codes from the region's areas.csv."
        wrong("areas", "This region has no such area.", remedy, unknown)
    known = set(RuleVersion.objects.values_list("hazard", flat=True))
    if strange := sorted(set(_listed(cells["hazards"])) - known):
        remedy = f"Write {' or '.join(sorted(known))}, or nothing for all."
        wrong("hazards", "No rule warns of this.", remedy, strange)
    return found


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())

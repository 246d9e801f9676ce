"""Many events from a CSV that somebody uploads: read, shown with its faults, then kept as a whole.

What was read travels between the two steps inside the page, signed for the officer who uploaded it
and for half an hour, so that nothing is kept before it is confirmed and nothing else can be.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core import signing
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.errors import Fault, IntakeError, StateError
from tocsin.intake.lines import read_table
from tocsin.office.people.models import User
from tocsin.region.event_file import COLUMNS, events_in
from tocsin.triggers.rules import Level
from tocsin.triggers.verification import Event as Happened

from .events import LONGEST

__all__ = ["COLUMNS", "MOST_BYTES", "MOST_ROWS", "Upload", "read_upload", "sealed", "unsealed"]

MOST_BYTES = 1_000_000
MOST_ROWS = 5_000
MOST_FAULTS = 200
"""Nobody reads more; the count says how many there are."""
SECONDS = 1800
SALT = "tocsin.watch.event_import"


@dataclass(frozen=True, slots=True)
class Upload:
    """What a file holds: its good rows with their lines, and what is wrong with the others."""

    rows: tuple[tuple[int, Happened], ...] = ()
    faults: tuple[Fault, ...] = ()
    fault_count: int = 0


def read_upload(
    raw: bytes,
    name: str,
    *,
    areas: Collection[str],
    hazards: Collection[str],
    zone: ZoneInfo,
    at: datetime,
) -> Upload:
    """Read an uploaded file; never raises on what it holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        path.write_bytes(raw)
        try:
            table = read_table(path, name)
        except IntakeError as error:
            return _judged((), error.faults)
    if table.rows_read > MOST_ROWS:
        table.fault(0, "rows", str(table.rows_read), MANY, SPLIT)
        return _judged((), table.faults)
    rows = events_in(table, areas=areas, hazards=hazards, zone=zone)
    for line, event in rows:
        if event.last > at:
            table.fault(line, "last", f"{event.last:%Y-%m-%dT%H:%MZ}", TO_COME, LATER)
        elif event.last - event.first > LONGEST:
            table.fault(line, "last", f"{event.last:%Y-%m-%dT%H:%MZ}", LONG, PARTS)
    return _judged(tuple(rows), sorted(table.faults, key=lambda fault: fault.line))


def sealed(upload: Upload, by: User) -> str:
    """Return the rows as a text that only this office can have made, for this officer."""
    rows = [
        [r.hazard, r.area, r.first.isoformat(), r.last.isoformat(), int(r.level), r.source[:200]]
        for _line, r in upload.rows
    ]
    return signing.dumps({"by": by.pk, "rows": rows}, salt=SALT, compress=True)


def unsealed(text: str, by: User) -> list[Happened]:
    """Return the rows of a sealed text.

    Raises
    ------
    StateError
        It was not made here, not for this officer, or more than half an hour ago.
    """
    try:
        inside = signing.loads(text, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        inside = {}
    if inside.get("by") != by.pk:
        raise StateError(_("What was read is gone or not yours. Choose the file again."))
    return [
        Happened(hazard, area, datetime.fromisoformat(first), datetime.fromisoformat(last),
                 Level(level), source)
        for hazard, area, first, last, level, source in inside["rows"]
    ]  # fmt: skip


def _judged(rows: tuple[tuple[int, Happened], ...], faults: Collection[Fault]) -> Upload:
    said = tuple(
        Fault(
            one.file, one.line, one.field, one.value, _in_words(one.problem), _in_words(one.remedy)
        )
        for one in list(faults)[:MOST_FAULTS]
    )
    return Upload(rows, said, len(faults))


def _in_words(sentence: str) -> str:
    """Return a sentence of the library in the reader's language, if it is one of those known."""
    return str(_SENTENCES.get(sentence, sentence))


MANY, SPLIT = "There are more rows than 5,000.", "Split the file."
TO_COME, LATER = "This is still to come.", "Record it when it is over."
LONG, PARTS = "It lasts longer than 366 days.", "Record it in parts."
_SENTENCES: Mapping[str, str | Promise] = {
    "There are more rows than 5,000.": gettext_lazy("There are more rows than 5,000."),
    "Split the file.": gettext_lazy("Split the file."),
    "This is still to come.": gettext_lazy("This is still to come."),
    "Record it when it is over.": gettext_lazy("Record it when it is over."),
    "It lasts longer than 366 days.": gettext_lazy("It lasts longer than 366 days."),
    "Record it in parts.": gettext_lazy("Record it in parts."),
    "The column is missing.": gettext_lazy("The column is missing."),
    "No area has this code.": gettext_lazy("No area has this code."),
    "No rule warns of it.": gettext_lazy("No rule warns of it."),
    "There is no such level.": gettext_lazy("There is no such level."),
    "It ends before it begins.": gettext_lazy("It ends before it begins."),
    "Swap both times.": gettext_lazy("Swap both times."),
    "This is not a time.": gettext_lazy("This is not a time."),
    "Write 2013-07-18T15:00.": gettext_lazy("Write 2013-07-18T15:00."),
    "When the clocks change this local time comes twice or never.": gettext_lazy(
        "When the clocks change this local time comes twice or never."
    ),
    "Write it with its offset from UTC.": gettext_lazy("Write it with its offset from UTC."),
    "The file is empty.": gettext_lazy("The file is empty."),
    "Save the file as UTF-8 text.": gettext_lazy("Save the file as UTF-8 text."),
}

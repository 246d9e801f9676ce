"""CSV: the list of past warnings with the filters of its page, and the values behind a warning."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import get_language, override

from tocsin.office.places.models import Region
from tocsin.office.watch.csv_file import FORMULA

from . import cards, evidence, lookup, queries
from .conditional import public_page

__all__ = ["values_csv", "warnings_csv"]

CHUNK = 500
MARK = "\ufeff"  # a spreadsheet then reads the file as UTF-8


class _Echo:
    """A file that gives back what is written to it, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def _csv(name: str, rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(
        _lines(rows, get_language() or "en"), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(rows: Iterable[Iterable[Any]], language: str) -> Iterator[str]:
    """Write the rows in ``language``: they are made while they go out, after the view is done."""
    writer = csv.writer(_Echo())
    lead = MARK
    with override(language):
        for row in rows:
            yield lead + writer.writerow([_cell(one) for one in row])
            lead = ""


def _cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return "" if value is None else value


@public_page
def warnings_csv(request: HttpRequest, region: Region, at: datetime) -> HttpResponseBase:
    """Answer with the list as asked for, every row of it."""
    standing = queries.standing(region)
    form = lookup.Search(request.GET, standing=standing, zone=region.zone)
    return _csv("warnings.csv", _warning_rows(lookup.found(form, standing, at), standing, at))


def _warning_rows(warnings: Any, standing: queries.Standing, at: datetime) -> Iterator[list[Any]]:
    yield ["warning", "name", "highest_level", "first_sent_at", "end_at", "is_over", "areas",
           "area_names", "people", "messages"]  # fmt: skip
    total = warnings.count()
    for start in range(0, total, CHUNK):
        for row in lookup.rows_of(list(warnings[start : start + CHUNK]), standing, at):
            codes, names = " ".join(row.area_codes), "; ".join(row.area_names)
            yield [row.slug, row.name, row.level.word, row.first, row.last, row.is_over, codes,
                   names, row.people, row.messages]  # fmt: skip


@public_page
def values_csv(request: HttpRequest, region: Region, at: datetime, slug: str) -> HttpResponseBase:
    """Answer with the indicator around a warning at its stations, in the rule's unit."""
    warning = queries.warning_known(slug, at)
    messages = queries.messages_of(warning, at) if warning else []
    if warning is None or not messages:
        raise Http404("No such warning at this moment.")
    rule = cards.rule_behind(warning)
    if rule is None:
        raise Http404("This warning was written by hand: there is no indicator behind it.")
    known = queries.known_until(at, request.tocsin_feeds)  # type: ignore[attr-defined]
    shown = evidence.values_shown(rule, messages, known)
    head = ["station", "time", rule.indicator, "unit", "flags"]
    rows: Iterator[list[Any]] = (
        [
            code,
            time,
            None if value is None else round(value, 3),
            rule.unit,
            " ".join(evidence.flag_words(flags)),
        ]
        for code, values in shown.by_station.items()
        for time, value, flags in values
    )
    return _csv(f"{slug}.csv", chain([head], rows))

"""``tocsin backtest``: what rules would have done, over the observations of a region folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .door import RegionFolder, moment, print_table, progress, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    import numpy as np
    from numpy.typing import NDArray

    from tocsin.triggers.backtest import Outcome
    from tocsin.triggers.report import Row
    from tocsin.triggers.verification import Event

__all__ = ["backtest"]


def backtest(
    region: RegionFolder,
    rules: Annotated[
        Path | None, typer.Option(help="rules to try beside the region's own: a file or a folder")
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--rule", help="of these rules alone")] = None,
    first: Annotated[str | None, typer.Option("--from", help="first hour, 2013-06-01")] = None,
    last: Annotated[str | None, typer.Option("--to", help="last hour, 2013-08-31T23:00")] = None,
    events: Annotated[
        Path | None, typer.Option(help="CSV of what happened: hazard,area,first,last,level,source")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="write the report as a page")] = None,
    csv: Annotated[Path | None, typer.Option(help="write the report as a table")] = None,
    language: Annotated[
        Literal["en", "zh-Hans"], typer.Option(help="of the report written by --html")
    ] = "en",
) -> None:
    """Say how often rules would have warned, for how long and, given events, how rightly.

    The same code decides as in the live watch. Times without an offset are the region's own.
    """
    from tocsin.region import load_region
    from tocsin.region.archive import archive_of, policy_of, rules_in, skipped_feeds
    from tocsin.region.doubts import brought_by
    from tocsin.region.event_file import read_events
    from tocsin.triggers import report
    from tocsin.triggers.rules import say

    place = load_region(region)
    sets = {"now": place.rules}
    if rules is not None:
        label = f"--rules {rules.name}" if rules.stem in sets else rules.stem
        sets[label] = rules_in(place, rules)
    _known(only, sets)
    happened = read_events(place, events) if events is not None else None
    begin, end = moment(first, place.zone), moment(last, place.zone)
    with progress() as show:
        archive = archive_of(place, first=begin, last=end, progress=show)
    period = _period(archive.grid.times, place.zone)
    happened, outside = _within(happened, archive.grid.times)
    found = _Found(_skipped(skipped_feeds(place)) + outside, brought_by(place.feeds))
    for label, chosen in sets.items():
        for rule in chosen:
            if not only or rule.id in only:
                found.add(label, archive.outcome(rule, policy_of(place, rule)), happened)
    _print(found.rows, period)
    typer.echo("\n".join(found.notes), nl=bool(found.notes))
    if csv is not None:
        write_text(csv, report.as_csv(found.rows))
    if html is not None:
        name = say(dict(place.name), language)
        write_text(html, found.as_html(period=period, language=language, region=name))


@dataclass
class _Found:
    """What a report is made of: a row a rule and level, and what a person must know beside."""

    notes: list[str]
    brought: frozenset[str] | None
    rows: list[Row] = field(default_factory=list)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    untried: list[str] = field(default_factory=list)

    def add(self, label: str, outcome: Outcome, happened: Sequence[Event] | None) -> None:
        """Take in what a rule of the set ``label`` would have done."""
        from tocsin.triggers.report import rows_of

        rule = outcome.rule
        self.names.setdefault(rule.id, rule.name)
        self.rows += rows_of(label, outcome, happened)
        self.notes += _notes(label, outcome, self.brought)
        self.untried += [rule.id] if outcome.without_forecasts else []

    def as_html(self, **said: str) -> str:
        """Return it as a page."""
        from tocsin.triggers.report import as_html

        return as_html(self.rows, names=self.names, untried=self.untried, **said)


def _period(times: NDArray[np.datetime64], zone: ZoneInfo) -> str:
    """Return first and last hour as the region's clocks have them, in no language."""
    ends = (times[0].astype("datetime64[s]").item(), times[-1].astype("datetime64[s]").item())
    first, last = (f"{end.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}" for end in ends)
    return f"{first} – {last} ({zone.key}), {times.size:,} h"


def _within(
    happened: list[Event] | None, times: NDArray[np.datetime64]
) -> tuple[list[Event] | None, list[str]]:
    """Leave out events of which no hour is in the period: nothing could have warned of them."""
    if happened is None:
        return None, []
    begin, end = (at.astype("datetime64[s]").item().replace(tzinfo=UTC) for at in times[[0, -1]])
    inside = [one for one in happened if one.last >= begin and one.first < end + timedelta(hours=1)]
    gone = len(happened) - len(inside)
    said = f"Note: {gone} of {len(happened)} events lie outside of this period and were left out."
    return inside, [said] if gone else []


def _skipped(feeds: Sequence[str]) -> list[str]:
    said = "Note: live feeds have no past in files and were skipped: "
    return [said + ", ".join(feeds)] if feeds else []


def _notes(label: str, found: Outcome, brought: frozenset[str] | None = None) -> list[str]:
    """Return what a person must know of one rule's outcome beyond its numbers."""
    from tocsin.region.doubts import doubts_in_archive, doubts_of

    doubts = [*doubts_of(found.rule, brought), *doubts_in_archive(found.evaluation)]
    rule = f"Note: rule {found.rule.id} ({label})"
    notes = [f"{rule}: {one.problem} {one.remedy}" for one in doubts]
    if found.without_forecasts:
        notes.append(f"{rule}: no forecasts in this archive: lead_h was not tried.")
    return notes


def _known(only: list[str] | None, sets: Mapping[str, Sequence[object]]) -> None:
    there = sorted({getattr(rule, "id", "") for rules in sets.values() for rule in rules})
    for name in only or []:
        if name not in there:
            raise typer.BadParameter(f"no rule is called {name!r}; there are {', '.join(there)}")


def _print(rows: Sequence[Row], period: str) -> None:
    """Print the table a person asked for; the files hold every column."""
    from rich.table import Table

    from tocsin.triggers.rules import LEVELS

    scored = any(row.events for row in rows)
    table = Table(title=period, title_justify="left", box=None, padding=(0, 2, 0, 0))
    words = ["rule", "level", "rules", "from"]
    numbers = ["warnings", "hours", "median h", "messages", "turns"]
    numbers += ["events", "POD", "FAR", "lead h"] if scored else []
    for name in words:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, no_wrap=True, justify="right")
    order = [level.word for level in LEVELS]
    for row in sorted(rows, key=lambda row: (row.rule, order.index(row.level), row.rules)):
        cells = [
            row.rule,
            row.level,
            row.rules,
            _from(row),
            str(row.warnings),
            f"{row.hours_under_warning:,.0f}",
            _number(row.median_length_h),
            str(row.messages),
            str(row.flaps),
        ]
        if scored:
            cells += [str(row.events), _share(row.pod), _share(row.far), _number(row.median_lead_h)]
        table.add_row(*cells)
    print_table(table)


def _from(row: Row) -> str:
    if row.threshold != row.threshold:
        return "by impact"
    return f"{row.threshold:g} {row.unit if row.unit != '1' else ''}"


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.0f}"


def _share(value: float) -> str:
    return "–" if value != value else f"{value:.0%}"

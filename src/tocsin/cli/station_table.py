"""A CSV of stations through one indicator: which column is what, in which unit, on which axis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.errors import Fault, IntakeError, StateError
from tocsin.indicators.indicator import Indicator
from tocsin.indicators.reasons import Reason, reasons_at
from tocsin.indicators.state import SavedState, read_state
from tocsin.intake.lines import Table, read_table
from tocsin.units import check_unit, convert

__all__ = ["Answer", "Asked", "compute_table"]

MISSING = frozenset({"", "na", "nan", "null", "none", "m", "-"})
WORDS = ("land", "snow_class")  # needs that are words, by their names in the catalogue
TIME_NAMES, STATION_NAMES = ("time", "date", "datetime"), ("station", "station_id", "id")
STEPS: Mapping[str, Any] = {
    "hourly": np.timedelta64(1, "h"),
    "hourly-sum": np.timedelta64(1, "h"),
    "daily-noon": np.timedelta64(1, "D"),
    "daily": np.timedelta64(1, "D"),
    "weekly": np.timedelta64(7, "D"),
    "monthly": np.timedelta64(1, "M"),
}
_OFFSET = re.compile(r"T.*[+-]")
_HEADER = re.compile(r"^(?P<name>.*?)\s*\[(?P<unit>[^\]]*)\]$")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says beside the file."""

    columns: Mapping[str, str]
    units: Mapping[str, str]
    settings: Mapping[str, Any]
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Values row by row of the file, with what to say about them.

    ``reasons`` has for each row why it is undefined; empty where it is not. ``notes`` are sentences
    about the whole file: units that were taken for granted, rows that were missing.
    """

    stations: tuple[str, ...]
    times: tuple[str, ...]
    values: Any
    reasons: tuple[tuple[Reason, ...], ...]
    saved: SavedState | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The file's numbers by argument, its stations and times, and where a row stands."""

    numbers: Mapping[str, Any]
    stations: tuple[str, ...]
    times: tuple[str, ...]
    extras: Mapping[str, Any]
    words: Mapping[str, Any]


def compute_table(entry: Indicator, path: Path, asked: Asked, *, explain: bool = False) -> Answer:
    """Compute an indicator for every row of a CSV.

    Columns are found by the name of the argument or of its CF quantity; ``air_temperature [degF]``
    says the unit. Rows of one station have to be in order; rows that are left out count as missing.

    Raises
    ------
    IntakeError
        With every fault found: file, line, column, value and remedy.
    UnitError, ShapeError, StateError
        A unit is of another dimension, something the indicator needs is not given, the state is not
        of this indicator, these stations or this time.
    """
    table = read_table(path, path.name)
    notes: list[str] = []
    columns = _read(entry, table, asked, notes)
    if table.faults:
        raise IntakeError(table.faults)
    if not table.rows:
        problem, remedy = "The file has a header and no rows.", "Fetch it again."
        raise IntakeError([Fault(path.name, 0, "rows", "", problem, remedy)])
    if entry.cadence in STEPS:
        return _over_time(entry, table, columns, asked, notes, explain)
    return _row_by_row(entry, columns, asked, notes, explain)


def _row_by_row(
    entry: Indicator, columns: _Columns, asked: Asked, notes: list[str], explain: bool
) -> Answer:
    values = np.full(len(columns.stations), np.nan)
    why: list[tuple[Reason, ...]] = [()] * values.size
    for rows, words in _alike(columns):
        needs = {**{name: of[rows] for name, of in columns.extras.items()}, **words}
        if entry.standard and columns.times:  # a setting of the same name goes first
            needs["on"] = np.array(columns.times, dtype="datetime64[s]")[rows]
        needs |= asked.settings
        inputs = {argument: series[rows] for argument, series in columns.numbers.items()}
        values[rows] = np.asarray(entry.compute(**inputs, **needs), dtype=np.float64)
        for row in rows[np.isnan(values[rows])] if explain else ():
            single = {argument: series[row] for argument, series in columns.numbers.items()}
            why[row] = reasons_at(entry, single, needs)
    return Answer(columns.stations, columns.times, values, tuple(why), None, tuple(notes))


def _alike(columns: _Columns) -> Iterator[tuple[Any, dict[str, str]]]:
    """Yield rows that share the words a method wants, such as the use of the land."""
    if not columns.words:
        yield np.arange(len(columns.stations)), {}
        return
    found = list(zip(*columns.words.values(), strict=True))
    for words in dict.fromkeys(found):
        rows = np.array([n for n, other in enumerate(found) if other == words])
        yield rows, dict(zip(columns.words, words, strict=True))


def _over_time(
    entry: Indicator, table: Table, columns: _Columns, asked: Asked, notes: list[str], explain: bool
) -> Answer:
    """Lay the rows on the indicator's step, a column a station, and compute all at once."""
    places = tuple(dict.fromkeys(columns.stations))
    place = np.array([places.index(name) for name in columns.stations])
    saved = read_state(entry, asked.state, places) if asked.state is not None else None
    axis, row = _axis(entry, table, columns, place, saved)
    shape = (axis.size, len(places))
    _check_one_word(table, columns)
    inputs = {}
    for argument, numbers in columns.numbers.items():
        inputs[argument] = np.full(shape, np.nan)
        inputs[argument][row, place] = numbers
    if holes := axis.size * len(places) - row.size:
        notes.append(f"{holes} row(s) are not in the file and count as missing.")
    needs = _needs(entry, columns, asked, axis, place, row, shape)
    initial = {} if saved is None else {"initial": saved.state}
    values, state = _result(entry, inputs, needs, initial)
    why: list[tuple[Reason, ...]] = [()] * row.size
    if explain:
        for n in np.flatnonzero(np.isnan(values[row, place])):
            of_place = {argument: series[:, place[n]] for argument, series in inputs.items()}
            why[n] = reasons_at(entry, of_place, needs, int(row[n]))
    kept = None if state is None else SavedState(str(axis[-1]), places, state)
    return Answer(
        columns.stations, columns.times, values[row, place], tuple(why), kept, tuple(notes)
    )


def _result(
    entry: Indicator,
    inputs: Mapping[str, Any],
    needs: Mapping[str, Any],
    initial: Mapping[str, Any],
) -> tuple[Any, Any]:
    if not entry.state:
        return np.asarray(entry.compute(**inputs, **needs), dtype=np.float64), None
    entry.check_given({*inputs, *needs})
    values, state = entry.function(**inputs, **entry.options, **needs, **initial)
    picked = getattr(values, entry.output) if entry.output else values
    return np.asarray(picked, dtype=np.float64), state


def _axis(
    entry: Indicator, table: Table, columns: _Columns, place: Any, saved: SavedState | None
) -> tuple[Any, Any]:
    """Return the axis of all stations and the place of each row on it."""
    if not columns.times:
        if len(set(place.tolist())) > 1 or saved is not None:
            _refuse_without_time(table)
        return np.arange(place.size), np.arange(place.size)
    step = STEPS[entry.cadence]
    exact = np.array([np.datetime64(text, "s") for text in columns.times])
    at = exact.astype(f"datetime64[{np.datetime_data(step.dtype)[0]}]")
    first: Any = at.min()
    if saved is not None:
        after = np.datetime64(saved.after).astype(at.dtype)
        if (at <= after).any():
            raise StateError(
                f"The state stands after {saved.after}, the file begins at {first}; "
                "give only the rows after it."
            )
        first = after + step
    newest: dict[int, Any] = {}
    for n, (moment, who) in enumerate(zip(at, place.tolist(), strict=True)):
        _check_moment(table, n, columns, exact[n], moment, newest.get(who))
        newest[who] = moment
    if table.faults:
        raise IntakeError(table.faults)
    axis = np.arange(first, at.max() + step, step)
    row = ((at - first) / step).astype(np.int64)
    if (axis[row] != at).any():
        n = int(np.flatnonzero(axis[row] != at)[0])
        table.fault(
            table.line[n], "time", columns.times[n], "This is not a whole week after the first.",
            "Give one row a week.",
        )  # fmt: skip
        raise IntakeError(table.faults)
    return axis, row


def _check_moment(
    table: Table, n: int, columns: _Columns, exact: Any, moment: Any, before: Any
) -> None:
    line, text = table.line[n], columns.times[n]
    if moment.dtype == "datetime64[h]" and exact != moment.astype("datetime64[s]"):
        table.fault(line, "time", text, "This is not a full hour.", "Give hourly rows.")
    if before is None:
        return
    if moment == before:
        table.fault(line, "time", text, "This time is given twice.", "Keep one of the rows.")
    elif moment < before:
        table.fault(line, "time", text, f"It follows {before}.", "Sort each station by time.")


def _check_one_word(table: Table, columns: _Columns) -> None:
    """Refuse words that change along a series: a station has one kind of snow."""
    for name, words in columns.words.items():
        for n, word in enumerate(words):
            if word != words[0]:
                table.fault(
                    table.line[n], name, word, f"The rows before it have {words[0]}.",
                    "Compute each kind from a file of its own.",
                )  # fmt: skip
                raise IntakeError(table.faults)


def _refuse_without_time(table: Table) -> None:
    table.fault(
        1, "time", "", "There is no column of times.", f"Name one {' or '.join(TIME_NAMES)}."
    )
    raise IntakeError(table.faults)


def _needs(
    entry: Indicator, columns: _Columns, asked: Asked, axis: Any, place: Any, row: Any, shape: Any
) -> dict[str, Any]:
    """Return what the indicator wants beside its series, from columns, settings and the axis."""
    needs = {name: words[0] for name, words in columns.words.items()} | dict(asked.settings)
    for name, numbers in columns.extras.items():
        spread = np.full(shape, np.nan)
        spread[row, place] = numbers
        by_place = np.array([numbers[place == n][0] for n in range(shape[1])])
        same = all((numbers[place == n] == by_place[n]).all() for n in range(shape[1]))
        needs.setdefault(name, by_place if same else spread)
    dated = axis.dtype.kind == "M"
    if entry.standard and dated:
        needs.setdefault("on", axis)
    if "time" in entry.needs and dated:
        needs.setdefault("time", axis)
    if "first_month" in entry.needs and dated:
        needs.setdefault("first_month", int(axis[0].astype("datetime64[M]").astype(int) % 12) + 1)
    return needs


def _read(entry: Indicator, table: Table, asked: Asked, notes: list[str]) -> _Columns:
    names = {_bare(header): header for header in table.header}
    numbers: dict[str, Any] = {}
    for argument, (quantity, declared) in entry.takes.items():
        header = _find(table, names, argument, quantity, asked)
        if header is None:
            numbers[argument] = np.full(len(table.rows), np.nan)
            continue
        unit = asked.units.get(argument) or _unit(header)
        if unit is None:
            unit = declared
            notes.append(f"{header}: no unit is given, taken as {declared}.")
        check_unit(unit, declared)
        numbers[argument] = convert(_numbers(table, header), unit, declared)
    if entry.gaps.rule == "any":
        _forgive_columns(entry, table, asked, notes)
    time = _first_of(names, TIME_NAMES)
    station = _first_of(names, STATION_NAMES)
    rows = len(table.rows)
    return _Columns(
        numbers,
        tuple(table.column(station)) if station else ("",) * rows,
        _times(table, time) if time else (),
        {
            need: _numbers(table, names[need])
            for need in entry.needs
            if need in names and need not in (*TIME_NAMES, *WORDS, *asked.settings)
        },
        {
            need: tuple(text.strip() for text in table.column(names[need]))
            for need in entry.needs
            if need in names and need in WORDS and need not in asked.settings
        },
    )


def _forgive_columns(entry: Indicator, table: Table, asked: Asked, notes: list[str]) -> None:
    """Turn missing columns into a note where those that are there decide, as long as one is."""
    lost = [f for f in table.faults if f.line == 1 and f.field in entry.takes and not f.value]
    if len(lost) == len(entry.takes):
        return
    table.faults[:] = [fault for fault in table.faults if fault not in lost]
    notes += [f"{fault.field}: there is no such column, taken as missing." for fault in lost]


def _find(
    table: Table, names: Mapping[str, str], argument: str, quantity: str, asked: Asked
) -> str | None:
    """Return the header of an argument's column, or note that there is none."""
    wanted = asked.columns.get(argument)
    choices = [wanted] if wanted else [argument, quantity, quantity.split(" (")[0]]
    for name in choices:
        if name in names or name in table.header:
            return names.get(name, name)
    table.fault(
        1, argument, wanted or "", "There is no such column.",
        f"Name a column {' or '.join(dict.fromkeys(choices))}, or say --column {argument}=NAME; "
        f"the file has {', '.join(table.header)}.",
    )  # fmt: skip
    return None


def _bare(header: str) -> str:
    found = _HEADER.match(header)
    return found["name"] if found else header


def _unit(header: str) -> str | None:
    found = _HEADER.match(header)
    return found["unit"] if found else None


def _first_of(names: Mapping[str, str], wanted: tuple[str, ...]) -> str | None:
    lower = {name.lower(): header for name, header in names.items()}
    return next((lower[name] for name in wanted if name in lower), None)


def _numbers(table: Table, header: str) -> Any:
    values = np.full(len(table.rows), np.nan)
    for n, text in enumerate(table.column(header)):
        if text.strip().lower() in MISSING:
            continue
        try:
            values[n] = float(text)
        except ValueError:
            table.fault(
                table.line[n], header, text, "This is not a number.",
                "Write 12.5, or leave the cell empty where nothing was measured.",
            )  # fmt: skip
    return values


def _is_time(text: str) -> bool:
    """Whether it is ISO text without an offset, which numpy would drop with no more than a word."""
    try:
        return not _OFFSET.search(text) and not np.isnat(np.datetime64(text, "s"))
    except ValueError:
        return False


def _times(table: Table, header: str) -> tuple[str, ...]:
    """Return the times as ISO text without an offset (UTC), and note those that are none."""
    times = []
    for n, text in enumerate(table.column(header)):
        shown = text.strip().removesuffix("Z").replace(" ", "T")
        if not _is_time(shown):
            table.fault(
                table.line[n], header, text, "This is not a time.",
                "Write 2026-07-18 or 2026-07-18T15:00; UTC, without an offset.",
            )  # fmt: skip
            shown = "NaT"
        times.append(shown)
    return tuple(times)

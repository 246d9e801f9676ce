"""The CSV files of a region: areas, stations, facilities, settlements."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

from tocsin.intake.lines import Table
from tocsin.region.checker import Checker
from tocsin.region.model import Area, Facility, Settlement, Station
from tocsin.region.plain import near

__all__ = ["columns_fit", "read_areas", "read_facilities", "read_settlements", "read_stations"]

_M = TypeVar("_M", bound=BaseModel)


def read_areas(check: Checker, file: str) -> tuple[Area, ...]:
    """Read the tree of areas; outlines come from another file."""
    table = check.table(file)
    if table is None:
        return ()
    if "code" in table.header:
        codes_there = (cell.strip() for cell in table.column("code"))
        check.area_lines = dict(zip(codes_there, table.line, strict=True))
    rows = _rows(check, table, Area, "code", skip={"geometry"}, needed=True)
    codes = set(check.area_lines or ())
    for area, line in rows:
        if area.parent is not None and area.parent not in codes:
            check.fault(
                file, line, "parent", area.parent, "No area has this code.",
                near(area.parent, codes - {area.code}),
            )  # fmt: skip
        if area.population is not None and not area.population_source:
            check.fault(
                file, line, "population_source", None, "The population has no source.",
                "Say where the number comes from.",
            )  # fmt: skip
    _check_tree(check, file, rows)
    return tuple(area for area, _ in rows)


def read_stations(check: Checker, file: str) -> tuple[Station, ...]:
    """Read the stations."""
    table = check.table(file)
    return () if table is None else _objects(_rows(check, table, Station, "id", needed=True))


def read_facilities(check: Checker, file: str) -> tuple[Facility, ...]:
    """Read the facilities."""
    table = check.table(file)
    return () if table is None else _objects(_rows(check, table, Facility, "id"))


def read_settlements(check: Checker, file: str) -> tuple[Settlement, ...]:
    """Read the settlements; they are many, and may have their name in one language only."""
    table = check.table(file)
    if table is None:
        return ()
    return _objects(_rows(check, table, Settlement, "id", every_language=False))


def _objects(rows: list[tuple[_M, int]]) -> tuple[_M, ...]:
    return tuple(one for one, _ in rows)


def _rows(
    check: Checker,
    table: Table,
    model: type[_M],
    key: str,
    *,
    skip: frozenset[str] | set[str] = frozenset(),
    every_language: bool = True,
    needed: bool = False,
) -> list[tuple[_M, int]]:
    """Return the good rows with their lines; note wrong ones and keys that come twice."""
    if not columns_fit(check, table, model, skip):
        return []
    if needed and not table.rows_read:
        check.fault(table.file, 0, "rows", None, "The file has no rows.", "Add at least one.")
    found: list[tuple[_M, int]] = []
    seen: dict[str, int] = {}
    for line, cells in zip(table.line, table.rows, strict=True):
        one = check.row(model, _nested(table.header, cells), table, line)
        if one is None:
            continue
        code = getattr(one, key)
        if code in seen:
            check.fault(
                table.file, line, key, code, f"Line {seen[code]} has this {key} already.",
                "Give each its own.",
            )  # fmt: skip
            continue
        seen[code] = line
        if every_language:
            check.languages_of(one.name, table.file, line, "name")  # type: ignore[attr-defined]
        found.append((one, line))
    return found


def _nested(header: list[str], cells: list[str]) -> dict[str, Any]:
    """Turn cells into fields; ``name.en`` and ``name.zh-Hans`` become one field of texts."""
    fields: dict[str, Any] = {}
    for name, text in zip(header, (cell.strip() for cell in cells), strict=True):
        if not text:
            continue
        outer, dot, inner = name.partition(".")
        if dot:
            fields.setdefault(outer, {})[inner] = text
        else:
            fields[name] = text
    return fields


def columns_fit(
    check: Checker, table: Table, model: type[BaseModel], skip: frozenset[str] | set[str]
) -> bool:
    """Note columns that are missing and columns that nobody knows."""
    known = {name: one for name, one in model.model_fields.items() if name not in skip}
    columns = {name.partition(".")[0] for name in table.header}
    for place, name in enumerate(table.header, start=1):
        if name.partition(".")[0] not in known:
            what = "This column is not known here." if name else "This column has no name."
            check.fault(
                table.file, 1, name or f"column {place}", None, what,
                near(name, _written(check, known)),
            )  # fmt: skip
    lost = [name for name, one in known.items() if one.is_required() and name not in columns]
    for name in lost:
        check.fault(
            table.file, 1, name, None, "The column is missing.",
            f"Add it; the columns are {', '.join(_written(check, known))}.",
        )  # fmt: skip
    return not lost and columns <= set(known)


def _written(check: Checker, known: dict[str, Any]) -> list[str]:
    names = [f"name.{code}" for code in check.languages]
    return [column for name in known for column in (names if name == "name" else [name])]


def _check_tree(check: Checker, file: str, rows: list[tuple[Area, int]]) -> None:
    """Note areas that are their own ancestors."""
    parents = {area.code: area.parent for area, _ in rows}
    told: set[str] = set()
    for area, line in rows:
        way = [area.code]
        while (above := parents.get(way[-1])) is not None and above not in way:
            way.append(above)
        if above == area.code and area.code not in told:
            told.update(way)
            check.fault(
                file, line, "parent", area.parent or "",
                f"The areas go round in a circle: {' > '.join([*way, area.code])}.",
                "Give one of them a parent outside the circle, or none.",
            )  # fmt: skip

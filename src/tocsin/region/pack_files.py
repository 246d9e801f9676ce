"""Rule packs: dated files of rules with their sources, and how a region takes one over.

A rule file holds ``[[rule]]`` tables of its own, ``[[pack]]`` tables that take rules out of a pack,
and ``[[change]]`` tables that put other lines into a rule that was taken.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tocsin.errors import StateError
from tocsin.region.checker import Checker
from tocsin.region.plain import near
from tocsin.region.toml_lines import Document
from tocsin.triggers.rules import Rule, Text

__all__ = ["Pack", "Taken", "load_pack", "pack_ids", "rule_tables"]

KINDS = ("rule", "pack", "change")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LeftOut(_Strict):
    """A part of the source that cannot be a rule here, and why."""

    signal: str
    why: Text


class Head(_Strict):
    """Who a pack is: the ``[pack]`` table of its file."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: int = Field(ge=1)
    requires: str = Field("0.1.0", pattern=r"^\d+\.\d+\.\d+$", description="oldest program")
    valid_from: date = Field(description="since when the source is in force")
    name: Text
    source: str
    grade: Literal["FOUND", "MEMORY", "NOT VERIFIED"] = Field(
        description="FOUND: read from the named source; MEMORY: recalled, not confirmed"
    )
    note: Text | None = None
    left_out: tuple[LeftOut, ...] = ()


class Pack(_Strict):
    """A pack, whole: its head and its rules as they stand in the file."""

    head: Head
    tables: dict[str, dict[str, Any]]

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules, checked."""
        return tuple(Rule.model_validate(table) for table in self.tables.values())


class Taken(_Strict):
    """A ``[[pack]]`` table: which rules a region takes over; all of them where it names none."""

    id: str
    rules: tuple[str, ...] | None = None
    areas: tuple[str, ...] | None = Field(None, description="area codes, instead of the pack's")


def pack_ids() -> list[str]:
    """Return the packs that come with the program."""
    there = files("tocsin.packs").iterdir()
    return sorted(one.name.removesuffix(".toml") for one in there if one.name.endswith(".toml"))


@cache
def load_pack(name: str) -> Pack:
    """Return a pack that comes with the program.

    Raises
    ------
    StateError
        There is no such pack, or it needs a newer program.
    """
    if name not in pack_ids():
        raise StateError(f"There is no pack {name!r}. {near(name, pack_ids())}")
    return read_pack(files("tocsin.packs").joinpath(f"{name}.toml").read_text("utf-8"))


def read_pack(text: str) -> Pack:
    """Return a pack from its text; see :func:`load_pack`.

    Raises
    ------
    StateError
        It needs a newer Tocsin.
    """
    data = tomllib.loads(text)
    here, needed = version("tocsin"), str(data["pack"].get("requires", ""))
    if _numbers(needed) > _numbers(here):  # before the rest, which this program may not know
        raise StateError(
            f"The pack {data['pack'].get('id')} needs Tocsin {needed} or newer; this is {here}. "
            "Bring the program up to date, or take an older pack."
        )
    head = Head.model_validate(data["pack"])
    return Pack(head=head, tables={table["id"]: table for table in data["rule"]})


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())


def rule_tables(
    check: Checker, document: Document
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    """Yield every rule of a file with its place: its own, and those taken from packs."""
    found = {kind: check.tables(document, kind, KINDS) for kind in KINDS}
    if not any(found.values()):
        check.fault(
            document.file, 0, "rule", None, "The file holds no [[rule]].",
            "Write a [[rule]], or take a pack: [[pack]] with its id.",
        )  # fmt: skip
    for number, data in enumerate(found["rule"]):
        yield ("rule", number), data
    changes = {number: dict(data) for number, data in enumerate(found["change"])}
    for number, data in enumerate(found["pack"]):
        yield from _taken(check, document, ("pack", number), data, changes)
    for number, change in changes.items():
        check.fault_at(
            document, ("change", number, "rule"), change.get("rule"),
            "No pack that is taken here has this rule.",
            "Name a rule of a [[pack]] in this file; change a [[rule]] where it stands.",
        )  # fmt: skip


def _taken(
    check: Checker,
    document: Document,
    at: tuple[str | int, ...],
    data: Mapping[str, Any],
    changes: dict[int, dict[str, Any]],
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    """Yield the rules of one ``[[pack]]`` table, changed; used changes are taken out."""
    wish = check.validated(Taken, data, document, at)
    if wish is None:
        return
    try:
        pack = load_pack(wish.id)
    except StateError as error:
        problem, _, remedy = str(error).partition(". ")
        check.fault_at(document, (*at, "id"), wish.id, f"{problem}.", remedy)
        return
    for name in wish.rules or pack.tables:
        if name not in pack.tables:
            said = f"{wish.id} has no such rule."
            check.fault_at(document, (*at, "rules"), name, said, near(name, pack.tables))
            continue
        rule = {**pack.tables[name], **({"areas": list(wish.areas)} if wish.areas else {})}
        place = at
        for number in [n for n, change in changes.items() if change.get("rule") == name]:
            change = changes.pop(number)
            rule = _changed(rule, {key: value for key, value in change.items() if key != "rule"})
            place = ("change", number)
        yield place, _in_languages(rule, check.languages)


def _changed(rule: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Put the lines of a change into a rule, table by table; lists are replaced whole."""
    out = dict(rule)
    for key, value in change.items():
        there = out.get(key)
        if isinstance(value, dict) and isinstance(there, dict):
            out[key] = _changed(there, value)
        else:
            out[key] = value
    return out


def _in_languages(value: Any, languages: tuple[str, ...]) -> Any:
    """Leave out the texts in languages that the region does not speak."""
    if isinstance(value, dict):
        texts = value.keys() <= {"en", "zh-Hans"} and value
        kept = {k: v for k, v in value.items() if not texts or not languages or k in languages}
        return {key: _in_languages(inner, languages) for key, inner in kept.items()}
    return value

"""The workbench of a check: the folder, what was read from it, and every fault found so far."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tocsin.errors import Fault, IntakeError
from tocsin.intake.lines import Table, read_table
from tocsin.region.plain import findings
from tocsin.region.toml_lines import Document, read_toml

__all__ = ["Checker", "dotted"]

_M = TypeVar("_M", bound=BaseModel)


def dotted(path: Sequence[str | int]) -> str:
    """Write a place in a TOML file as people do: ``rule[2].levels.red``, counted from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass
class Checker:
    """A folder under examination.

    ``languages`` is empty and ``area_lines`` None as long as the file that gives them could not be
    read; what would lean on them is then left unchecked, so that one fault is told once.
    """

    folder: Path
    languages: tuple[str, ...] = ()
    prepare: str | None = None
    area_lines: dict[str, int] | None = None
    records: tuple[Any, ...] | None = None
    """Rows of ``tocsin.region.records``; None where they are not at hand."""
    impacts: Any = None
    """A ``tocsin.region.impact_files.Impacts``; None where curves and matrices are not at hand."""
    faults: list[Fault] = field(default_factory=list)
    read: dict[str, bytes] = field(default_factory=dict)

    def fault(
        self, file: str, line: int, where: str, value: Any, problem: str, remedy: str
    ) -> None:
        """Note one fault."""
        shown = "" if value is None else str(value)
        shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
        self.faults.append(Fault(file, line, where, shown, problem, remedy))

    def fault_at(
        self, document: Document, path: Sequence[str | int], value: Any, problem: str, remedy: str
    ) -> None:
        """Note one fault at a key of a TOML document."""
        self.fault(document.file, document.line(path), dotted(path), value, problem, remedy)

    def digest(self) -> str:
        """Return the SHA-256 over names and bytes of all files read."""
        total = hashlib.sha256()
        for name in sorted(self.read):
            total.update(f"{name}\0{len(self.read[name])}\0".encode())
            total.update(self.read[name])
        return total.hexdigest()

    def has(self, name: str) -> bool:
        """Whether the file is there; notes the fault, and the way to it, where it is not."""
        if (self.folder / name).is_file():
            return True
        remedy = f"Put {name} into the region folder."
        if self.prepare and Path(name).parent != Path():
            remedy = f"Prepare the data first: python {self.folder / self.prepare}"
        self.fault(name, 0, "file", "", "The file is not there.", remedy)
        return False

    def text(self, name: str) -> str | None:
        """Return a file as text, or note why not."""
        if not self.has(name):
            return None
        self.read[name] = (self.folder / name).read_bytes()
        try:
            return self.read[name].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.read[name].count(b"\n", 0, error.start) + 1
            self.fault(
                name, line, "file", "", "Here are bytes that are not UTF-8 text.",
                "Save the file as UTF-8.",
            )  # fmt: skip
            return None

    def toml(self, name: str) -> Document | None:
        """Return a TOML file with its lines, or note why not."""
        text = self.text(name)
        if text is None:
            return None
        document, fault = read_toml(text, name)
        if fault is not None:
            self.faults.append(fault)
        return document

    def tables(
        self, document: Document, name: str, known: tuple[str, ...] = ()
    ) -> list[Mapping[str, Any]]:
        """Return the ``[[name]]`` tables of a document; note any key that is none of ``known``."""
        kinds = known or (name,)
        for key in document.data if name == kinds[0] else ():
            if key not in kinds:
                self.fault_at(
                    document, (key,), None, "This key is not known here.",
                    f"This file holds {' '.join(f'[[{kind}]]' for kind in kinds)} tables only.",
                )  # fmt: skip
        tables = document.data.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self.fault_at(
                document, (name,), None, "This is not a list of tables.",
                f"Begin each with [[{name}]], in two brackets.",
            )  # fmt: skip
            return []
        if not tables and not known:
            self.fault(
                document.file, 0, name, None, f"The file holds no [[{name}]].",
                f"Write a [[{name}]].",
            )  # fmt: skip
        return tables

    def table(self, name: str) -> Table | None:
        """Return a CSV file's whole rows; note the broken ones."""
        if self.text(name) is None:
            return None
        try:
            table = read_table(self.folder / name, name)
        except IntakeError as error:
            self.faults.extend(error.faults)
            return None
        self.faults.extend(table.faults)
        return table

    def validated(
        self, model: type[_M], data: Mapping[str, Any], document: Document, at: Sequence[str | int]
    ) -> _M | None:
        """Return the data at a place of a TOML document as ``model``, or note what is wrong."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for where, value, problem, remedy in findings(error, model):
                self.fault_at(document, (*at, *_owner(where, problem)), value, problem, remedy)
            return None

    def row(self, model: type[_M], data: Mapping[str, Any], table: Table, line: int) -> _M | None:
        """Return a row of a table as ``model``, or note what is wrong with which column."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for where, value, problem, remedy in findings(error, model):
                column = ".".join(str(part) for part in where)
                self.fault(table.file, line, column, value, problem, remedy)
            return None

    def languages_at(
        self, document: Document, path: Sequence[str | int], text: Mapping[str, str]
    ) -> None:
        """Check the languages of a text at a key of a TOML document."""
        self.languages_of(text, document.file, document.line(path), dotted(path))

    def languages_of(self, text: Mapping[str, str], file: str, line: int, where: str) -> None:
        """Note each language of the region in which a text is missing, and each that is no such."""
        if not self.languages:
            return
        for code in self.languages:
            if not text.get(code, "").strip():
                self.fault(
                    file, line, f"{where}.{code}", "", f"The text in {code} is missing.",
                    f"Add {code}; region.toml names it as a language of the region.",
                )  # fmt: skip
        for code in text:
            if code not in self.languages:
                self.fault(
                    file, line, f"{where}.{code}", text[code],
                    f"{code} is not a language of the region.",
                    f"Add it to languages in region.toml, or use {', '.join(self.languages)}.",
                )  # fmt: skip


def _owner(where: tuple[str | int, ...], problem: str) -> tuple[str | int, ...]:
    """Point a fault of a whole table at the key that it is about."""
    for beginning, key in (
        ("Thresholds", "levels"), ("No text for level", "text"), ("The replay ends", "last"),
        ("The clock stands", "stand_at"), ("A minimum share", "min_share"),
        ("The least known share", "min_known"),
    ):  # fmt: skip
        if problem.startswith(beginning):
            return (*where, key)
    return where

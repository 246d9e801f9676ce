"""Read TOML and know on which line each key stands, which ``tomllib`` does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin.errors import Fault

__all__ = ["Document", "read_toml"]

Path_ = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_TABLE = re.compile(rf"^\s*(\[\[?)\s*({_DOTTED})\s*\]\]?\s*(?:#.*)?$")
_PAIR = re.compile(rf"^\s*({_DOTTED})\s*=\s*(.*)$", re.DOTALL)
_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)|\s*\(at end of document\)")
_PLAIN_STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""")
DEEPEST = 50
_LONG_KEY = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{DEEPEST}}}[\w"'-]""")
"""The parser takes minutes over a key of 20,000 parts."""
_TOO_MUCH = {
    True: ("Brackets stand in brackets too deep to be read.", "Take the inner ones out."),
    False: ("A number in it is too long to be read.", "Write at most 15 digits."),
}


@dataclass
class Document:
    """A TOML file: its data, and the line of every key that begins a line."""

    file: str
    data: dict[str, Any]
    lines: dict[Path_, int] = field(default_factory=dict)
    _first: dict[Path_, int] = field(default_factory=dict, repr=False, compare=False)

    def line(self, path: Sequence[str | int]) -> int:
        """Return the line of a key; of the first key in it, or the nearest above, without one."""
        first = self._first_lines()
        place = tuple(path)
        while place:
            if place in first:
                return first[place]
            place = place[:-1]
        return 1 if self.lines or self.data else 0

    def _first_lines(self) -> dict[Path_, int]:
        """Return place -> the first line of it or of anything in it, found once."""
        if not self._first:
            for key, line in self.lines.items():
                for size in range(1, len(key) + 1):
                    known = self._first.setdefault(key[:size], line)
                    self._first[key[:size]] = min(known, line)
        return self._first


def read_toml(text: str, file: str) -> tuple[Document, None] | tuple[None, Fault]:
    """Parse a TOML text, whoever wrote it; give the document, or the fault of its syntax."""
    if _LONG_KEY.search(text):
        problem = f"A key has more than {DEEPEST} parts."
        return None, Fault(file, 0, "file", "", problem, "Keys have two or three: rule.text.red.")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        match = _AT.search(said)
        line = int(match[1]) if match and match[1] else len(text.splitlines())
        column = f"column {match[2]}" if match and match[2] else "end of file"
        shown = text.splitlines()[line - 1].strip()[:60] if line else ""
        return None, Fault(
            file, line, column, shown, f"This is not TOML: {_AT.sub('', said).lower()}.",
            "Mend the line; texts stand in quotes, and every bracket and quote is closed.",
        )  # fmt: skip
    except (RecursionError, ValueError) as error:  # its own errors were caught above
        problem, remedy = _TOO_MUCH[isinstance(error, RecursionError)]
        return None, Fault(file, 0, "file", "", problem, remedy)
    return Document(file, data, dict(_key_lines(text))), None


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in re.findall(_KEY, dotted))


def _key_lines(text: str) -> Iterator[tuple[Path_, int]]:
    """Walk over the lines, skipping values that run on, and give each key's path and line."""
    table: Path_ = ()
    counts: dict[Path_, int] = {}
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if heading := _TABLE.match(line):
            table = _enter(heading, counts)
            yield table, number
        elif pair := _PAIR.match(line):
            yield from _pair_lines(pair, table, number)
            number = _end_of_value(lines, number - 1, pair[2])


def _enter(heading: re.Match[str], counts: dict[Path_, int]) -> Path_:
    """Return the path of a table heading, with the running number in each array of tables."""
    names = _names(heading[2])
    path: Path_ = ()
    for depth, name in enumerate(names):
        path = (*path, name)
        last = depth == len(names) - 1
        if last and heading[1] == "[[":
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _pair_lines(pair: re.Match[str], table: Path_, number: int) -> Iterator[tuple[Path_, int]]:
    path = table
    for name in _names(pair[1]):
        path = (*path, name)
        yield path, number


def _end_of_value(lines: Sequence[str], start: int, value: str) -> int:
    """Return the index of the first line after a value that begins on line ``start``."""
    for quotes in ('"""', "'''"):
        if value.startswith(quotes):
            rest, number = value[3:], start
            while quotes not in rest and number + 1 < len(lines):
                number += 1
                rest = lines[number]
            return number + 1
    number, open_brackets = start, _brackets(value)
    while open_brackets > 0 and number + 1 < len(lines):
        number += 1
        open_brackets += _brackets(lines[number])
    return number + 1


def _brackets(text: str) -> int:
    """Count brackets opened less brackets closed, outside of strings and comments."""
    bare = _PLAIN_STRING.sub("", text).split("#")[0]
    return bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")

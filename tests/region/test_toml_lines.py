from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tocsin.region.toml_lines import read_toml

TEXT = '''\
top = 1
"quoted key" = 2
a.b = 3           # dotted

[table]           # a comment
text = """
not_a_key = 1
[not_a_table]
"""
list = [
  "x = 1",  # [ in a comment
  "]",
]
after = 5

[[row]]
name = "first"
[row.inner]
deep = 1
[[row]]
name = "second"
  [row.inner]
  deep = 2
[[row.leaf]]
x = 1
[[row.leaf]]
x = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 1),
        (("quoted key",), 2),
        (("a", "b"), 3),
        (("table",), 5),
        (("table", "text"), 6),
        (("table", "list"), 10),
        (("table", "after"), 14),
        (("row", 0, "name"), 17),
        (("row", 0, "inner", "deep"), 19),
        (("row", 1), 20),
        (("row", 1, "inner", "deep"), 23),
        (("row", 1, "leaf", 1, "x"), 27),
        (("row", 1, "leaf", 1, "y"), 26),
        (("nowhere",), 1),
    ],
)
def test_key_is_found_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    document, fault = read_toml(TEXT, "x.toml")

    assert fault is None
    assert document is not None
    assert document.data == tomllib.loads(TEXT)
    assert document.line(path) == line


def test_every_plain_key_of_the_example_is_found() -> None:
    folder = Path(__file__).parents[2] / "examples" / "new-york-2013"
    for file in sorted(folder.glob("*.toml")):
        text = file.read_text(encoding="utf-8")
        document, _ = read_toml(text, file.name)
        assert document is not None
        rows = text.splitlines()
        for path in _leaves(document.data):
            row = rows[document.line(path) - 1]
            assert any(str(part) in row for part in path if isinstance(part, str)), (path, row)


def _leaves(data: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(data, dict):
        return [leaf for key, one in data.items() for leaf in _leaves(one, (*at, key))]
    if isinstance(data, list):
        return [leaf for n, one in enumerate(data) for leaf in _leaves(one, (*at, n))]
    return [at]


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nb = \n", 2), ("a = [1, 2\n", 1), ("a = 1\na = 2\n", 2), ("x", 1)]
)
def test_syntax_error_has_a_line(text: str, line: int) -> None:
    document, fault = read_toml(text, "x.toml")

    assert document is None
    assert fault is not None
    assert fault.line == line
    assert "(at" not in fault.problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"a = {'[' * 100_000}", "too deep"),
        (f"a = {'{a=' * 50_000}", "too deep"),
        (f"a = {'1' * 5000}", "too long"),
        (f"{'.'.join('a' * 20_000)} = 1", "more than 50 parts"),
        (f"[{' . '.join('a' * 20_000)}]", "more than 50 parts"),
        (f"x = {{ {'.'.join('a' * 20_000)} = 1 }}", "more than 50 parts"),
    ],
)
def test_a_text_made_to_break_the_parser_is_a_fault(text: str, said: str) -> None:
    document, fault = read_toml(text, "rule")
    assert document is None
    assert fault is not None
    assert said in fault.problem


def test_faults_of_many_lines_are_placed_at_once() -> None:
    """Each asked all lines: 20,000 unknown keys took minutes."""
    text = "[[rule]]\n" + "".join(f"k{n} = 1\n" for n in range(20_000))
    document, _ = read_toml(text, "rule")
    assert document is not None
    begun = time.monotonic()
    lines = [document.line(("rule", 0, f"k{n}")) for n in range(20_000)]
    assert lines == list(range(2, 20_002))
    assert time.monotonic() - begun < 5

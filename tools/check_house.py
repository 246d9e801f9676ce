"""Keep rooms small and names telling: file and function lengths, and words that say nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 50
COUNTED = {".py", ".html", ".js", ".css", ".sh", ".toml"}
NAMELESS = {"utils", "helpers", "common", "misc", "manager"}

__all__ = ["complaints", "function_lines"]


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring and decorators."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node, clean=False) is not None:
        docstring = node.body[0]
        lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return lines


def _functions(path: Path, shown: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = function_lines(node)
            if lines > MAX_FUNCTION_LINES:
                yield (
                    f"{shown}:{node.lineno}: {node.name} has {lines} lines; "
                    f"the limit is {MAX_FUNCTION_LINES}: give a part of it a name of its own"
                )


def complaints(root: Path, names: list[str]) -> Iterator[str]:
    """Yield a sentence for each file that is too long, hard to name, or holds a long function."""
    for name in names:
        path = root / name
        if path.suffix not in COUNTED or not path.is_file() or "migrations" in path.parts:
            continue
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > MAX_FILE_LINES:
            yield f"{name}: {lines} lines; the limit is {MAX_FILE_LINES}: split it by its subject"
        if nameless := NAMELESS & {path.stem, *Path(name).parent.parts}:
            yield f"{name}: '{nameless.pop()}' says nothing: name it after the thing it serves"
        if path.suffix == ".py":
            yield from _functions(path, name)


def main() -> int:
    """Check every file that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    found = list(complaints(ROOT, listed))
    print("\n".join(found) or f"house: {len(listed)} files, all within limits")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

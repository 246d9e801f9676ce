"""Compile every ``.po`` catalogue beside itself; runs in ``.venv``, where Babel is."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tools.steps import ROOT, stop

__all__ = ["compile_catalogues"]


def compile_catalogues(folder: Path) -> int:
    """Write a ``.mo`` for each ``.po`` under a folder; return how many there are."""
    catalogues = sorted(folder.rglob("*.po"))
    for path in catalogues:
        with path.open("rb") as source:
            catalogue = read_po(source, abort_invalid=True)
        for message, errors in catalogue.check():
            stop(f"{path.relative_to(ROOT)}:{message.lineno}: {message.id!r}: {errors[0]}")
        made = path.with_suffix(".mo.part")
        with made.open("wb") as target:
            write_mo(target, catalogue)
        made.replace(path.with_suffix(".mo"))
    return len(catalogues)


if __name__ == "__main__":
    print(f"{compile_catalogues(ROOT / 'src' / 'tocsin')} catalogue(s) compiled", flush=True)

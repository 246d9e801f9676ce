"""Finds the channels: every folder beside this file."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from .protocol import Channel

__all__ = ["KINDS"]


def _found() -> dict[str, type[Channel]]:
    package = __package__ or ""
    folders = (one.name for one in iter_modules(import_module(package).__path__) if one.ispkg)
    kinds = {}
    for folder in sorted(folders):
        kind: type[Channel] = import_module(f"{package}.{folder}").CHANNEL
        if kind.name != folder:
            raise ImportError(f"The channel in {folder}/ is named {kind.name!r}; they must agree.")
        kinds[folder] = kind
    return kinds


KINDS = _found()
"""name -> class, of every channel there is."""

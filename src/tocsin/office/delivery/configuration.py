"""``channels.toml``: which channels there are and what they are told. Read whole or refused whole.

It lies in the data folder, or in the region's folder; the data folder's wins. Secrets are not in
it: it names environment variables.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from pydantic import ValidationError

from tocsin.errors import Fault, RegionError
from tocsin.net.guard import Allowed
from tocsin.office.places.models import Region
from tocsin.triggers.rules import say

from .channels import KINDS, Channel, ChannelSettings
from .channels.protocol import Surroundings

__all__ = ["FILE", "broadcasts", "channel_settings", "configured", "open_channels"]

FILE = "channels.toml"


def channel_settings(region: Region | None) -> dict[str, ChannelSettings]:
    """Return the settings of each channel that works here, by name.

    Raises
    ------
    RegionError
        Every fault of the file, with its key, value and remedy.
    """
    file = _file(region)
    if file is None:
        return _read("", 0)
    return _read(str(file), file.stat().st_mtime_ns)


def configured(name: str, region: Region | None) -> bool:
    """Whether a channel works here; false as well while the file is at fault."""
    try:
        return name in channel_settings(region)
    except RegionError:
        return False


def broadcasts(names: Mapping[str, Any]) -> list[str]:
    """Return those channels that speak to places and not to subscribers."""
    return [name for name in names if KINDS[name].is_broadcast]


def open_channels(region: Region | None) -> dict[str, Channel]:
    """Return a channel for each that works here, ready to be opened by the worker.

    Raises
    ------
    RegionError
        The file is at fault.
    StateError
        A secret that the file names is not in the environment.
    """
    surroundings = Surroundings(
        data=Path(settings.DATA),
        allow=Allowed.from_environment(),
        office=say(region.names, "en") if region else "Tocsin",
    )
    return {name: KINDS[name](own, surroundings) for name, own in channel_settings(region).items()}


def _file(region: Region | None) -> Path | None:
    folders = [Path(settings.DATA)]
    if region is not None:
        folders.append(Path(region.folder))
    return next((folder / FILE for folder in folders if (folder / FILE).is_file()), None)


@lru_cache(maxsize=4)
def _read(path: str, _changed: int) -> dict[str, ChannelSettings]:
    """Read a file; a changed one is read again. Without a file only what needs none works."""
    given: dict[str, Any] = {}
    if path:
        try:
            given = tomllib.loads(Path(path).read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RegionError([_fault(path, "", "", f"is not TOML: {error}.", "")]) from None
    faults = [
        _fault(path, key, "", "is unknown.", "Channels stand under [channels.NAME].")
        for key in given
        if key != "channels"
    ]
    tables = given.get("channels", {})
    if not isinstance(tables, dict):
        tables, key = {}, "channels"
        faults.append(_fault(path, key, "", "is no table.", "Write [channels.NAME]."))
    known = ", ".join(KINDS)
    faults += [
        _fault(path, f"channels.{name}", "", "is no channel.", f"There are {known}.")
        for name in tables
        if name not in KINDS
    ]
    found: dict[str, ChannelSettings] = {}
    for name, kind in KINDS.items():
        table = tables.get(name, None if kind.needs_settings else {})
        if table is None or table is False:
            continue  # not wanted here; `web_push = false` switches one off that needs no settings
        try:
            found[name] = kind.Settings.model_validate(table)
        except ValidationError as error:
            faults += [_of_pydantic(path, name, one) for one in error.errors()]
    if faults:
        raise RegionError(faults)
    return found


def _of_pydantic(path: str, name: str, error: Any) -> Fault:
    key = ".".join(("channels", name, *(str(part) for part in error["loc"])))
    value = "" if error["type"] == "missing" else repr(error["input"])
    remedy = {
        "missing": "Add it.",
        "extra_forbidden": f"{name} takes {', '.join(KINDS[name].Settings.model_fields)}.",
    }.get(error["type"], "")
    return _fault(path, key, value, error["msg"].rstrip(".") + ".", remedy)


def _fault(path: str, field: str, value: str, problem: str, remedy: str) -> Fault:
    return Fault(Path(path).name, 0, field, value, problem, remedy)

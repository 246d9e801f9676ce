"""How much memory there is, and what a person means by 2GB."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from tocsin.errors import GridError

__all__ = ["available", "in_use", "parse_size"]

_FACTORS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?", re.IGNORECASE)
DEFAULT_SHARE = 0.6  # of what is free: the office and the page cache want to live, too
_LIMIT = Path("/sys/fs/cgroup/memory.max")
_USED = Path("/sys/fs/cgroup/memory.current")


def parse_size(text: str) -> int:
    """Return the bytes of ``2GB``, ``500 MB``, ``1.5GiB`` or a plain number.

    Raises
    ------
    GridError
        The text is no size.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found or float(found[1]) == 0.0:
        raise GridError(f"{text!r} is not an amount of memory. Write 2GB, 500MB or 1.5GiB.")
    factor = _FACTORS[found[2].upper()]
    if found[3]:
        factor = 1024 ** [*_FACTORS].index(found[2].upper())
    return int(float(found[1]) * factor)


def available() -> int:
    """Return the bytes a run may take if it is not told: a good part of what is free."""
    import psutil  # type: ignore[import-untyped]  # of the extra `grids`

    free = int(psutil.virtual_memory().available)
    # Inside a container less may be allowed than the machine has; outside there is no such file.
    with suppress(OSError, ValueError):
        free = min(free, int(_LIMIT.read_text()) - int(_USED.read_text()))
    return int(free * DEFAULT_SHARE)


def in_use() -> int:
    """Return the bytes this process occupies now."""
    import psutil

    return int(psutil.Process().memory_info().rss)

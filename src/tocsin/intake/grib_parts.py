"""Only the messages that a feed names, out of the large GRIB files of a forecast's newest run.

The index of each step is asked for first (:mod:`tocsin.intake.grib_index`), then the bytes of the
wanted messages alone. A run is there when the index of its first step is; otherwise the run before
it is looked for. A step that was taken whole is not asked for again. Each message is held against
the index: where it begins and ends, and the run it says it is of (GRIB 2, section 1), so that an
index and a file of two runs, or a file that is replaced meanwhile, never give a value.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from pydantic import BaseModel

from tocsin.errors import FetchError
from tocsin.intake.grib_index import Message, parse, select, stretches
from tocsin.net.client import Answer, Seen, Span

__all__ = ["Get", "Part", "Taken", "Wanted", "take"]

BUDGET_S = 60.0
"""No new step is begun after this: the other feeds of the cycle wait. The rest comes next time."""
NOT_THERE = {403, 404, 410}
"""403: what a bucket says of a file that it does not have to one who may not list it."""
RUNS_BEHIND = 2
"""So many runs missing in a row are a fault; one is a run that is late."""
Get = Callable[[str, Seen, Span | None], Awaitable[Answer]]


class Wanted(Protocol):
    """What a feed names: the settings ``messages`` of ``grib-points``."""

    index: str
    quantities: tuple[str, ...]
    numbers: tuple[int, ...] | None

    @property
    def hours(self) -> tuple[int, ...]:
        """The steps in hours."""


class Part(BaseModel):
    """What is known of one step of one run."""

    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    """Of the wanted messages as the index has them."""
    is_whole: bool = False
    """All that is wanted was there and was taken: it is not asked for again."""


@dataclass
class Taken:
    """What a question brought: whole messages one after the other, and what is known by now."""

    parts: dict[str, Part]
    body: bytearray = field(default_factory=bytearray)
    problems: list[str] = field(default_factory=list)
    retry_after_s: float | None = None
    is_cut_short: bool = False
    """There is more: ask again soon."""


async def take(
    wanted: Wanted,
    runs: Sequence[datetime],
    address: Callable[[datetime, int], str],
    known: dict[str, Part],
    get: Get,
    most: int,
) -> Taken:
    """Fetch what is new.

    Parameters
    ----------
    wanted : Wanted
        Kind of index, steps, quantities, members.
    runs : sequence of datetime
        Runs that could be there, newest first.
    address : callable
        Run and step to the address of the GRIB file.
    known : dict
        ``Taken.parts`` of last time; of other runs it is forgotten.
    get : callable
        Fetches an address, or a part of it; raises ``FetchError``.
    most : int
        Bytes in all.

    Returns
    -------
    Taken
        Never raises for what the other side does, except ``AddressRefusedError``.
    """
    taken = Taken(dict(known))
    try:
        run, behind = await _newest(wanted, runs, address, taken, get)
    except FetchError as error:
        taken.problems.append(str(error))
        taken.retry_after_s = error.retry_after_s
        return taken
    if run is None:
        taken.problems.append(
            f"None of the last {len(runs)} runs is there; the newest would be of "
            f"{runs[0]:%Y-%m-%dT%HZ}."
        )
        return taken
    taken.parts = {key: part for key, part in taken.parts.items() if key.startswith(_key(run, ""))}
    if behind >= RUNS_BEHIND:
        taken.problems.append(
            f"The newest run is of {run:%Y-%m-%dT%HZ}: {behind} later ones are missing."
        )
    missing = await _take_steps(wanted, run, address, taken, get, most)
    if missing and behind:
        taken.problems.append(
            f"The run of {run:%Y-%m-%dT%HZ} has no step {', '.join(map(str, missing))}."
        )
    return taken


async def _newest(
    wanted: Wanted,
    runs: Sequence[datetime],
    address: Callable[[datetime, int], str],
    taken: Taken,
    get: Get,
) -> tuple[datetime | None, int]:
    """Return the newest run that is there, and how many later ones are not."""
    first = wanted.hours[0]
    for behind, run in enumerate(runs):
        if any(key.startswith(_key(run, "")) for key in taken.parts):
            return run, behind
        try:
            await get(_index_of(address(run, first), wanted.index), Seen(), None)
        except FetchError as error:
            if error.status not in NOT_THERE:
                raise
        else:
            return run, behind
    return None, len(runs)


async def _take_steps(
    wanted: Wanted,
    run: datetime,
    address: Callable[[datetime, int], str],
    taken: Taken,
    get: Get,
    most: int,
) -> list[int]:
    """Take every step that is not whole yet; return those that are not there."""
    until = asyncio.get_running_loop().time() + BUDGET_S
    missing: list[int] = []
    for step in wanted.hours:
        part = taken.parts.get(_key(run, step), Part())
        if part.is_whole:
            continue
        if asyncio.get_running_loop().time() > until:
            taken.is_cut_short = True
            break
        try:
            there = await _take_step(wanted, run, step, address(run, step), part, taken, get, most)
        except FetchError as error:
            if error.status not in NOT_THERE:
                taken.problems.append(f"Step {step}: {error}")
                taken.retry_after_s = error.retry_after_s
                break
            there = False
        if not there:
            missing.append(step)
    return missing


async def _take_step(
    wanted: Wanted,
    run: datetime,
    step: int,
    url: str,
    part: Part,
    taken: Taken,
    get: Get,
    most: int,
) -> bool:
    """Take one step; what came whole is used even where the rest has to be asked for again."""
    seen = Seen(part.etag, part.last_modified)
    index = await get(_index_of(url, wanted.index), seen, None)
    if index.body is None:
        return True
    try:
        found = parse(index.body.decode("utf-8", "replace"), wanted.index)
    except FetchError as error:
        taken.problems.append(f"Step {step}: {error}")
        return True
    chosen = select(found, wanted.index, wanted.quantities, wanted.numbers)
    if problem := _is_of_another(chosen, run, step):
        taken.problems.append(f"Step {step}: {problem}")
        return True
    digest = hashlib.sha256(repr(chosen).encode()).hexdigest()[:16]
    if digest != part.digest:
        before = len(taken.problems)
        await _take_messages(chosen, run, step, url, taken, get, most)
        if len(taken.problems) > before:
            return True
    lacks = _lacking(wanted, chosen, step)
    if lacks:
        taken.problems.append(f"Step {step}: the index has no {lacks}.")
    taken.parts[_key(run, step)] = Part(
        etag=index.seen.etag, last_modified=index.seen.last_modified, digest=digest,
        is_whole=not lacks,
    )  # fmt: skip
    return True


async def _take_messages(
    chosen: Sequence[Message], run: datetime, step: int, url: str, taken: Taken, get: Get, most: int
) -> None:
    """Fetch the messages of a step; whole ones go into the body, others are told."""
    whole: bytes | None = None
    tag = None
    for stretch in stretches(chosen):
        if whole is None:
            answer = await get(url, Seen(), Span(stretch.first, stretch.last))
            body, first = answer.body or b"", answer.first
            if tag is not None and answer.seen.etag != tag:
                taken.problems.append(f"Step {step}: the file was replaced while it was fetched.")
                return
            tag = answer.seen.etag
            if first != stretch.first or _is_more(body, stretch.first, stretch.last):
                whole = body  # the server knows no parts and sent all of it
        if whole is not None:
            body, first = whole, 0
        for one in stretch.messages:
            begin = one.first - first
            message = body[begin:] if one.size is None else body[begin : begin + one.size]
            problem, size = _flaw(message, one, run)
            if not problem and len(taken.body) + size > most:
                problem = f"More than {most:,} bytes come together; raise max_mb, or ask for less."
            if problem:
                taken.problems.append(f"Step {step}: {problem}")
                return
            taken.body += message[:size]


def _is_more(body: bytes, first: int, last: int | None) -> bool:
    return first == 0 and last is not None and len(body) > last + 1


def _flaw(message: bytes, one: Message, run: datetime) -> tuple[str, int]:
    """Return what is wrong with the bytes of a message, and its length by its own section 0."""
    where = f"{one.name} at byte {one.first:,}"
    if message[:4] != b"GRIB" or message[7:8] != b"\x02":
        begins = "ends before it" if not message else "no message of GRIB 2 begins there"
        return f"{where}: {begins}; index and file do not belong together.", 0
    size = int.from_bytes(message[8:16])
    if one.size is not None and size != one.size:
        return f"{where} has {size:,} bytes, {one.size:,} by the index: of another file.", 0
    if len(message) < size or message[size - 4 : size] != b"7777":
        return f"{where} breaks off after {len(message):,} of {size:,} bytes.", 0
    stamp = (int.from_bytes(message[28:30]), *message[30:34])
    if stamp != (run.year, run.month, run.day, run.hour, run.minute):
        says = "{}-{:02}-{:02}T{:02}:{:02}Z".format(*stamp)
        return f"{where} is of the run {says}, by the index of {run:%Y-%m-%dT%H:%MZ}.", 0
    return "", size


def _is_of_another(chosen: Sequence[Message], run: datetime, step: int) -> str:
    """Return in words that the index is of another run or step; empty where it is not."""
    for one in chosen:
        if (one.run, one.step_h) != (run, step):
            return (
                f"the index is of the run {one.run:%Y-%m-%dT%HZ}, step {one.step_h}, where "
                f"{run:%Y-%m-%dT%HZ} was asked for."
            )
    return ""


def _lacking(wanted: Wanted, chosen: Sequence[Message], step: int) -> str:
    """Return what the index should have and has not; sums and gusts begin after step 0."""
    if step == 0 and chosen:
        return ""
    lacks = [
        quantity
        for quantity in wanted.quantities
        if not select(chosen, wanted.index, [quantity], None)
    ]
    return ", ".join(lacks)


def _index_of(url: str, kind: str) -> str:
    """Return the address of the index beside a file."""
    if kind == "ecmwf":
        path, mark, query = url.partition("?")
        return f"{path.removesuffix('.grib2')}.index{mark}{query}"
    return f"{url}.idx"


def _key(run: datetime, step: int | str) -> str:
    return f"{run.astimezone(UTC):%Y%m%dT%H}/{step}"

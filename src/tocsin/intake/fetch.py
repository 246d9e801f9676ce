"""Asking the feeds: politely, each by itself, and without losing an answer.

A feed that is slow, broken or lying costs its own answer and nothing else: what went wrong is a
:class:`~tocsin.errors.Fault` and stands in the feed's state, the next question waits ever longer
(:func:`tocsin.net.client.pause`), and the server's ``Retry-After`` is kept. What came is written
to disk before anything reads it (:mod:`tocsin.intake.payloads`).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from pydantic import ValidationError

from tocsin.errors import AddressRefusedError, Fault, FetchError, SettingError
from tocsin.intake import grib_parts
from tocsin.intake.feed import READERS, Feed
from tocsin.intake.payloads import (
    State,
    defect,
    done,
    load_state,
    save_state,
    store,
    waiting,
)
from tocsin.net import client as net
from tocsin.net import guard
from tocsin.net.guard import Allowed

__all__ = ["Client", "Fetched", "address", "done", "fetch", "open_client"]

_SETTLED_S = 10
"""A dropped file that changed this short ago is perhaps still being written: left for later."""
_LONGEST_WAIT = timedelta(hours=1)
"""However often a feed failed: a desk that was cut off for a night must not be blind for a day."""
_PLACE = re.compile(r"\{(env|now|run|step)([-+]\d+h)?(?::([^{}]*))?\}")
_RUNS_TRIED = 4
"""How many runs are looked for, newest first, where a forecast is fetched by its index."""
_SOON = timedelta(minutes=1)
_ASKED_AGAIN = "The feed is asked again; if it lasts, look at its settings in feeds.toml."
_STAYS = "Until that is changed the feed brings nothing."
_TOO_LARGE = "Split the file, or raise max_mb of the feed."


@dataclass(frozen=True, slots=True)
class Client:
    """What requests are made with: a guarded session, and the inside targets that are meant."""

    session: aiohttp.ClientSession
    allow: Allowed
    limits: net.Limits = field(default_factory=net.Limits)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a question to a feed came to."""

    feed: Feed
    state: State
    payloads: tuple[Path, ...] = ()
    """All answers that wait to be read, oldest first: ``read(feed.of(path), stations)``, keep the
    values, then ``done(path, feed.keep)``."""
    fault: Fault | None = None
    asked: bool = True
    """False where the feed was not due."""


@asynccontextmanager
async def open_client(allow: Allowed | Iterable[str] | None = None) -> AsyncIterator[Client]:
    """Open what feeds are fetched with; ``allow`` comes from the environment if left out."""
    if allow is None:
        allowed = Allowed.from_environment()
    else:
        allowed = allow if isinstance(allow, Allowed) else Allowed.read(allow)
    async with guard.session(allowed, limit_per_host=2) as session:
        yield Client(session, allowed)


async def fetch(
    feed: Feed, folder: Path, client: Client, now: datetime, *, at_once: bool = False
) -> Fetched:
    """Ask a feed if it is due, and return its answers that wait to be read.

    Parameters
    ----------
    feed : Feed
        Of one that is pushed only the answers that wait are returned.
    folder : Path
        Where the feeds' folders are; this one's is named by its id.
    client : Client
        From :func:`open_client`.
    now : datetime
        The moment of asking, aware.
    at_once : bool
        Ask although it is not due.

    Returns
    -------
    Fetched
        Never raises for what the other side does; a full disk raises ``OSError``.
    """
    home = folder / feed.id
    kind = READERS[feed.reader].kind
    state = load_state(home)
    if not at_once and not state.is_due(now):
        return Fetched(feed, state, waiting(home, kind), asked=False)
    if feed.url and feed.options.get("messages"):
        fault = await _ask_parts(feed, home, kind, state, client, now)
    elif feed.url:
        fault = await _ask(feed, home, kind, state, client, now)
    elif feed.path:
        fault = _look(feed, home, kind, state, now)
    elif feed.topic:
        from tocsin.intake.mqtt import listen  # here, not above: paho-mqtt comes with an extra

        fault = await asyncio.to_thread(listen, feed, home, kind, state, now, allow=client.allow)
        _note(feed, state, fault, now, None)
    else:  # pushed: its answers come by themselves
        return Fetched(feed, state, waiting(home, kind), asked=False)
    save_state(home, state)
    return Fetched(feed, state, waiting(home, kind), fault)


def address(
    feed: Feed, now: datetime, *, run: datetime | None = None, step: int | None = None
) -> str:
    """Return the feed's address with its places filled in.

    ``{env:NAME}`` is an environment variable, ``{now-24h:%Y-%m-%d}`` a moment near the question,
    ``{run:%Y%m%d}`` the begin of ``run``, by default of the newest one that can be there by now:
    ``delay_min`` after it began; ``{step:03d}`` the hours after it.

    Raises
    ------
    SettingError
        An environment variable is not set, or a step cannot be written so.
    """
    run = run or _newest_run(feed, now)

    def fill(place: re.Match[str]) -> str:
        word, shift, pattern = place.groups()
        if word == "env":
            return _secret(pattern or "")
        if word == "step":
            return place[0] if step is None else _written(step, pattern or "d")
        moment = (run if word == "run" else now) + timedelta(hours=int((shift or "0h")[:-1]))
        return moment.strftime(pattern or "%Y-%m-%dT%H:%M:%SZ")

    return _PLACE.sub(fill, feed.url)


def _newest_run(feed: Feed, now: datetime) -> datetime:
    every = timedelta(hours=feed.run_every_h)
    known = now - timedelta(minutes=feed.delay_min)
    midnight = known.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (known - midnight) // every * every


def _written(step: int, pattern: str) -> str:
    try:
        return format(step, pattern)
    except ValueError:
        raise SettingError(f"{{step:{pattern}}} in the url is no way to write {step}.") from None


async def _ask_parts(
    feed: Feed, home: Path, kind: str, state: State, client: Client, now: datetime
) -> Fault | None:
    """Ask a server for the messages that the feed names; bring the state up to date."""
    limits = _limits(feed, client)
    retry_after, is_cut_short, fault = None, False, None

    async def get(url: str, seen: net.Seen, span: net.Span | None) -> net.Answer:
        return await net.fetch(
            client.session, url, seen=seen, limits=limits, allow=client.allow, span=span,
            headers={name: _secret(place) for name, place in feed.headers_from.items()},
        )  # fmt: skip

    try:
        wanted = READERS[feed.reader].options.model_validate(feed.options).messages  # type: ignore[attr-defined]
        newest, every = _newest_run(feed, now.astimezone(UTC)), timedelta(hours=feed.run_every_h)
        taken = await grib_parts.take(
            wanted, [newest - n * every for n in range(_RUNS_TRIED)],
            lambda run, step: address(feed, now, run=run, step=step),
            state.parts, get, limits.max_bytes,
        )  # fmt: skip
    except (AddressRefusedError, FetchError, SettingError, ValidationError) as error:
        fault = _refused(feed, error)
    else:
        if taken.body:  # on disk before it is remembered as taken
            store(home, bytes(taken.body), kind, now)
            state.changed_at = now
        state.parts, retry_after, is_cut_short = (
            taken.parts, taken.retry_after_s, taken.is_cut_short
        )  # fmt: skip
        if taken.problems:
            more = len(taken.problems) - 1
            fault = _fault(feed, taken.problems[0] + (f" And {more} more." if more else ""))
    _note(feed, state, fault, now, retry_after)
    if is_cut_short and fault is None:
        state.due_at = now + _SOON
    return fault


async def _ask(
    feed: Feed, home: Path, kind: str, state: State, client: Client, now: datetime
) -> Fault | None:
    """Ask a server; bring the state up to date."""
    retry_after = None
    try:
        url = address(feed, now)
        print_of_url = hashlib.sha256(url.encode()).hexdigest()[:16]
        if print_of_url != state.address:  # another file: what is known of the last one is void
            state.address, state.etag, state.last_modified = print_of_url, "", ""
        answer = await net.fetch(
            client.session,
            url,
            seen=net.Seen(state.etag, state.last_modified),
            limits=_limits(feed, client),
            allow=client.allow,
            headers={name: _secret(place) for name, place in feed.headers_from.items()},
        )
        fault = _take(feed, home, kind, state, answer, now)
    except (AddressRefusedError, FetchError, SettingError) as error:
        retry_after = getattr(error, "retry_after_s", None)
        fault = _refused(feed, error)
    _note(feed, state, fault, now, retry_after)
    return fault


def _take(
    feed: Feed, home: Path, kind: str, state: State, answer: net.Answer, now: datetime
) -> Fault | None:
    """Keep an answer unless it is the last one again or of no use."""
    if answer.body is None:
        return None
    wrong = defect(answer.body, kind)
    if wrong and wrong[1]:
        return _fault(feed, f"{urlsplit(answer.url).netloc} {wrong[0]}.")
    digest = hashlib.sha256(answer.body).hexdigest()
    if digest != state.digest:
        store(home, answer.body, kind, now)
        state.digest, state.changed_at = digest, now
    # Of an answer that is cut off nothing is remembered: the rest is asked for, not "unchanged".
    state.etag, state.last_modified = (
        ("", "") if wrong else (answer.seen.etag, answer.seen.last_modified)
    )
    return _fault(feed, f"{urlsplit(answer.url).netloc} {wrong[0]}.") if wrong else None


def _look(feed: Feed, home: Path, kind: str, state: State, now: datetime) -> Fault | None:
    """Look at a file, or into a folder where files are dropped; copy what is new."""
    place = feed.file
    fault = None
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    there: dict[str, tuple[int, int]] = {}
    for file in files:
        if file.name.startswith((".", "~$")) or file.is_dir():
            continue
        try:
            before = file.stat()
            there[file.name] = (before.st_size, before.st_mtime_ns)
            known = state.files.get(file.name)
            young = abs(now.timestamp() - before.st_mtime) < _SETTLED_S
            if known == there[file.name]:
                continue
            if young or before.st_size > feed.max_mb * 1e6:
                there.pop(file.name)
                if known:
                    there[file.name] = known
                if not young:
                    said = f"{file.name} has more than {feed.max_mb:g} MB."
                    fault = _fault(feed, said, _TOO_LARGE)
                continue
            store(home, file.read_bytes(), kind, now, called=file.stem)
            state.changed_at = now
        except OSError as error:
            there.pop(file.name, None)
            fault = _fault(feed, f"{file.name} cannot be read: {error.strerror or error}.")
    state.files = there
    _note(feed, state, fault, now, None)
    if fault is None:  # a look costs nobody anything, and what is dropped is to be seen at once
        state.due_at = now + min(timedelta(minutes=feed.every_min), _SOON)
    return fault


def _note(
    feed: Feed, state: State, fault: Fault | None, now: datetime, retry_after: float | None
) -> None:
    """Write into the state what a question came to, and when the next one is due."""
    every = timedelta(minutes=feed.every_min)
    state.tried_at = now
    state.problem = fault.problem if fault else ""
    state.failures = state.failures + 1 if fault else 0
    if fault is None:
        state.answered_at = now
    wait = min(net.pause(every, state.failures), max(every, _LONGEST_WAIT))
    state.due_at = now + max(wait, net.pause(every, 0, retry_after_s=retry_after))


def _limits(feed: Feed, client: Client) -> net.Limits:
    most = client.limits
    return net.Limits(
        most.total_s, most.connect_s, int(feed.max_mb * 1024 * 1024), most.redirects, most.types
    )


def _secret(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingError(f"The environment variable {name} is not set.")
    return value


def _refused(feed: Feed, error: Exception) -> Fault:
    """Return an error of asking as a fault; what no time heals is told apart."""
    stays = isinstance(error, (AddressRefusedError, SettingError, ValidationError))
    return _fault(feed, str(error), _STAYS if stays else _ASKED_AGAIN)


def _fault(feed: Feed, problem: str, remedy: str = _ASKED_AGAIN) -> Fault:
    where = "url" if feed.url else "path"
    shown = urlsplit(feed.url).netloc if feed.url else feed.path
    return Fault("feeds.toml", 0, f"feed[{feed.id}].{where}", shown, problem, remedy)

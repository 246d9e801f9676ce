"""Pushed observations: a gateway hands in messages with its token.

The token is a secret in the environment variable that the feed names; it says which feed the
message is of. A message is looked at before it is kept, so that the gateway hears at once what is
wrong with it, and is on disk before it is called accepted.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from tocsin.errors import Fault, IntakeError, NotAllowedError
from tocsin.intake.feed import READERS, Feed
from tocsin.intake.payloads import defect, load_state, save_state, store

__all__ = ["LEAST_TOKEN", "accept", "as_kept"]

LEAST_TOKEN = 20
"""Characters a token must have; a shorter one is treated as none."""


def accept(
    token: str, payload: bytes, *, feeds: Iterable[Feed], folder: Path, now: datetime
) -> Path:
    """Keep a pushed message and return where it waits to be read.

    Parameters
    ----------
    token : str
        As the gateway sent it.
    payload : bytes
        As the feed's reader reads it; of ``sensor-json`` an object, a list or an object a line.
    feeds : iterable of Feed
        Those of the region; only ones with ``token_from`` are looked at.
    folder : Path
        Where the feeds' folders are.
    now : datetime
        When it came, aware.

    Raises
    ------
    NotAllowedError
        The token is no feed's.
    IntakeError
        The message is too large or nothing that the reader reads; nothing was kept.
    """
    feed = _feed_of(token, feeds)
    kept = as_kept(feed, payload)
    home = folder / feed.id
    path = store(home, kept, READERS[feed.reader].kind, now)
    state = load_state(home)
    state.tried_at = state.answered_at = state.changed_at = now
    state.failures, state.problem = 0, ""
    save_state(home, state)
    return path


def as_kept(feed: Feed, payload: bytes) -> bytes:
    """Return a message as the feed's reader reads it from a file.

    Raises
    ------
    IntakeError
        It is too large, empty, or on its face nothing that the reader reads.
    """
    kind = READERS[feed.reader].kind
    if len(payload) > feed.max_mb * 1e6:
        raise _refused(feed, f"The message has more than {feed.max_mb:g} MB.", "Send it in parts.")
    if kind == "json-lines":
        return _lines(feed, payload)
    if kind in {"csv", "text"} and not payload.endswith(b"\n"):
        payload += b"\n"  # it came whole, by the length that it was announced with
    wrong = defect(payload, kind)
    if wrong:
        problem = f"The message is of no use: a gateway like this {wrong[0]}."
        raise _refused(feed, problem, "Send it as the guide shows.")
    return payload


def _lines(feed: Feed, payload: bytes) -> bytes:
    """Return a JSON object, a list of them or an object a line as lines."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return _as_they_are(feed, payload)
    if not isinstance(found, (dict, list)) or not found:
        raise _refused(feed, "The message is empty or no object.", "Send it as the guide shows.")
    return json.dumps(found, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _as_they_are(feed: Feed, payload: bytes) -> bytes:
    """Return lines of which at least the first is JSON; the reader tells of the others."""
    lines = [line for line in payload.splitlines() if line.strip()]
    try:
        fits = len(lines) > 1 and isinstance(json.loads(lines[0]), (dict, list))
    except (ValueError, RecursionError):
        fits = False
    if not fits:
        raise _refused(feed, "The message is not JSON.", "Send it as the guide shows.")
    return b"\n".join(lines) + b"\n"


def _feed_of(token: str, feeds: Iterable[Feed]) -> Feed:
    """Return the feed whose token this is; every token is compared, in constant time."""
    given, found = token.encode("utf-8", "surrogateescape"), None
    for feed in feeds:
        secret = os.environ.get(feed.token_from, "") if feed.token_from else ""
        if len(secret) >= LEAST_TOKEN and hmac.compare_digest(secret.encode(), given):
            found = feed
    if found is None:
        raise NotAllowedError(
            "This token is no feed's. Compare it with the environment variable that token_from "
            f"names; tokens have at least {LEAST_TOKEN} characters."
        )
    return found


def _refused(feed: Feed, problem: str, remedy: str) -> IntakeError:
    return IntakeError([Fault(feed.id, 0, "message", "", problem, remedy)])

"""One HTTP request of a channel, and what its answer means: the same for webhook, SMS and push."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from tocsin.errors import AddressRefusedError
from tocsin.net.guard import Allowed, check_address, session

from ..parcels import Outcome

__all__ = ["Answer", "call", "host_of", "http_session", "outcome_of"]

USER_AGENT = "Tocsin (CAP 1.2 warnings)"
READ_AT_MOST = 65_536
NAMED = 120  # characters of an answer or an error that are kept


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and the beginning of the body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def http_session(allow: Allowed, *, limit: int = 2000) -> aiohttp.ClientSession:
    """Return a session that can connect to permitted addresses only."""
    return session(
        allow,
        limit=limit,
        headers={"User-Agent": USER_AGENT},
        timeout=aiohttp.ClientTimeout(total=None),  # the worker's own limit holds
    )


def host_of(url: str) -> str:
    """Return scheme, host and port: the lane of a web address; never its path or query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


async def call(
    http: aiohttp.ClientSession,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    allow: Allowed,
    method: str = "POST",
) -> Answer | Outcome:
    """Make one request and read the beginning of its answer; a failure comes as an outcome.

    Redirects are never followed: what a subscriber registered is what is called.
    """
    try:
        check_address(url, allow=allow)
        request = http.request(method, url, data=body, headers=dict(headers), allow_redirects=False)
        async with request as answer:
            return Answer(answer.status, answer.headers, await answer.content.read(READ_AT_MOST))
    except AddressRefusedError as error:
        return Outcome.refused(f"Address refused: {error}")
    except aiohttp.InvalidURL:
        return Outcome.refused("The address is not a URL.")
    except aiohttp.ClientConnectorCertificateError as error:
        return Outcome.failed(f"Its TLS certificate is not good: {_short(error)}", host_down=True)
    except aiohttp.ClientConnectorError as error:
        return Outcome.failed(f"No connection: {_short(error.os_error)}", host_down=True)
    except (aiohttp.ClientError, OSError) as error:
        return Outcome.failed(f"Connection lost: {_short(error)}", host_down=True)


def outcome_of(answer: Answer, *, gone: tuple[int, ...] = (410,)) -> Outcome:
    """Return what an HTTP status means for a delivery."""
    if 200 <= answer.status < 300:
        return Outcome.sent()
    said = answer.body[:NAMED].decode("utf-8", "replace").strip()
    words = f"HTTP {answer.status}" + (f": {said}" if said else "")
    if answer.status in gone:
        return Outcome.gone(words)
    if 300 <= answer.status < 400:
        return Outcome.failed(
            f"HTTP {answer.status}: it redirects, and redirects are not followed; "
            "register the final address."
        )
    return Outcome.failed(words, retry_after=_retry_after(answer.headers.get("Retry-After", "")))


def _retry_after(text: str) -> timedelta | None:
    """Read Retry-After: seconds or a date (RFC 9110, 10.2.3)."""
    if text.strip().isdigit():
        return timedelta(seconds=min(int(text), 86_400))
    try:
        wait = parsedate_to_datetime(text) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None
    return max(wait, timedelta(0))


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:NAMED]

"""Fetching from a server that is polite, slow, endless, huge, packed, redirecting or gone."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from tocsin.errors import AddressRefusedError, FetchError
from tocsin.net import client, guard
from tocsin.net.client import Answer, Limits, Seen, Span, pause

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HERE = ["127.0.0.1"]
FEED = b"<feed/>" * 20


def asked(
    handler: Handler,
    *,
    limits: Limits = Limits(total_s=5),  # noqa: B008 -- frozen
    seen: Seen = Seen(),  # noqa: B008 -- frozen
    allow: list[str] = HERE,
    span: Span | None = None,
) -> Answer:
    """Fetch ``/`` from a server with one handler."""

    async def run() -> Answer:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            async with guard.session(allow) as session:
                return await client.fetch(
                    session, url, seen=seen, limits=limits, allow=allow, span=span
                )
        finally:
            await runner.cleanup()

    return asyncio.run(run())


async def feed(request: web.Request) -> web.Response:
    """A server that keeps an ETag."""
    assert request.headers["User-Agent"].startswith("Tocsin/")
    headers = {"ETag": '"7"', "Last-Modified": "Thu, 18 Jul 2013 19:00:00 GMT"}
    if request.headers.get("If-None-Match") == '"7"':
        return web.Response(status=304, headers=headers)
    return web.Response(body=FEED, content_type="application/atom+xml", headers=headers)


def streams(piece: bytes, times: int, wait_s: float = 0.0, **headers: str) -> Handler:
    """A server that sends ``piece`` again and again."""

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        try:
            for _ in range(times):
                await response.write(piece)
                await asyncio.sleep(wait_s)
        except ConnectionError:
            pass  # the client has had enough, which is what is tested
        return response

    return stream


def test_it_asks_once_and_is_told_that_nothing_changed() -> None:
    first = asked(feed)
    assert first.body == FEED
    assert first.media_type == "application/atom+xml"
    assert first.seen == Seen('"7"', "Thu, 18 Jul 2013 19:00:00 GMT")
    again = asked(feed, seen=first.seen)
    assert not again.is_new
    assert again.seen == first.seen


def test_a_304_that_nobody_asked_for_is_no_answer() -> None:
    async def always(request: web.Request) -> web.Response:
        return web.Response(status=304)

    with pytest.raises(FetchError, match="304 to a first request"):
        asked(always)


@pytest.mark.parametrize("wait_s", [0.05, 60.0], ids=["a drop at a time", "hangs"])
def test_a_slow_server_is_left_after_the_time_in_all(wait_s: float) -> None:
    begun = time.perf_counter()
    with pytest.raises(FetchError, match=r"within 0\.3 s"):
        asked(streams(b"x", 1000, wait_s), limits=Limits(total_s=0.3))
    assert time.perf_counter() - begun < 3


def test_an_endless_answer_is_cut_off_at_the_limit() -> None:
    with pytest.raises(FetchError, match="more than the 100,000 bytes"):
        asked(streams(b"x" * 10_000, 1_000_000), limits=Limits(max_bytes=100_000))


def test_a_huge_answer_is_refused_before_it_is_read() -> None:
    async def huge(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(10**10)})
        await response.prepare(request)
        return response

    with pytest.raises(FetchError, match="more than the 8,388,608 bytes"):
        asked(huge)


def test_a_packed_answer_is_unpacked() -> None:
    two = gzip.compress(FEED) + gzip.compress(FEED)
    answer = asked(streams(two, 1, **{"Content-Encoding": "gzip"}))
    assert answer.body == FEED + FEED


def test_a_bomb_of_gzip_is_not_unpacked_beyond_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(FetchError, match="more than the 1,000,000 bytes"):
        asked(streams(bomb, 1, **{"Content-Encoding": "gzip"}), limits=Limits(max_bytes=1_000_000))


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (b"plain words", "gzip", "says gzip"),
        (gzip.compress(FEED, mtime=0)[:-9], "gzip", "breaks off"),
        (FEED, "br", "packs its answer as br"),
    ],
)
def test_a_wrongly_packed_answer_is_no_answer(body: bytes, encoding: str, words: str) -> None:
    with pytest.raises(FetchError, match=words):
        asked(streams(body, 1, **{"Content-Encoding": encoding}))


def test_a_redirect_is_followed_and_a_lasting_one_is_told() -> None:
    async def moved(request: web.Request) -> web.Response:
        if request.path != "/new":
            return web.Response(status=308, headers={"Location": "/new"})
        return await feed(request)

    answer = asked(moved)
    assert answer.body == FEED
    assert answer.moved_to == answer.url
    assert answer.url.endswith("/new")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://127.0.0.2/secret", "loopback"),
        ("http://169.254.169.254/", "metadata"),
        ("file:///etc/passwd", "must begin with https"),
        ("http://localhost/", "this machine"),
        ("http://a:b@example.org/", "login"),
    ],
)
def test_a_redirect_to_an_inside_address_is_refused(target: str, words: str) -> None:
    async def lure(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    with pytest.raises(AddressRefusedError, match=words):
        asked(lure)


def test_a_ring_of_redirects_ends() -> None:
    async def ring(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{request.path}x"})

    with pytest.raises(FetchError, match="more than 3 times"):
        asked(ring)

    async def itself(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": ""})

    with pytest.raises(FetchError, match="redirects to itself"):
        asked(itself)


def test_an_address_inside_is_refused_at_once() -> None:
    with pytest.raises(AddressRefusedError, match="loopback"):
        asked(feed, allow=[])


def test_a_media_type_that_is_not_wanted_is_refused() -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    with pytest.raises(FetchError, match="sends text/html; wanted: application/cap"):
        asked(page, limits=Limits(types=("application/cap+xml",)))


def test_the_server_says_how_long_to_wait() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    def busy(after: str) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(status=503, headers={"Retry-After": after})

        return answer

    for text, lowest, highest in (("120", 120, 120), (later, 80, 90)):
        with pytest.raises(FetchError, match="answers 503") as refused:
            asked(busy(text))
        assert lowest <= (refused.value.retry_after_s or 0) <= highest
    with pytest.raises(FetchError) as refused:
        asked(busy("soon"))
    assert refused.value.retry_after_s is None


def test_a_connection_cut_short_is_a_sentence() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport
        request.transport.close()
        return response

    with pytest.raises(FetchError, match=r"127\.0\.0\.1:\d+: "):
        asked(cut)


def test_nobody_there_is_a_sentence_too() -> None:
    with pytest.raises(FetchError, match="Cannot connect"):
        client.get("http://127.0.0.1:9/", allow=["127.0.0.1"])


def test_a_port_that_hangs_up_on_tls_says_why() -> None:
    async def hang_up(told: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        await told.read(1000)
        out.close()

    async def run() -> None:
        there = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = there.sockets[0].getsockname()[1]
        async with there, guard.session(HERE) as session:
            await client.fetch(session, f"https://127.0.0.1:{port}/", allow=HERE)

    with pytest.raises(FetchError, match=r": Cannot connect: ConnectionResetError\.$"):
        asyncio.run(run())


def test_the_pause_doubles_and_never_passes_a_day() -> None:
    minute = timedelta(minutes=1)
    assert [pause(minute, failures) for failures in (0, 1, 3)] == [minute, 2 * minute, 8 * minute]
    assert pause(minute, 99) == timedelta(days=1)
    assert pause(timedelta(days=3), 2) == timedelta(days=3)
    assert pause(minute, 0, retry_after_s=600) == timedelta(minutes=10)
    assert pause(minute, 0, retry_after_s=1e12) == timedelta(days=1)
    assert pause(minute, 0, retry_after_s=-5) == minute


def test_several_files_come_in_order_and_an_error_in_its_place() -> None:
    found = client.get_all(
        ["http://127.0.0.1:9/a", "ftp://127.0.0.1/", "http://127.0.0.2/"], allow=["127.0.0.1"]
    )
    assert [type(one) for one in found] == [FetchError, AddressRefusedError, AddressRefusedError]


def test_a_host_that_answers_late_is_given_up_after_the_time_of_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        urls = [f"http://127.0.0.1:{silent.getsockname()[1]}/{n}" for n in range(9)]
        begun = time.perf_counter()
        found = client.get_all(urls, allow=HERE, total_s=0.3)
    assert time.perf_counter() - begun < 3
    assert {str(one).partition(" ")[2] for one in found} == {
        "was not reached: 0.3 s in all were over."
    }


def test_a_key_goes_to_the_host_it_is_for_and_not_where_that_redirects() -> None:
    keys: dict[str, str | None] = {}

    async def run() -> None:
        async def elsewhere(request: web.Request) -> web.Response:
            keys["elsewhere"] = request.headers.get("X-API-Key")
            return web.Response(body=FEED)

        async def lure(request: web.Request) -> web.Response:
            keys["here"] = request.headers.get("X-API-Key")
            return web.Response(status=302, headers={"Location": urls[1]})

        runners, urls = [], []
        for handler in (lure, elsewhere):
            app = web.Application()
            app.router.add_get("/", handler)
            runners.append(web.AppRunner(app, shutdown_timeout=0.1))
            await runners[-1].setup()
            await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
            urls.append(f"http://127.0.0.1:{runners[-1].addresses[0][1]}/")
        try:
            async with guard.session(HERE) as session:
                await client.fetch(session, urls[0], allow=HERE, headers={"X-API-Key": "secret"})
        finally:
            for runner in runners:
                await runner.cleanup()

    asyncio.run(run())
    assert keys == {"here": "secret", "elsewhere": None}


@pytest.mark.parametrize(
    ("status", "said", "body", "words"),
    [
        (206, "bytes 2-4/9", b"cde", ""),
        (206, "bytes 2-4/*", b"cde", ""),
        (200, "", b"abcdefghi", ""),
        (206, "bytes 2-3/9", b"cd", "where bytes=2-4 was asked for"),
        (206, "bytes 3-5/9", b"def", "where bytes=2-4 was asked for"),
        (206, "bytes 2-4/9", b"cd", "sends 2 bytes"),
        (206, "", b"cde", "does not say which"),
        (416, "bytes */2", b"", "answers 416"),
    ],
)
def test_a_part_is_the_one_asked_for_or_refused(
    status: int, said: str, body: bytes, words: str
) -> None:
    asked_for: list[str] = []

    async def part(request: web.Request) -> web.Response:
        asked_for.append(request.headers["Range"])
        assert request.headers["Accept-Encoding"] == "identity"
        headers = {"Content-Range": said} if said else {}
        return web.Response(status=status, body=body, headers=headers)

    if words:
        with pytest.raises(FetchError, match=words):
            asked(part, span=Span(2, 4))
    else:
        answer = asked(part, span=Span(2, 4))
        assert (answer.body, answer.first) == (body, 2 if status == 206 else 0)
    assert asked_for == ["bytes=2-4"]


def test_a_part_that_nobody_asked_for_is_no_answer() -> None:
    async def part(request: web.Request) -> web.Response:
        return web.Response(status=206, body=b"c", headers={"Content-Range": "bytes 2-2/9"})

    with pytest.raises(FetchError, match="answers 206"):
        asked(part)

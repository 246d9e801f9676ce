"""A server of feeds with every fault in its repertoire, for tests of fetching."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tocsin.intake.fetch import Client, open_client
from tocsin.net.client import Limits

HTML = b"<!DOCTYPE html><html><body>Scheduled maintenance</body></html>"
FAULTS = (
    "good", "500", "cut", "page", "good", "slow", "busy", "huge", "liar", "good", "half", "twice",
    "empty", "good", "gone", "packed",
)  # fmt: skip
"""What the server does, one after the other; "twice" answers the same again, without its ETag."""


@dataclass
class Server:
    """Answers with what ``render`` makes, in the mood of the moment."""

    render: Callable[[], bytes]
    mood: str = "good"
    asked: int = 0
    unchanged: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        self.headers.append(dict(request.headers))
        body = self.render()
        tag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        match self.mood:
            case "500":
                return web.Response(status=500, body=HTML, content_type="text/html")
            case "busy":
                return web.Response(status=503, headers={"Retry-After": "1500"})
            case "gone":
                return web.Response(status=404, body=b'{"title": "Not Found"}')
            case "page":  # a polite lie: 200, and no data
                return web.Response(body=HTML, content_type="text/html", headers={"ETag": '"x"'})
            case "liar":  # right data under a wrong name
                return web.Response(body=body, content_type="text/html", headers={"ETag": tag})
            case "empty":
                return web.Response(body=b"", content_type="application/json")
            case "cut":  # says how long it is, and stops before
                return await self._stream(request, body, len(body), body[: len(body) // 2])
            case "half":  # does not say, and stops before
                return await self._stream(request, body, None, body[: len(body) // 2])
            case "huge":
                return await self._stream(request, body, 10**9, b"x")
            case "slow":
                await asyncio.sleep(1.0)
            case "packed":
                packed = {"Content-Encoding": "gzip", "ETag": tag}
                return web.Response(body=gzip.compress(body), headers=packed)
            case "twice":
                return web.Response(body=body, content_type="application/json")
        if request.headers.get("If-None-Match") == tag:
            self.unchanged += 1
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=body, content_type="application/json", headers={"ETag": tag})

    async def _stream(
        self, request: web.Request, body: bytes, length: int | None, piece: bytes
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"ETag": '"half"'})
        if length is not None:
            response.content_length = length
        await response.prepare(request)
        await response.write(piece)
        if length is not None and request.transport is not None:
            request.transport.close()
        return response


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[Client]:
    """Run the server and give a client with short limits; ``server.url`` is set."""
    app = web.Application()
    app.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/feed"
    try:
        async with open_client(["127.0.0.1"]) as client:
            yield Client(client.session, client.allow, Limits(total_s=0.15))
    finally:
        await runner.cleanup()

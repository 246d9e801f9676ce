"""Which machines may be called: the guard is asked about addresses, names, redirects and ports."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import AddressRefusedError
from tocsin.net import guard

GOOD = [
    "https://example.org/hook",
    "http://example.org:8080/hook?a=b",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]/",
    "https://xn--fiqs8s.example/",
    "https://天气.example/feed",
    "https://example.org./",
]
BAD = {
    "ftp://example.org/": "must begin with https",
    "file:///etc/passwd": "must begin with https",
    "javascript:alert(1)": "must begin with https",
    "//example.org/": "must begin with https",
    "": "must begin with https",
    "https://": "is no host name",
    "https://user:password@example.org/": "login",
    "https://user@example.org/": "login",
    "https://@example.org/": "login",
    "https://example.org\\@127.0.0.1/": "backslashes",
    "https://exa mple.org/": "blanks",
    "https://example.org/\r\nHost: x": "control characters",
    "https://example.org:99999/": "is no address",
    "https://example.org:22/": "Port 22",
    "https://example.org:25/": "Port 25",
    "https://example.org:6667/": "Port 6667",
    "https://exam[ple.org/": "is no address",
    "https://a..b/": "is no host name",
    "https://-a.example/": "is no host name",
    "http://localhost/": "this machine",
    "http://printer.local/": "this machine or its network",
    "http://app.localhost:8000/": "this machine",
    "http://127.0.0.1/": "loopback",
    "http://127.8.9.10/": "loopback",
    "http://0.0.0.0/": "this network",
    "http://10.1.2.3/": "private",
    "http://172.31.255.255/": "private",
    "http://192.168.0.1/": "private",
    "http://100.64.0.1/": "CGNAT",
    "http://100.100.100.200/": "CGNAT",
    "http://169.254.169.254/latest/meta-data/": "metadata",
    "http://168.63.129.16/": "metadata",
    "http://224.0.0.1/": "multicast",
    "http://255.255.255.255/": "reserved",
    "http://[::1]/": "this machine",
    "http://[::]/": "this machine",
    "http://[::ffff:127.0.0.1]/": "in IPv6 clothes",
    "http://[::ffff:8.8.8.8]/": "in IPv6 clothes",
    "http://[::127.0.0.1]/": "in IPv6 clothes",
    "http://[64:ff9b::7f00:1]/": "NAT64",
    "http://[64:ff9b:1::1]/": "NAT64",
    "http://[2002:7f00:1::]/": "6to4",
    "http://[2001:0:7f00:1::]/": "Teredo",
    "http://[fd00:ec2::254]/": "private",
    "http://[fe80::1]/": "link-local",
    "http://[fe80::1%25eth0]/": "link-local",
    "http://[ff02::1]/": "multicast",
    "http://[4000::1]/": "not a public address",
    "http://127.1/": "four numbers",
    "http://2130706433/": "four numbers",
    "http://0x7f000001/": "four numbers",
    "http://0177.0.0.1/": "four numbers",
    "http://127.0.0.1./": "four numbers",
    "http://127.0.0.0x1/": "four numbers",
}


@pytest.mark.parametrize("url", GOOD)
def test_a_public_address_passes_unchanged(url: str) -> None:
    assert guard.check_address(url) == url


@pytest.mark.parametrize(("url", "words"), BAD.items())
def test_it_says_why_an_address_is_refused(url: str, words: str) -> None:
    with pytest.raises(AddressRefusedError, match=words.replace("[", r"\[")):
        guard.check_address(url)


@given(st.ip_addresses())
def test_no_address_that_python_calls_private_passes(ip: Any) -> None:
    try:
        guard.check_ip(ip)
    except AddressRefusedError:
        return
    assert ip.is_global
    assert not ip.is_multicast


@given(st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_an_inside_address_is_refused_in_every_disguise(ip: Any) -> None:
    for start in ("", "::ffff:", "::", "64:ff9b::"):
        with pytest.raises(AddressRefusedError):
            guard.check_ip(f"{start}{ip}")


def test_the_operator_may_allow_hosts_and_networks() -> None:
    allow = ["sirens.town.example", "10.1.0.0/16", "127.0.0.1", "fd00::/8", " "]
    for url in (
        "http://sirens.town.example:81/",
        "http://SIRENS.town.example./",
        "http://10.1.255.9:8080/",
        "http://127.0.0.1:22/",
        "http://[fd00::5]/",
        "http://[::ffff:10.1.0.1]/",
    ):
        assert guard.check_address(url, allow=allow) == url
    for url in ("http://10.2.0.1/", "http://127.0.0.2/", "http://x.sirens.town.example:81/"):
        with pytest.raises(AddressRefusedError):
            guard.check_address(url, allow=allow)


def test_the_setting_is_read_and_nothing_is_allowed_without_it() -> None:
    assert guard.Allowed.from_environment({}) == guard.NOBODY
    allow = guard.Allowed.from_environment({guard.SETTING: "localhost, 10.0.0.0/8"})
    assert guard.check_address("http://localhost:8000/", allow=allow)
    with pytest.raises(AddressRefusedError, match="TOCSIN_ALLOW_TARGETS has '10"):
        guard.Allowed.from_environment({guard.SETTING: "10.0.0.1/8"})


class Names(AbstractResolver):
    """Answers as a test says: each name has a list of answers, given one after the other."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): list(rows) for name, rows in answers.items()}
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        rows = self.answers[host]
        answer = rows.pop(0) if len(rows) > 1 else rows[0]
        return [
            ResolveResult(
                hostname=host,
                host=ip,
                port=port,
                family=socket.AF_INET6 if ":" in ip else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for ip in answer
        ]

    async def close(self) -> None:
        """Nothing is held."""


def with_server(act: Callable[[int, list[str]], Awaitable[None]]) -> list[str]:
    """Run ``act`` beside a local server that notes the paths it was asked for."""
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        if to := request.query.get("to"):
            return web.Response(status=302, headers={"Location": to})
        return web.Response(text="the office's own secrets")

    async def run() -> None:
        runner = web.AppRunner(_app(answer))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        try:
            await act(port, seen)
        finally:
            await runner.cleanup()

    asyncio.run(run())
    return seen


def _app(answer: Any) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app


def test_a_name_that_resolves_inside_is_never_connected_to() -> None:
    async def act(port: int, seen: list[str]) -> None:
        names = Names(evil_example=[["127.0.0.1"]], mixed_example=[["::1", "127.0.0.1"]])
        async with guard.session(resolver=names) as session:
            for host in ("evil.example", "mixed.example"):
                with pytest.raises(AddressRefusedError, match=f"'{host}' resolves to nothing"):
                    await session.get(f"http://{host}:{port}/")

    assert with_server(act) == []


def test_a_name_that_answers_differently_the_second_time_gains_nothing() -> None:
    """DNS rebinding: the check is made on the answer that is connected to, no earlier one."""

    async def act(port: int, seen: list[str]) -> None:
        names = Names(evil_example=[["192.0.1.1"], ["127.0.0.1"]])
        first = await guard.GuardedResolver(inner=names).resolve("evil.example", port)
        assert [row["host"] for row in first] == ["192.0.1.1"]
        async with guard.session(resolver=names) as session:
            with pytest.raises(AddressRefusedError, match="loopback"):
                await session.get(f"http://evil.example:{port}/")

    assert with_server(act) == []


def test_addresses_inside_are_left_out_of_a_mixed_answer() -> None:
    names = Names(two_example=[["10.0.0.1", "192.0.1.1", "64:ff9b::c000:101"]])
    found = asyncio.run(guard.GuardedResolver(inner=names).resolve("two.example", 443))
    assert [row["host"] for row in found] == ["192.0.1.1"]


def test_a_redirect_inside_is_refused_by_number_and_by_name() -> None:
    """Even where a caller lets aiohttp follow: the second connection meets the same door."""

    async def act(port: int, seen: list[str]) -> None:
        names = Names(hook_example=[["127.0.0.1"]], inner_example=[["127.0.0.1"]])
        async with guard.session(["hook.example"], resolver=names) as session:
            for target, words in (
                (f"http://127.0.0.2:{port}/secret", "loopback"),
                ("http://169.254.169.254/", "metadata"),
                (f"http://[::ffff:127.0.0.2]:{port}/", "IPv6 clothes"),
                (f"http://inner.example:{port}/secret", "resolves to nothing"),
                ("http://8.8.8.8:25/", "Port 25"),
            ):
                with pytest.raises(AddressRefusedError, match=words):
                    await session.get(f"http://hook.example:{port}/", params={"to": target})

    assert set(with_server(act)) == {"/"}


def test_what_is_allowed_by_name_or_network_is_reached() -> None:
    async def act(port: int, seen: list[str]) -> None:
        names = Names(sink_example=[["127.0.0.1"]])
        async with (
            guard.session(["sink.example"], resolver=names) as session,
            session.get(f"http://sink.example:{port}/name") as answer,
        ):
            assert answer.status == 200
        async with (
            guard.session(["127.0.0.0/8"]) as session,
            session.get(f"http://127.0.0.1:{port}/network") as answer,
        ):
            assert answer.status == 200

    assert with_server(act) == ["/name", "/network"]


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(port: int, seen: list[str]) -> None:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        async with guard.session(resolver=Names(evil_example=[["127.0.0.1"]])) as session:
            with pytest.raises(AddressRefusedError):
                await session.get("http://evil.example/")

    assert with_server(act) == []


def test_a_name_that_is_not_there_is_an_ordinary_failure() -> None:
    async def act() -> None:
        async with guard.session() as session:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get("http://nowhere.invalid/")

    asyncio.run(act())


def test_other_protocols_ask_for_addresses_they_may_connect_to() -> None:
    assert asyncio.run(guard.resolve("8.8.8.8", 1883)) == ("8.8.8.8",)
    assert asyncio.run(guard.resolve("127.0.0.1", 1883, allow=["127.0.0.1"])) == ("127.0.0.1",)
    with pytest.raises(AddressRefusedError, match="loopback"):
        asyncio.run(guard.resolve("127.0.0.1", 1883))
    with pytest.raises(AddressRefusedError, match="resolves to nothing"):
        asyncio.run(guard.resolve("localhost", 1883))

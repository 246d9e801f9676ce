"""Which machines may be called: public addresses, and those the operator allows by name.

A subscriber's webhook or another authority's feed is an address that a stranger chose. Without a
guard it could name this machine, the office's network or a cloud's metadata service, and Tocsin
would carry the request in. A name is judged by what it resolves to *when the connection is
made*, on the very address that is then connected to, so that a name which answers differently the
second time (DNS rebinding) gains nothing; a redirect meets the same connector and is judged anew.

Source of the ranges: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890); ports:
WHATWG Fetch Standard, "bad port".
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from tocsin.errors import AddressRefusedError

__all__ = [
    "NOBODY",
    "SETTING",
    "Allowed",
    "GuardedResolver",
    "check_address",
    "check_ip",
    "connector",
    "resolve",
    "session",
]

SETTING = "TOCSIN_ALLOW_TARGETS"
REMEDY = f"If this machine is meant, name its host or network in {SETTING}."

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_INSIDE: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(network), word)
    for network, word in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a provider's shared network (CGNAT)"),
        ("127.0.0.0/8", "this machine (loopback)"),
        ("168.63.129.16/32", "a cloud's metadata service"),
        ("169.254.0.0/16", "link-local, where clouds keep their metadata service"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "IETF protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/96", "this machine, or an IPv4 address in IPv6 clothes"),
        ("::ffff:0:0/96", "an IPv4 address in IPv6 clothes"),
        ("64:ff9b::/96", "an IPv4 address behind NAT64"),
        ("64:ff9b:1::/48", "an IPv4 address behind a local NAT64"),
        ("100::/64", "discard-only"),
        ("2001::/23", "IETF protocol assignments (Teredo and others)"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "an IPv4 address behind 6to4"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "a private network (site-local)"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")  # all that is handed out so far

_WEB_PORTS = {80, 443}
_BAD_PORTS = {
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
    6679, 6697, 10080,
}  # fmt: skip
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)\.?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True)
class Allowed:
    """Inside targets that the operator allows: host names, and addresses by network."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, entries: Iterable[str]) -> Allowed:
        """Read host names, addresses and networks (``10.1.0.0/16``).

        Raises
        ------
        AddressRefusedError
            An entry is none of them.
        """
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in filter(None, (entry.strip() for entry in entries)):
            try:
                networks.append(ipaddress.ip_network(entry.strip("[]")))
            except ValueError:
                hosts.add(_allowed_name(entry))
        return cls(frozenset(hosts), tuple(networks))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Allowed:
        """Read ``TOCSIN_ALLOW_TARGETS``, separated by commas; nothing inside is allowed without."""
        return _allowed_in((os.environ if environ is None else environ).get(SETTING, ""))

    def has_name(self, host: str) -> bool:
        """Whether ``host`` is allowed whatever it resolves to."""
        return _plain(host) in self.hosts

    def has_ip(self, ip: IPAddress) -> bool:
        """Whether ``ip``, or the IPv4 address inside it, lies in an allowed network."""
        inner = getattr(ip, "ipv4_mapped", None)
        return any(one in network for network in self.networks for one in (ip, inner) if one)


NOBODY = Allowed()


def check_address(url: str, *, allow: Allowed | Iterable[str] = NOBODY) -> str:
    """Return ``url`` if it may be called as far as can be told without asking DNS.

    What its host resolves to is judged when the connection is made, by :func:`connector`.

    Raises
    ------
    AddressRefusedError
        Not http or https, a login inside, no proper host, a port where no web server stands, or
        an address inside that is not allowed. The message names the value and the remedy.
    """
    allowed = _as_allowed(allow)
    if any(ord(letter) <= 32 or ord(letter) == 127 or letter == "\\" for letter in url):
        raise AddressRefusedError(f"{url!r} has blanks, backslashes or control characters.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefusedError(f"{url!r} is no address: {error}.") from None
    if parts.scheme not in {"http", "https"}:
        raise AddressRefusedError(f"{url!r} must begin with https:// or http://.")
    if "@" in parts.netloc:
        raise AddressRefusedError(f"The address of {host!r} has a login in it: leave it out.")
    ip = _literal(host)
    named = ip is None and allowed.has_name(_proper(host))
    if not named and ip is None and _plain(host).rpartition(".")[2] in {"localhost", "local"}:
        raise AddressRefusedError(f"{host!r} is this machine or its network. {REMEDY}")
    if ip is not None:
        check_ip(ip, allow=allowed)
    if not named and not (ip and allowed.has_ip(ip)):
        _check_port(host, port or (443 if parts.scheme == "https" else 80))
    return url


def check_ip(ip: IPAddress | str, *, allow: Allowed | Iterable[str] = NOBODY) -> IPAddress:
    """Return an address that may be connected to.

    Raises
    ------
    AddressRefusedError
        It is private, loopback, link-local, shared, multicast, reserved or a disguise of such.
    """
    if isinstance(ip, str):
        ip = ipaddress.ip_address(ip)
    if _as_allowed(allow).has_ip(ip):
        return ip
    plain = ipaddress.ip_address(int(ip)) if ip.version == 4 else ipaddress.IPv6Address(int(ip))
    for network, word in _INSIDE:
        if plain.version == network.version and plain in network:
            raise AddressRefusedError(f"{ip} is {word}: such addresses are not called. {REMEDY}")
    if plain.version == 6 and plain not in _GLOBAL_IPV6:
        raise AddressRefusedError(f"{ip} is not a public address. {REMEDY}")
    return ip


async def resolve(
    host: str, port: int, *, allow: Allowed | Iterable[str] = NOBODY
) -> tuple[str, ...]:
    """Return the addresses of ``host`` that may be connected to, for protocols other than HTTP.

    Raises
    ------
    AddressRefusedError
        None of them may.
    OSError
        The name does not resolve.
    """
    if ip := _literal(host):
        return (str(check_ip(ip, allow=allow)),)
    guarded = GuardedResolver(_as_allowed(allow))
    try:
        return tuple(r["host"] for r in await guarded.resolve(host, port, socket.AF_UNSPEC))
    finally:
        await guarded.close()


class GuardedResolver(AbstractResolver):
    """Resolves names and lets through only the addresses that may be connected to."""

    def __init__(self, allow: Allowed = NOBODY, inner: AbstractResolver | None = None) -> None:
        self._allow = allow
        self._inner = inner or aiohttp.ThreadedResolver()
        self.by_name: set[str] = set()
        """Addresses let through because their host is allowed by name."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of ``host`` that may be called; refuse if there is none."""
        found = await self._inner.resolve(host, port, family)
        if self._allow.has_name(host):
            self.by_name.update(row["host"] for row in found)
            return found
        good: list[ResolveResult] = []
        refused: AddressRefusedError | None = None
        for row in found:
            try:
                check_ip(row["host"].partition("%")[0], allow=self._allow)
            except AddressRefusedError as error:
                refused = error
            else:
                good.append(row)
        if not good:
            raise AddressRefusedError(f"{host!r} resolves to nothing to be called: {refused}")
        return good

    async def close(self) -> None:
        """Release the resolver beneath."""
        await self._inner.close()


def connector(
    allow: Allowed | Iterable[str] = NOBODY,
    *,
    resolver: AbstractResolver | None = None,
    **settings: Any,
) -> aiohttp.TCPConnector:
    """Return a connector that opens sockets to permitted addresses only.

    Parameters
    ----------
    allow : Allowed or iterable of str
        Inside targets that are meant.
    resolver : aiohttp.abc.AbstractResolver, optional
        What asks DNS; the machine's own by default.
    **settings
        Passed to :class:`aiohttp.TCPConnector`: ``limit``, ``limit_per_host``, ``ssl`` ...
    """
    allowed = _as_allowed(allow)
    guarded = GuardedResolver(allowed, resolver)

    def open_socket(info: tuple[Any, ...]) -> socket.socket:
        # The last door: addresses written as numbers, in a redirect too, never meet the resolver.
        family, kind, protocol, _, (host, port, *_rest) = info
        if host not in guarded.by_name:
            ip = check_ip(host.partition("%")[0], allow=allowed)
            if not allowed.has_ip(ip):
                _check_port(host, port)
        return socket.socket(family=family, type=kind, proto=protocol)

    return aiohttp.TCPConnector(resolver=guarded, socket_factory=open_socket, **settings)


def session(
    allow: Allowed | Iterable[str] = NOBODY,
    *,
    resolver: AbstractResolver | None = None,
    limit: int = 100,
    limit_per_host: int = 0,
    **settings: Any,
) -> aiohttp.ClientSession:
    """Return a session on a guarded connector; no cookies, and no proxy from the environment.

    A proxy would make the connection in our place, where nothing is checked. An address is still
    given to :func:`check_address` before its first request: that refuses what is not HTTP.
    """
    return aiohttp.ClientSession(
        connector=connector(allow, resolver=resolver, limit=limit, limit_per_host=limit_per_host),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        **settings,
    )


@lru_cache(maxsize=8)
def _allowed_in(text: str) -> Allowed:
    return Allowed.read(text.split(","))


def _as_allowed(allow: Allowed | Iterable[str]) -> Allowed:
    return allow if isinstance(allow, Allowed) else Allowed.read(allow)


def _allowed_name(entry: str) -> str:
    try:
        return _plain(_proper(entry))
    except AddressRefusedError as error:
        raise AddressRefusedError(
            f"{SETTING} has {entry!r}: {error} Write a host name, an address or a network such as "
            "10.1.0.0/16."
        ) from None


def _plain(host: str) -> str:
    return host.lower().removesuffix(".")


def _literal(host: str) -> IPAddress | None:
    """Return the address that ``host`` writes in numbers, None for a name.

    ``127.1``, ``0x7f000001`` and ``2130706433`` are this machine to some resolvers: a host whose
    last part is a number is an address in four parts or nothing.
    """
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    if _NUMBER.fullmatch(_plain(host).rpartition(".")[2]):
        raise AddressRefusedError(f"{host!r} is no address: write four numbers from 0 to 255.")
    return None


def _proper(host: str) -> str:
    """Return a host name in the form DNS has; one in another script as its xn-- form."""
    try:
        name = _plain(host).encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if len(name) > 253 or not name or not all(map(_LABEL.fullmatch, name.split("."))):
        raise AddressRefusedError(f"{host!r} is no host name.")
    return name


def _check_port(host: str, port: int) -> None:
    if port in _BAD_PORTS or (port < 1024 and port not in _WEB_PORTS):
        raise AddressRefusedError(
            f"Port {port} of {host!r} is no web server's: 80, 443 or one from 1024 on that no "
            f"other protocol uses. {REMEDY}"
        )

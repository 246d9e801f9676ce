"""Hostile and broken input: refused with a reason, in bounded time and memory, never a crash."""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tocsin.cap import check, parse
from tocsin.errors import CapError

HERE = Path(__file__).parent
BAD = sorted((HERE / "messages" / "bad").glob("*.xml"))
SEEDS = sorted((HERE / "messages" / "good").glob("*.xml"))
MUTATED = int(os.environ.get("TOCSIN_CAP_MUTATED", "600"))  # 10,000 in the long run
OPEN = b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_messages_are_refused_with_the_reason_beside_them(path: Path) -> None:
    with pytest.raises(CapError) as refused:
        parse(path.read_bytes())
    assert path.with_suffix(".txt").read_text("utf-8").strip() in str(refused.value)


def test_a_dtd_is_seen_in_utf_16_too() -> None:
    text = (HERE / "messages" / "bad" / "external-entity.xml").read_text("utf-8")
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        raw = text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode(encoding)
        with pytest.raises(CapError, match="DTD"):
            parse(raw)


def test_a_file_over_the_limit_is_not_even_parsed() -> None:
    raw = bytes(100_000_000)
    began = time.perf_counter()
    with pytest.raises(CapError, match="100000000 bytes; the limit is"):
        parse(raw)
    assert time.perf_counter() - began < 1


def test_deep_nesting_is_refused() -> None:
    raw = OPEN + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</alert>"
    with pytest.raises(CapError, match="not well-formed"):
        parse(raw)


def test_a_million_remarks_before_the_root_take_linear_time() -> None:
    began = time.perf_counter()
    with pytest.raises(CapError):
        parse(b"<!-- -->" * 500_000 + b"<!DOCTYPE a><a/>")
    assert time.perf_counter() - began < 2


def test_long_lists_without_a_match_take_linear_time() -> None:
    good = SEEDS[1].read_text("utf-8")
    began = time.perf_counter()
    for value in ("1,1 " * 100_000 + "x", '"a" ' * 100_000 + '"', "1" * 400_000 + "x"):
        wide = good.replace("40.57,-74.04 40.74", value, 1).replace("heat-2013", value, 1)
        parse_or_refuse(wide.encode())
    assert time.perf_counter() - began < 5


INFO = (
    "<info><language>l{0}</language><category>Met</category><event>e{0}</event>"
    "<urgency>Past</urgency><severity>Minor</severity><certainty>Likely</certainty>"
    "<description>d{0}</description></info>"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "many"),
    [
        ("<category>Met</category>", "<category>x</category>"),
        ("<category>Met</category>", "<nothing/>"),
        ("<headline>", "words<headline>"),
        ("<code>level:orange</code>", "<code a='b'>\t</code>"),
        ("</info>\n  <info>", "</info>" + INFO + "<info>"),
        ("<circle>40.65,-73.95 5.5</circle>", "<circle>99,{0} -1</circle>"),
        ("example-heat-0,2013-07-17T10:00:00-04:00", "a,b{0},2013-07-17T10:00:00-04:00 x "),
    ],
    ids=["codes", "elements", "text", "attributes", "infos", "circles", "references"],
)
def test_a_full_size_file_with_one_fault_over_and_over_takes_seconds(old: str, many: str) -> None:
    good = SEEDS[1].read_text("utf-8")
    assert old in good
    count = 1_900_000 // (len(many) + 5)
    raw = good.replace(old, "".join(many.format(n) for n in range(count)), 1).encode()
    began = time.perf_counter()
    with suppress(CapError):
        check(raw)
    assert time.perf_counter() - began < 30


@pytest.mark.slow
def test_a_wild_outline_of_full_size_takes_seconds() -> None:
    chance = random.Random(7)  # noqa: S311 - a repeatable walk, no secret
    points = [
        f"{chance.uniform(-80, 80):.3f},{chance.uniform(-80, 80):.3f}" for _ in range(100_000)
    ]
    good = SEEDS[1].read_text("utf-8")
    old = "40.57,-74.04 40.74,-74.04 40.74,-73.85 40.57,-74.04"
    raw = good.replace(old, " ".join([*points, points[0]]), 1).encode()
    began = time.perf_counter()
    with suppress(CapError):
        check(raw)
    assert time.perf_counter() - began < 30


def parse_or_refuse(raw: bytes) -> None:
    """Read as a receiver would: the only thing that may be raised is a CapError."""
    for strict in (True, False):
        with suppress(CapError):
            parse(raw, strict)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_mutated_messages_are_read_or_refused(seed: Path) -> None:
    chance = random.Random(20260601)  # noqa: S311 - a repeatable walk, no secret
    good = seed.read_bytes()
    marks = [b"<", b">", b"&", b'"', b"\0", b"\xff", b"Z", b",", b"-", b" ", b"9", b"\n", b"<!--"]
    tags = sorted({part.split(b">")[0] for part in good.split(b"<") if part[:1].isalpha()})
    for _ in range(MUTATED // len(SEEDS)):
        raw = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(raw))
            kind = chance.randrange(5)
            if kind == 0:
                raw[at] = chance.randrange(256)
            elif kind == 1:
                del raw[at : at + chance.randint(1, 40)]
            elif kind == 2:
                raw[at:at] = chance.choice(marks)
            elif kind == 3:
                raw[at:at] = raw[at : at + chance.randint(1, 200)]
            else:
                raw = bytearray(bytes(raw).replace(chance.choice(tags), chance.choice(tags), 2))
        parse_or_refuse(bytes(raw))

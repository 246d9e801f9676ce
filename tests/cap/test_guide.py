"""The guide on CAP messages must not lie: its examples run, and its lists are whole."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cap.test_sign import DESK, ROOT
from tocsin.cap import Alert, parse, write
from tocsin.cap.profile import PROFILES
from tocsin.cap.reading import MAX_BYTES

GUIDE = (Path(__file__).parents[2] / "docs/guide/check-a-cap-message.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_each_example_runs(example: str, alert: Alert) -> None:
    raw = write(alert)
    names = {
        "raw": raw,
        "alert": alert,
        "parsed": parse(raw),
        "key_pem": DESK.key_pem(),
        "certificate_pem": DESK.pem,
        "issuer_pem": ROOT.pem,
        "alerts": [alert],
        "at": datetime(2013, 7, 18, 15, tzinfo=UTC),
    }
    exec(compile(example, "guide", "exec"), names)  # noqa: S102 - our own page
    if "verdict" in names:
        assert names["verdict"].word == "valid"  # type: ignore[attr-defined]


def test_the_guide_names_every_profile_and_the_limit() -> None:
    assert all(f"`{name}`" in GUIDE for name in PROFILES)
    assert f"{MAX_BYTES // 1_000_000} MB" in GUIDE

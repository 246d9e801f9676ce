"""Which language an address without one is in: a region may put Chinese first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # each test starts a program of its own

PAGES = """
import django, sys
django.setup()
from django.urls import reverse
from django.utils import translation
from django.conf import settings
for code in ("zh-hans", "en"):
    with translation.override(code):
        print(settings.LANGUAGE_CODE, code, reverse("atlas:home"))
"""


def run(language: str | None, folder: Path) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if name != "TOCSIN_LANGUAGE"}
    given |= {
        "DJANGO_SETTINGS_MODULE": "tocsin.office.project.settings",
        "TOCSIN_DATA": str(folder),
        **({"TOCSIN_LANGUAGE": language} if language else {}),
    }
    return subprocess.run(
        [sys.executable, "-c", PAGES], env=given, capture_output=True, text=True, check=False
    )


def test_english_has_the_plain_addresses_where_nothing_is_said(tmp_path):
    assert run(None, tmp_path).stdout.splitlines() == ["en zh-hans /zh-hans/", "en en /"]


def test_chinese_can_have_them(tmp_path):
    assert run("zh-Hans", tmp_path).stdout.splitlines() == [
        "zh-hans zh-hans /", "zh-hans en /en/",
    ]  # fmt: skip


def test_a_language_without_pages_is_refused_by_name(tmp_path):
    done = run("de", tmp_path)
    assert done.returncode == 1
    assert "TOCSIN_LANGUAGE is 'de'; pages are in en, zh-hans." in done.stderr

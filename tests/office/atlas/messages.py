"""Every sentence that the public pages mark for translation, read from templates and code."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

import tocsin.office.atlas

ATLAS = Path(tocsin.office.atlas.__file__).parent
SIGN_IN = ATLAS.parent / "people" / "templates"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

Key = tuple[str, str, str]  # context, singular, plural


def marked() -> Iterator[tuple[Key, str]]:
    """Yield each marked sentence with its file; the desk's are held by its own test."""
    for path in sorted([*ATLAS.rglob("*.py"), *ATLAS.rglob("*.html"), *SIGN_IN.rglob("*.html")]):
        if "desk" in path.relative_to(ATLAS.parent).as_posix():
            continue
        text = path.read_text(encoding="utf-8")
        source = templatize(text) if path.suffix == ".html" else text
        for _line, message, _comments, context in extract(
            "python", BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            singular, plural = message if isinstance(message, tuple) else (message, "")
            yield (context or "", singular, plural), path.name

"""Between the composer's fields and a draft's content: every field is text, nothing is lost.

A form that cannot be read whole gives what could be read and an error for each field that could
not; what the officer typed always comes back to the page as it was. Shapes are lines of text, so
that they can be typed, read aloud and drawn:

    orange polygon 40.10,-74.20 40.30,-74.20 40.30,-74.00
    red circle 40.64,-73.78 12
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from tocsin.errors import DraftError
from tocsin.triggers.rules import LEVELS

from .content import Block, DraftContent, read_content

__all__ = ["PHONE_TEXTS", "TEXT_FIELDS", "Form", "field_of", "read_form", "values_of"]

TEXT_FIELDS = ("event", "headline", "description", "instruction")
PHONE_TEXTS = ("CMAMtext", "CMAMlongtext")
WORDS = tuple(level.word for level in reversed(LEVELS))
PLAIN = ("urgency", "severity", "certainty", "web", "contact")
TIME = "%Y-%m-%dT%H:%M"
MOST = 200
"""Shapes in one draft."""

Values = dict[str, Any]


@dataclass
class Form:
    """A form as it came: ``content`` is None where it cannot be read at all."""

    values: Values
    content: DraftContent | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)

    def fault(self, name: str, problem: str) -> None:
        """Add an error to a field."""
        self.errors.setdefault(name, []).append(problem)


def values_of(content: DraftContent, zone: tzinfo) -> Values:
    """Return a content as the fields of the form; ``read_form`` gives it back."""
    values: Values = {
        "drill": content.status == "Exercise",
        "hazard": content.hazard,
        "category": list(content.category),
        "response": list(content.response_types),
        "shapes": "\n".join(line for block in content.blocks for line in _lines(block)),
        **{name: getattr(content, name) or "" for name in PLAIN},
        **{name: content.parameters.get(name, "") for name in PHONE_TEXTS},
    }
    for name in ("onset", "expires"):
        moment = getattr(content, name)
        values[name] = moment.astimezone(zone).strftime(TIME) if moment else ""
    for code, level in content.levels.items():
        values[f"area-{code}"] = level.word
    for language, texts in content.texts.items():
        for name in TEXT_FIELDS:
            values[f"text-{language}-{name}"] = getattr(texts, name)
    empty = [block.level for block in content.blocks if block.is_empty]
    values["level"] = empty[0] if empty else content.level.word
    return values


def read_form(
    post: QueryDict,
    before: DraftContent,
    *,
    zone: tzinfo,
    points: Mapping[str, tuple[float, float]],
) -> Form:
    """Read the composer's fields; what they do not show stays as it was in ``before``."""
    data = before.as_json()
    values: Values = {name: str(post[name]).replace("\r\n", "\n") for name in post}
    values |= {name: post.getlist(name) for name in ("category", "response")}
    values["drill"] = "drill" in post
    form = Form(values)
    if before.status != "Test":
        data["status"] = "Exercise" if values["drill"] else "Actual"
    _take_circle(form, points)
    data["blocks"] = _blocks(form)
    for name in ("onset", "expires"):
        data[name] = _time(form, name, zone)
    for name in PLAIN:
        data[name] = str(values.get(name, "")).strip() or None
    data["category"], data["response_types"] = values["category"], values["response"]
    data["parameters"] = {
        **{k: v for k, v in before.parameters.items() if k not in PHONE_TEXTS},
        **{k: text for k in PHONE_TEXTS if (text := str(values.get(k, "")).strip())},
    }
    _read_texts(data, values)
    try:
        form.content = read_content(data)
    except DraftError as error:
        for fault in error.faults:
            form.fault(field_of(fault.field), f"{fault.problem} {fault.remedy}")
    return form


def _read_texts(data: dict[str, Any], values: Values) -> None:
    for name, text in values.items():
        head, _dash, rest = name.partition("-")
        language, _dash, part = rest.rpartition("-")
        if head == "text" and part in TEXT_FIELDS:
            data["texts"].setdefault(language, {})[part] = text.strip()


def field_of(path: str) -> str:
    """Return the field that a path into the content belongs to; empty where it has none.

    >>> field_of("texts.zh-Hans.headline")
    'text-zh-Hans-headline'
    """
    head, *rest = path.split(".")
    if head == "texts" and rest:
        return f"text-{rest[0]}-{rest[1] if len(rest) > 1 else 'event'}"
    if head == "blocks" or not head:
        return "areas"
    if head == "parameters" and rest:
        return rest[0] if rest[0] in PHONE_TEXTS else ""
    return {"response_types": "response", "status": "drill"}.get(head, head)


def _time(form: Form, name: str, zone: tzinfo) -> str | None:
    """Read a local time of the region; one that the clock's change skips or doubles is refused."""
    given = str(form.values.get(name, "")).strip()
    if not given:
        return None
    try:
        local = datetime.fromisoformat(given)
    except ValueError:
        form.fault(name, _("“%s” is no time; write 2026-07-18T15:00.") % given[:40])
        return None
    if local.tzinfo is None:
        local = local.replace(tzinfo=zone)
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(
            tzinfo=None
        ):
            form.fault(name, _("The clock skips this hour; choose another."))
            return None
    return local.astimezone(UTC).isoformat()


def _take_circle(form: Form, points: Mapping[str, tuple[float, float]]) -> None:
    """Turn the fields "place and km" into one more line of the shapes."""
    place, km = (str(form.values.get(name, "")).strip() for name in ("circle-place", "circle-km"))
    if not place and not km:
        return
    level = form.values.get("circle-level") or form.values.get("level") or "yellow"
    if place not in points:
        form.fault("circle-place", _("Choose a place for the circle."))
        return
    try:
        radius = float(km)
    except ValueError:
        form.fault("circle-km", _("“%s” is no number of kilometres.") % km[:20])
        return
    if not 0 < radius <= 2000:
        form.fault("circle-km", _("A circle has a radius from 0.1 to 2000 km."))
        return
    lat, lon = points[place]
    line = f"{level} circle {lat:.5f},{lon:.5f} {radius:g}"
    form.values["shapes"] = "\n".join(filter(None, [str(form.values.get("shapes", "")), line]))
    form.values |= {"circle-place": "", "circle-km": ""}


def _blocks(form: Form) -> list[dict[str, Any]]:
    """Gather areas and shapes by level, highest first."""
    made: dict[str, dict[str, Any]] = {
        word: {"level": word, "area_codes": [], "polygons": [], "circles": []} for word in WORDS
    }
    for name, word in form.values.items():
        if name.startswith("area-") and word in made:
            made[word]["area_codes"].append(name.removeprefix("area-"))
    lines = [line for line in str(form.values.get("shapes", "")).splitlines() if line.strip()]
    if len(lines) > MOST:
        form.fault("shapes", _("%(n)d shapes; a draft has at most %(most)d.")
                   % {"n": len(lines), "most": MOST})  # fmt: skip
    for number, line in enumerate(lines[:MOST], 1):
        try:
            _add(made, line)
        except (ValueError, KeyError, IndexError):
            form.fault(
                "shapes",
                _(
                    "Line %(n)d cannot be read: write “orange circle 40.64,-73.78 12” or "
                    "“orange polygon 40.1,-74.2 40.3,-74.2 40.3,-74.0”, latitude first."
                )
                % {"n": number},
            )
    used = [block for block in made.values() if any(block[k] for k in block if k != "level")]
    level = form.values.get("level")
    if not used and level in made:
        return [made[level]]  # the level is chosen, its areas are not yet
    return used


def _add(made: dict[str, dict[str, Any]], line: str) -> None:
    """Add the shape of one line to its level."""
    word, kind, *rest = line.split()
    pairs = [[float(number) for number in pair.split(",")] for pair in rest if "," in pair]
    if any(len(pair) != 2 or not (-90 <= pair[0] <= 90 and -180 <= pair[1] <= 180)
           for pair in pairs):  # fmt: skip
        raise ValueError(line)
    if kind == "circle" and len(pairs) == 1 and len(rest) == 2 and 0 < float(rest[1]) <= 2000:
        made[word]["circles"].append([*pairs[0], float(rest[1])])
    elif kind == "polygon" and len(pairs) == len(rest) >= 3:
        made[word]["polygons"].append(pairs)
    else:
        raise ValueError(line)


def _lines(block: Block) -> list[str]:
    """Return the shapes of a block as lines; a ring loses the point that closes it."""
    rings = [
        " ".join(f"{lat!r},{lon!r}" for lat, lon in (ring[:-1] if len(ring) > 3 else ring))
        for ring in block.polygons
    ]
    return [f"{block.level} polygon {ring}" for ring in rings] + [
        f"{block.level} circle {lat!r},{lon!r} {km:g}" for lat, lon, km in block.circles
    ]

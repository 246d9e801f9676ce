"""Between the fields of the rule's form and its definition: every field is text, nothing is lost.

The form shows what is changed daily. Everything else of a definition is carried along unseen, the
fields of tomorrow included, and is changed in the rule's text. Both go through the checker of rule
files (``rule_edits.checked``); its faults come back beside the field that they are about. What the
checker fills in from the region's records is neither shown nor carried.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.errors import Fault, RuleError
from tocsin.office.places.models import Region
from tocsin.region.rule_text import rule_as_toml
from tocsin.triggers.rules import LEVELS

from .rule_edits import Wish, checked

__all__ = [
    "HOURS",
    "RuleForm",
    "as_written",
    "carried_keys",
    "field_of",
    "goes_by_matrix",
    "read_form",
    "values_of",
]

HOURS = ("persistence_h", "hold_h", "max_gap_h", "valid_h")
WORDS = tuple(level.word for level in reversed(LEVELS))
PARTS = ("headline", "instruction")
SHOWN = frozenset(
    {"id", "version", "name", "levels", "hysteresis", "season", "areas", "text", "source", *HOURS}
)
"""What the form has fields for."""
TIME = "%Y-%m-%dT%H:%M"
_PLACE = re.compile(r"^rule(\[\d+\])?\.?")

Values = dict[str, Any]


@dataclass
class RuleForm:
    """A form as it came: ``wish`` is None as long as something has to be mended."""

    values: Values
    definition: dict[str, Any] = field(default_factory=dict)
    """What the fields say, faults included; of a text that is no TOML, empty."""
    wish: Wish | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)

    def fault(self, name: str, problem: str) -> None:
        """Add an error to a field; the empty name is the whole form."""
        self.errors.setdefault(name, []).append(problem)


def values_of(
    definition: Mapping[str, Any], region: Region, *, why: str = "",
    valid_from: datetime | None = None, is_off: bool = False,
) -> Values:  # fmt: skip
    """Return a definition as the fields of the form; ``read_form`` gives it back."""
    definition = as_written(definition)
    areas = list(definition.get("areas") or ["*"])
    season = definition.get("season") or {}
    values: Values = {
        "mode": "form",
        "id": definition.get("id", ""),
        "why": why,
        "valid_from": valid_from.astimezone(region.zone).strftime(TIME) if valid_from else "",
        "is_off": is_off,
        "source": definition.get("source", ""),
        "hysteresis": _shown(definition.get("hysteresis", 0)),
        "season-first": season.get("first", ""),
        "season-last": season.get("last", ""),
        "everywhere": "*" in areas,
        "areas": [code for code in areas if code != "*"],
        "text": rule_as_toml(definition),
        "carried": json.dumps({k: v for k, v in definition.items() if k not in SHOWN}),
        **{name: _shown(definition.get(name, "")) for name in HOURS},
        **{f"name-{tag}": definition.get("name", {}).get(tag, "") for tag in region.languages},
    }
    for word in WORDS:
        values[f"level-{word}"] = _shown(definition.get("levels", {}).get(word, ""))
        said = definition.get("text", {}).get(word, {})
        for part in PARTS:
            for tag in region.languages:
                values[f"{part}-{word}-{tag}"] = said.get(part, {}).get(tag, "")
    return values


def as_written(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition without what a station's own record says, a line for each station."""
    written = {key: one for key, one in definition.items() if key != "record"}
    if isinstance(also := written.get("also"), (list, tuple)):
        written["also"] = [as_written(one) if isinstance(one, Mapping) else one for one in also]
    return written


def carried_keys(definition: Mapping[str, Any]) -> list[str]:
    """Return what the form has no field for and leaves as it is."""
    return sorted(key for key in as_written(definition) if key not in SHOWN)


def goes_by_matrix(definition: Mapping[str, Any]) -> bool:
    """Whether levels follow from a matrix of impact: there are no thresholds, only texts."""
    impact = definition.get("impact")
    return isinstance(impact, Mapping) and bool(impact.get("matrix"))


def read_form(post: QueryDict, before: Mapping[str, Any], region: Region) -> RuleForm:
    """Read the fields, or the rule's text; what neither shows stays as it was in ``before``."""
    values: Values = {name: str(post[name]).replace("\r\n", "\n") for name in post}
    values |= {"areas": post.getlist("areas"), "is_off": "is_off" in post}
    values["everywhere"] = post.get("everywhere", "yes") == "yes"
    form = RuleForm(values)
    if values.get("mode") == "text":
        text = values.get("text", "")
    else:
        form.definition = _definition(values, before, region)
        text = rule_as_toml(form.definition)
    valid_from = _time(form, region.zone)
    if not str(values.get("why", "")).strip():
        form.fault("why", _("Say why: who approves it has only your words."))
    try:
        definition = checked(text, region)
    except RuleError as error:
        is_text = values.get("mode") == "text"
        for fault in error.faults:
            form.fault("text" if is_text else field_of(fault.field), _sentence(fault, is_text))
        return form
    form.definition = definition
    if not form.errors:
        form.wish = Wish(definition, values["why"].strip(), valid_from, bool(values["is_off"]))
    return form


def field_of(path: str) -> str:
    """Return the field that a fault's place belongs to; empty where the form has none.

    >>> [field_of(p) for p in ("rule[1].levels.red", "rule[1].text.red.headline.en", "rule[1]")]
    ['level-red', 'headline-red-en', '']
    """
    head, *rest = _PLACE.sub("", path).split(".")
    if head == "levels":
        return f"level-{rest[0]}" if rest else "levels"
    if head == "text":
        return "-".join([rest[1], rest[0], *rest[2:3]]) if len(rest) > 1 else "levels"
    if head == "name" and rest:
        return f"name-{rest[0]}"
    if head == "season":
        return f"season-{rest[0]}" if rest else "season-first"
    return head if head in SHOWN else ""


def _definition(values: Values, before: Mapping[str, Any], region: Region) -> dict[str, Any]:
    """Put the fields into a definition; a number that is none stays as typed, to be told of."""
    try:
        carried = json.loads(values.get("carried") or "null")
    except (ValueError, RecursionError):
        carried = None
    if not isinstance(carried, dict):
        carried = {key: one for key, one in as_written(before).items() if key not in SHOWN}
    said = {**carried, "id": values.get("id", ""), "version": before.get("version", 1)}
    said["name"] = _texts("name", values, before.get("name", {}), region.languages)
    said["levels"] = {
        word: _number(values[f"level-{word}"], float)
        for word in reversed(WORDS)
        if values.get(f"level-{word}", "").strip()
    }
    said |= {name: _number(values[name], int) for name in HOURS if values.get(name)}
    if values.get("hysteresis"):
        said["hysteresis"] = _number(values["hysteresis"], float)
    ends = {end: values.get(f"season-{end}", "").strip() for end in ("first", "last")}
    if any(ends.values()):
        said["season"] = {end: text for end, text in ends.items() if text}
    said["areas"] = ["*"] if values["everywhere"] else list(values["areas"])
    said["source"] = values.get("source", "").strip()
    said["text"] = {}
    for word in reversed(WORDS):
        own = before.get("text", {}).get(word, {})
        level = {
            part: _texts(f"{part}-{word}", values, own.get(part, {}), region.languages)
            for part in PARTS
        }
        if word in said["levels"] or any(any(texts.values()) for texts in level.values()):
            said["text"][word] = {**own, **level}
    return said


def _texts(
    name: str, values: Values, before: Mapping[str, str], languages: Iterable[str]
) -> dict[str, str]:
    """Return a text in the region's languages; of others there is no field, and they stay."""
    return {**before, **{tag: values.get(f"{name}-{tag}", "").strip() for tag in languages}}


def _number(text: str, kind: type[int] | type[float]) -> Any:
    try:
        return kind(text.strip())
    except ValueError:
        return text.strip()


def _time(form: RuleForm, zone: tzinfo) -> datetime | None:
    """Read from when it is valid; a local time that the clock's change skips is refused."""
    given = str(form.values.get("valid_from", "")).strip()
    if not given:
        return None
    try:
        local = datetime.fromisoformat(given)
        if local.tzinfo is None:
            local = local.replace(tzinfo=zone)
            back = local.astimezone(UTC).astimezone(zone)
            if back.replace(tzinfo=None) != local.replace(tzinfo=None):
                form.fault("valid_from", _("The clock skips this hour; choose another."))
                return None
        return local.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day of the calendar
        form.fault("valid_from", _("“%s” is no time; write 2026-07-18T15:00.") % given[:40])
        return None


_WORDS = {
    "This is not a number.": gettext_lazy("This is not a number."),
    "Write it with digits and a point.": gettext_lazy("Write it with digits and a point."),
    "This is not a whole number.": gettext_lazy("This is not a whole number."),
    "Write digits only.": gettext_lazy("Write digits only."),
    "This is too small.": gettext_lazy("This is too small."),
    "This is too large.": gettext_lazy("This is too large."),
    "No area has this code.": gettext_lazy("No area has this code."),
    "Nothing can be filled in here.": gettext_lazy("Nothing can be filled in here."),
}
"""The checker's commonest sentences; the others come in the language of rule files, English."""


def _said(sentence: str) -> str:
    return str(_WORDS.get(sentence, sentence))


def _sentence(fault: Fault, is_text: bool) -> str:
    place = f"{_('Line %d') % fault.line}: {fault.field}: " if is_text and fault.line else ""
    value = f"“{fault.value}”: " if fault.value else ""
    return f"{place}{value}{_said(fault.problem)} {_said(fault.remedy)}".rstrip()


def _shown(value: Any) -> str:
    """Return a number as a person types it."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)

"""Looking up past warnings: the form, the question to the ledger, and the rows of the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tocsin.office.warnings_desk.models import Message, Warning
from tocsin.office.watch.models import RuleVersion
from tocsin.triggers.rules import LEVELS, Level

from . import wording
from .cards import area_names, groups_of, name_of
from .queries import Standing, ended_at

__all__ = ["Row", "Search", "ended_row", "found", "rows_of"]

CONTROL = str.maketrans("", "", "\0")


class Search(forms.Form):
    """What may be asked of the list. A value that cannot be read is said and left out."""

    q = forms.CharField(label=_("Words"), required=False, max_length=100)
    hazard = forms.ChoiceField(label=_("Hazard"), required=False)
    level = forms.ChoiceField(label=_("Highest level"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    first = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, asked: Any, *, standing: Standing, zone: tzinfo) -> None:
        super().__init__(asked, use_required_attribute=False)
        self.zone = zone
        self.versions = list(RuleVersion.objects.all())
        hazards = sorted({version.hazard for version in self.versions})
        everything = ("", _("all"))
        self.fields["q"].widget.attrs.update({"type": "search", "autocomplete": "off"})
        self._choose("hazard", [everything, *((h, hazard_word(h)) for h in hazards)])
        words = ((level.word, wording.LEVEL_WORDS[level]) for level in reversed(LEVELS))
        self._choose("level", [everything, *words])
        named = sorted((name, code) for code, name in area_names(standing).items())
        self._choose("area", [everything, *((code, name) for name, code in named)])

    def _choose(self, field: str, choices: Iterable[tuple[Any, Any]]) -> None:
        self.fields[field].choices = list(choices)  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """Return what was asked and could be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def as_query(self) -> str:
        """Return the same question as an address query, without the page."""
        return urlencode(
            {n: v.isoformat() if hasattr(v, "isoformat") else v for n, v in self.asked().items()}
        )


def hazard_word(hazard: str) -> str:
    """Return a hazard's name in the active language."""
    return wording.hazard_word(hazard)


def found(form: Search, standing: Standing, at: datetime) -> QuerySet[Warning]:
    """Return the warnings asked for, known at ``at``, newest first."""
    asked = form.asked()
    of_it = Message.objects.published().known(at).filter(warning=OuterRef("pk"))
    warnings = Warning.objects.filter(Exists(of_it), first_sent_at__lte=at)
    if hazard := asked.get("hazard"):
        warnings = warnings.filter(hazard=hazard)
    if level := asked.get("level"):
        number = Level.of(level)
        warnings = warnings.filter(
            Exists(of_it.filter(level=number)), ~Exists(of_it.filter(level__gt=number))
        )
    if area := asked.get("area"):
        warnings = warnings.filter(Exists(of_it.filter(levels__has_key=area)))
    if first := asked.get("first"):
        begin = datetime.combine(first, time.min, form.zone)
        warnings = warnings.filter(
            Exists(of_it.filter(expires_at__gte=begin)),
            ~Exists(of_it.filter(msg_type="Cancel", sent_at__lt=begin)),
        )
    if last := asked.get("last"):
        end = datetime.combine(last + timedelta(days=1), time.min, form.zone)
        warnings = warnings.filter(first_sent_at__lt=end)
    words = asked.get("q", "").translate(CONTROL).split()
    for word in words:
        warnings = warnings.filter(_matches(word, form.versions, standing, of_it))
    return warnings.select_related("rule_version").order_by("-first_sent_at", "slug")


def _matches(
    word: str, versions: list[RuleVersion], standing: Standing, of_it: QuerySet[Message]
) -> Q:
    """Look for a word in the address, in the rule's words of any language and in area names."""
    low = word.casefold()
    rules = [
        version.pk
        for version in versions
        if any(low in text.casefold() for text in _texts(version.definition))
    ]
    places = [
        area.code
        for area in standing.areas.values()
        if area.is_leaf and any(low in name.casefold() for name in area.names.values())
    ]
    match = Q(slug__icontains=word) | Q(rule_version__in=rules) | Q(names__icontains=word)
    if places:
        match |= Q(Exists(of_it.filter(levels__has_any_keys=places)))
    return match


def _texts(definition: Mapping[str, Any]) -> Iterable[str]:
    yield from definition["name"].values()
    yield definition["hazard"]
    yield str(wording.HAZARDS.get(definition["hazard"], ""))
    for text in definition["text"].values():
        yield from text["headline"].values()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; its areas are all that it ever named, highest level first."""

    slug: str
    url: str
    level: Level
    name: str
    area_codes: tuple[str, ...]
    area_names: tuple[str, ...]
    first: datetime
    last: datetime
    is_over: bool
    people: int | None
    messages: int
    is_everywhere: bool


def rows_of(warnings: list[Warning], standing: Standing, at: datetime) -> list[Row]:
    """Return the lines for ``warnings``, from all their messages known at ``at``."""
    messages: dict[int, list[Any]] = {warning.pk: [] for warning in warnings}
    of_them = Message.objects.published().known(at).filter(warning__in=messages)
    known = of_them.order_by("sent_at", "number")
    for message in known.annotate(people=F("impact__people")).values_list(
        "warning_id", "msg_type", "sent_at", "expires_at", "levels", "people", named=True
    ):
        messages[message.warning_id].append(message)
    return [_row(one, messages[one.pk], standing, at) for one in warnings if messages[one.pk]]


def _row(warning: Warning, messages: list[Any], standing: Standing, at: datetime) -> Row:
    highest: dict[str, int] = {}
    for message in messages:
        for code, level in message.levels.items():
            highest[code] = max(level, highest.get(code, 0))
    last = ended_at(messages[-1])
    groups = groups_of(highest, standing)
    return Row(
        slug=warning.slug,
        url=warning.get_absolute_url(),
        level=Level(max(highest.values(), default=0)),
        name=name_of(warning),
        area_codes=tuple(code for group in groups for code in group.codes),
        area_names=tuple(name for group in groups for name in group.names),
        first=warning.first_sent_at,
        last=last,
        is_over=messages[-1].msg_type == "Cancel" or last <= at,
        people=max((m.people for m in messages if m.people is not None), default=None),
        messages=len(messages),
        is_everywhere=standing.leaves <= highest.keys(),
    )


def ended_row(message: Message) -> dict[str, Any]:
    """Return a line of "ended in the last 24 h"; the level is the highest it ever had."""
    warning = message.warning
    return {
        "url": warning.get_absolute_url(),
        "name": name_of(warning),
        "level": Level(message.top_level),  # type: ignore[attr-defined]
        "first": warning.first_sent_at,
        "last": ended_at(message),
    }

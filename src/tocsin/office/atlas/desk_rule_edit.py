"""Writing a proposal: the form, the rule's text, and what comes back where it cannot be saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.errors import ConflictError, NotAllowedError, StateError, StorageError
from tocsin.office.people.models import User
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.watch import rule_edits
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import whole_number
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_edits import Wish
from tocsin.office.watch.rule_form import (
    HOURS,
    PARTS,
    WORDS,
    RuleForm,
    as_written,
    carried_keys,
    goes_by_matrix,
    read_form,
    values_of,
)
from tocsin.office.watch.rule_models import RuleProposal
from tocsin.region.rule_text import rule_as_toml

from .queries import standing, version_shown
from .rule_history import area_names
from .rule_words import differences
from .templatetags.rules import level_unit
from .wording import unit_symbol

__all__ = ["change", "copy", "edit"]


@dataclass(frozen=True, slots=True)
class _Task:
    """What is being written: over which version, and over which revision of which proposal."""

    start: Wish
    over: int
    proposal: RuleProposal | None = None
    is_new: bool = False

    @property
    def rule(self) -> str:
        return str(self.start.definition["id"])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def change(request: HttpRequest, region: Region, rule: str) -> HttpResponseBase:
    """Change a rule: begins with the version in force, or with the one asked for."""
    version = version_shown(rule, moment(region))
    newest = rule_edits.newest_of(rule) or version
    if asked := whole_number(request.GET.get("from")):
        version = get_object_or_404(RuleVersion, rule=rule, version=asked)
    return _page(request, region, _Task(Wish(version.definition, ""), newest.version))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def copy(request: HttpRequest, region: Region, rule: str) -> HttpResponseBase:
    """Propose a new rule that begins as a copy of this one."""
    start = {**version_shown(rule, moment(region)).definition, "id": "", "version": 1}
    return _page(request, region, _Task(Wish(start, ""), 0, is_new=True))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def edit(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Go on with a proposal."""
    held = get_object_or_404(RuleProposal.objects.select_related("base"), pk=key)
    if request.method != "POST" and "save" not in rule_edits.what_may(held, person(request)):
        return redirect("desk:proposal", key)
    newest = rule_edits.newest_of(held.rule)
    start = Wish(held.definition, held.why, held.valid_from, held.is_off)
    return _page(request, region, _Task(start, newest.version if newest else 0, held))


def _page(request: HttpRequest, region: Region, task: _Task) -> HttpResponseBase:
    """Show the form, go between form and text, or save; nothing typed is ever lost."""
    if request.method != "POST":
        if not rule_edits.may_propose(person(request), task.start.definition):
            reason = _("Your post may not change this rule, or not in all of its areas.")
            return render(request, "desk/refused.html", {"reason": reason}, status=403)
        wish = task.start
        values = values_of(wish.definition, region, why=wish.why, valid_from=wish.valid_from,
                           is_off=wish.is_off)  # fmt: skip
        return _shown(request, region, task, RuleForm(values, dict(wish.definition)))
    form = read_form(request.POST, task.start.definition, region)
    then = request.POST.get("then", "")
    if then in ("text", "form") and _turned(form, region, then):
        return _shown(request, region, task, form)
    if form.wish and not task.is_new and form.wish.definition["id"] != task.rule:
        form.fault("id", _("The id stays; for a rule of its own copy this one."))
        form.wish = None
    if form.wish is None:
        return _shown(request, region, task, form, status=422)
    return _saved(request, region, task, form, form.wish)


def _turned(form: RuleForm, region: Region, then: str) -> bool:
    """Turn the form into text or back; False where the text cannot be read as it stands."""
    if then == form.values.get("mode"):
        return False
    if then == "text":
        form.values |= {"mode": "text", "text": rule_as_toml(as_written(form.definition))}
    elif form.definition:
        kept = {name: form.values.get(name, "") for name in ("why", "valid_from", "is_off")}
        form.values = values_of(form.definition, region) | kept
    else:
        return False
    form.errors = {}
    return True


def _saved(
    request: HttpRequest, region: Region, task: _Task, form: RuleForm, wish: Wish
) -> HttpResponseBase:
    """Save a good form; who lost to another officer sees both, with what was typed in place."""
    at, by, over = moment(region), person(request), _number(request, "over")
    try:
        if task.proposal is None:
            held = rule_edits.propose(wish, over=over, by=by, at=at)
        else:
            held = rule_edits.save(
                task.proposal, wish, revision=_number(request, "revision"), over=over, by=by, at=at
            )
    except ConflictError as error:
        return _shown(request, region, task, form, conflict=error, status=409)
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except (StateError, StorageError) as error:
        form.fault("", str(error))
        return _shown(request, region, task, form, status=422)
    messages.success(request, _("Saved. Another person has to approve it."))
    return redirect("desk:proposal", held.pk)


def _shown(
    request: HttpRequest, region: Region, task: _Task, form: RuleForm, *,
    conflict: ConflictError | None = None, status: int = 200,
) -> HttpResponseBase:  # fmt: skip
    areas = area_names(region)
    others, more = rule_edits.open_proposals(task.rule, but=task.proposal)
    theirs: Any = conflict.theirs if conflict else None
    says = form.wish.definition if form.wish else form.definition
    shown = says or task.start.definition
    if task.proposal is not None and conflict:
        task.proposal.refresh_from_db()
    page = {
        "task": task,
        "values": form.values,
        "errors": form.errors,
        "names": field_names(region),
        "carried": carried_keys(form.definition),
        "rule": task.start.definition,
        "unit": shown.get("unit", ""),
        "by_matrix": goes_by_matrix(shown),
        "around": _around_limit(shown),
        "blanks": _(", ").join(_blanks(shown)),
        "levels": _level_rows(form, region),
        "hours": [(name, field_names(region)[name], form.values.get(name, "")) for name in HOURS],
        "areas": _area_rows(form, region),
        "languages": [(tag, form.values.get(f"name-{tag}", "")) for tag in region.languages],
        "others": others,
        "more_others": more,
        "conflict": conflict,
        "theirs": theirs,
        "between": differences(theirs.definition, says, areas) if theirs and says else [],
        "over": _asked_over(request, task, conflict),
        "revision": _asked_revision(request, task, conflict),
    }
    return render(request, "desk/rule_edit.html", page, status=status)


def _asked_over(request: HttpRequest, task: _Task, conflict: ConflictError | None) -> int:
    """Return the version the next save is over: the newest only once it has been shown."""
    return task.over if conflict or request.method != "POST" else _number(request, "over")


def _asked_revision(request: HttpRequest, task: _Task, conflict: ConflictError | None) -> int:
    held = task.proposal.revision if task.proposal else 0
    return held if conflict or request.method != "POST" else _number(request, "revision")


def _around_limit(rule: Mapping[str, Any]) -> tuple[str, str]:
    """Return what stands before a threshold and after it; rare is rare at either end."""
    if level_unit(rule) == "year":
        before, _number, after = _("once in %s years").partition("%s")
        return before.strip(), after.strip()
    return "≤" if rule.get("when") == "at-or-below" else "≥", unit_symbol(level_unit(rule))


def _blanks(rule: Mapping[str, Any]) -> list[str]:
    """Return what is filled in in the texts of a rule."""
    more = {"years": rule.get("levels_as") == "return-period", "share": "min_share" in rule}
    names = ["value", "place", "time", "until", "people", *(one for one in more if more[one])]
    return [f"{{{name}}}" for name in names]


def _level_rows(form: RuleForm, region: Region) -> list[dict[str, Any]]:
    names, by_matrix = field_names(region), goes_by_matrix(form.definition)
    texts = {
        word: [
            (part, f"{part}-{word}-{tag}", f"{names[part]} ({tag})", tag,
             form.values.get(f"{part}-{word}-{tag}", ""))
            for part in PARTS
            for tag in region.languages
        ]
        for word in WORDS
    }  # fmt: skip
    return [
        {
            "level": 4 - number,
            "name": f"level-{word}",
            "value": form.values.get(f"level-{word}", ""),
            "is_open": bool(form.values.get(f"level-{word}"))
            or (by_matrix and any(text for *_, text in texts[word]))
            or any(f"-{word}-" in field for field in form.errors),
            "texts": texts[word],
        }
        for number, word in enumerate(WORDS)
    ]


def _area_rows(form: RuleForm, region: Region) -> list[tuple[str, str, bool]]:
    """Return the areas that have values of their own, and whatever was chosen besides."""
    names, chosen = area_names(region), form.values.get("areas") or []
    leaves = [code for code, area in standing(region).areas.items() if area.is_leaf]
    codes = [*leaves, *(code for code in chosen if code not in leaves)]
    return [(code, names.get(code, code), code in chosen) for code in codes]


def field_names(region: Region) -> dict[str, str]:
    """Return each field of the form with the words that stand above it."""
    fixed = {
        "": _("The rule"), "id": _("Id"), "why": _("Why it changes"), "valid_from": _("Valid from"),
        "is_off": _("Out of use"), "source": _("Where the thresholds come from"),
        "persistence_h": _("Hours in a row before a level counts"),
        "hysteresis": _("It must go back by more than"),
        "hold_h": _("Hours below before it falls"),
        "max_gap_h": _("Hours without a value it is carried over"),
        "valid_h": _("Hours until a message runs out"),
        "season-first": _("Season: first day"), "season-last": _("Season: last day"),
        "areas": _("Areas"), "levels": _("Thresholds and texts"), "text": _("The text"),
        "headline": _("Headline"), "instruction": _("What to do"),
    }  # fmt: skip
    by_level = {f"level-{word}": f"{_('Threshold')}, {word}" for word in WORDS}
    texts = {
        f"{part}-{word}-{tag}": f"{fixed[part]}, {word} ({tag})"
        for part in PARTS
        for word in WORDS
        for tag in region.languages
    }
    return fixed | by_level | texts | {f"name-{t}": f"{_('Name')} ({t})" for t in region.languages}


def _number(request: HttpRequest, name: str) -> int:
    return whole_number(request.POST.get(name))


def person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotAllowedError(_("Nobody is signed in; sign in first."))
    return request.user

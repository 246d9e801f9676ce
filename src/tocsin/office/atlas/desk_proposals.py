"""A proposal to change a rule: what differs, what it would have done, and who decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.errors import NotAllowedError, RuleError, StateError, StorageError
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.watch import rule_edits
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import whole_number
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_edits import Wish
from tocsin.office.watch.rule_models import RuleProposal
from tocsin.office.watch.rule_picks import pick
from tocsin.region.rule_text import rule_as_toml

from .desk_rule_edit import person
from .rule_history import area_names, levels_of
from .rule_words import differences

__all__ = ["act", "again", "proposal", "proposals"]

ROWS = 50


@never_cache
@require_safe
@desk_page
def proposals(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List every proposal, the newest first."""
    rows = RuleProposal.objects.select_related("version")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page", "1"))
    return render(request, "desk/proposals.html", {"page": page})


@never_cache
@require_safe
@desk_page
def proposal(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Show a proposal whole: why, from when, the difference, and what can be done with it."""
    held = get_object_or_404(RuleProposal.objects.select_related("version", "base"), pk=key)
    versions = list(RuleVersion.objects.filter(rule=held.rule))
    others = [one for one in versions if one != held.version]
    against = pick(others, held.decided_at or moment(region)) if others else None
    areas = area_names(region)
    earlier = held.revisions.filter(revision__lt=held.revision).last()
    context = {
        "proposal": held,
        "rule": held.definition,
        "levels": levels_of(held.definition),
        "against": against,
        "changes": differences(
            against.definition if against else None, held.definition, areas,
            was_off=bool(against and against.is_off), is_off=held.is_off,
        ),
        "since": differences(earlier.definition, held.definition, areas) if earlier else [],
        "revisions": held.revisions.all(),
        "may": rule_edits.what_may(held, person(request)),
        "has_gone_on": held.state == "proposed" and versions and versions[0].pk != held.base_id,
        "newest": versions[0] if versions else None,
        "text": rule_as_toml(held.definition),
    }  # fmt: skip
    return render(request, "desk/proposal.html", context)


@require_POST
@desk_page
def act(request: HttpRequest, region: Region, key: int, verb: str) -> HttpResponseBase:
    """Do one verb; a refusal comes back as the verb said it."""
    held = get_object_or_404(RuleProposal, pk=key)
    if verb not in _DOES:
        raise Http404(f"no verb {verb}")
    try:
        messages.success(request, _DOES[verb](request, region, held))
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except (StateError, StorageError) as error:
        messages.error(request, str(error))
    return redirect("desk:proposal", key)


@require_POST
@desk_page
def again(request: HttpRequest, region: Region, rule: str, version: int) -> HttpResponseBase:
    """Propose a version anew, in one click: the way back, or the folder's text taken over."""
    wanted = get_object_or_404(RuleVersion, rule=rule, version=version)
    newest = rule_edits.newest_of(rule) or wanted
    words = {
        True: _("The folder's text, version %d, is to be in force."),
        False: _("Back to version %d."),
    }
    why = words[wanted.origin == RuleVersion.FOLDER and wanted == newest] % version
    wish = Wish(wanted.definition, why, is_off=wanted.is_off)
    try:
        held = rule_edits.propose(wish, over=newest.version, by=person(request), at=moment(region))
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except (RuleError, StateError, StorageError) as error:
        messages.error(request, str(error))
        return redirect("desk:version", rule, version)
    messages.success(request, _("Proposed. Another person has to approve it."))
    return redirect("desk:proposal", held.pk)


def _revision(request: HttpRequest) -> int:
    return whole_number(request.POST.get("revision"))


def _said(request: HttpRequest, region: Region) -> dict[str, Any]:
    remark = str(request.POST.get("remark", "")).strip()[:2000]
    return {"by": person(request), "at": moment(region), "remark": remark}


def _approve(request: HttpRequest, region: Region, held: RuleProposal) -> str:
    version = rule_edits.approve(held, revision=_revision(request), **_said(request, region))
    return _("Approved as %s.") % version


def _reject(request: HttpRequest, region: Region, held: RuleProposal) -> str:
    rule_edits.reject(held, revision=_revision(request), **_said(request, region))
    return _("Rejected. It can be changed and proposed again.")


def _withdraw(request: HttpRequest, region: Region, held: RuleProposal) -> str:
    rule_edits.withdraw(held, by=person(request), at=moment(region))
    return _("Withdrawn. It is kept.")


_DOES: dict[str, Callable[[HttpRequest, Region, RuleProposal], str]] = {
    "approve": _approve,
    "reject": _reject,
    "withdraw": _withdraw,
}

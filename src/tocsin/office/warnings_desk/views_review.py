"""Review, approval, issue, history: each button is a verb of ``drafts``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.errors import (
    ConflictError,
    DraftError,
    NotAllowedError,
    SigningError,
    StateError,
    StorageError,
)
from tocsin.office.people.models import User
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import whole_number

from . import drafts
from .compose_page import area_names, field_names, previewed, standing_of
from .content import read_content
from .differences import changes
from .forms import values_of
from .issuing import newest_of
from .models import Draft, DraftRevision, Message
from .openings import content_of
from .services import Desk

__all__ = ["act", "confirm", "history", "review"]


@never_cache
@require_safe
@desk_page
def review(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Show the whole message, what changed, what was found, and who has to decide."""
    return render(request, "warnings_desk/review.html", _reviewed(request, region, key))


@never_cache
@require_safe
@desk_page
def confirm(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Say what will happen to whom before the draft is issued."""
    page = _reviewed(request, region, key)
    if "issue" not in page["may"]:
        return redirect("warnings_desk:review", key)
    return render(request, "warnings_desk/confirm.html", page)


def _reviewed(request: HttpRequest, region: Region, key: int) -> dict[str, Any]:
    draft = get_object_or_404(Draft.objects.select_related("warning", "message"), pk=key)
    at, content = moment(region), read_content(draft.content)
    now = values_of(content, region.zone)
    before = draft.revisions.filter(saved=True, revision__lt=draft.revision).last()
    said_before = _last_message(draft, region, at)
    return {
        **previewed(draft, content, Desk.here(region), at=at),
        **standing_of(draft, region, at),
        "names": field_names(content) | area_names(),
        "may": drafts.what_may(draft, request.user),  # type: ignore[arg-type]
        "since_revision": changes(_values(before, region), now) if before else [],
        "since_message": changes(said_before, now) if said_before else [],
        "is_drill": content.status != "Actual" and not region.is_replay,
        "unsaved": draft.revisions.filter(saved=False).count(),
    }


def _last_message(draft: Draft, region: Region, at: datetime) -> dict[str, Any]:
    """Return what the message before it said, an officer's or the machine's; empty without one."""
    if draft.warning is None:
        return {}
    if draft.message is None:
        last = newest_of(draft.warning, region, at)
    else:
        rows = list(draft.warning.messages.order_by("sent_at", "number"))
        last = ([None, *rows])[rows.index(draft.message)]
    return values_of(content_of(Desk.here(region), last), region.zone) if last else {}


def _values(revision: DraftRevision, region: Region) -> dict[str, Any]:
    return values_of(read_content(revision.content), region.zone)


@require_POST
@desk_page
def act(request: HttpRequest, region: Region, key: int, verb: str) -> HttpResponseBase:
    """Do one verb; a refusal comes back as the verb said it."""
    draft = get_object_or_404(Draft, pk=key)
    if verb not in _DOES:
        raise Http404(f"no verb {verb}")
    try:
        _DOES[verb](request, region, draft)
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except DraftError:
        messages.error(request, _("Not yet: see what is still missing below."))
        return redirect("warnings_desk:compose", key)
    except (ConflictError, StateError, SigningError, StorageError) as error:
        messages.error(request, str(error))
    return redirect("warnings_desk:review", key)


def _revision(request: HttpRequest) -> int:
    return whole_number(request.POST.get("revision"))


def _remark(request: HttpRequest) -> str:
    return str(request.POST.get("remark", "")).strip()[:2000]


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotAllowedError(_("Nobody is signed in; sign in first."))
    return request.user


def _submit(request: HttpRequest, region: Region, draft: Draft) -> None:
    held = drafts.submit(draft, revision=_revision(request), by=_person(request), at=moment(region))
    done = _("Submitted.") if held.state == "submitted" else _("Approved: the policy asks nobody.")
    messages.success(request, done)


def _approve(request: HttpRequest, region: Region, draft: Draft) -> None:
    held = drafts.approve(
        draft, revision=_revision(request), by=_person(request), at=moment(region),
        remark=_remark(request),
    )  # fmt: skip
    done = (
        _("Approved: it can be issued.") if held.state == "approved" else _("Your approval counts.")
    )
    messages.success(request, done)


def _send_back(request: HttpRequest, region: Region, draft: Draft) -> None:
    drafts.send_back(draft, by=_person(request), at=moment(region), remark=_remark(request))
    messages.success(request, _("Sent back."))


def _withdraw(request: HttpRequest, region: Region, draft: Draft) -> None:
    drafts.withdraw(draft, by=_person(request), at=moment(region), remark=_remark(request))
    messages.success(request, _("Withdrawn. It is kept and can be copied."))


def _issue(request: HttpRequest, region: Region, draft: Draft) -> None:
    if draft.revision != _revision(request) and draft.state != "issued":
        raise StateError(_("The draft has changed since you looked. Look again before you issue."))
    message = drafts.issue_draft(draft, by=_person(request), at=moment(region))
    messages.success(
        request, _("Issued: message %(number)d of the ledger.") % {"number": message.number}
    )


_DOES = {
    "submit": _submit,
    "approve": _approve,
    "send-back": _send_back,
    "withdraw": _withdraw,
    "issue": _issue,
}


@never_cache
@require_safe
@desk_page
def history(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Show every version of a draft and of its warning's messages, and two of them compared."""
    draft = get_object_or_404(Draft.objects.select_related("warning"), pk=key)
    of = Draft.objects.filter(warning=draft.warning) if draft.warning else [draft]
    versions = list(
        DraftRevision.objects.filter(draft__in=of).select_related("draft", "draft__message")
    )
    by_key = {str(one.pk): one for one in versions}
    own = [one for one in versions if one.draft_id == draft.pk]
    new = by_key.get(str(request.GET.get("b")), own[-1])
    old = by_key.get(str(request.GET.get("a")), own[-2] if len(own) > 1 else own[0])
    context = {
        "draft": draft,
        "versions": list(reversed(versions)),
        "old": old,
        "new": new,
        "changes": changes(_values(old, region), _values(new, region)),
        "names": field_names(read_content(new.content)) | area_names(),
        "decisions": draft.approvals.all(),
        "messages_sent": _messages_of(draft),
    }
    return render(request, "warnings_desk/history.html", context)


def _messages_of(draft: Draft) -> list[Message]:
    """Return every message of the draft's warning, those of the rules themselves among them."""
    if draft.warning is None:
        return []
    found = Message.objects.filter(warning=draft.warning).select_related("draft")
    return list(found.defer("raw", "draft__content"))

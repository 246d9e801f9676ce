"""The composer: saving, live preview, who else is here, and two versions brought together."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.errors import ConflictError, DraftError, NotAllowedError, StateError, StorageError
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import whole_number

from . import drafts
from .compose_page import area_names, composer, field_names, points_of, previewed
from .content import read_content
from .differences import changes
from .forms import Form, read_form, values_of
from .models import Draft, DraftRevision
from .presence import others_at
from .services import Desk

__all__ = ["compose", "merge", "presence", "preview"]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def compose(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Show the composer, or save it; with errors it comes back as it was typed."""
    draft = get_object_or_404(Draft, pk=key)
    if request.method == "POST":
        form = _read(request, draft, region)
        if form.content is not None and not form.errors:
            return _save(request, region, draft, form)
    elif "save" not in drafts.what_may(draft, request.user):  # type: ignore[arg-type]
        return redirect("warnings_desk:review", key)
    else:
        form = None
    page = composer(draft, region, request.user, form=form, at=moment(region))  # type: ignore[arg-type]
    return render(request, "warnings_desk/compose.html", page, status=422 if form else 200)


def _read(request: HttpRequest, draft: Draft, region: Region) -> Form:
    before = read_content(draft.content)
    return read_form(request.POST, before, zone=region.zone, points=points_of().at)


def _save(request: HttpRequest, region: Region, draft: Draft, form: Form) -> HttpResponseBase:
    """Save a good form; who lost to another officer sees both versions."""
    at, user = moment(region), request.user
    try:
        held = drafts.save(
            draft, form.content,  # type: ignore[arg-type]
            revision=whole_number(request.POST.get("revision")), by=user, at=at,  # type: ignore[arg-type]
        )  # fmt: skip
        if request.POST.get("then") == "submit":
            drafts.submit(held, revision=held.revision, by=user, at=at)  # type: ignore[arg-type]
            messages.success(request, _("Saved and submitted."))
    except ConflictError as error:
        return _conflict(request, region, draft, error)
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except DraftError:
        messages.error(request, _("Saved, but not submitted: see what is still missing below."))
        return redirect("warnings_desk:compose", draft.pk)
    except (StateError, StorageError) as error:
        messages.error(request, str(error))
    else:
        if request.POST.get("then") != "submit":
            messages.success(request, _("Saved."))
            return redirect("warnings_desk:compose", draft.pk)
    return redirect("warnings_desk:review", draft.pk)


def _conflict(
    request: HttpRequest, region: Region, draft: Draft, error: ConflictError
) -> HttpResponseBase:
    """Show theirs and yours side by side; only where they differ is there something to choose."""
    theirs, yours = error.theirs, error.yours
    if not isinstance(theirs, DraftRevision) or not isinstance(yours, DraftRevision):
        messages.error(request, str(error))
        return redirect("warnings_desk:review", draft.pk)
    base = draft.revisions.filter(saved=True, revision=yours.revision).first()
    old, ours, other = (
        values_of(read_content(one.content), region.zone) if one else {}
        for one in (base, yours, theirs)
    )
    rows = [
        (change, "theirs" if ours.get(change.name) == old.get(change.name) else "yours")
        for change in changes(other, ours)
    ]
    context = {"draft": draft, "theirs": theirs, "yours": yours, "rows": rows,
               "names": field_names(read_content(theirs.content)) | area_names()}  # fmt: skip
    return render(request, "warnings_desk/conflict.html", context, status=409)


@require_POST
@desk_page
def merge(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Save what was chosen field by field, over the newest version that the officer has seen."""
    draft = get_object_or_404(Draft, pk=key)
    theirs = get_object_or_404(
        DraftRevision, pk=whole_number(request.POST.get("theirs")), draft=draft, saved=True
    )
    yours = get_object_or_404(
        DraftRevision, pk=whole_number(request.POST.get("yours")), draft=draft
    )
    other, ours = (values_of(read_content(one.content), region.zone) for one in (theirs, yours))
    post = request.POST.copy()
    for name in {*other, *ours}:
        chosen = ours if request.POST.get(f"pick-{name}") == "yours" else other
        value = chosen.get(name, "")
        post.setlist(name, value if isinstance(value, list) else [str(value)])
        if name == "drill" and not value:
            del post[name]
    post["revision"] = str(theirs.revision)
    request.POST = post  # type: ignore[assignment]
    form = _read(request, draft, region)
    if form.content is None or form.errors:
        page = composer(draft, region, request.user, form=form, at=moment(region))  # type: ignore[arg-type]
        return render(request, "warnings_desk/compose.html", page, status=422)
    return _save(request, region, draft, form)


@require_POST
@desk_page
def preview(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Return every channel's view of what the form holds at this moment; nothing is saved."""
    draft = get_object_or_404(Draft, pk=key)
    form = _read(request, draft, region)
    if form.content is None:
        return render(request, "warnings_desk/_unreadable.html", {"errors": form.errors})
    page = previewed(draft, form.content, Desk.here(region), at=moment(region))
    return render(request, "warnings_desk/_preview.html", {**page, "errors": form.errors})


@require_POST
@desk_page
def presence(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Say who else has the draft open, and whether it has gone on meanwhile."""
    draft = get_object_or_404(Draft.objects.only("pk", "revision", "state"), pk=key)
    mark = str(request.POST.get("page", ""))[:40]
    user, now = request.user, timezone.now()
    others = others_at(draft, user, mark, now) if mark else []  # type: ignore[arg-type]
    gone_on = str(request.POST.get("revision", "")) != str(draft.revision)
    if not others and not gone_on:
        return HttpResponse("")
    page = {"others": others, "gone_on": gone_on, "draft": draft}
    return render(request, "warnings_desk/_presence.html", page)

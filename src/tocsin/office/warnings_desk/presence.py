"""Who else has a draft open: a row for each open page, for half a minute, seen by all processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from tocsin.office.people.models import User

from .models import Draft, OpenPage

__all__ = ["GONE", "forget_closed", "others_at", "post_title"]

GONE = timedelta(seconds=35)
"""A page says every 10 s that it is open; three times missed, it counts as closed."""
WRITE = timedelta(seconds=5)
"""A page that says so more often than this is not written down again."""


def post_title(user: User) -> str:
    """Return the post that speaks here; the same post held by two accounts is told apart."""
    return next((post.title for post in user.posts.all()), str(user))


def others_at(draft: Draft, user: User, page: str, at: datetime) -> list[str]:
    """Say that ``page`` (a random mark of one open tab) is here; return the posts of the others.

    Nothing about a person is kept but the post's title, and that while the page is open. ``at`` is
    the time of the wall, also in a replay: pages are open now. No audit row: nothing is changed.
    """
    open_now = OpenPage.objects.filter(draft=draft, seen_at__gt=at - GONE)
    if page and not open_now.filter(page=page, seen_at__gt=at - WRITE).exists():
        _write(draft, user, page, at)
    return sorted(set(open_now.exclude(page=page).values_list("post", flat=True)))


def forget_closed(at: datetime) -> int:
    """Delete the rows of every draft's pages that are closed as of ``at``; return how many."""
    return OpenPage.objects.filter(seen_at__lte=at - GONE).delete()[0]


def _write(draft: Draft, user: User, page: str, at: datetime) -> None:
    with transaction.atomic():
        forget_closed(at)
        OpenPage.objects.bulk_create(
            [OpenPage(draft=draft, page=page, post=post_title(user)[:150], seen_at=at)],
            update_conflicts=True,
            unique_fields=["draft", "page"],
            update_fields=["post", "seen_at"],
        )

"""Who else has a draft open: a post's title for half a minute, in memory and nowhere else."""

from __future__ import annotations

from django.core.cache import cache
from django.utils import timezone

from tocsin.office.people.models import User

__all__ = ["BEAT_S", "others_at", "post_title"]

BEAT_S = 10
"""A page says this often that it is still open."""
GONE_S = 35
"""After three beats missed it counts as closed."""


def post_title(user: User) -> str:
    """Return the post that speaks here; the same post held by two accounts is told apart."""
    return next((post.title for post in user.posts.all()), str(user))


def others_at(draft: int, user: User, page: str) -> list[str]:
    """Say that ``page`` (a random mark of one open tab) is here; return the posts of the others.

    Nothing about a person is kept: a title and a mark, for as long as the page is open.
    """
    key, now = f"draft-open-{draft}", timezone.now().timestamp()
    seen: dict[str, tuple[str, float]] = cache.get(key) or {}
    seen = {mark: row for mark, row in seen.items() if now - row[1] < GONE_S}
    if page:
        seen[page] = (post_title(user), now)
    cache.set(key, seen, GONE_S)
    return sorted({title for mark, (title, _at) in seen.items() if mark != page})

"""Verbs on accounts and posts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tocsin.errors import NotAllowedError
from tocsin.office.audit.services import record
from tocsin.office.people.rules import ALLOWED, MACHINE, may

from .models import Post, User

__all__ = ["give_post", "require"]


def require(verb: str, by: User | str) -> str:
    """Return the name for the audit trail, or refuse, saying which role could do it."""
    if by == MACHINE:
        return MACHINE
    roles = {post.role for post in by.posts.all()} if isinstance(by, User) else set()
    if not may(verb, roles):
        able = ", ".join(sorted(ALLOWED.get(verb, ()))) or "nobody"
        raise NotAllowedError(f"{by} may not {verb.replace('_', ' ')}; this takes the role {able}.")
    return str(by)


@transaction.atomic
def give_post(
    username: str, password: str, *, title: str, role: str, by: str, at: datetime
) -> User:
    """Make an account with ``password`` and give it a post; an existing account keeps its own."""
    user, made = User.objects.get_or_create(username=username)
    if made:
        user.set_password(password)
        user.save(update_fields=["password"])
    post, _ = Post.objects.get_or_create(title=title, defaults={"role": role})
    if not post.holders.filter(pk=user.pk).exists():
        post.holders.add(user)
        record("give_post", post, by=by, at=at, object_id=title, detail={"role": role})
    return user

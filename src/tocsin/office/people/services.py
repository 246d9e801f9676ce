"""Verbs on accounts and posts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tocsin.errors import NotAllowedError, StateError
from tocsin.office.audit.services import record
from tocsin.office.people.rules import ALLOWED, MACHINE, ROLES, may

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
    username: str, password: str | None, *, title: str, role: str, by: str, at: datetime
) -> User:
    """Give an account a post; a new account gets ``password``, an existing one keeps its own.

    Raises
    ------
    StateError
        There is no such role, or the post exists with another one.
    """
    if role not in ROLES:
        raise StateError(f"There is no role {role!r}; choose one of {', '.join(sorted(ROLES))}.")
    user, made = User.objects.get_or_create(username=username)
    if made:
        user.set_password(password)
        user.save(update_fields=["password"])
    post, _ = Post.objects.get_or_create(title=title, defaults={"role": role})
    if post.role != role:
        raise StateError(
            f"The post {title!r} has the role {post.role}; give the {role} a title of its own."
        )
    if not post.holders.filter(pk=user.pk).exists():
        post.holders.add(user)
        record("give_post", post, by=by, at=at, object_id=title, detail={"role": role})
    return user

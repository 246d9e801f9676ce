"""Verbs on accounts and posts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.errors import NotAllowedError, StateError
from tocsin.office.audit.services import record
from tocsin.office.people.rules import ALLOWED, MACHINE, ROLES, may

from .labels import doing_word, role_word
from .models import Post, User

__all__ = ["give_post", "post_for", "require"]

Covers = Callable[[str], bool]
"""Whether the area of a post, by its code, holds all that a verb is about."""


def post_for(verb: str, by: User, covers: Covers | None = None) -> Post | None:
    """Return the post by which an officer may do this here, None where none allows it.

    A post for the whole region comes first; one for an area counts where ``covers`` says that
    the area holds it all. A verb that is about no area (``covers`` None) is open to every post.
    """
    if not by.is_active:
        return None
    for post in sorted(by.posts.all(), key=lambda post: (post.area_code, post.title)):
        here = not post.area_code or covers is None or covers(post.area_code)
        if here and may(verb, [post.role]):
            return post
    return None


def require(verb: str, by: User | str, covers: Covers | None = None) -> str:
    """Return the name for the audit trail, or refuse, saying which role could do it."""
    if by == MACHINE:
        return MACHINE
    if isinstance(by, User) and post_for(verb, by, covers):
        return str(by)
    said = {"by": by, "doing": doing_word(verb)}
    if isinstance(by, User) and (elsewhere := post_for(verb, by)):
        raise NotAllowedError(
            _(
                "%(by)s may not %(doing)s here: the post “%(post)s” is for the area %(area)s "
                "alone, and this reaches beyond it."
            )
            % {**said, "post": elsewhere.title, "area": elsewhere.area_code}
        )
    able = _(", ").join(role_word(role) for role in sorted(ALLOWED.get(verb, ())))
    raise NotAllowedError(
        _("%(by)s may not %(doing)s; this takes the role %(roles)s.")
        % {**said, "roles": able or _("of nobody")}
    )


@transaction.atomic
def give_post(
    username: str,
    password: str | None,
    *,
    title: str,
    role: str,
    area_code: str = "",
    by: str,
    at: datetime,
) -> User:
    """Give an account a post; a new account gets ``password``, an existing one keeps its own.

    Raises
    ------
    StateError
        There is no such role, or the post exists with another one, or for another area.
    """
    if role not in ROLES:
        raise StateError(f"There is no role {role!r}; choose one of {', '.join(sorted(ROLES))}.")
    user, made = User.objects.get_or_create(username=username)
    if made:
        user.set_password(password)
        user.save(update_fields=["password"])
    post, _ = Post.objects.get_or_create(
        title=title, defaults={"role": role, "area_code": area_code}
    )
    if post.role != role:
        raise StateError(
            f"The post {title!r} has the role {post.role}; give the {role} a title of its own."
        )
    if post.area_code != area_code:
        where = f"the area {post.area_code}" if post.area_code else "the whole region"
        raise StateError(f"The post {title!r} is for {where}; give another area its own title.")
    if not post.holders.filter(pk=user.pk).exists():
        post.holders.add(user)
        detail = {"role": role, "area": area_code, "holder": username}
        record("give_post", post, by=by, at=at, object_id=title, detail=detail)
    return user

"""Staff accounts and posts. Duties belong to posts; an account only holds one for a while."""

from __future__ import annotations

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models


class Accounts(BaseUserManager["User"]):
    """Makes accounts; there is no e-mail to ask for."""

    def create_user(self, username: str, password: str | None = None) -> User:
        """Make an account; without a password nobody can sign in with it."""
        user = self.model(username=self.model.normalize_username(username))
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """A staff account: a name to sign in with, and nothing else about the person."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = None  # type: ignore[assignment]

    objects = Accounts()  # type: ignore[misc, assignment]

    REQUIRED_FIELDS = []  # noqa: RUF012 - Django reads it as a plain list


class Post(models.Model):
    """A duty: what its holder may do, and in which part of the area tree."""

    title = models.CharField(max_length=100, unique=True)
    role = models.CharField(
        max_length=30, help_text="duty_officer, approver, inspector, storekeeper"
    )
    area_code = models.CharField(max_length=30, blank=True, help_text="empty: the whole region")
    holders = models.ManyToManyField(User, related_name="posts", blank=True)

    def __str__(self) -> str:
        return self.title

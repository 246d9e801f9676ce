"""The cast of the desk's tests, and small things to read a page with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from tests.office import factories
from tocsin.office.atlas import desk_episodes, desk_strip
from tocsin.office.people.models import Post, User

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What is kept by the head of the ledger must not outlive a test's database."""
    yield
    for kept in (desk_episodes._episodes, desk_episodes._ledger_state, desk_strip._strip):
        kept.cache_clear()


def make_account(username: str, *roles: str) -> User:
    """An account that holds a post for each of ``roles``."""
    user = User(username=username)
    user.set_unusable_password()
    user.save()
    for role in roles:
        post, _ = Post.objects.get_or_create(title=role, defaults={"role": role})
        post.holders.add(user)
    return user


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """Return a browser signed in with an account that holds posts of some roles."""

    def enter(*roles: str) -> Client:
        client = Client()
        client.force_login(make_account("-".join(roles) or "nobody", *roles), BACKEND)
        return client

    return enter


@pytest.fixture
def officer(signed_in: Callable[..., Client]) -> Client:
    """The duty officer's browser."""
    return signed_in("duty_officer")


@pytest.fixture
def words() -> Callable[[object], str]:
    """Return a function that gives a page's text with single spaces."""

    def read(response: object) -> str:
        body = response.content.decode()  # type: ignore[attr-defined]
        said = re.sub(r"<(script|style|title|option).*?</\1>", " ", body, flags=re.S)
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said)).replace("\u00a0", " ")
        return re.sub(r" ([.,;:)])", r"\1", said)

    return read


@pytest.fixture
def sound_ledger(heat_wave: factories.HeatWave) -> factories.HeatWave:
    """The heat wave with a ledger whose chain adds up."""
    return heat_wave

"""Every personal field of the office, with its purpose and how long it is kept, from the models.

Each field of each installed model is judged by one of three rules:

* In an app that holds persons (any that is not in ``WITHOUT_PERSONS``) every field but the key is
  declared: as personal, with purpose and retention, or as not personal, with the reason.
* In the other apps a field is declared if its name sounds like a person's (``SOUNDS_PERSONAL``) or
  if it points to a model that holds persons.
* What is declared stands on the model itself (``personal_data``, ``not_personal_data``) or, for
  models of other rooms and packages, in the tables below.

``undeclared()`` lists what no rule lets pass, ``outdated()`` what is declared and no longer there.
A test holds both empty. A new app is in the first rule until somebody says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import apps
from django.db.models import Field, Model

__all__ = ["Item", "inventory", "outdated", "undeclared"]

WITHOUT_PERSONS = {
    "places": "areas, stations, facilities and settlements from open data",
    "watch": "measurements and rules",
    "warnings_desk": "warnings and the ledger; who wrote and approved is declared below",
    "received": "other authorities' public messages",
    "delivery": "what went over which channel; the contact is a key into subscribers",
    "auth": "permissions of the program, which Tocsin does not use",
    "contenttypes": "names of models",
}
SOUNDS_PERSONAL = re.compile(
    r"contact|mail|phone|mobile|address|name|user|person|author|actor|holder|member|resident|ip_"
    r"|agent|password|birth|gender|(^|_)age$|(^|_)sex|_by$|^by$|signature|remark|comment|lat$|lon$"
)

_STAFF = "so that a member of staff can sign in"
_ACCOUNT = "until the account is deleted"
_ANSWER = "to answer for what was done: which account did it"
_TRAIL = "as long as the record itself; it is evidence"
_GUARD = "to stop the guessing of passwords"
_GUARDED = "30 days, then deleted by tocsin privacy purge"
_SESSION = ("to keep a member of staff signed in", "two weeks, then deleted by purge")

PERSONAL: dict[str, tuple[str, str]] = {
    "people.User.username": (_STAFF, _ACCOUNT),
    "people.User.password": (_STAFF + " (a hash)", _ACCOUNT),
    "people.User.last_login": ("to find accounts that nobody uses", _ACCOUNT),
    "people.User.date_joined": ("to find accounts that nobody uses", _ACCOUNT),
    "people.Post.holders": ("to say who may act for a post", "until the post is given to another"),
    "people.Post_holders.user": ("to say who may act for a post", "until it is given to another"),
    "people.User_groups.user": (_STAFF, _ACCOUNT),
    "people.User_user_permissions.user": (_STAFF, _ACCOUNT),
    "audit.Entry.actor": (_ANSWER, _TRAIL),
    "warnings_desk.Draft.author": (_ANSWER, _TRAIL),
    "warnings_desk.Draft.author_user": (_ANSWER, _TRAIL),
    "warnings_desk.DraftRevision.user": (_ANSWER, _TRAIL),
    "warnings_desk.DraftRevision.by": (_ANSWER, _TRAIL),
    "warnings_desk.OpenPage.post": (
        "to tell officers at the same draft of each other",
        "35 seconds after the page was closed, then deleted by the next one, or by purge",
    ),
    "warnings_desk.Approval.user": (_ANSWER, _TRAIL),
    "warnings_desk.Approval.by": (_ANSWER, _TRAIL),
    "delivery.Delivery.subscription": ("to send once, and to show what was reached", _TRAIL),
    "delivery.DeskNotice.noted_by": (_ANSWER, _TRAIL),
    "watch.Event.recorded_by": (_ANSWER, _TRAIL),
    "watch.RuleProposal.proposed_by": (_ANSWER, _TRAIL),
    "watch.RuleProposal.proposer": (_ANSWER, _TRAIL),
    "watch.RuleProposal.decided_by": (_ANSWER, _TRAIL),
    "watch.RuleRevision.user": (_ANSWER, _TRAIL),
    "watch.RuleRevision.by": (_ANSWER, _TRAIL),
    "sessions.Session.session_key": _SESSION,
    "sessions.Session.session_data": _SESSION,
    **{
        f"axes.{model}.{field}": (_GUARD, _GUARDED)
        for model in ("AccessAttempt", "AccessFailureLog", "AccessLog")
        for field in ("username", "ip_address", "user_agent", "http_accept", "attempt_time")
    },
    "axes.AccessAttempt.get_data": (_GUARD, _GUARDED),
    "axes.AccessAttempt.post_data": (_GUARD + " (the password masked)", _GUARDED),
    "axes.AccessLog.logout_time": (_GUARD, _GUARDED),
    "axes.AccessLog.session_hash": (_GUARD, _GUARDED),
}

_OPEN = "a place of the region folder, open data"
_PROGRAM = "set by the program"
NOT_PERSONAL: dict[str, str] = {
    **{
        f"people.User.{field}": "a switch of the program"
        for field in ("is_superuser", "is_staff", "is_active", "groups", "user_permissions")
    },
    "people.User_groups.group": "a group",
    "people.User_user_permissions.permission": "a permission",
    "people.Post.title": "a duty, whoever holds it",
    "people.Post.role": "a role",
    "people.Post.area_code": "an area",
    "people.Post_holders.post": "a duty, whoever holds it",
    **{
        f"audit.Entry.{field}": "what was done, never to whom an address belongs"
        for field in ("at", "verb", "object_type", "object_id", "detail")
    },
    **{f"places.{model}.names": _OPEN for model in ("Region", "Area", "Station")},
    **{
        f"places.{model}.{field}": _OPEN
        for model in ("Facility", "Settlement")
        for field in ("names", "lat", "lon")
    },
    "places.Station.lat": _OPEN,
    "places.Station.lon": _OPEN,
    "places.Area.label_lat": _OPEN,
    "places.Area.label_lon": _OPEN,
    "watch.Lease.name": "what only one process may do at a time",
    "watch.Lease.holder": "a process: the machine's name and a number",
    "watch.ForecastRun.members": "how many runs an ensemble has",
    "watch.Occurrence.lat": "where an earthquake or a fire was",
    "watch.Occurrence.lon": "where an earthquake or a fire was",
    "watch.RuleProposal.remark": "said by one officer to another about a rule",
    "warnings_desk.Warning.names": "names of the hazard",
    "warnings_desk.Approval.remark": "said by one officer to another about a draft",
    "received.Source.name": "an authority's",
    "received.Source.address": "of an authority's feed",
    "received.ReceivedMessage.address": "of an authority's file",
    "received.Refusal.address": "of an authority's file",
    "delivery.Delivery.claimed_by": "a worker, a process",
    "delivery.Trouble.subscription": "why sending failed, until it works again",
    "delivery.DeskNotice.subscription": "an organisation's or a post's",
    "delivery.WorkerSeen.name": "a worker, a process",
    "auth.Permission.name": _PROGRAM,
    "auth.Permission.codename": _PROGRAM,
    "auth.Group.name": _PROGRAM,
    "sessions.Session.expire_date": "when it ends",
    "axes.AccessFailureLog.path_info": "a page of the office",
    "axes.AccessFailureLog.locked_out": _PROGRAM,
    "axes.AccessAttempt.path_info": "a page of the office",
    "axes.AccessAttempt.failures_since_start": "a counter",
    "axes.AccessAttemptExpiration.access_attempt": "the row it belongs to",
    "axes.AccessAttemptExpiration.expires_at": "when it ends",
    "axes.AccessLog.path_info": "a page of the office",
    "subscribers.Cell.row": "a square of 1 km, in which nobody is named",
    "subscribers.Cell.column": "a square of 1 km, in which nobody is named",
    "subscribers.Cell.lon": "a square of 1 km, in which nobody is named",
    "subscribers.Cell.lat": "a square of 1 km, in which nobody is named",
    **{
        f"subscribers.Notice.{field}": "that a message is to be sent; no address, no text"
        for field in (
            "subscription", "kind", "language", "created_at", "due_at", "attempts", "sent_at",
            "given_up_at",
        )
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One personal field."""

    field: str
    purpose: str
    retention: str


class Registry(Protocol):
    """What knows the models: Django's registry of apps, or a test's."""

    def get_models(self, include_auto_created: bool = False) -> Iterable[type[Model]]:
        """Return the models."""


def inventory() -> list[Item]:
    """Return every personal field there is, by name."""
    personal, _ = _declared()
    return sorted(Item(name, *personal[name]) for name in _fields() if name in personal)


def undeclared(registry: Registry = apps) -> list[str]:
    """Return the fields that have to be declared and are not."""
    personal, others = _declared(registry)
    holders = {name.rpartition(".")[0] for name in personal}
    return sorted(
        name
        for name, field in _fields(registry).items()
        if name not in personal and name not in others and _must_be_declared(name, field, holders)
    )


def outdated() -> list[str]:
    """Return what is declared as both, or declared and not there."""
    personal, others = _declared()
    return sorted(
        (personal.keys() & others.keys()) | ((personal.keys() | others) - _fields().keys())
    )


def _must_be_declared(name: str, field: Field, holders: set[str]) -> bool:  # type: ignore[type-arg]
    app = name.split(".", 1)[0]
    if app not in WITHOUT_PERSONS or SOUNDS_PERSONAL.search(field.name):
        return True
    target = field.related_model
    return isinstance(target, type) and target._meta.label in holders & _OF_PERSONS


_OF_PERSONS = {"people.User", "subscribers.Subscription", "people.Post"}
"""A key into one of these says which person is meant."""


def _fields(registry: Registry = apps) -> dict[str, Field]:  # type: ignore[type-arg]
    """Return every stored field of every model but its key, as app.Model.field."""
    return {
        f"{model._meta.label}.{field.name}": field
        for model in registry.get_models(include_auto_created=True)
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if not (field.primary_key and field.get_internal_type().endswith("AutoField"))
    }


def _declared(registry: Registry = apps) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    personal, others = dict(PERSONAL), dict(NOT_PERSONAL)
    for model in registry.get_models():
        for name, words in _on(model, "personal_data"):
            personal[name] = words
        for name, words in _on(model, "not_personal_data"):
            others[name] = words
    return personal, others


def _on(model: type[Model], attribute: str) -> Iterator[tuple[str, Any]]:
    for field, words in getattr(model, attribute, {}).items():
        yield f"{model._meta.label}.{field}", words

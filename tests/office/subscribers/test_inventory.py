"""Every personal field is declared with purpose and retention, and the guide says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps.registry import Apps
from django.db import models

from tocsin.office.people.models import User
from tocsin.office.subscribers.inventory import inventory, outdated, undeclared

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guide" / "subscribers.md"


def test_every_field_of_every_model_is_declared() -> None:
    assert undeclared() == []


def test_nothing_is_declared_that_is_not_there() -> None:
    assert outdated() == []


def test_every_personal_field_has_a_purpose_and_an_end() -> None:
    assert {"subscribers.Subscription.address", "people.User.username"} <= {
        item.field for item in inventory()
    }
    assert [item for item in inventory() if len(item.purpose) < 10 or len(item.retention) < 6] == []


def test_the_guide_lists_the_same() -> None:
    rows = [f"| `{item.field}` | {item.purpose} | {item.retention} |" for item in inventory()]
    listed = re.findall(r"^\| `\w+\.\w+\.\w+` \|.*$", GUIDE.read_text(), re.MULTILINE)
    assert listed == rows, "\n".join(rows)


@pytest.mark.parametrize(
    ("app", "name", "field"),
    [
        ("delivery", "contact_email", models.CharField(max_length=9)),
        ("places", "phone", models.CharField(max_length=9)),
        ("watch", "called_by", models.TextField()),
        ("warnings_desk", "whom", User),
        ("subscribers", "anything", models.IntegerField()),
        ("an_app_nobody_judged", "anything", models.IntegerField()),
    ],
)
def test_a_new_field_that_may_be_a_persons_is_found(
    app: str, name: str, field: models.Field | type[models.Model]
) -> None:
    if isinstance(field, type):
        field = models.ForeignKey(field, on_delete=models.CASCADE, related_name="+")
    meta = type("Meta", (), {"app_label": app, "apps": Apps()})
    fresh = type("Fresh", (models.Model,), {"__module__": __name__, "Meta": meta, name: field})
    assert undeclared(OneModel(fresh)) == [f"{app}.Fresh.{name}"]


class OneModel:
    """A registry that holds one model, whatever its app."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def get_models(self, include_auto_created: bool = False) -> list[type[models.Model]]:
        return [self.model]

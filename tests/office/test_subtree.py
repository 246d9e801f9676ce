"""An officer of one area switches, removes and sends again for that area alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.office import factories
from tests.office.factories import NOW
from tests.office.subscribers.make import make_subscription, make_tree, wish
from tocsin.errors import NotAllowedError
from tocsin.office.delivery.asked import ReachAsked
from tocsin.office.delivery.services import resend
from tocsin.office.people.models import User
from tocsin.office.people.services import give_post
from tocsin.office.subscribers.services import disable, enable, organisations

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(region: Any) -> dict[str, Any]:
    return make_tree()


def officer(area: str) -> User:
    """A duty officer of one area; empty: of the whole region."""
    title = f"Duty {area or 'of all'}"
    return give_post(
        title, None, title=title, role="duty_officer", area_code=area, by="test", at=NOW
    )


def organisation(region: Any, *areas: str) -> Any:
    return make_subscription(region, kind="organisation", area_codes=areas)


@pytest.mark.parametrize(
    ("post", "asked", "may"),
    [
        ("queens", ("queens",), True),
        ("queens", ("flushing",), True),
        ("queens", ("queens", "kings"), False),
        ("queens", ("ny",), False),
        ("queens", ("*",), False),
        ("", ("*",), True),
        ("ny", ("kings", "flushing"), True),
    ],
)
def test_switching_is_for_who_holds_every_area_that_was_asked_for(
    region: Any, tree: Any, post: str, asked: tuple[str, ...], may: bool
) -> None:
    row, by = organisation(region, *asked), officer(post)
    if may:
        assert disable(row.pk, "moved", by=by, at=NOW).state == "disabled"
        assert enable(row.pk, by=by, at=NOW).state == "confirmed"
        organisations.remove(row.pk, by=by, at=NOW)
        return
    for verb in (
        lambda: disable(row.pk, "moved", by=by, at=NOW),
        lambda: enable(row.pk, by=by, at=NOW),
        lambda: organisations.remove(row.pk, by=by, at=NOW),
        lambda: organisations.ask_again(row.pk, by=by, at=NOW),
    ):
        with pytest.raises(NotAllowedError, match="is for the area queens alone"):
            verb()
    row.refresh_from_db()
    assert row.state == "confirmed"


def test_entering_one_is_for_who_holds_its_areas(region: Any, tree: Any) -> None:
    by: Any = officer("queens")
    words = {"kind": "organisation", "name": "School 12", "channel": "email"}
    fields: Any = {**words, "address": "ada@example.org", "by": by, "at": NOW}
    organisations.add(region, wish=wish(area_codes=("flushing",)), **fields)
    with pytest.raises(NotAllowedError, match="is for the area queens alone"):
        organisations.add(region, wish=wish(area_codes=("kings",)), **fields)


@pytest.mark.parametrize(("levels", "may"), [({"flushing": 2}, True), ({"kings": 2}, False)])
def test_sending_again_is_for_who_holds_every_area_of_the_message(
    region: Any, tree: Any, levels: dict[str, int], may: bool
) -> None:
    warning = factories.make_warning(factories.make_rule())
    message, by = factories.make_message(warning, levels), officer("queens")
    end = factories.make_message(warning, {}, msg_type="Update")
    for one in (message, end):
        if may:
            assert resend(one, by=by, at=NOW) == 0
        else:
            with pytest.raises(NotAllowedError, match="is for the area queens alone"):
                resend(one, by=by, at=NOW)
        assert resend(one, by=officer(""), at=NOW) == 0


def test_each_area_is_counted_at_its_own_level(rf: Any) -> None:
    query = "hazard=heat&level=red&area=queens:blue&area=kings&area=odd:code"
    asked = ReachAsked.read(rf.get(f"/?{query}"))
    assert asked.levels == {"queens": 1, "kings": 4, "odd:code": 4}

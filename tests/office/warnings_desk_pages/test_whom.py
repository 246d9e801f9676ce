"""The preview counts what is drawn, in both languages, and only for those of the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.office import drafting, factories
from tests.office.drafting import Office
from tocsin.office.places.models import Area
from tocsin.office.warnings_desk.content import read_content
from tocsin.office.warnings_desk.forms import values_of

HALF = "orange polygon 40.0,-75.0 40.0,-74.5 41.0,-74.5 41.0,-75.0"
SignedIn = Callable[[Any], Client]


def preview(client: Client, office: Office, shapes: str, prefix: str = "") -> Any:
    draft = drafting.draft(office)
    values = values_of(read_content(draft.content), office.region.zone)
    filled = {name: one for name, one in values.items() if one and not name.startswith("area-")}
    form = {**filled, "shapes": shapes, "level": "orange", "revision": draft.revision}
    return client.post(prefix + reverse("warnings_desk:preview", args=[draft.pk]), form)


def test_half_of_a_county_is_half_of_its_people(office: Office, signed_in: SignedIn) -> None:
    factories.make_facility("F1", lat=40.5, lon=-74.8)
    page = preview(signed_in(office.duty), office, HALF).content.decode()
    assert "about 500 people" in page
    assert "1 airport" in page
    assert "a census, spread evenly over each area" in page


def test_the_same_in_chinese(office: Office, signed_in: SignedIn) -> None:
    page = preview(signed_in(office.duty), office, HALF, "/zh-hans").content.decode()
    assert "约500人" in page
    assert "估计" in page


def test_unknown_people_are_said_to_be_unknown(office: Office, signed_in: SignedIn) -> None:
    Area.objects.filter(code="west").update(population=None)
    page = preview(signed_in(office.duty), office, HALF).content.decode()
    assert "people: not known" in page
    assert "0 people" not in page


def test_without_a_shape_or_area_nobody_is_counted(office: Office, signed_in: SignedIn) -> None:
    page = preview(signed_in(office.duty), office, "").content.decode()
    assert "Nobody yet" in page


def test_a_shape_nobody_can_use_breaks_nothing(office: Office, signed_in: SignedIn) -> None:
    answer = preview(signed_in(office.duty), office, "orange circle 89.9,0 900")
    assert answer.status_code == 200


def test_who_has_no_post_at_the_desk_sees_nothing(office: Office, signed_in: SignedIn) -> None:
    nobody = factories.make_user("nobody")
    answer = preview(signed_in(nobody), office, HALF)
    assert answer.status_code == 403
    assert "500" not in answer.content.decode()
    assert preview(Client(), office, HALF).status_code == 302


def test_the_confirming_page_says_whom_it_concerns(office: Office, signed_in: SignedIn) -> None:
    draft = drafting.approved(office)
    page = signed_in(office.approver).get(reverse("warnings_desk:confirm", args=[draft.pk]))
    assert "about 1,000 people" in page.content.decode()


def test_the_public_page_says_the_same_with_its_source(office: Office) -> None:
    message = drafting.issued(office)
    page = Client().get(message.warning.get_absolute_url()).content.decode()
    assert "about 1,000 people" in page
    assert "a census, spread evenly over each area" in page

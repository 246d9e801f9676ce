"""The same pages over a replay: its machine-made warnings can be gone on with, as exercises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.office import factories
from tocsin.office.warnings_desk.models import Draft


def test_a_warning_of_the_replay_is_updated_as_an_exercise(
    heat_wave: factories.HeatWave, signed_in: Callable[[Any], Client]
) -> None:
    client = signed_in(factories.make_user("officer", "duty_officer"))
    assert heat_wave.warning.slug in client.get("/desk/drafts/").content.decode()
    assert client.get("/desk/drafts/new/").status_code == 200
    client.post(f"/desk/drafts/new/from-warning/{heat_wave.warning.slug}/update/")
    draft = Draft.objects.get()
    page = client.get(f"/desk/drafts/{draft.pk}/").content.decode()
    assert draft.content["status"] == "Exercise"
    assert 'type="hidden" name="drill"' in page, "a replay has no switch: it is an exercise whole"


def test_a_draft_is_compared_with_what_the_machine_said(
    heat_wave: factories.HeatWave, signed_in: Callable[[Any], Client]
) -> None:
    client = signed_in(factories.make_user("officer", "duty_officer"))
    client.post(f"/desk/drafts/new/from-warning/{heat_wave.warning.slug}/update/")
    draft = Draft.objects.get()
    review = f"/desk/drafts/{draft.pk}/review/"
    since = client.get(review).context["since_message"]
    assert "text-en-headline" not in {change.name for change in since}
    draft.content["texts"]["en"]["headline"] = "Quite another headline"
    draft.save()
    since = client.get(review).context["since_message"]
    assert "text-en-headline" in {change.name for change in since}

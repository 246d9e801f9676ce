"""Who else has a draft open: in the database, for half a minute, so that every process sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.office import drafting
from tests.office.drafting import Office
from tocsin.office.warnings_desk.models import OpenPage
from tocsin.office.warnings_desk.presence import GONE, forget_closed, others_at

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def office(db: None) -> Office:
    return drafting.make_office()


def test_each_page_is_told_of_the_others_and_not_of_itself(office: Office) -> None:
    draft, other = drafting.draft(office), drafting.draft(office)
    assert others_at(draft, office.duty, "a", AT) == []
    assert others_at(draft, office.approver, "b", AT + SECOND) == ["Duty officer"]
    assert others_at(draft, office.duty, "a", AT + 2 * SECOND) == ["Approver"]
    assert others_at(other, office.approver, "c", AT + 2 * SECOND) == []


def test_a_closed_page_is_forgotten(office: Office) -> None:
    draft = drafting.draft(office)
    others_at(draft, office.duty, "a", AT)
    assert others_at(draft, office.approver, "b", AT + GONE) == []
    assert list(OpenPage.objects.values_list("page", flat=True)) == ["b"], "deleted with the write"
    assert forget_closed(AT + GONE + GONE) == 1
    assert not OpenPage.objects.exists()


def test_a_page_is_written_down_every_few_seconds_at_most(office: Office) -> None:
    draft = drafting.draft(office)
    others_at(draft, office.duty, "a", AT)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        others_at(draft, office.duty, "a", AT + 4 * SECOND)
    assert {query["sql"].split()[0] for query in asked} == {"SELECT"}
    others_at(draft, office.duty, "a", AT + 6 * SECOND)
    assert OpenPage.objects.get().seen_at == AT + 6 * SECOND, "renewed, in one row"

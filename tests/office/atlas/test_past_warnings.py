"""The list of past warnings: search, pages, CSV, and nothing later than the moment."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.office import factories
from tocsin.office.warnings_desk.models import Message, Warning

from .test_home import words

LIST = "/warnings/"
COLD = {
    word: {"headline": {"en": "Icy"}, "instruction": {"en": "Dress warmly."}}
    for word in ("yellow", "orange", "red")
}


@pytest.fixture
def three(region):
    """Heat at New York, cold at Queens a month before, and a heat warning still to come."""
    factories.make_area("36061", "New York County", "纽约县", lon=-74.2, lat=40.7)
    factories.make_area("36081", "Queens County", "皇后县", lon=-73.9, lat=40.7)
    heat = factories.make_rule()
    cold = factories.make_rule(
        id="cold", name={"en": "Cold", "zh-Hans": "寒冷"}, hazard="cold", text=COLD
    )
    now, month_ago = factories.NOW - timedelta(hours=2), factories.NOW - timedelta(days=30)
    later = factories.NOW + timedelta(hours=1)
    for rule, first, slug, levels in (
        (cold, month_ago, "cold-june", {"36081": 2}),
        (heat, now, "heat-july", {"36061": 3}),
        (heat, later, "heat-later", {"36061": 4}),
    ):
        factories.make_message(
            factories.make_warning(rule, first=first, slug=slug), levels, sent=first
        )


def slugs(client, query: str = "", lead: str = "") -> list[str]:
    """The warnings that a question finds, in order."""
    said = client.get(lead + LIST + query).content.decode()
    return re.findall(r'<th scope="row"><a href="[^"]*/warnings/([\w-]+)/"', said)


def test_it_lists_what_was_sent_newest_first(client, three):
    assert slugs(client) == ["heat-july", "cold-june"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=heat", ["heat-july"]),
        ("?q=高温", ["heat-july"]),
        ("?q=queens", ["cold-june"]),
        ("?q=皇后", ["cold-june"]),
        ("?q=cold+queens", ["cold-june"]),
        ("?q=cold+york", []),
        ("?q=heat-ju", ["heat-july"]),
        ("?q=%27%22%25_", []),
        ("?q=%00", ["heat-july", "cold-june"]),
        ("?hazard=cold", ["cold-june"]),
        ("?level=orange", ["heat-july"]),
        ("?level=red", []),
        ("?area=36081", ["cold-june"]),
        ("?first=2013-07-01", ["heat-july"]),
        ("?last=2013-06-30", ["cold-june"]),
        ("?first=2013-06-01&last=2013-06-30", ["cold-june"]),
        ("?hazard=cold&level=yellow&area=36081&q=cold", ["cold-june"]),
        ("?page=99", ["heat-july", "cold-june"]),
        ("?page=x", ["heat-july", "cold-june"]),
        ("?level=purple", ["heat-july", "cold-june"]),
        ("?first=yesterday", ["heat-july", "cold-june"]),
    ],
)
def test_it_finds(client, three, query, found):
    assert slugs(client, query) == found
    assert slugs(client, query, "/zh-hans") == found


def test_a_value_that_cannot_be_read_is_named(client, three):
    assert 'class="error"' in client.get(LIST + "?first=yesterday").content.decode()


def test_nothing_found_is_said_with_a_way_on(client, three):
    assert "No warning matches" in words(client.get(LIST + "?q=nothing"))


def test_an_empty_ledger_is_said(client, region):
    assert "No warning has been sent yet" in words(client.get(LIST))


def test_the_csv_has_the_same_rows_as_the_list(client, three):
    response = client.get("/warnings.csv?q=heat")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("warning,name,highest_level,")
    assert [line.split(",")[0] for line in lines[1:]] == ["heat-july"]
    assert 'href="/warnings.csv?q=heat"' in client.get(LIST + "?q=heat").content.decode()


def test_the_csv_speaks_the_language_of_its_address(client, three):
    response = client.get("/zh-hans/warnings.csv")
    assert "高温" in b"".join(response.streaming_content).decode()


def test_a_cell_is_never_a_formula(client, region):
    rule = factories.make_rule(name={"en": "=HYPERLINK(1)"})
    factories.make_message(factories.make_warning(rule, slug="heat-x"), {"1": 2})
    body = b"".join(client.get("/warnings.csv").streaming_content).decode()
    assert ",'=HYPERLINK(1)," in body


@pytest.mark.slow
def test_ten_thousand_warnings_are_paged_with_few_questions(client, three, at_most_queries):
    rule = Warning.objects.get(slug="heat-july").rule_version
    sent = [factories.NOW - timedelta(hours=hour) for hour in range(10_000)]
    Warning.objects.bulk_create(
        Warning(slug=f"w-{n}", rule_version=rule, hazard="heat", first_sent_at=at)
        for n, at in enumerate(sent)
    )
    Message.objects.bulk_create(
        Message(
            number=100 + n, warning=warning, identifier=f"m-{n}", sent_at=warning.first_sent_at,
            expires_at=warning.first_sent_at + timedelta(hours=3), msg_type="Alert", reason="issue",
            level=2, levels={"36061": 2}, evidence=[], impact={"people": 1}, raw=b"<alert/>",
            sha256=f"{n}", chain=f"{n}",
        )
        for n, warning in enumerate(Warning.objects.filter(slug__startswith="w-"))
    )  # fmt: skip
    with at_most_queries(12):
        said = words(client.get(LIST + "?q=heat&page=200"))
    assert "10,001 warnings" in said
    assert len(slugs(client, "?page=251")) == 2

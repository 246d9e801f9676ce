"""What is refused is said in the reader's language, and the audit trail has words for its verbs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests.office import factories
from tocsin.errors import NotAllowedError, StateError
from tocsin.office.audit.labels import VERBS, verb_word
from tocsin.office.audit.services import record
from tocsin.office.people.labels import DOINGS, ROLE_WORDS
from tocsin.office.people.models import User
from tocsin.office.people.rules import ALLOWED, ROLES
from tocsin.office.people.services import give_post, require
from tocsin.office.places.services import set_clock
from tocsin.office.warnings_desk.state_words import state_word, wrong_state
from tocsin.office.warnings_desk.states import STATES

SOURCE = Path(__file__).parents[2] / "src" / "tocsin"


def officer(name: str, role: str) -> User:
    """An account that holds a post of this role for the whole region."""
    return give_post(name, None, title=f"{role} 1", role=role, by="test", at=factories.NOW)


def recorded() -> Iterator[tuple[str, str]]:
    """Each verb that some code writes into the trail, with its file."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "record", "_record", "_line",
            ):  # fmt: skip
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
                    yield first.value, str(path.relative_to(SOURCE))


@pytest.mark.slow
def test_every_verb_of_the_trail_has_words_in_both_languages() -> None:
    found = dict(recorded())
    assert len(found) > 20
    assert {verb: file for verb, file in found.items() if verb not in VERBS} == {}
    with translation.override("zh-hans"):
        assert [verb for verb in VERBS if verb_word(verb).isascii()] == []


FOR_MACHINES = {
    "office/delivery/channels/email/__init__.py",
    "office/delivery/channels/mqtt/__init__.py",
    "office/delivery/channels/sms/__init__.py",
    "office/delivery/trying.py",
    "office/people/services.py",
    "office/places/services.py",
    "office/secret_files.py",
    "office/subscribers/contacts.py",
    "office/subscribers/services/residents.py",
    "office/subscribers/services/sending.py",
    "office/subscribers/services/wishes.py",
    "office/warnings_desk/cycle.py",
    "office/warnings_desk/export.py",
    "office/warnings_desk/live.py",
    "office/warnings_desk/replay.py",
    "office/warnings_desk/services.py",
    "office/watch/gateways.py",
    "office/watch/lease.py",
}
"""What refuses in English: to the command line, the log or a gateway; a form refuses before."""

REFUSALS = {"ConflictError", "NotAllowedError", "SigningError", "StateError", "StorageError"}


def refusals() -> Iterator[tuple[str, str]]:
    """Each refusal of the office whose sentence stands there bare, without asking for another."""
    for path in SOURCE.glob("office/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in REFUSALS:
                continue
            if node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr):
                yield str(path.relative_to(SOURCE)), ast.unparse(node.args[0])


@pytest.mark.slow
def test_every_refusal_that_a_page_shows_is_said_in_the_readers_language() -> None:
    """``tests/test_translations.py`` looks at what asks for words; this at what does not ask."""
    assert [said for said in refusals() if said[0] not in FOR_MACHINES] == []
    assert {file for file, _ in refusals()} == FOR_MACHINES


def test_every_role_and_right_has_words() -> None:
    assert ROLE_WORDS.keys() == ROLES
    assert DOINGS.keys() >= ALLOWED.keys()
    with translation.override("zh-hans"):
        assert [words for words in DOINGS.values() if str(words).isascii()] == []


@pytest.mark.django_db
def test_who_may_not_is_told_in_the_readers_language() -> None:
    user = officer("Petra", "inspector")
    with pytest.raises(
        NotAllowedError, match=r"Petra may not issue drafts; .* approver, duty officer"
    ):
        require("issue_draft", user)
    with translation.override("zh-hans"), pytest.raises(NotAllowedError) as refused:
        require("issue_draft", user)
    assert str(refused.value) == "Petra不能发布草稿；这需要审批人、值班员的角色。"


@pytest.mark.django_db
def test_a_state_that_does_not_allow_it_is_told_in_the_readers_language() -> None:
    region = factories.make_region(is_replay=False)
    with translation.override("zh-hans"), pytest.raises(StateError, match="实时区域没有"):
        set_clock(region, factories.NOW, by="tocsin", moment=factories.NOW)
    assert "Draft 3 stands at “issued”" in wrong_state(3, "issued", ("draft",))
    with translation.override("zh-hans"):
        assert "草稿3处于“已发布”" in wrong_state(3, "issued", ("draft", "submitted"))
        assert len({state_word(state) for state in STATES}) == len(STATES)


@pytest.mark.django_db
@pytest.mark.parametrize(("prefix", "words"), [("", "issued a message"), ("/zh-hans", "发布消息")])
def test_the_trail_says_what_was_done(client: Client, region: Any, prefix: str, words: str) -> None:
    client.force_login(officer("Dora", "duty_officer"))
    record("issue_message", region, by="Dora", at=factories.NOW, object_id="a")
    record("an_older_verb", region, by="Dora", at=factories.NOW, object_id="b")
    page = client.get(f"{prefix}/desk/audit/").content.decode()
    assert f'<option value="issue_message">{words}</option>' in page
    assert f'<span title="issue_message">{words}</span>' in page
    assert ">an_older_verb</span>" in page

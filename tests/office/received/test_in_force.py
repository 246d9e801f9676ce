"""What of the received messages is in force, in whatever order they came."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tocsin.office.received.models import ReceivedMessage, Source
from tocsin.office.received.queries import in_force, states_of
from tocsin.office.received.services import receive, set_enabled

from . import make
from .make import HOUR, NOW, alert, raw, reference

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return make.make_source()


def keep(source: Source, *bodies: bytes) -> None:
    for body in bodies:
        receive(source, body, address="https://met.authority.example/1", at=NOW)


def heeded(at: Any, *, public: bool = True) -> list[str]:
    return [one.message.identifier[-1] for one in in_force(at, public=public)]


def test_a_message_is_in_force_from_its_sending_to_its_end(source: Source) -> None:
    keep(source, raw())
    assert heeded(NOW - HOUR) == []
    assert heeded(NOW) == ["1"]
    assert heeded(NOW + 5 * HOUR) == ["1"]
    assert heeded(NOW + 6 * HOUR) == []


UPDATE = {"msg_type": "Update", "sent": NOW + HOUR, "references": (reference(1),)}
CANCEL = {
    "msg_type": "Cancel", "sent": NOW + 2 * HOUR, "info": (),
    "references": (reference(1), reference(2, NOW + HOUR)),
}  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_arrival_does_not_matter(source: Source, order: tuple[int, ...]) -> None:
    bodies = [raw(1), raw(2, **UPDATE), raw(3, **CANCEL)]
    keep(source, *(bodies[place] for place in order))
    assert heeded(NOW) == ["1"]
    assert heeded(NOW + HOUR) == ["2"]
    assert heeded(NOW + 2 * HOUR) == []


def test_a_partial_cancel_leaves_the_rest_in_force(source: Source) -> None:
    keep(source, raw(1), raw(2, **{**UPDATE, "areas": ("Hills",)}))
    (one,) = in_force(NOW + HOUR, public=True)
    assert one.message.area_desc == "Hills"
    over = alert(3, msg_type="Update", sent=NOW + 2 * HOUR, references=(reference(2, NOW + HOUR),))
    gone = tuple(type(i)(**{**_fields(i), "response_type": ("AllClear",)}) for i in over.info)
    keep(source, raw(3, **{**_fields(over), "info": gone[:1] + over.info[1:], **_named(3)}))
    (one,) = in_force(NOW + 2 * HOUR, public=True)
    assert [info.word for info in one.state.infos] == ["over", "in force"]


def _fields(part: Any) -> dict[str, Any]:
    return {name: getattr(part, name) for name in part.__dataclass_fields__}


def _named(number: int) -> dict[str, Any]:
    return {"identifier": f"2.49.0.1.999.{number}"}


def test_a_cancel_acts_after_it_has_itself_expired(source: Source) -> None:
    short = alert(2, **{**UPDATE, "msg_type": "Cancel"})
    info = type(short.info[0])(**{**_fields(short.info[0]), "expires": NOW + 2 * HOUR})
    keep(source, raw(1), raw(2, **{**UPDATE, "msg_type": "Cancel", "info": (info,)}))
    assert heeded(NOW + 3 * HOUR, public=False) == []


@pytest.mark.parametrize(
    ("changed", "desk"),
    [
        ({"status": "Exercise", "note": "A drill."}, ["1"]),
        ({"status": "Test"}, ["1"]),
        ({"scope": "Restricted", "restriction": "for staff"}, ["1"]),
        ({"scope": "Private", "addresses": ("desk@town.example",)}, ["1"]),
    ],
)
def test_the_desk_sees_what_the_public_must_not(
    source: Source, changed: dict[str, Any], desk: list[str]
) -> None:
    keep(source, raw(1, **changed))
    shown = [one.message.identifier[-1] for one in _any_status(NOW) if one.message.source == source]
    assert heeded(NOW, public=True) == []
    assert shown == desk


def _any_status(at: Any) -> list[Any]:
    return in_force(at, public=False)


def test_a_draft_is_nobodys_message(source: Source) -> None:
    keep(source, raw(1).replace(b">Actual<", b">Draft<"))
    assert not ReceivedMessage.objects.exists()
    assert "draft" in source.refusals.get().reason


def test_a_source_that_contradicts_itself_is_for_the_desk_alone(source: Source) -> None:
    keep(source, raw(1), raw(1, areas=("Coast",)))
    assert heeded(NOW, public=True) == []
    assert heeded(NOW, public=False) == ["1", "1"]


def test_one_source_cannot_cancel_what_another_one_sent(source: Source) -> None:
    other = make.make_source("Somebody", "https://somebody.example/feed")
    keep(source, raw(1))
    keep(other, raw(3, **CANCEL))
    assert heeded(NOW + 3 * HOUR) == ["1"]


def test_what_is_not_trusted_cancels_nothing_and_is_not_in_force() -> None:
    from tests.office.warnings_desk.test_export import _key_and_certificate

    pinned = make.make_source("Signed", issuers=_key_and_certificate()[1].decode())
    keep(pinned, raw(1))
    assert heeded(NOW, public=False) == []
    ReceivedMessage.objects.update(is_trusted=True)
    keep(pinned, raw(3, **CANCEL))
    assert heeded(NOW + 3 * HOUR) == ["1"]
    forged = ReceivedMessage.objects.get(msg_type="Cancel")
    assert states_of(forged, NOW + 3 * HOUR) is None


def test_the_same_message_by_two_sources_is_given_once(source: Source) -> None:
    other = make.make_source("Mirror", "https://mirror.example/feed")
    keep(source, raw(1))
    keep(other, raw(1))
    assert heeded(NOW) == ["1"]
    assert ReceivedMessage.objects.count() == 2


def test_a_source_that_is_switched_off_does_not_count(source: Source) -> None:
    keep(source, raw(1))
    set_enabled(source, False, by="tocsin", at=NOW)
    assert heeded(NOW) == []


def test_what_is_in_force_takes_few_queries(source: Source, at_most_queries: Any) -> None:
    keep(source, *(raw(number) for number in range(1, 60)))
    with at_most_queries(5):
        assert len(in_force(NOW, public=True)) == 59
    with at_most_queries(4):
        in_force(NOW, public=True)

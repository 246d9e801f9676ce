"""chain: what is in force, whatever came in whatever order."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tocsin.cap import Alert
from tocsin.cap.chain import chain, in_force, lineage

START = datetime(2013, 7, 18, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _later(alert: Alert, hours: int, kind: str, name: str, *targets: Alert) -> Alert:
    sent = START + hours * HOUR
    infos = () if kind in {"Cancel", "Ack", "Error"} else alert.info
    return replace(
        alert,
        identifier=name,
        sent=sent,
        msg_type=kind,
        references=tuple(target.reference for target in targets),
        info=infos,
    )


def _names(*messages: Alert, hours: float = 6) -> list[str]:
    orders = {
        tuple(state.alert.identifier for state in in_force(order, START + hours * HOUR))
        for order in itertools.permutations(messages)
    }
    assert len(orders) == 1, "the order of arrival must not matter"
    return list(orders.pop())


def test_an_alert_is_in_force_from_sent_to_expires(alert: Alert) -> None:
    assert _names(alert, hours=-1) == []
    assert _names(alert, hours=0) == ["heat-1"]
    assert _names(alert, hours=11.9) == ["heat-1"]
    assert _names(alert, hours=12) == []


def test_the_predecessor_of_an_update_is_not_in_force(alert: Alert) -> None:
    update = _later(alert, 1, "Update", "heat-2", alert)
    assert _names(alert, update) == ["heat-2"]
    assert _names(alert, update, hours=0.5) == ["heat-1"]


def test_a_cancelled_warning_is_not_in_force(alert: Alert) -> None:
    cancel = _later(alert, 1, "Cancel", "heat-2", alert)
    assert _names(alert, cancel) == []


def test_cancelling_an_update_does_not_bring_back_what_it_replaced(alert: Alert) -> None:
    update = _later(alert, 1, "Update", "heat-2", alert)
    cancel = _later(alert, 2, "Cancel", "heat-3", update)
    assert _names(alert, update, cancel) == []


def test_a_cancel_of_one_leaves_the_others(alert: Alert) -> None:
    other = _later(alert, 0, "Alert", "heat-b")
    assert _names(alert, other, _later(alert, 1, "Cancel", "heat-2", alert)) == ["heat-b"]


def test_ack_and_error_change_nothing(alert: Alert) -> None:
    ack = _later(alert, 1, "Ack", "ack-1", alert)
    error = _later(alert, 1, "Error", "error-1", alert)
    assert _names(alert, ack, error) == ["heat-1"]


def test_an_update_that_comes_first_still_counts_and_names_what_is_missing(alert: Alert) -> None:
    update = _later(alert, 1, "Update", "heat-2", alert)
    assert chain([update], START + 2 * HOUR).missing == (alert.reference,)


def test_an_info_that_is_all_clear_is_over_and_the_rest_stays(alert: Alert) -> None:
    clear = replace(alert.info[0], response_type=("AllClear",), event="Wind")
    both = replace(alert, info=(clear, alert.info[0]))
    state = in_force([both], START + HOUR)[0]
    assert [one.word for one in state.infos] == ["over", "in force"]
    assert _names(replace(alert, info=(clear,))) == []


def test_each_info_expires_by_itself(alert: Alert) -> None:
    short = replace(alert.info[0], expires=START + HOUR)
    state = in_force([replace(alert, info=(short, alert.info[0]))], START + 2 * HOUR)[0]
    assert [one.word for one in state.infos] == ["expired", "in force"]


def test_without_expires_the_end_is_inferred_and_says_so(alert: Alert) -> None:
    open_end = replace(alert, info=(replace(alert.info[0], expires=None),))
    state = in_force([open_end], START + HOUR, default_validity=3 * HOUR)[0]
    assert (state.infos[0].until, state.infos[0].until_is_inferred) == (START + 3 * HOUR, True)
    assert in_force([open_end], START + 3 * HOUR, default_validity=3 * HOUR) == ()


def test_a_test_or_a_stranger_cancels_nothing(alert: Alert) -> None:
    cancel = _later(alert, 1, "Cancel", "c", alert)
    for wrong in (replace(cancel, status="Test"), replace(cancel, sender="someone@else")):
        assert _names(alert, wrong) == ["heat-1"]
        assert chain([alert, wrong], START + 2 * HOUR).ignored == (
            (wrong.reference, alert.reference),
        )


def test_drafts_and_exercises_are_not_in_force(alert: Alert) -> None:
    exercise = replace(alert, status="Exercise")
    assert in_force([replace(alert, status="Draft"), exercise], START) == ()
    assert len(in_force([exercise], START, statuses=["Exercise"])) == 1
    assert in_force([replace(alert, status="Draft")], START, statuses=["Draft"]) == ()


def test_messages_stay_in_the_history_when_they_are_over(alert: Alert) -> None:
    cancel = _later(alert, 1, "Cancel", "heat-2", alert)
    states = chain([alert, cancel], START + 1000 * HOUR).states
    assert [(s.alert.identifier, s.fate) for s in states] == [
        ("heat-1", "cancelled"),
        ("heat-2", "no warning"),
    ]


def test_an_identifier_that_was_used_twice_is_named(alert: Alert) -> None:
    second = replace(alert, sent=alert.sent + HOUR)
    assert chain([alert, alert], START + 2 * HOUR).reused == ()
    found = chain([alert, second], START + 2 * HOUR)
    assert found.reused == (alert.reference, second.reference)
    cancel = _later(alert, 2, "Cancel", "c", second)
    assert _names(alert, second, cancel, hours=3) == ["heat-1"], "sent decides which is meant"


def test_the_lineage_of_a_warning_is_all_that_references_join(alert: Alert) -> None:
    update = _later(alert, 1, "Update", "heat-2", alert)
    cancel = _later(alert, 2, "Cancel", "heat-3", alert, update)
    other = _later(alert, 1, "Alert", "wind-1")
    stranger = replace(_later(alert, 1, "Ack", "ack", alert), sender="someone@else")
    held = [cancel, other, stranger, update, alert]
    for start in (alert, update, cancel):
        assert lineage(held, start) == (alert, update, cancel)
    assert lineage(held, other) == (other,)


@given(st.data())
def test_any_order_and_any_repetition_give_the_same(data: st.DataObject) -> None:
    base = Alert("m0", "desk@example.org", START, "Actual", "Alert", "Public")
    messages = [base]
    for number in range(1, 6):
        targets = data.draw(st.lists(st.sampled_from(messages), max_size=2))
        kind = data.draw(st.sampled_from(["Alert", "Update", "Cancel", "Ack"]))
        messages.append(_later(base, number, kind, f"m{number}", *targets))
    shuffled = data.draw(st.permutations(messages + messages[:3]))
    assert chain(shuffled, START + 9 * HOUR) == chain(messages, START + 9 * HOUR)

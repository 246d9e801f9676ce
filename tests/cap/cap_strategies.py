"""Hypothesis: any alert that breaks no rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from tocsin.cap import (
    Alert,
    Area,
    Circle,
    EventCode,
    Geocode,
    Info,
    Parameter,
    Reference,
    Resource,
)
from tocsin.cap.codes import CODES

_text = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r<>&'\""),
    min_size=1,
    max_size=20,
).filter(str.strip)
_name = st.text("abcdefghijklmnopqrstuvwxyz0123456789.:@-_é市", min_size=1, max_size=20)
_item = st.text("ab é\t,&<", max_size=8)
_offset = st.integers(-56, 56).map(lambda quarter: timezone(timedelta(minutes=15 * quarter)))
_start = datetime(1900, 1, 2, tzinfo=UTC)
_time = st.builds(
    lambda seconds, zone: (_start + timedelta(seconds=seconds)).astimezone(zone),
    st.integers(0, 30 * 10**9),
    _offset,
)
_lat = st.floats(-89, 88)
_lon = st.floats(-179, 178)
_maybe_text = st.none() | _text


def _code(element: str) -> st.SearchStrategy[str]:
    return st.sampled_from(CODES[element])


def _some(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=3).map(tuple)


_box = st.tuples(_lat, _lon, st.floats(0.001, 1)).map(
    lambda b: (
        (b[0], b[1]), (b[0] + b[2], b[1]), (b[0] + b[2], b[1] + b[2]), (b[0], b[1] + b[2]),
        (b[0], b[1]),
    )
)  # fmt: skip
_height = st.floats(-1000, 50000)
_area = st.builds(
    Area, _text, _some(_box), _some(st.builds(Circle, _lat, _lon, st.floats(0, 20000))),
    _some(st.builds(Geocode, _text, _text)), _height,
    st.none() | st.floats(50000, 99999),
)  # fmt: skip
_resource = st.builds(
    Resource, _text, st.just("image/png"), st.none() | st.integers(0, 10**9),
    st.none() | st.just("https://example.org/a"), _maybe_text,
    st.none() | st.just("0123456789abcdefABCD0123456789abcdefABCD"),
)  # fmt: skip


@st.composite
def _info(draw: st.DrawFn, sent: datetime) -> Info:
    return Info(
        category=draw(st.lists(_code("category"), min_size=1, max_size=3).map(tuple)),
        event=draw(_text),
        urgency=draw(_code("urgency")),
        severity=draw(_code("severity")),
        certainty=draw(_code("certainty")),
        language=draw(st.sampled_from([None, "en-US", "zh-Hans", "fr"])),
        response_type=draw(_some(_code("responseType"))),
        audience=draw(_maybe_text),
        event_code=draw(_some(st.builds(EventCode, _text, _text))),
        effective=draw(st.none() | st.just(sent)),
        onset=draw(st.none() | _time),
        expires=draw(st.none() | st.just(sent + timedelta(hours=6))),
        headline=draw(_maybe_text),
        description=draw(_maybe_text),
        web=draw(st.none() | st.just("https://example.org/?a=1&b=2")),
        parameter=draw(_some(st.builds(Parameter, _text, _text))),
        resource=draw(_some(_resource)),
        area=draw(_some(_area)),
    )


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    """Draw an alert without errors; warnings may remain."""
    sent = draw(_time)
    older = st.just(sent - timedelta(days=1))
    kind = draw(_code("msgType"))
    scope = draw(_code("scope"))
    return Alert(
        identifier="own-" + draw(_name),
        sender=draw(_name),
        sent=sent,
        status=draw(_code("status")),
        msg_type=kind,
        scope=scope,
        source=draw(_maybe_text),
        restriction=draw(_text) if scope == "Restricted" else None,
        addresses=draw(st.lists(_item, min_size=1, max_size=3).map(tuple)),
        code=draw(_some(_text)),
        note=draw(_maybe_text),
        references=draw(
            st.lists(
                st.builds(Reference, _name, _name.map("old-".__add__), older),
                min_size=0 if kind == "Alert" else 1,
                max_size=3,
            ).map(tuple)
        ),
        incidents=draw(_some(_item)),
        info=draw(_some(_info(sent))),
    )

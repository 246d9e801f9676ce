"""Profiles: each rule is broken once; real issuers pass the profile of their country."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cap.test_corpus import CORPUS
from tocsin.cap import Alert, Area, EventCode, Geocode, Info, Parameter, check, validate
from tocsin.cap.catalogue import errors
from tocsin.cap.profile import PROFILES, check_profile, load_profile
from tocsin.errors import CapError


def _broken(alert: Alert, profile: str) -> set[str]:
    return {finding.rule for finding in check_profile(alert, load_profile(profile))}


def _info(alert: Alert, **changes: object) -> Alert:
    return replace(alert, info=(replace(alert.info[0], **changes),))  # type: ignore[arg-type]


@pytest.fixture
def ipaws(alert: Alert) -> Alert:
    """The heat warning as IPAWS wants it."""
    area = Area("Kings County", geocode=(Geocode("SAME", "036047"),))
    made = _info(alert, event_code=(EventCode("SAME", "HWW"),), area=(area,))
    return replace(made, code=("other", "IPAWSv1.0"))


@pytest.fixture
def canada(alert: Alert) -> Alert:
    """The heat warning as CAP-CP wants it."""
    area = Area("Somewhere", geocode=(Geocode("profile:CAP-CP:Location:0.3", "3537064"),))
    code = EventCode("profile:CAP-CP:Event:0.4", "heat")
    english = replace(alert.info[0], event_code=(code,), area=(area,), language="en-CA")
    french = replace(english, language="fr-CA", headline="Chaleur")
    return replace(alert, code=("profile:CAP-CP:0.4",), info=(english, french))


def test_ipaws(ipaws: Alert) -> None:
    assert errors(validate(ipaws)) == ()
    assert _broken(ipaws, "ipaws") == set()
    assert _broken(replace(ipaws, code=("other",)), "ipaws") == {"ipaws-code"}
    assert _broken(_info(ipaws, event_code=()), "ipaws") == {"ipaws-same-event"}
    two = (EventCode("SAME", "HWW"), EventCode("SAME", "TOR"))
    assert _broken(_info(ipaws, event_code=two), "ipaws") == {"ipaws-same-event"}
    low = (EventCode("SAME", "heat"),)
    assert _broken(_info(ipaws, event_code=low), "ipaws") == {"ipaws-same-letters"}
    assert _broken(_info(ipaws, expires=None), "ipaws") == {"ipaws-expires"}
    assert _broken(_info(ipaws, area=()), "ipaws") == {"ipaws-area"}
    assert _broken(_info(ipaws, area=(Area("x"),)), "ipaws") == {"ipaws-same-place"}


@pytest.mark.parametrize(
    ("name", "limit", "rule"),
    [("CMAMtext", 90, "wea-short-text"), ("CMAMlongtext", 360, "wea-long-text")],
)
def test_wireless_texts_have_a_length(ipaws: Alert, name: str, limit: int, rule: str) -> None:
    assert _broken(_info(ipaws, parameter=(Parameter(name, "x" * limit),)), "ipaws") == set()
    assert _broken(_info(ipaws, parameter=(Parameter(name, "x" * (limit + 1)),)), "ipaws") == {rule}


def test_a_polygon_for_phones_has_at_most_100_points(ipaws: Alert) -> None:
    for points, broken in ((100, set()), (101, {"wea-vertices"})):
        area = replace(ipaws.info[0].area[0], polygon=(((0.0, 0.0),) * points,))
        assert _broken(_info(ipaws, area=(area,)), "ipaws") == broken


def test_canada(canada: Alert) -> None:
    english, french = canada.info
    assert errors(validate(canada)) == ()
    assert _broken(canada, "cap-cp") == set()
    assert _broken(replace(canada, code=()), "cap-cp") == {"cap-cp-code"}
    assert _broken(replace(canada, info=(english,)), "cap-cp") == {"cap-cp-languages"}
    bare = replace(french, event_code=())
    assert _broken(replace(canada, info=(english, bare)), "cap-cp") == {"cap-cp-event"}
    other = replace(french, event_code=(EventCode("profile:CAP-CP:Event:0.4", "wind"),))
    assert _broken(replace(canada, info=(english, other)), "cap-cp") == {"cap-cp-one-event"}
    nowhere = replace(french, area=(Area("x"),))
    assert _broken(replace(canada, info=(english, nowhere)), "cap-cp") == {"cap-cp-location"}
    assert _broken(replace(canada, info=(english, replace(french, area=()))), "cap-cp") == {
        "cap-cp-area"
    }


def test_australia(alert: Alert) -> None:
    assert _broken(alert, "cap-au") == {"cap-au-code", "cap-au-event"}


def test_wmo(alert: Alert) -> None:
    assert _broken(alert, "wmo") == {"wmo-identifier", "wmo-sender-name"}
    good = replace(
        _info(alert, sender_name="Example service"),
        identifier="urn:oid:2.49.0.1.231.0.2024.9.1.10.0.0",
    )
    assert _broken(good, "wmo") == set()
    assert _broken(replace(good, identifier="urn:oid:2.49.0.0.231.0.1"), "wmo") == {
        "wmo-identifier"
    }
    assert _broken(_info(good, expires=None, area=()), "wmo") == {"wmo-expires", "wmo-area"}


def _chinese(info: Info, colour: str, severity: str) -> Info:
    parameter = (Parameter("level", colour),)
    return replace(info, language="zh-CN", parameter=parameter, severity=severity)


def test_china(alert: Alert) -> None:
    info = alert.info[0]
    assert _broken(alert, "cn") == {"cn-language", "cn-colour"}
    for colour, severity in load_profile("cn").colours.items():
        good = replace(alert, info=(_chinese(info, colour, severity),))
        assert _broken(good, "cn") == set()
    assert _broken(replace(alert, info=(_chinese(info, "red", "Minor"),)), "cn") == {
        "cn-colour-severity"
    }
    assert _broken(replace(alert, info=(_chinese(info, "pink", "Minor"),)), "cn") == {"cn-colour"}
    endless = replace(_chinese(info, "red", "Extreme"), expires=None)
    assert _broken(replace(alert, info=(endless,)), "cn") == {"cn-expires"}


def test_a_cancel_without_info_is_asked_for_the_alert_only(alert: Alert) -> None:
    cancel = replace(alert, msg_type="Cancel", info=(), references=(alert.reference,))
    assert _broken(cancel, "ipaws") == {"ipaws-code"}
    assert _broken(cancel, "cn") == set()


@pytest.mark.parametrize("name", PROFILES)
def test_each_rule_speaks_both_languages(name: str) -> None:
    profile = load_profile(name)
    assert set(profile.name) == {"en", "zh-Hans"}
    assert profile.source
    assert len({rule.id for rule in profile.rules}) == len(profile.rules)
    for rule in profile.rules:
        assert set(rule.problem) == set(rule.remedy) == {"en", "zh-Hans"}


def test_an_unknown_profile_is_refused_with_the_list() -> None:
    with pytest.raises(CapError, match="choose one of cap-au, cap-cp, cn, ipaws, wmo"):
        load_profile("cap-fr")


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of CAP messages at {CORPUS}")
@pytest.mark.parametrize(
    ("pattern", "profile"),
    [("*ipaws*", "ipaws"), ("*testdata__canada.cap", "cap-cp"), ("*australia.cap", "cap-au")],
)
def test_real_issuers_pass_their_profile(pattern: str, profile: str) -> None:
    paths: list[Path] = list(CORPUS.rglob(pattern))
    assert paths
    for path in paths:
        alert = check(path.read_bytes()).alert
        assert alert is not None
        assert check_profile(alert, load_profile(profile)) == []

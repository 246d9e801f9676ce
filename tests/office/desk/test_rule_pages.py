"""Changing a rule on the desk: form, text, proposal, approval, versions, and the way back."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests.office.factories import make_rule
from tests.office.small_region import write_region
from tocsin.office.atlas.rule_words import described
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_form import PARTS
from tocsin.office.watch.rule_models import RuleProposal

WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)
RULES = "/desk/watch/rules/"
CHANGE = f"{RULES}heat/change/"
PROPOSALS = "/desk/watch/proposals/"


@pytest.fixture
def region(db, tmp_path):
    """One hot afternoon: yellow from 95 degF, orange from 100."""
    replay(write_region(tmp_path / "small"), at=WALL)


@pytest.fixture
def approver(signed_in) -> Client:
    return signed_in("approver")


def fields(client: Client, address: str = CHANGE) -> dict[str, Any]:
    """The form as a browser would send it back."""
    page = client.get(address).context
    values = page["values"]
    sent = {name: value for name, value in values.items() if name not in ("is_off", "everywhere")}
    return sent | {
        "over": page["over"],
        "revision": page["revision"],
        "everywhere": "yes" if values["everywhere"] else "no",
        "then": "save",
        "why": "June was noisy.",
    }


def proposed(client: Client, address: str = CHANGE, **changed: Any) -> RuleProposal:
    answer = client.post(address, fields(client, address) | changed)
    assert answer.status_code == 302, answer.context["errors"]
    return RuleProposal.objects.latest("pk")


def approved(client: Client, held: RuleProposal) -> RuleVersion:
    address = f"{PROPOSALS}{held.pk}/do/approve/"
    client.post(address, {"revision": held.revision, "remark": "Agreed."})
    held.refresh_from_db()
    assert held.version is not None
    return held.version


@pytest.mark.usefixtures("region")
def test_the_form_changes_what_it_shows_and_carries_the_rest(officer):
    before = RuleVersion.objects.get()
    more = {**before.definition, "cap": {**before.definition["cap"], "urgency": "Expected"}}
    RuleVersion.objects.update(definition=more)
    held = proposed(officer, **{"level-orange": "103.5", "hold_h": "5"})
    assert held.definition == {
        **more, "levels": {"yellow": 95.0, "orange": 103.5}, "hold_h": 5
    }  # fmt: skip


@pytest.mark.usefixtures("region")
def test_the_proposal_says_what_changes_in_words_with_units(officer, approver, words):
    changed = {"headline-orange-en": "Dangerous heat, {value} in {place}", "level-orange": "103.5"}
    held = proposed(officer, **changed)
    said = words(approver.get(f"{PROPOSALS}{held.pk}/"))
    assert "Orange from ≥ 100 °F ≥ 103.5 °F" in said
    assert "Dangerous heat, {value} at {place} Dangerous heat, {value} in {place}" in said
    assert "June was noisy." in said
    assert "Approve" in said
    assert "Approve " not in words(officer.get(f"{PROPOSALS}{held.pk}/"))


@pytest.mark.usefixtures("region")
def test_what_it_would_have_done_stands_beside_what_it_does(officer, words):
    held = proposed(officer, **{"level-orange": "110"})
    answer = officer.get(f"{PROPOSALS}{held.pk}/try/", headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    said = words(answer)
    assert "Orange as it stands 100 °F 1 5 1 1 0 as tried 110 °F 0 0 1 0 0" in said
    whole = words(officer.get(f"{PROPOSALS}{held.pk}/try/"))
    assert "What it would have done" in whole


@pytest.mark.usefixtures("region")
def test_a_rule_that_can_never_fire_is_doubted_on_both_pages(officer, words):
    held = proposed(officer, **{"level-yellow": "900", "level-orange": "950"})
    said = words(officer.get(f"{PROPOSALS}{held.pk}/try/"))
    assert "It can never fire." in said
    assert "It has never fired." in said
    tried = words(officer.get(f"{RULES}heat/try/", {"yellow": "900", "orange": "950"}))
    assert "yellow from 900 degF is beyond every heat_index" in tried
    assert "It can never fire." not in words(officer.get(f"{RULES}heat/try/"))


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(
    ("prefix", "said"), [("", "They have different levels"), ("/zh-hans", "两者所设级别不同")]
)
def test_a_level_that_only_one_of_them_has_is_no_draw(officer, words, prefix, said):
    """Without orange it warned of yellow as before, and the page said that both did the same."""
    texts = {f"{part}-orange-{tag}": "" for part in PARTS for tag in ("en", "zh-Hans")}
    held = proposed(officer, **{"level-orange": ""}, **texts)
    shown = words(officer.get(f"{prefix}{PROPOSALS}{held.pk}/try/"))
    assert said in shown
    assert "Both do the same" not in shown


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"level-orange": "hot"}, "level-orange", "“hot”: This is not a number."),
        ({"level-orange": "90"}, "levels", "not in order"),
        ({"level-red": "105"}, "headline-red-en", "The text in en is missing"),
        ({"headline-orange-zh-Hans": ""}, "headline-orange-zh-Hans", "The text in zh-Hans is"),
        ({"instruction-yellow-en": "See {url}"}, "instruction-yellow-en", "Nothing can be filled"),
        ({"hold_h": "1000"}, "hold_h", "It must be at most 240."),
        ({"hysteresis": "-1"}, "hysteresis", "It must be at least 0."),
        ({"season-first": "13-01", "season-last": "05-01"}, "season-first", "13-01"),
        ({"season-first": "05-01"}, "season-last", "last is missing"),
        ({"everywhere": "no", "areas": ["nowhere"]}, "areas", "No area has this code."),
        ({"why": " "}, "why", "Say why"),
        ({"valid_from": "soon"}, "valid_from", "“soon” is no time"),
        ({"id": "other"}, "id", "The id stays"),
    ],
)
def test_each_fault_stands_at_its_field_and_nothing_typed_is_lost(officer, changed, field, said):
    answer = officer.post(CHANGE, fields(officer) | {"name-en": "Hot days"} | changed)
    assert answer.status_code == 422
    assert said in " ".join(answer.context["errors"][field])
    assert f'id="said-{field}"' in answer.content.decode()
    assert 'value="Hot days"' in answer.content.decode()
    for name, value in changed.items():
        assert answer.context["values"][name] == (value if name != "everywhere" else False)
    assert not RuleProposal.objects.exists()


@pytest.mark.usefixtures("region")
def test_the_text_can_say_what_the_form_cannot_and_keeps_its_faults_with_lines(officer):
    text = officer.post(CHANGE, fields(officer) | {"then": "text", "level-orange": "101"})
    typed = text.context["values"]["text"]
    assert "levels = { yellow = 95.0, orange = 101.0 }" in typed
    sent = fields(officer) | {"mode": "text"}
    wrong = officer.post(CHANGE, sent | {"text": typed.replace('"heat_index"', '"heat_idx"')})
    assert wrong.status_code == 422
    assert "Line 6: rule[1].indicator: “heat_idx”" in wrong.context["errors"]["text"][0]
    assert "heat_idx" in wrong.context["values"]["text"]
    area = typed.replace(
        "[rule.cap]", "[rule.levels_by_area]\nwest = { orange = 99 }\n\n[rule.cap]"
    )
    back = officer.post(CHANGE, sent | {"text": area, "then": "form"})
    assert back.context["values"]["level-orange"] == "101"
    held = proposed(officer, **{**back.context["values"], "everywhere": "yes", "is_off": ""})
    assert held.definition["levels_by_area"] == {"west": {"orange": 99.0}}


def test_levels_by_return_period_take_the_records_of_the_folder(db, officer, tmp_path, words):
    folder = write_region(tmp_path / "small")
    years = range(1981, 2011)
    rows = [f"heat_index,AAA,{year},{98 + year % 7},degF,made for a test" for year in years]
    head = "indicator,station,year,extreme,unit,source"
    (folder / "records.csv").write_text("\n".join([head, *rows]) + "\n")
    with (folder / "region.toml").open("a") as file:
        file.write('[files]\nrecords = "records.csv"\n')
    replay(folder, at=WALL)
    by_years = 'levels = { yellow = 2, orange = 10 }\nlevels_as = "return-period"'
    text, count = re.subn(r"(?m)^levels = \{.*\}$", by_years, fields(officer)["text"])
    assert count == 1  # PostgreSQL keeps the keys of an object in an order of its own
    held = proposed(officer, mode="text", text=text)
    assert held.definition["record"]["AAA"]["years"] == 30
    said = words(officer.get(f"{PROPOSALS}{held.pk}/try/"))
    assert "BBB has no record of" in said
    assert "It has stood all the time." not in said


@pytest.mark.usefixtures("region")
def test_a_broken_text_stays_text(officer):
    sent = fields(officer) | {"mode": "text", "text": "[[rule]\n", "then": "form"}
    answer = officer.post(CHANGE, sent)
    assert answer.status_code == 422
    assert answer.context["values"]["mode"] == "text"
    assert "This is not TOML" in answer.context["errors"]["text"][0]


@pytest.mark.usefixtures("region")
def test_two_at_once_the_second_sees_both_and_decides(officer, approver, words):
    held = proposed(officer, **{"level-orange": "102"})
    address = f"{PROPOSALS}{held.pk}/edit/"
    mine = fields(officer, address) | {"level-orange": "104"}
    proposed(approver, address, **{"level-orange": "103"})
    told = officer.post(address, mine)
    assert told.status_code == 409
    said = words(told)
    assert "approver saved revision 2 since" in said
    assert "Orange from ≥ 103 °F ≥ 104 °F" in said
    assert told.context["values"]["level-orange"] == "104"
    chinese = officer.post(f"/zh-hans{address}", mine).content.decode()
    assert f"<p>提案{held.pk}已有变动：您看到的是第1次修订" in chinese  # not marked as English
    again = officer.post(address, mine | {"revision": told.context["revision"]})
    assert again.status_code == 302
    held.refresh_from_db()
    assert (held.revision, held.definition["levels"]["orange"]) == (3, 104.0)


@pytest.mark.usefixtures("region")
def test_from_the_proposal_to_the_version_and_back_in_one_click(officer, approver, words):
    version = approved(approver, proposed(officer, **{"level-orange": "103.5"}))
    page = words(officer.get(f"{RULES}heat/"))
    assert "version 2 in force" in page
    assert "duty_officer, approved by approver June was noisy." in page
    one = words(officer.get(f"{RULES}heat/2/"))
    assert "Orange from ≥ 100 °F ≥ 103.5 °F" in one
    assert "Approved by approver" in one
    officer.post(f"{RULES}heat/1/again/")
    held = RuleProposal.objects.latest("pk")
    assert held.why == "Back to version 1."
    back = approved(approver, held)
    assert back.digest == RuleVersion.objects.get(version=1).digest
    assert (version.version, back.version) == (2, 3)


@pytest.mark.usefixtures("region")
def test_the_export_put_into_the_folder_is_the_same_rule(officer, approver, tmp_path):
    version = approved(approver, proposed(officer, **{"level-orange": "103.5"}))
    answer = officer.get(f"{RULES}heat/2/rule.toml")
    assert answer["Content-Disposition"] == 'attachment; filename="heat-v2.toml"'
    text = answer.content.decode()
    assert tomllib.loads(text)["rule"][0] == version.definition
    (tmp_path / "small" / "rules.toml").write_text(text)
    replay(tmp_path / "small", at=WALL)
    newest = RuleVersion.objects.filter(rule="heat").first()
    assert (newest.origin, newest.digest) == ("folder", version.digest)


@pytest.mark.usefixtures("region")
def test_when_the_folder_changes_the_office_stands_and_says_so(officer, approver, words, tmp_path):
    approved(approver, proposed(officer, **{"level-orange": "103.5"}))
    file = tmp_path / "small" / "rules.toml"
    file.write_text(file.read_text().replace("orange = 100", "orange = 99"))
    replay(tmp_path / "small", at=WALL)
    said = words(officer.get(f"{RULES}heat/"))
    assert "a newer text, kept as version 3. Version 2, approved here, stays in force." in said
    assert "≥ 103.5 °F" in said
    officer.post(f"{RULES}heat/3/again/")
    taken = approved(approver, RuleProposal.objects.latest("pk"))
    assert taken.definition["levels"]["orange"] == 99.0


@pytest.mark.usefixtures("region")
def test_a_copy_becomes_a_rule_of_its_own(officer, approver, words):
    address = f"{RULES}heat/copy/"
    missing = officer.post(address, fields(officer, address))
    assert missing.context["errors"]["id"]
    held = proposed(officer, address, id="heat-night", **{"name-en": "Hot night"})
    said = words(officer.get(f"{PROPOSALS}{held.pk}/"))
    assert "a new rule" in said
    assert "1 warning" in words(officer.get(f"{PROPOSALS}{held.pk}/try/"))
    approved(approver, held)
    assert "Hot night heat-night v1" in words(officer.get(RULES))


@pytest.mark.usefixtures("region")
def test_a_rule_out_of_use_says_so(officer, approver, words):
    held = proposed(officer, is_off="on")
    assert "In use yes no: it raises nothing" in words(officer.get(f"{PROPOSALS}{held.pk}/"))
    assert officer.get(f"{PROPOSALS}{held.pk}/try/").status_code == 200
    approved(approver, held)
    assert "out of use" in words(officer.get(RULES))
    assert "it raises nothing" in words(officer.get(f"{RULES}heat/"))


@pytest.mark.usefixtures("region")
def test_rejected_with_a_reason_it_can_be_written_on(officer, approver, words):
    held = proposed(officer, **{"level-orange": "103"})
    do = f"{PROPOSALS}{held.pk}/do/reject/"
    approver.post(do, {"revision": 1, "remark": ""})
    held.refresh_from_db()
    assert held.state == "proposed"
    approver.post(do, {"revision": 1, "remark": "Only for July."})
    assert "Only for July." in words(officer.get(f"{PROPOSALS}{held.pk}/"))
    held = proposed(officer, f"{PROPOSALS}{held.pk}/edit/", **{"level-orange": "102"})
    assert (held.state, held.revision) == ("proposed", 2)


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(
    ("prefix", "whole", "part"),
    [
        ("", "1 March to 30 November", "Orange from, 1 June to 31 August"),
        ("/zh-hans", "3月1日至11月30日", "橙色起点，6月1日至8月31日"),
    ],
)
def test_a_season_stands_in_words_wherever_a_rule_does(officer, words, prefix, whole, part):
    rule = RuleVersion.objects.get(rule="heat")
    rule.definition |= {
        "season": {"first": "03-01", "last": "11-30"},
        "levels_by_season": [{"first": "06-01", "last": "08-31", "levels": {"orange": 98}}],
    }
    rule.save()
    for address in (RULES, f"{RULES}heat/", f"{RULES}heat/1/", "/how-we-warn/"):
        said = words(officer.get(prefix + address))
        assert whole in said, address
    with translation.override("zh-hans" if prefix else "en"):
        assert part in described(rule.definition, {})


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(
    "address",
    [CHANGE, f"{RULES}heat/copy/", f"{RULES}heat/1/", f"{RULES}heat/1/rule.toml", PROPOSALS],
)
def test_the_door(client, signed_in, address):
    assert client.get(address).status_code == 302
    assert signed_in("storekeeper").get(address).status_code == 403
    assert signed_in("duty_officer").get(address.replace("heat", "none")).status_code in (200, 404)


@pytest.mark.usefixtures("region")
def test_an_account_with_no_right_cannot_decide(officer):
    held = proposed(officer, **{"level-orange": "103"})
    answer = officer.post(f"{PROPOSALS}{held.pk}/do/approve/", {"revision": 1})
    assert answer.status_code == 403
    assert officer.post(f"{PROPOSALS}{held.pk}/do/dance/").status_code == 404
    assert RuleVersion.objects.count() == 1


@pytest.mark.usefixtures("region")
def test_the_pages_speak_chinese(officer, approver, words):
    approved(approver, proposed(officer, **{"level-orange": "103.5"}))
    one = f"{PROPOSALS}{RuleProposal.objects.latest('pk').pk}/"
    for address, said in (
        (CHANGE, "阈值与文本"),
        (f"{RULES}heat/", "修改此规则"),
        (f"{RULES}heat/2/", "何人、何时、何故"),
        (PROPOSALS, "提案"),
        (one, "橙色起点"),
        (f"{one}try/", "若已采用会如何"),
    ):
        assert said in words(officer.get(f"/zh-hans{address}")), address


def test_a_rule_that_looks_ahead_says_so_wherever_it_is_told(officer, sound_ledger, words):
    make_rule(id="soon", lead_h=24, probability=0.3)
    assert "looks 24 h ahead" in words(officer.get("/desk/watch/rules/"))
    said = words(officer.get("/desk/watch/rules/soon/"))
    assert "looks 24 h ahead: a forecast raises a level that at least 30% of its members" in said
    assert words(officer.get("/how-we-warn/")).count("Forecasts may raise it 24 hours ahead.") == 1

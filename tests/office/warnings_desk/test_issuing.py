"""The moment of issue: exactly once, whole or not at all, signed or not at all."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection

from tocsin import cap
from tocsin.cap.verify import read_certificates
from tocsin.cap.verify import verify as verdict_on
from tocsin.errors import DraftError, SigningError, StateError, StorageError
from tocsin.office.audit.models import Entry
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.ledger import verify
from tocsin.office.warnings_desk.models import Draft, Message, Warning
from tocsin.office.warnings_desk.signals import message_issued

from .. import drafting
from ..drafting import NOW, TEXTS, approved, content, draft, go_on, issued

HOUR = timedelta(hours=1)


@pytest.fixture
def office(db):
    return drafting.make_office()


@pytest.fixture
def told():
    """Every signal sent, as the outbox receives it."""
    heard = []

    def listen(sender, message, region, at, **_):
        heard.append((message.identifier, connection.in_atomic_block))

    message_issued.connect(listen)
    yield heard
    message_issued.disconnect(listen)


def issue(office, one, at=NOW):
    return drafts.issue_draft(one, by=office.duty, at=at)


def nothing_was_issued(one):
    one.refresh_from_db()
    assert one.state == "approved"
    assert not Message.objects.exists()
    assert not Warning.objects.exists()
    assert not Entry.objects.filter(verb="issue_message").exists()
    return True


@pytest.mark.django_db
class TestExactlyOnce:
    def test_pressed_twice_it_gives_one_message(self, office, told):
        one = approved(office)
        first = issue(office, one)
        assert issue(office, one, at=NOW + HOUR) == first
        assert Message.objects.count() == 1
        assert told == [(first.identifier, True)]

    def test_a_receiver_that_fails_undoes_the_issue_and_it_can_be_tried_again(self, office):
        one = approved(office)

        def fail(sender, **_):
            raise RuntimeError("the outbox is out")

        message_issued.connect(fail)
        try:
            with pytest.raises(RuntimeError, match="outbox"):
                issue(office, one)
        finally:
            message_issued.disconnect(fail)
        assert nothing_was_issued(one)
        assert issue(office, one).number == 1

    def test_fractions_of_a_second_do_not_get_into_the_message(self, office):
        one = approved(office)
        message = issue(office, one, at=NOW + timedelta(microseconds=123456))
        assert message.sent_at == NOW
        assert cap.parse(bytes(message.raw)).alert.sent == NOW


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_the_same_moment_issue_once(told):
    if connection.vendor != "postgresql":
        pytest.skip("the embedded test database lives in one connection")
    office = drafting.make_office()
    one = approved(office)
    start, numbers = threading.Barrier(4), []

    def press():
        start.wait()
        numbers.append(issue(office, Draft.objects.get(pk=one.pk)).number)
        connection.close()

    pressed = [threading.Thread(target=press) for _ in range(4)]
    for thread in pressed:
        thread.start()
    for thread in pressed:
        thread.join()
    assert numbers == [1, 1, 1, 1]
    assert len(told) == 1
    assert verify() == 1


@pytest.mark.django_db
class TestWhatStopsIt:
    def test_a_message_against_the_standard(self, office):
        bow = [(40.1, -74.9), (40.4, -74.1), (40.4, -74.9), (40.1, -74.1)]
        said = content(blocks=[{"level": "orange", "polygons": [bow]}])
        one = draft(office, said)
        with pytest.raises(DraftError) as refused:
            drafts.submit(one, revision=1, by=office.duty, at=NOW)
        assert "polygon" in refused.value.faults[0].field

    def test_an_end_that_has_passed_since_the_approval(self, office):
        one = approved(office)
        with pytest.raises(DraftError, match="This end has passed"):
            issue(office, one, at=NOW + 12 * HOUR)
        assert nothing_was_issued(one)

    def test_a_warning_that_has_gone_on_by_another_draft(self, office):
        message = issued(office)
        at = NOW + HOUR
        late = drafts.start_from_warning(message.warning, "downgrade", by=office.duty, at=at)
        drafts.submit(late, revision=1, by=office.duty, at=at)
        late = drafts.approve(late, revision=1, by=office.approver, at=at)
        go_on(office, message, "upgrade", hours=2)
        with pytest.raises(StateError, match=r"has gone on since .* message 2 \(raise\)"):
            issue(office, late, at=NOW + 3 * HOUR)
        assert Message.objects.count() == 2

    def test_a_warning_that_is_over(self, office):
        message = issued(office)
        go_on(office, message, "all_clear")
        with pytest.raises(StateError, match=r"can take no message .* \(Cancel\)"):
            drafts.start_from_warning(message.warning, "update", by=office.duty, at=NOW + 2 * HOUR)

    def test_a_drill_on_a_real_warning(self, office):
        message = issued(office)
        one = drafts.start_from_warning(message.warning, "extend", by=office.duty, at=NOW + HOUR)
        one = drafts.save(
            one, content(status="Exercise"), revision=1, by=office.duty, at=NOW + HOUR
        )
        with pytest.raises(DraftError, match="The warning it goes on with is Actual"):
            drafts.submit(one, revision=2, by=office.duty, at=NOW + HOUR)

    def test_an_actual_message_in_a_replay(self, db):
        replay = drafting.make_office(is_replay=True)
        with pytest.raises(DraftError, match="nothing is actual"):
            drafting.submitted(replay, content())

    def test_a_drill_says_so_and_has_a_warning_of_its_own(self, office):
        message = issued(office, content(status="Exercise"))
        alert = cap.parse(bytes(message.raw)).alert
        assert alert.status == message.status == "Exercise"
        assert alert.note.startswith("Exercise: a drill.")
        assert alert.info[0].headline.startswith("EXERCISE: ")
        assert message.warning.slug == "drill-heat-2026-07-18"
        over = go_on(office, message, "all_clear")
        assert over.status == "Exercise"


def holder(name, key, *, years=1, since=NOW - timedelta(days=30)):
    """A certificate of the desk, by itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=365 * years))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


@pytest.mark.django_db
class TestSigning:
    @pytest.fixture
    def keys(self, tmp_path, settings):
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (tmp_path / "key.pem").write_bytes(pem)
        (tmp_path / "certificate.pem").write_bytes(holder("Desk", key))
        other = ec.generate_private_key(ec.SECP256R1())
        (tmp_path / "other.pem").write_bytes(holder("Other", other))
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        (tmp_path / "expired.pem").write_bytes(holder("Desk", key, since=long_ago))
        settings.SIGNING_KEY = str(tmp_path / "key.pem")
        settings.SIGNING_CERTIFICATES = str(tmp_path / "certificate.pem")
        return tmp_path

    def test_with_a_key_the_bytes_of_the_ledger_are_signed(self, office, keys):
        message = issued(office)
        pinned = read_certificates((keys / "certificate.pem").read_bytes())
        assert verdict_on(bytes(message.raw), pinned).word == "valid"
        assert verify() == 1

    def test_without_a_key_and_without_a_duty_to_sign_it_goes_out_unsigned(self, office):
        assert b"Signature" not in bytes(issued(office).raw)

    @pytest.mark.parametrize(
        ("setting", "value", "words"),
        [
            ("SIGNING_KEY", "", "TOCSIN_SIGNING_KEY is not set"),
            ("SIGNING_CERTIFICATES", "", "TOCSIN_SIGNING_CERTIFICATES is not set"),
            ("SIGNING_KEY", "gone.pem", "gone.pem cannot be read: No such file"),
            ("SIGNING_KEY", "certificate.pem", "the signing key cannot be read"),
            ("SIGNING_CERTIFICATES", "other.pem", "does not belong to this key"),
            ("SIGNING_CERTIFICATES", "expired.pem", "signature is expired"),
        ],
    )
    def test_a_missing_wrong_or_expired_key_blocks(
        self, office, keys, settings, setting, value, words
    ):
        setattr(settings, setting, str(keys / value) if value else "")
        one = approved(office)
        with pytest.raises(SigningError, match=words):
            issue(office, one)
        assert nothing_was_issued(one)
        settings.SIGNING_KEY = str(keys / "key.pem")
        settings.SIGNING_CERTIFICATES = str(keys / "certificate.pem")
        assert issue(office, one).number == 1

    def test_a_region_that_must_sign_does_not_go_on_without_a_key(self, office):
        Region.objects.update(is_signed=True)
        one = approved(office)
        with pytest.raises(SigningError, match="must be signed and TOCSIN_SIGNING_KEY is not set"):
            issue(office, one)
        assert nothing_was_issued(one)


@pytest.mark.django_db(transaction=True)
class TestStorage:
    @pytest.fixture
    def one(self):
        if connection.vendor != "sqlite":
            pytest.skip("a full disk is made with SQLite's own limit of pages")
        self.office = drafting.make_office()
        long = {lang: {**words, "description": "x" * 19_000} for lang, words in TEXTS.items()}
        made = approved(self.office, content(texts=long))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")  # no free page is left for the message
        return made

    @pytest.mark.parametrize(
        ("limit", "lift", "words"),
        [
            ("max_page_count = 1", "max_page_count = 1073741823", "full"),
            ("query_only = ON", "query_only = OFF", "readonly"),
        ],
    )
    def test_a_full_or_read_only_disk_is_a_clear_refusal(self, one, limit, lift, words):
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {limit}")
        try:
            with pytest.raises(StorageError, match=f"{words}.* Nothing was issued"):
                issue(self.office, one)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA {lift}")
        assert nothing_was_issued(one)
        assert issue(self.office, one).number == 1
        assert verify() == 1


def test_a_shape_that_reaches_nobody_is_told_before_it_is_issued(office):
    polar = {"level": "orange", "area_codes": ("west",), "circles": [[89.9, -74, 500]]}
    one = draft(office, content(blocks=[polar]))
    (fault,) = drafts.examine(one, drafts.Desk.here(office.region), at=NOW).faults
    assert fault.field == "blocks.0"
    assert "holds a pole" in fault.problem


def test_what_lies_outside_the_region_is_told_before_it_is_issued(office):
    far = {"level": "orange", "circles": [[10, 10, 5]]}
    one = draft(office, content(blocks=[far]))
    (fault,) = drafts.examine(one, drafts.Desk.here(office.region), at=NOW).faults
    assert "outside every area" in fault.problem

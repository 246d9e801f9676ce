"""The bundle of the ledger, judged by the script that the guide prints and by nothing else."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from tests.office import factories
from tocsin import cap
from tocsin.cap.sign import sign
from tocsin.errors import StateError
from tocsin.office.warnings_desk import export, ledger
from tocsin.office.warnings_desk.models import Message

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "guide" / "verify-a-ledger.md"
Files = dict[str, bytes]


@pytest.fixture
def whole(region: Any) -> Files:
    """The files of a bundle of three messages, the second of them signed."""
    warning = factories.make_warning(factories.make_rule())
    key, certificate = _key_and_certificate()
    for number in (1, 2, 3):
        raw = cap.write(_alert(number))
        _append(warning, number, sign(raw, key, certificate) if number == 2 else raw)
    assert ledger.verify() == 3
    return _files(_bundle())


def _alert(number: int) -> cap.Alert:
    sent = factories.NOW + timedelta(hours=number)
    words = {"category": ("Met",), "event": "Heat", "urgency": "Immediate", "severity": "Severe"}
    area = cap.Area(area_desc="the region")
    return cap.Alert(
        identifier=f"2.49.0.1.840.9.tocsin.{number}",
        sender="desk@tocsin.example",
        sent=sent,
        status="Exercise",
        msg_type="Alert",
        scope="Public",
        note="Made by a test.",
        info=(cap.Info(**words, certainty="Likely", area=(area,)),),
    )


def _append(warning: Any, number: int, raw: bytes) -> None:
    """Add a row as the desk does; the first one as it was done before rows were hashed."""
    sent = factories.NOW + timedelta(hours=number)
    columns: dict[str, Any] = {
        "sent_at": sent,
        "expires_at": sent + timedelta(hours=12),
        "reason": "issue",
        "levels": {"36061": 3},
        "evidence": [factories.evidence_row("36061", 3, text="\u6d4b\u8bd5", peak=95.0)],
        "impact": {"people": 3},
    }
    if number > 1:
        ledger.append(warning, _alert(number), raw, **columns)
        return
    sha256 = hashlib.sha256(raw).hexdigest()
    more = {"number": 1, "identifier": _alert(1).identifier, "status": "Exercise", "level": 3}
    chain = ledger.link(ledger.GENESIS, sha256)
    Message.objects.create(
        warning=warning, msg_type="Alert", raw=raw, sha256=sha256, chain=chain, **columns, **more
    )


def _key_and_certificate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Desk of the test")])
    begun = datetime(2013, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begun)
        .not_valid_after(begun + timedelta(days=730))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return (
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        made.public_bytes(pem),
    )


def _bundle() -> bytes:
    made = io.BytesIO()
    export.write_bundle(made)
    return made.getvalue()


def _files(bundle: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _zip(files: Files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return made.getvalue()


def _script() -> str:
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)[0]


def judged(folder: Path, bundle: bytes, head: str = "") -> tuple[int, str]:
    """Run the guide's script on a bundle, far from Tocsin; return its status and words."""
    (folder / "verify.py").write_text(_script())
    (folder / "bundle.zip").write_bytes(bundle)
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "bundle.zip", *([head] if head else [])],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert not ran.stderr, ran.stderr
    return ran.returncode, ran.stdout


def test_the_guide_prints_the_script_of_the_bundle_and_it_is_short() -> None:
    assert _script() == export.SCRIPT.read_text()
    assert len(_script().splitlines()) < 60


def test_a_stranger_finds_a_whole_ledger_right(whole: Files, tmp_path: Path) -> None:
    newest = ledger.head()[1]
    assert judged(tmp_path, _zip(whole)) == (0, f"every hash and link is right {newest}\n")
    assert judged(tmp_path, _zip(whole), newest)[0] == 0
    assert whole["messages/00000002.xml"] == bytes(Message.objects.get(number=2).raw)
    row = json.loads(whole["index.json"])["messages"][1]
    assert row["is_signed"]
    assert json.loads(row["row"])["levels"] == {"36061": 3}
    (fingerprint,) = row["certificates"]
    pem = whole[f"certificates/{fingerprint}.pem"]
    assert x509.load_pem_x509_certificate(pem).serial_number == 7
    assert b"# CN=Desk of the test\n" in pem


def test_the_same_ledger_gives_the_same_bundle_to_the_byte(whole: Files) -> None:
    assert _bundle() == _bundle()


def test_an_empty_ledger_is_whole_too(db: None, tmp_path: Path) -> None:
    status, words = judged(tmp_path, _bundle())
    assert (status, words) == (0, f"every hash and link is right {ledger.GENESIS}\n")


Change = Callable[[Files, list[dict[str, Any]]], None]


def _byte(files: Files, rows: list[dict[str, Any]]) -> None:
    files["messages/00000002.xml"] = files["messages/00000002.xml"].replace(b"Severe", b"Minor!")


def _byte_and_hash(files: Files, rows: list[dict[str, Any]]) -> None:
    _byte(files, rows)
    rows[1]["sha256"] = hashlib.sha256(files["messages/00000002.xml"]).hexdigest()


def _removed(files: Files, rows: list[dict[str, Any]]) -> None:
    del rows[1], files["messages/00000002.xml"]


def _removed_and_counted_anew(files: Files, rows: list[dict[str, Any]]) -> None:
    _removed(files, rows)
    rows[1] |= {"number": 2, "file": "messages/00000002.xml"}
    files["messages/00000002.xml"] = files.pop("messages/00000003.xml")


def _only_the_file_removed(files: Files, rows: list[dict[str, Any]]) -> None:
    del files["messages/00000003.xml"]


def _swapped(files: Files, rows: list[dict[str, Any]]) -> None:
    rows[0], rows[1] = rows[1], rows[0]


def _swapped_whole(files: Files, rows: list[dict[str, Any]]) -> None:
    one, two = "messages/00000001.xml", "messages/00000002.xml"
    files[one], files[two] = files[two], files[one]
    place = {name: (rows[0][name], rows[1][name]) for name in ("number", "file")}
    rows[0], rows[1] = rows[1], rows[0]
    for name, values in place.items():
        rows[0][name], rows[1][name] = values


def _inserted(files: Files, rows: list[dict[str, Any]]) -> None:
    raw = cap.write(_alert(9))
    files["messages/00000004.xml"] = raw
    rows.append(
        rows[2]
        | {"number": 4, "file": "messages/00000004.xml", "identifier": "2.49.0.1.840.9.tocsin.9"}
        | {"sha256": hashlib.sha256(raw).hexdigest()}
    )


def _file_added(files: Files, rows: list[dict[str, Any]]) -> None:
    files["messages/00000004.xml"] = b"<alert/>"


def _other_words(files: Files, rows: list[dict[str, Any]]) -> None:
    rows[2]["sent"] = rows[1]["sent"]


def _columns(files: Files, rows: list[dict[str, Any]]) -> None:
    rows[2]["row"] = rows[2]["row"].replace('"level":3', '"level":1')


def _columns_taken_away(files: Files, rows: list[dict[str, Any]]) -> None:
    rows[2] |= {"row": "", "row_sha256": ""}


def _columns_added(files: Files, rows: list[dict[str, Any]]) -> None:
    rows[0] |= {"row": "{}", "row_sha256": hashlib.sha256(b"{}").hexdigest()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_byte, "message 2: its bytes were altered"),
        (_byte_and_hash, "message 2: is not chained"),
        (_removed, "message 3: stands at place 2"),
        (_removed_and_counted_anew, "message 2: is not chained"),
        (_only_the_file_removed, "not the files that are there"),
        (_swapped, "message 2: stands at place 1"),
        (_swapped_whole, "message 1: is not chained"),
        (_inserted, "message 4: is not chained"),
        (_file_added, "not the files that are there"),
        (_other_words, "another sent than the message"),
        (_columns, "message 3: its columns were altered"),
        (_columns_taken_away, "message 3: is not chained"),
        (_columns_added, "message 1: is not chained"),
    ],
)
def test_a_stranger_finds_what_was_done_to_it(
    whole: Files, tmp_path: Path, change: Change, words: str
) -> None:
    rows = json.loads(whole["index.json"])["messages"]
    change(whole, rows)
    whole["index.json"] = json.dumps({"messages": rows}).encode()
    status, said = judged(tmp_path, _zip(whole))
    assert status == 1
    assert words in said
    assert "NOT whole" in said


def test_a_ledger_cut_off_at_its_end_shows_against_a_head_written_down(
    whole: Files, tmp_path: Path
) -> None:
    head = ledger.head()[1]
    rows = json.loads(whole["index.json"])["messages"][:2]
    whole["index.json"] = json.dumps({"messages": rows}).encode()
    del whole["messages/00000003.xml"]
    assert judged(tmp_path, _zip(whole))[0] == 0
    status, said = judged(tmp_path, _zip(whole), head)
    assert status == 1
    assert "nowhere in the ledger" in said


def test_it_is_written_whole_and_never_over_a_file(whole: Files, tmp_path: Path) -> None:
    target = tmp_path / "ledger.zip"
    done = export.export_ledger(target)
    assert (done.messages, done.head, done.fault) == (3, ledger.head()[1], "")
    assert hashlib.sha256(target.read_bytes()).hexdigest() == done.sha256
    with pytest.raises(StateError, match="is there already"):
        export.export_ledger(target)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.zip"]


def test_the_command_names_a_data_folder_without_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.cli import app

    monkeypatch.delenv("DATABASE_URL", raising=False)
    out = str(tmp_path / "ledger.zip")
    wide = CliRunner(env={"COLUMNS": "400"})  # so that no word of the message is wrapped
    ran = wide.invoke(app, ["ledger", "export", "--data", str(tmp_path), "--out", out])
    assert ran.exit_code == 2
    assert "holds no ledger" in ran.output

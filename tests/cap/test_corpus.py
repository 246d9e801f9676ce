"""Messages of real issuers, judged by the schema of OASIS; skipped where they are not at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree

from tocsin.cap import check, parse
from tocsin.cap.catalogue import errors
from tocsin.errors import CapError

HERE = Path(__file__).parent
SCHEMA = etree.XMLSchema(etree.parse(HERE / "CAP-v1.2.xsd"))
CORPUS = Path(os.environ.get("TOCSIN_CAP_CORPUS", HERE.parents[2] / "shared" / "cap" / "corpus"))
FILES = sorted(path for path in CORPUS.rglob("*") if path.suffix in {".cap", ".xml"})

# Valid by the schema, which cannot know that an Update must name what it updates.
WRONG_BEYOND_THE_SCHEMA = {"testdata__canada_errors.cap": "references-missing"}

pytestmark = pytest.mark.skipif(not FILES, reason=f"no corpus of CAP messages at {CORPUS}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_we_and_the_schema_agree(path: Path) -> None:
    raw = path.read_bytes()
    if b"<!DOCTYPE" in raw:
        with pytest.raises(CapError, match="DTD"):
            parse(raw)
        return
    wrong = errors(check(raw).findings)
    if path.name in WRONG_BEYOND_THE_SCHEMA:
        assert [finding.rule for finding in wrong] == [WRONG_BEYOND_THE_SCHEMA[path.name]]
    else:
        assert SCHEMA.validate(etree.fromstring(raw)) == (not wrong), wrong
    assert all(finding.line > 0 for finding in wrong)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_tolerant_reading_reads_all_that_is_not_hostile(path: Path) -> None:
    raw = path.read_bytes()
    if b"<!DOCTYPE" not in raw:
        parsed = parse(raw, strict=False)
        assert parsed.raw is raw
        assert parsed.alert.identifier

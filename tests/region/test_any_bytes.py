"""Whatever bytes stand in a file: faults are told with their place, and nothing falls over."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.feeds import STATIONS, make_feed
from tests.intake.test_hourly_station_csv import GOOD
from tests.region.folder import FILES, make_region_folder
from tocsin.errors import IntakeError
from tocsin.intake import read
from tocsin.region import check_region

PIECES = st.sampled_from(
    [b"", b'"', b"'", b"[", b"]", b"{", b"}", b",", b"=", b".", b"#", b"\n", b"\0", b"\xff", b"-",
     b"nan", b"1e400", b"true", b'""', b"2020-01-01", "中".encode()]
)  # fmt: skip


@st.composite
def edited(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw the content with one to three stretches replaced, perhaps cut off at the end."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        gone = draw(st.integers(0, 30))
        content = content[:at] + draw(PIECES | st.binary(max_size=4)) + content[at + gone :]
    return content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content


RELAXED = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@RELAXED
@given(st.sampled_from(sorted(FILES)), st.data())
def test_any_folder_is_answered_with_faults(name: str, data: st.DataObject) -> None:
    content = data.draw(edited(FILES[name].encode()))
    with tempfile.TemporaryDirectory() as temporary:
        folder = make_region_folder(Path(temporary))
        (folder / name).write_bytes(content)

        for fault in check_region(folder):
            assert fault.file
            assert fault.line >= 0
            assert fault.field
            assert fault.problem.endswith(".")
            assert fault.remedy


@RELAXED
@given(edited(GOOD.encode()))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        feed = make_feed(Path(temporary), content)
        try:
            reading = read(feed, STATIONS)
        except IntakeError as error:
            assert error.faults  # noqa: PT017  either outcome is right, but never a bare one
        else:
            assert 0 < reading.rows_used <= reading.rows_read

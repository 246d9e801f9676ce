"""The programs behind make: what they say when something is wrong, and what they skip."""

import ast
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.region import load_region
from tools import check_house, environment, live_scene, steps, vendor

ROOT = Path(__file__).resolve().parent.parent


def demo(port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        cwd=ROOT, env={**os.environ, "PORT": port}, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip


def test_demo_says_at_once_that_its_port_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = demo(str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert f"make demo PORT={port + 1}" in done.stderr
    assert done.stdout == "", "no long work before that"


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1", "80 80"])
def test_demo_refuses_what_is_no_port(port: str) -> None:
    done = demo(port)
    assert done.returncode == 1
    assert f"PORT={port} is no port" in done.stderr


def test_a_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", ROOT / "tools" / "find_python.sh"],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert "needs Python 3.11 or newer" in done.stderr
    assert "apt-get install python3" in done.stderr


def test_an_old_python_is_passed_over(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "python3.12").symlink_to(sys.executable)
    done = subprocess.run(
        ["/bin/sh", ROOT / "tools" / "find_python.sh"],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == str(tmp_path / "python3.12")


def test_a_stamp_tells_changed_inputs_from_unchanged_ones(tmp_path: Path) -> None:
    mark = tmp_path / "deep" / "stamp"
    assert not steps.is_stamped(mark, "inputs")
    steps.stamp(mark, "inputs")
    assert steps.is_stamped(mark, "inputs")
    assert not steps.is_stamped(mark, "other inputs")
    assert [path.name for path in mark.parent.iterdir()] == ["stamp"]


def test_an_environment_cut_off_while_installing_is_not_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(environment, "BUSY", tmp_path / "installing")
    assert environment.is_sound()
    environment.BUSY.touch()
    assert not environment.is_sound()


def test_a_failed_step_names_the_program_and_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        steps.run([sys.executable, "-c", "raise SystemExit(3)"], remedy="Do it by hand.")
    said = capsys.readouterr().err
    assert "exit status 3" in said
    assert "Do it by hand." in said


def test_vendored_files_are_there_and_name_no_missing_source_map() -> None:
    for target in vendor.ASSETS.values():
        text = (vendor.VENDOR / target).read_text()
        assert text
        assert "sourceMappingURL=" not in text.splitlines()[-1], target


def test_the_house_check_counts_a_function_without_its_docstring() -> None:
    source = 'def short():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert check_house.function_lines(node) == 2


def test_the_house_check_complains_of_length_and_of_empty_names(tmp_path: Path) -> None:
    (tmp_path / "utils.py").write_text("def f():\n" + "    x = 1\n" * 700)
    (tmp_path / "page.html").write_text("<p>\n" * 601)
    (tmp_path / "fine.py").write_text("X = 1\n")
    found = list(check_house.complaints(tmp_path, ["utils.py", "page.html", "fine.py", "gone.py"]))
    assert len(found) == 4
    assert "utils.py: 701 lines; the limit is 600" in found[0]
    assert "'utils' says nothing" in found[1]
    assert "f has 701 lines; the limit is 50" in found[2]
    assert found[3].startswith("page.html: 601 lines")


@pytest.mark.slow
def test_the_live_scene_is_a_region_without_faults_that_has_what_pictures_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (live_scene.REGION / "prepared" / "weather.csv").exists():
        pytest.skip("the example's data is not there: make demo brings it")
    monkeypatch.setenv("TOCSIN_ALLOW_TARGETS", "127.0.0.1")
    now = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    web = tmp_path / "web"
    web.mkdir()
    live_scene.write_region(tmp_path / "region", "http://127.0.0.1:9")
    live_scene.write_files(tmp_path / "region", web, now, now)
    region = load_region(tmp_path / "region")
    assert {rule.id: rule.lead_h for rule in region.rules if rule.impact} == {
        "heat": 24, "heat-impact": 0,
    }  # fmt: skip
    weather = (tmp_path / "region" / "prepared" / "weather.csv").read_text()
    assert "2026-11-22T11:00:00Z" in weather, "the newest hour that is over"
    assert "2026-11-22T12:00:00Z" not in weather
    assert json.loads((web / "quakes.json").read_text())["features"]

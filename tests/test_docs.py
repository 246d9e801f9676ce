"""Documents that fail when they lie: commands, settings, links, decisions, fragments, locks."""

import re
import subprocess
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from tocsin.cli import app

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "guide" / "README.md"
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
FRAGMENTS = [path for path in sorted((ROOT / "changelog.d").iterdir()) if path.name[0] != "."]
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "package-lock.json"]


def tracked(*patterns: str) -> list[Path]:
    """Return the files of the checkout that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def commands(group: typer.core.TyperGroup, before: str = "tocsin") -> list[str]:
    found = []
    for name, command in group.commands.items():
        inner = isinstance(command, typer.core.TyperGroup)
        found += commands(command, f"{before} {name}") if inner else [f"{before} {name}"]
    return found


def test_every_make_target_is_explained_in_the_guide() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    guide = GUIDE.read_text()
    assert "demo" in targets
    assert [name for name in targets if f"`make {name}`" not in guide] == []


def test_every_command_is_explained_in_the_guide() -> None:
    group = get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    guide = GUIDE.read_text()
    assert [name for name in commands(group) if f"`{name}`" not in guide] == []


def test_every_setting_is_explained_in_the_guide() -> None:
    sources = tracked("src/*.py", "tools/*.py", "tests/*.py", "Makefile")
    names = {name for path in sources for name in re.findall(r"TOCSIN_[A-Z_]+\b", path.read_text())}
    guide = GUIDE.read_text()
    assert sorted(name for name in names if f"`{name}`" not in guide and name[-1] != "_") == []


def test_every_page_of_the_guide_is_listed_in_its_front_page() -> None:
    pages = {path.name for path in GUIDE.parent.glob("*.md")} - {GUIDE.name}
    assert [name for name in sorted(pages) if f"({name})" not in GUIDE.read_text()] == []


@pytest.mark.parametrize("page", tracked("*.md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    inside = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_parts(page: Path) -> None:
    text = page.read_text()
    number = page.stem.split("-")[0]
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", page.stem)
    assert re.match(rf"# {number}: \S", text)
    assert re.search(r"^- Status: (accepted|superseded by \d{4})$", text, re.MULTILINE)
    assert re.search(r"^- Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Choices", "Decision", "Consequences"]
    assert text.count("\n") <= 70, "one page"


def test_decisions_are_numbered_without_gap_or_double() -> None:
    numbers = [int(page.stem.split("-")[0]) for page in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_a_changelog_fragment_is_well_formed(fragment: Path) -> None:
    assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md", fragment.name)
    text = fragment.read_text()
    assert text.strip()[-1] in ".`)", "a fragment is made of sentences"
    assert text.endswith("\n")
    assert not text.startswith(("-", "#", " ")), "towncrier adds the bullet"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_no_address(lock: Path) -> None:
    lines = [line for line in lock.read_text().splitlines() if '"url"' not in line]  # npm's funding
    assert [
        line for line in lines if re.search(r"(https?|file|git\+\w+)://|\"resolved\"", line)
    ] == []


@pytest.mark.parametrize(
    "lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.name
)
def test_every_locked_package_has_a_hash(lock: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text(), flags=re.IGNORECASE)
    assert [entry[:40] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_demo_lock_is_part_of_the_development_lock() -> None:
    pins = re.compile(r"^[a-z0-9._-]+==\S+", re.MULTILINE | re.IGNORECASE)
    demo, dev = (
        set(pins.findall((ROOT / "requirements" / f"{name}.txt").read_text()))
        for name in ("demo", "dev")
    )
    assert demo <= dev

"""The contracts in pyproject.toml know every room of the house."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "tocsin"
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}


def rooms(folder: Path) -> set[str]:
    """Return the modules and packages directly inside a package's folder."""
    files = {path.stem for path in folder.glob("*.py")}
    folders = {path.parent.name for path in folder.glob("*/__init__.py")}
    return (files | folders) - {"__init__", "__main__"}


def floors(contract: str) -> set[str]:
    names = (layer.split("|") for layer in CONTRACTS[contract]["layers"])
    return {name.strip(" ()") for layer in names for name in layer}


@pytest.mark.parametrize(
    ("contract", "folder"), [("floors", PACKAGE), ("office", PACKAGE / "office")]
)
def test_every_room_has_its_floor(contract: str, folder: Path) -> None:
    assert rooms(folder) <= floors(contract)


def test_no_room_of_the_library_is_left_out_of_the_django_contract() -> None:
    watched = {name.removeprefix("tocsin.") for name in CONTRACTS["no-django"]["source_modules"]}
    assert watched == rooms(PACKAGE) - {"cli", "office"}


def test_architecture_names_every_room() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    missing = {room for room in rooms(PACKAGE) | rooms(PACKAGE / "office") if room not in page}
    assert not missing

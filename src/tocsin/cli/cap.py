"""``tocsin cap ...``: CAP 1.2 messages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .door import print_each, read_bytes

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="CAP 1.2 messages: check, show, verify, sign.")


@app.command("check")
def check(
    files: list[Path],
    profile: Annotated[str | None, typer.Option(help="a profile beside the base rules")] = None,
    language: Annotated[str, typer.Option(help="of the findings: en, zh-Hans")] = "en",
) -> None:
    """List every finding on CAP files, a line each; exit status 1 if one is an error."""
    from tocsin.cap import commands

    print_each(
        commands.check(str(f), read_bytes(f), profile=profile, language=language) for f in files
    )


@app.command("show")
def show(files: list[Path], language: str = "en") -> None:
    """Print CAP files as a person reads them."""
    from tocsin.cap import commands

    print_each(commands.show(str(f), read_bytes(f), language=language) for f in files)


@app.command("diff")
def diff(old: Path, new: Path) -> None:
    """List what differs in meaning between two CAP files."""
    from tocsin.cap import commands

    print_each([commands.diff(str(old), read_bytes(old), str(new), read_bytes(new))])


@app.command("verify")
def verify(
    files: list[Path],
    pin: Annotated[list[Path], typer.Option(help="PEM file of a trusted issuer; repeatable")],
) -> None:
    """Say the verdict on the signature of CAP files; exit status 0 only if all are valid."""
    from tocsin.cap import commands

    pinned = [read_bytes(path) for path in pin]
    print_each(commands.verify(str(f), read_bytes(f), pinned) for f in files)


@app.command("sign")
def sign(
    file: Path,
    key: Annotated[Path, typer.Option(help="PEM file of the private key")],
    certificates: Annotated[Path, typer.Option(help="PEM file of the certificate and its chain")],
    out: Annotated[Path, typer.Option(help="where the signed message goes; not over an old one")],
) -> None:
    """Sign a CAP file; without a good signature nothing is written."""
    from tocsin.cap import commands

    if out.exists():
        raise typer.BadParameter(f"{out} is there already: choose another name")
    signed, outcome = commands.sign(read_bytes(file), read_bytes(key), read_bytes(certificates))
    if signed is not None:
        out.write_bytes(signed)
    print_each([outcome])

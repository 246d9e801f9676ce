"""``tocsin packs ...``: the rule packs that come with the program."""

from __future__ import annotations

import typer

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Rule packs: dated rules with their sources.")


@app.command("list")
def list_() -> None:
    """List the packs: id, since when they are in force, how many rules, name."""
    from tocsin.region.pack_files import load_pack, pack_ids

    for name in pack_ids():
        pack = load_pack(name)
        rules = "rule " if len(pack.tables) == 1 else "rules"
        typer.echo(
            f"{name:<22}{pack.head.valid_from}  {len(pack.tables):>3} {rules}  "
            f"{pack.head.name['en']}"
        )


@app.command()
def show(pack: str, language: str = "en") -> None:
    """Say what a pack holds, where it comes from, and what of its source is left out."""
    from tocsin.region.pack_files import load_pack
    from tocsin.triggers.rules import say

    found = load_pack(pack)
    head = found.head
    typer.echo(f"{head.id} version {head.version}: {say(head.name, language)}")
    typer.echo(f"In force since {head.valid_from}. Source ({head.grade}): {head.source}")
    if head.note:
        typer.echo(say(head.note, language))
    for rule in found.rules():
        typer.echo(f"\n{rule.id}: {say(rule.name, language)}")
        for number, condition in enumerate(rule.conditions):
            joint = "" if number == 0 else f"{'and' if rule.join == 'all' else 'or'} "
            sign = "<=" if condition.when == "at-or-below" else ">="
            unit = "" if condition.unit == "1" else f" {condition.unit}"
            limits = ", ".join(f"{word} {sign} {v:g}{unit}" for word, v in condition.levels.items())
            typer.echo(f"  {joint}{condition.indicator}: {limits}")
    for part in head.left_out:
        typer.echo(f"\nLeft out, {part.signal}: {say(part.why, language)}")

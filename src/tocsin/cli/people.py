"""``tocsin people ...``: accounts and the posts they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from .door import DataFolder, set_up_office

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Accounts and the posts they hold.")


@app.command("give-post")
def give_post(
    username: str,
    role: Annotated[str, typer.Option(help="duty_officer, approver, ...")] = "duty_officer",
    title: Annotated[str, typer.Option(help="the post's name on pages")] = "Duty officer",
    area: Annotated[str, typer.Option(help="an area's code: there alone; else everywhere")] = "",
    data: DataFolder = Path("var"),
) -> None:
    """Give an account a post; one that is new is made, asking for its password."""
    set_up_office(data)
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from tocsin.office.people import services
    from tocsin.office.people.models import User
    from tocsin.office.people.rules import MACHINE
    from tocsin.office.places.models import Area

    if area and not Area.objects.filter(code=area).exists():
        raise typer.BadParameter(f"The region has no area {area!r}: look into its areas.csv.")
    known = User.objects.filter(username=username).exists()
    password = None
    if not known:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            validate_password(password)
        except ValidationError as error:
            raise typer.BadParameter(" ".join(error.messages)) from None
    at = datetime.now(UTC)
    services.give_post(
        username, password, title=title, role=role, area_code=area, by=MACHINE, at=at
    )
    where = f" for {area}" if area else ""
    typer.echo(f"{username} holds the post {title!r} ({role}{where}).")

"""`stoop walls`: PostgreSQL's own wall between sites, put up or asked about."""

from typing import Annotated

import typer

from stoop.accounts.actions import walls as actions
from stoop.accounts.permissions import SYSTEM, within


def walls(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the walls hold for this connection.")
    ] = False,
) -> None:
    """Let PostgreSQL itself keep the sites apart; run as the owner of the tables.

    Gives the role stoop_app what the program needs and no more. Connect the program as a member of
    that role. Run it after each change of the tables; again does no harm. SQLite has no such wall.
    """
    if not check:
        with within(SYSTEM):
            tables = actions.raise_walls(by=SYSTEM)
        typer.echo(f"{tables} tables are walled for the role {actions.ROLE}.")
        return
    standing = actions.standing()
    for sentence in standing.why or ("The walls hold: each site's rows are its own.",):
        typer.echo(sentence)
    raise typer.Exit(0 if standing.holds else 1)

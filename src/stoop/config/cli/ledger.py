"""`stoop ledger`: whether what happened still stands as it was written."""

import re
from typing import Annotated

import typer

from stoop.accounts.permissions import SYSTEM
from stoop.config.actions.duties import try_again
from stoop.config.cli import show
from stoop.kernel.errors import Refusal
from stoop.ledger import queries

app = typer.Typer(help="The chain of all events: is it whole?", no_args_is_help=True)

_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@app.command("verify")
def verify(
    known: Annotated[
        str,
        typer.Option("--known", help="An anchor that was noted earlier, NUMBER:DIGEST."),
    ] = "",
) -> None:
    """Read every event and say whether one was changed, removed, put in or exchanged.

    Exit code 1 when the chain is broken, with the row. Only an anchor noted outside the database
    shows that its newest rows were removed, or that somebody wrote it anew from some row on.
    """
    found = _ANCHOR.fullmatch(known.strip())
    if known and not found:
        raise Refusal("--known is no anchor; give what stoop ledger anchor printed.")
    noted = queries.Anchor(int(found[1]), found[2]) if found else None
    verdict = queries.verify(noted)
    typer.echo(verdict.sentence)
    raise typer.Exit(0 if verdict.ok else 1)


@app.command("anchor")
def anchor() -> None:
    """Print the end of the chain, to be noted where nobody who writes to the database can."""
    typer.echo(str(queries.anchor()))


@app.command("retry")
def retry() -> None:
    """Try again what should have followed from an event and was given up; say what it is."""
    given_up = list(queries.dead_duties())
    try_again(number=None, by=SYSTEM)
    if not given_up:
        show.say("Nothing was given up.")
        return
    show.table(
        "Tried again by the next worker",
        ["flow", "event", "attempts", "failed with"],
        [[duty.flow, str(duty.event), str(duty.attempts), duty.error] for duty in given_up],
    )

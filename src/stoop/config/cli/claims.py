"""`stoop claims`: what was said of a program, held against the record."""

from pathlib import Path
from typing import Annotated

import typer

from stoop.config.cli import show
from stoop.evaluation.actions import publish_claims
from stoop.evaluation.views.claims import claims_page, conditions, sentences, summary


def claims(
    file: Annotated[Path, typer.Argument(help="The claims: the tables of STUDY.toml, [[claim]].")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the page; without it none is made.")
    ] = None,
) -> None:
    """Is it so? Each claim in every way that it may be meant: holds, holds only if, does not hold.

    With --out, OUT/claims.html is the page to read and print, claims.json has every reading.
    """
    with show.steps() as progress:
        found = publish_claims(claims=file, out=out, render=claims_page, progress=progress)
    head, rows = summary(found)
    show.table(found.design.title, head, rows)
    for each in found.findings:
        typer.echo(f"\n“{each.claim.says}”")
        first, *rest = sentences(each)
        lines = [first, *(f"  - {line}" for line in conditions(each)), *rest]
        typer.echo("\n".join(lines))
    if out is not None:
        show.say(f"Claims written. Open {out / 'claims.html'}")

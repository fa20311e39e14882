"""`stoop evaluate`: a design and files in, a study out."""

from pathlib import Path
from typing import Annotated

import typer

from stoop.config.cli import show
from stoop.evaluation.actions import publish_study
from stoop.evaluation.views.page import study_page
from stoop.kernel.cluster import spread


def evaluate(
    study: Annotated[Path, typer.Argument(help="The design of the study: STUDY.toml.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the study.")] = Path("study"),
    registration: Annotated[
        Path | None,
        typer.Option(
            "--registration",
            help="When the design was frozen: registration.json, as the platform gives it out.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="tcp://HOST:PORT",
            help="Scheduler of a Dask cluster that shares the permutations and placebos.",
        ),
    ] = None,
) -> None:
    """Does it work? What changed where a program worked, against what, and how far to trust it.

    Writes OUT/study.html to read and print, study.json with every number, panel.csv with every
    cell, and run.json from which the same study can be made again.
    """
    with spread(cluster) as each, show.steps() as progress:
        publish_study(
            study=study,
            out=out,
            render=study_page,
            progress=progress,
            each=each,
            registration=registration,
        )
    show.say(f"Study written. Open {out / 'study.html'}")

"""`stoop brief`: files in, a brief out."""

from pathlib import Path
from typing import Annotated

import typer

from stoop.config.cli import options, show
from stoop.precision import actions, studies
from stoop.precision.views.brief import brief_page


def brief(
    files: options.Files,
    out: Annotated[Path, typer.Option("--out", help="Folder for the brief.")] = Path("brief"),
    areas: options.AreasFile = None,
    area_field: options.AreaField = None,
    sites: Annotated[
        Path | None, typer.Option("--sites", help="CSV of programs: who works in which area.")
    ] = None,
    population: Annotated[
        Path | None, typer.Option("--population", help="CSV of residents by area, for rates.")
    ] = None,
    columns: options.Columns = None,
    crs: options.Crs = None,
    timezone: options.TimeZone = None,
    as_of: options.AsOf = None,
    top: options.Top = 30,
    months: options.Months = 36,
    cell: options.Cell = 250.0,
    title: Annotated[
        str, typer.Option("--title", help="Title on the first page.")
    ] = "Precision Prevention brief",
    seed: options.Seed = 1,
) -> None:
    """Where prevention goes: places, blocks, hours, what is new, and how sure we are.

    Writes OUT/index.html to read and print, brief.json with every number, the layers as CSV and
    GeoJSON, rejected.csv, and run.json from which the same brief can be made again.
    """
    request = studies.Request(
        files=tuple(files),
        areas=areas,
        area_field=area_field,
        sites=sites,
        population=population,
        columns=options.columns(columns),
        crs=crs,
        timezone=timezone,
        as_of=options.day(as_of),
        title=title,
        top=top,
        months=months,
        cell_m=cell,
        seed=seed,
    )
    with show.steps() as progress:
        actions.publish_brief(request=request, out=out, render=brief_page, progress=progress)
    show.say(f"Brief written. Open {out / 'index.html'}")

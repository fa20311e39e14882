"""Options that several commands share: one name, one help text, one default."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from stoop.kernel.errors import Refusal

LAST_PORT = 65_535
FIRST_YEAR, LAST_YEAR = 1900, 2100

Files = Annotated[
    list[Path], typer.Argument(help="Files of shootings: CSV (also .gz), XLSX, Parquet, GeoJSON.")
]
AreasFile = Annotated[
    Path | None,
    typer.Option("--areas", help="Outlines of the areas: GeoJSON, Shapefile or GeoPackage."),
]
AreaField = Annotated[
    str | None,
    typer.Option(
        "--area-field",
        help="Field of the outlines that names the area; not needed where there is only one.",
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns",
        help="Which column is what, where Stoop cannot tell: date=...,time=...,lat=...,lon=...",
    ),
]
Crs = Annotated[
    str | None,
    typer.Option(
        "--crs",
        help="Projection to work in, and of x and y columns: EPSG:2263. Default: the UTM zone.",
    ),
]
TimeZone = Annotated[
    str | None,
    typer.Option("--timezone", help="The city's time zone, for dates that carry an offset."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Pretend that it is this day: nothing after it is used."),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of everything random.", min=0)]
Top = Annotated[int, typer.Option("--top", help="How many priority areas.", min=1)]
Months = Annotated[
    int, typer.Option("--months", help="Months that the ranking looks back.", min=1, max=1200)
]
Cell = Annotated[
    float, typer.Option("--cell", help="Side of a block-level cell, metres.", min=50, max=5000)
]
Port = Annotated[int, typer.Option("--port", help="First port to try.", min=1, max=LAST_PORT)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def day(text: str | None) -> date | None:
    """A day as YYYY-MM-DD."""
    if text is None:
        return None
    try:
        found = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=None).date()  # noqa: DTZ007
    except ValueError:
        raise Refusal(f"“{text}” is not a day; write it as YYYY-MM-DD, 2020-12-31.") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Refusal(f"{text} is outside {FIRST_YEAR} to {LAST_YEAR}; mend its year.")
    return found


def columns(text: str | None) -> dict[str, str] | None:
    """`date=...,lat=...` as a mapping of role to column."""
    if text is None:
        return None
    pairs: dict[str, str] = {}
    for part in text.split(","):
        role, equals, column = part.partition("=")
        if not (equals and role.strip() and column.strip()):
            raise Refusal(
                f"“{part}” in --columns is not of the form role=column; "
                "write --columns date=OCCUR_DATE,lat=Latitude."
            )
        pairs[role.strip()] = column.strip()
    return pairs

"""`stoop load areas|sites|addresses|incidents`: a city's own files into the platform."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings
from django.utils import timezone as city_time

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import SYSTEM, within
from stoop.config.cli import options, show
from stoop.incidents import actions as incidents
from stoop.incidents import queries
from stoop.incidents.actions import Loaded
from stoop.kernel import rejects as rejected
from stoop.kernel.errors import Refusal
from stoop.kernel.rejects import RejectedRow
from stoop.places import actions as places

app = typer.Typer(
    help="Load a city's own files: areas, sites, addresses, incidents.", no_args_is_help=True
)
_SHOWN = 12  # notes that the terminal shows

Rejects = Annotated[
    Path | None, typer.Option("--rejects", help="CSV file for the rows that cannot be used.")
]


@app.command()
def areas(
    files: Annotated[
        list[Path], typer.Argument(help="Outlines: GeoJSON, Shapefile or GeoPackage.")
    ],
    kind: Annotated[str, typer.Option("--kind", help="What one is called: precinct, sector.")],
    code_field: Annotated[
        str | None,
        typer.Option("--code-field", help="Field with the code; not needed where it is alone."),
    ] = None,
    name_field: Annotated[
        str | None, typer.Option("--name-field", help="Field with what people call it.")
    ] = None,
    valid_from: Annotated[
        str | None,
        typer.Option("--from", help="First day on which these outlines hold: YYYY-MM-DD."),
    ] = None,
    valid_to: Annotated[
        str | None, typer.Option("--to", help="First day on which they no longer hold.")
    ] = None,
    rejects: Rejects = None,
) -> None:
    """Load outlines of areas of one kind, with the days on which they hold.

    With --from the files are a new generation: what they draw otherwise, or lack, ends on that
    day, and earlier shootings stay in the areas of their own day. Stopped half-way, nothing of it
    is in: type it again.
    """
    with show.steps() as progress, within(SYSTEM):
        done = places.load_areas(
            files=files,
            kind=kind,
            code_field=code_field,
            name_field=name_field,
            valid_from=options.day(valid_from),
            valid_to=options.day(valid_to),
            by=SYSTEM,
            progress=progress,
        )
        moved = incidents.place_where_moved(by=SYSTEM, progress=progress)
    if _known(done.known, files):
        return
    left_out = _left_out(done.rejects, rejects, "areas")
    _table(
        f"Areas: {done.kind}",
        {
            "in the files": done.areas,
            "added": done.added,
            "drawn anew": done.changed,
            "ended": done.ended,
            "as they were": done.unchanged,
            "rejected rows": len(done.rejects),
            "incidents that lie elsewhere now": moved,
        },
        (*done.notes, *left_out),
    )


@app.command()
def sites(
    files: Annotated[list[Path], typer.Argument(help="CSV of programs: who works in which area.")],
    area_kind: Annotated[
        str, typer.Option("--area-kind", help="Kind of the areas that the list names.")
    ] = "precinct",
    rejects: Rejects = None,
) -> None:
    """Load the city's list of sites and programs; their catchments are the areas they name.

    Several files are one list. Stopped half-way, nothing of it is in: type it again.
    """
    with show.steps() as progress, within(SYSTEM):
        done = accounts.load_sites(files=files, area_kind=area_kind, by=SYSTEM, progress=progress)
        moved = incidents.place_where_moved(by=SYSTEM, progress=progress)
    if _known(done.known, files):
        return
    left_out = _left_out(done.rejects, rejects, "sites")
    _table(
        "Sites",
        {
            "sites": done.sites,
            "programs": done.programs,
            "added": len(done.added),
            "changed": len(done.changed),
            "no longer in the list": done.gone,
            "as they were": done.unchanged,
            "rejected rows": len(done.rejects),
            "incidents that lie elsewhere now": moved,
        },
        (*done.notes, *left_out),
    )


@app.command()
def addresses(
    files: Annotated[list[Path], typer.Argument(help="CSV of address points, and of crossings.")],
    rejects: Rejects = None,
) -> None:
    """Load the city's list of addresses; several files are one list.

    A later list is compared with what is there: added, changed, withdrawn. Stopped half-way, it
    goes on when the same command is typed again.
    """
    with show.steps() as progress, within(SYSTEM):
        done = places.load_addresses(files=files, by=SYSTEM, progress=progress)
    if _known(done.known, files):
        return
    left_out = _left_out(done.rejects, rejects, "addresses")
    _table(
        "Addresses",
        {
            "addresses": done.addresses,
            "streets": done.streets,
            "crossings": done.crossings,
            "added": done.added,
            "changed": done.changed,
            "withdrawn": done.withdrawn,
            "as they were": done.unchanged,
            "rejected rows": len(done.rejects),
        },
        left_out,
    )


@app.command("incidents")
def load_incidents(
    files: options.Files,
    source: Annotated[
        str, typer.Option("--source", help="Code of who publishes them.")
    ] = "open-data",
    columns: options.Columns = None,
    crs: options.Crs = None,
    timezone: options.TimeZone = None,
    rejects: Rejects = None,
    part: Annotated[
        bool, typer.Option("--part", help="A part of the source's data: take nothing back.")
    ] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="What the files lack is gone, however much it is.")
    ] = False,
) -> None:
    """Load files of shootings that a source publishes, as one release.

    The same files twice change nothing. A later release is compared with what is there: added,
    changed, and withdrawn within the days that it covers. Stopped half-way, it goes on.
    """
    if part and whole:
        raise Refusal("A release is a part or the whole; leave --part or --whole out.")
    try:
        with show.steps() as progress, within(SYSTEM):
            done = incidents.import_batch(
                files=files,
                source=_source(source),
                by=SYSTEM,
                progress=progress,
                columns=options.columns(columns),
                timezone=timezone,
                crs=crs,
                whole=True if whole else False if part else None,
            )
    except KeyboardInterrupt:
        raise Refusal("Stopped. Type the same command again and it goes on.") from None
    left_out = _left_out(done.rejects, rejects, "incidents") if done.report else ()
    matches = incidents.propose_matches(by=SYSTEM)
    _shown(done, left_out, timezone)
    if matches:
        show.say(f"{matches} live reports may be among them; an analyst decides under Matches.")


def _source(code: str) -> Any:
    found = queries.source(code)
    if found is not None:
        return found
    name = code.replace("-", " ").capitalize()
    return incidents.add_source(code=code, name=name, official=True, by=SYSTEM)


def _shown(done: Loaded, left_out: tuple[str, ...], timezone: str | None) -> None:
    for name, at in done.known.items():
        _known(at, [Path(name)])
    if done.report is None:
        return
    notes = list(done.report.notes)
    for (reason, use), count in list(done.report.reasons.items())[:_SHOWN]:
        notes.append(f"{count:,} row{'s' * (count > 1)}: {reason} (used for {use}).")
    notes += left_out
    if settings.TIME_ZONE == "UTC" and not timezone:
        notes.append("Times were read as UTC; say the city's zone with STOOP_TIMEZONE.")
    notes.insert(0, f"{done.source}: {done.first} to {done.last}.")
    _table(
        "Incidents",
        {
            "rows": done.rows,
            "rejected rows": done.rejected,
            "incidents": done.incidents,
            "added": done.added,
            "changed": done.changed,
            "withdrawn": done.withdrawn,
            "as they were": done.unchanged,
        },
        tuple(notes),
    )


def _known(at: datetime | None, files: list[Path]) -> bool:
    """Say that the files were loaded before, if they were."""
    if at is None:
        return False
    names, were = ", ".join(file.name for file in files), "was" if len(files) == 1 else "were"
    on = city_time.localtime(at).strftime("%-d %B %Y, %H:%M")
    show.say(f"{names} {were} loaded before, on {on}; nothing changed.")
    return True


def _left_out(rows: Iterable[RejectedRow], file: Path | None, what: str) -> tuple[str, ...]:
    """Write the rows that cannot be used where that was asked for; what to say of them.

    Where it was not, they are kept all the same: the same files once more would be known already,
    and say nothing of their rows.
    """
    if file is None:
        rest = iter(rows)
        first = next(rest, None)
        if first is None:
            return ()
        rows, file = chain([first], rest), settings.STOOP_HOME / f"rejected-{what}.csv"
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
    rejected.write(file, rows)
    return (f"Rows that cannot be used, each with its reason: {file}",)


def _table(title: str, counts: dict[str, int], notes: tuple[str, ...] = ()) -> None:
    show.table(title, ["", "number"], [[name, f"{n:,}"] for name, n in counts.items()])
    for note in notes[:_SHOWN]:
        show.say(note)
    if len(notes) > _SHOWN:
        show.say(f"And {len(notes) - _SHOWN} notes more.")

"""`stoop forecast`, `knox`, `scan`, `rank`: one analysis each, as a table or as JSON."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from stoop.config.cli import options, show
from stoop.kernel.errors import Refusal
from stoop.precision import actions, studies


class Unit(StrEnum):
    """Time unit of a scan."""

    day = "day"
    month = "month"


class Measure(StrEnum):
    """What a ranking counts."""

    incidents = "incidents"
    victims = "victims"
    rows = "rows"


class ForecastMethod(StrEnum):
    """How a place forecast is made."""

    shrunk = "shrunk"
    decayed = "decayed"
    kde = "kde"
    all_history = "all_history"
    last_year = "last_year"


MonthOption = Annotated[str, typer.Option("--from", help="First month, YYYY-MM.")]

# Of --distance and --window: metres across a continent, days of more than two thousand years.
FARTHEST = 1_000_000


def forecast(
    files: options.Files,
    first: MonthOption,
    last: Annotated[str, typer.Option("--to", help="Last month, YYYY-MM.")],
    out: Annotated[Path, typer.Option("--out", help="File to write.")] = Path("forecasts.csv"),
    areas: options.AreasFile = None,
    area_field: options.AreaField = None,
    cell: options.Cell = 250.0,
    method: Annotated[
        ForecastMethod, typer.Option("--method", help="How; shrunk is the proposed model.")
    ] = ForecastMethod.shrunk,
    columns: options.Columns = None,
    crs: options.Crs = None,
    timezone: options.TimeZone = None,
    as_of: options.AsOf = None,
) -> None:
    """Rolling monthly place forecasts, each made only from what came before its month.

    Writes month,cell_x,cell_y,score: lower-left corners in metres of the projection, whole
    multiples of the cell from its origin, and the incidents to expect in the cell.
    """
    months = _month(first), _month(last)
    if months[0] > months[1]:
        raise Refusal(f"--from {first} is after --to {last}; give the earlier month first.")
    city = studies.load(
        _request(files, areas, area_field, columns, crs, timezone, as_of, cell_m=cell)
    )
    if months[0] <= studies.month_index(city.day).min():
        raise Refusal(f"Nothing is on file before {first}; begin --from later.")
    if months[1] > studies.month_index(np.array([np.datetime64(city.as_of)]))[0] + 1:
        raise Refusal(
            f"--to {last} is more than a month after the last day on file, {city.as_of}: "
            "end earlier."
        )
    lattice = studies.blocks.lattice(city, cell_m=cell)
    if lattice is None:
        raise Refusal("No incident has a usable point on land, so no place can be forecast.")

    def rows() -> Iterator[tuple[str, str, str, str]]:
        made = studies.forecasts.rolling(
            city, lattice, first=months[0], last=months[1], method=method.value
        )
        with show.steps() as report:
            for number, (month, x, y, score) in enumerate(made, 1):
                report(f"forecast of {month}", number, months[1] - months[0] + 1)
                for cell_x, cell_y, value in zip(x, y, score, strict=True):
                    yield month, f"{cell_x:.10g}", f"{cell_y:.10g}", f"{value:.9g}"

    actions.write_forecasts(rows(), out)
    show.say(f"Forecasts written to {out} ({city.crs}, cells of {cell:g} m)")


def knox(
    files: options.Files,
    distance: Annotated[
        str, typer.Option("--distance", help="Upper edges, metres.")
    ] = "100,200,300,400",
    window: Annotated[str, typer.Option("--window", help="Upper edges, days.")] = "7,14,21,28",
    permutations: Annotated[int, typer.Option("--permutations", min=1)] = 999,
    columns: options.Columns = None,
    crs: options.Crs = None,
    timezone: options.TimeZone = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 1,
    json: options.AsJson = False,
) -> None:
    """Near repeats: pairs of incidents close in space and time, over those expected.

    By three nulls: dates shuffled within each quarter (the one to act on), within each year, and
    over all years.
    """
    city = studies.load(_request(files, None, None, columns, crs, timezone, as_of))
    found = studies.near_repeat.study(
        city,
        seed=seed,
        distance_m=_edges(distance, "--distance"),
        window_days=_days(window),
        permutations=permutations,
    )
    if found is None:
        raise Refusal("Fewer than three incidents have a usable point; give a longer record.")
    if json:
        show.as_json(studies.plain(found))
        return
    nulls = {
        "within each quarter": found.within_quarter,
        "within each year": found.within_year,
        "over all years": found.all_time,
    }
    for name, null in nulls.items():
        show.table(
            f"Pairs seen over expected, dates shuffled {name}",
            ["within", *(f"{w} days" for w in found.window_days)],
            [
                [f"{d:g} m", *(f"{r:.2f} (p {p:.3f})" for r, p in zip(ratios, ps, strict=True))]
                for d, ratios, ps in zip(found.distance_m, null.ratio, null.p, strict=True)
            ],
            note=f"{found.incidents} incidents, {permutations} permutations",
        )


def scan(
    files: options.Files,
    prospective: Annotated[
        bool,
        typer.Option(
            "--prospective/--retrospective", help="Clusters that are alive now, or at any time."
        ),
    ] = True,
    unit: Annotated[Unit, typer.Option("--unit", help="Time unit.")] = Unit.day,
    max_window: Annotated[
        int, typer.Option("--max-window", help="Longest cluster, in units.", min=1)
    ] = 30,
    max_radius: Annotated[
        float,
        typer.Option("--max-radius", help="Largest circle, metres.", min=1, max=1_000_000),
    ] = 2000.0,
    replications: Annotated[int, typer.Option("--replications", min=9)] = 999,
    since: Annotated[
        str | None, typer.Option("--from", help="First day of the study, YYYY-MM-DD.")
    ] = None,
    areas: options.AreasFile = None,
    area_field: options.AreaField = None,
    columns: options.Columns = None,
    crs: options.Crs = None,
    timezone: options.TimeZone = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 1,
    json: options.AsJson = False,
) -> None:
    """Space-time permutation scan: where and since when are there more than usual."""
    city = studies.load(_request(files, areas, area_field, columns, crs, timezone, as_of))
    found = studies.clusters.study(
        city,
        seed=seed,
        kind="prospective" if prospective else "retrospective",
        unit=unit.value,
        max_window=max_window,
        max_radius_m=max_radius,
        replications=replications,
        first=options.day(since) or city.first_day,
    )
    if found is None:
        raise Refusal("Fewer than three incidents have a usable point; give a longer record.")
    if json:
        show.as_json(studies.plain(found))
        return
    show.table(
        f"Clusters, {found.kind}, {found.incidents} incidents at {found.locations} places",
        ["centre (lat, lon)", "radius m", "from", "to", "seen", "expected", "LLR", "p"],
        [
            [
                f"{c.lat:.5f}, {c.lon:.5f}",
                f"{c.radius_m:.0f}",
                str(c.first_day),
                str(c.last_day),
                str(c.observed),
                f"{c.expected:.2f}",
                f"{c.llr:.4f}",
                f"{c.p:.3f}",
            ]
            for c in found.clusters[:20]
        ],
        note="none stands out" if not found.standing_out else "",
    )


def rank(
    files: options.Files,
    areas: options.AreasFile = None,
    area_field: options.AreaField = None,
    population: Annotated[
        Path | None, typer.Option("--population", help="CSV of residents by area, for rates.")
    ] = None,
    top: options.Top = 20,
    months: options.Months = 36,
    measure: Annotated[
        Measure, typer.Option("--measure", help="What is counted.")
    ] = Measure.incidents,
    columns: options.Columns = None,
    crs: options.Crs = None,
    timezone: options.TimeZone = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 1,
    json: options.AsJson = False,
) -> None:
    """Areas by count, each with the interval of its rank, and by rate where residents are known."""
    request = _request(
        files, areas, area_field, columns, crs, timezone, as_of, population=population
    )
    city = studies.load(request)
    found = studies.areas.study(city, top=top, months=months, seed=seed, measure=measure.value)
    if found is None:
        raise Refusal(
            "The files name no area: give outlines with --areas and --area-field, or say which "
            "column holds the area with --columns area=..."
        )
    if json:
        whole = studies.plain(found)
        whole["areas"] = whole.pop("ranked")[:top]
        show.as_json(whole)
        return
    show.table(
        f"Areas by {measure.value}, {found.first} to {found.last}",
        ["area", "rank", "between", measure.value, "share", "rate", "rank by rate"],
        [
            [
                r.area,
                str(r.rank),
                f"{r.rank_low}-{r.rank_high}",
                str(getattr(r, measure.value)),
                f"{100 * r.share:.1f} %",
                f"{r.rate:.1f}" if r.rate is not None else "-",
                str(r.rate_rank or "-"),
            ]
            for r in found.ranked[:top]
        ],
        note="rate: a year for each 100,000 residents" if population else "",
    )


def _request(
    files: list[Path],
    areas: Path | None,
    area_field: str | None,
    columns: str | None,
    crs: str | None,
    timezone: str | None,
    as_of: str | None,
    **more: Any,
) -> studies.Request:
    return studies.Request(
        files=tuple(files),
        areas=areas,
        area_field=area_field,
        columns=options.columns(columns),
        crs=crs,
        timezone=timezone,
        as_of=options.day(as_of),
        **more,
    )


def _month(text: str) -> int:
    """YYYY-MM as months since January 1970."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", text)
    if not found or not 1 <= int(found[2]) <= 12:
        raise Refusal(f"“{text}” is not a month; write it as YYYY-MM, 2020-12.")
    return (int(found[1]) - 1970) * 12 + int(found[2]) - 1


def _edges(text: str, option: str) -> list[float]:
    """100,200,300 as increasing positive numbers."""
    try:
        edges = [float(part) for part in text.split(",")]
    except ValueError:
        edges = []
    if not edges or not edges[0] > 0 or not edges[-1] <= FARTHEST or sorted(set(edges)) != edges:
        raise Refusal(
            f"{option} takes increasing numbers above 0 and up to {FARTHEST:,.0f} with commas,"
            " like 100,200,300."
        )
    return edges


def _days(text: str) -> list[int]:
    edges = _edges(text, "--window")
    if any(edge != int(edge) for edge in edges):
        raise Refusal("--window takes whole days with commas, like 7,14,21,28.")
    return [int(edge) for edge in edges]

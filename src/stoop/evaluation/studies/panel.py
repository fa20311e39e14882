"""The panel: the outcome counted by unit and period, and what was decided on the way."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import shapely
from numpy.typing import NDArray

from stoop.evaluation.models import Bools, Calendar, Design, Floats, Ints, Panel, Site
from stoop.evaluation.readers import read_sites
from stoop.incidents.readers import Shootings, read_within
from stoop.kernel.errors import Refusal
from stoop.kernel.files import digest
from stoop.places import queries, readers
from stoop.places.queries import Areas
from stoopstat.impact.design import NEVER
from stoopstat.measures import measures

# Outlines that are nearer than this touch: simplified borders leave slits.
TOUCHING_M = 10.0
# A record that begins later or ends earlier than this inside a period does not hold all of it.
QUIET_DAYS = 31


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted, one entry for each row or incident: day, code of the area, and how many."""

    day: NDArray[np.datetime64]
    code: NDArray[np.object_]
    weight: Ints


def build(design: Design) -> Panel:
    """Read all files of a study and lay them out. Raises Refusal where no panel comes of it."""
    outlines = _outlines(design)
    known = read_within(
        outlines,
        list(design.files),
        columns=design.columns,
        timezone=design.timezone,
        crs=design.crs,
    )
    counted = _counted(known, design, outlines)
    _check_reach(counted, design.calendar)
    every, said = _units(counted, design, outlines)
    sites, more = _sites(design, every)
    said += more
    treated = {site.area for site in sites}
    dropped = _dropped(design, every, treated)
    units = tuple(code for code in every if code not in dropped)
    onset, dose, launch = _treatment(design, units, sites)
    _check_panel(design, onset)
    said += _said_of_starts(design, units, onset, sites)
    counts, months, outside = _table(counted, units, design.calendar)
    total = int(counts.sum())
    if not total:
        raise Refusal(
            f"No {_plural(design)} fall into the units and periods of {design.name}; mend its "
            "period, its files or its exclusions."
        )
    said += _said_of_outside(counted, design, every, outside)
    return Panel(
        units=units,
        calendar=design.calendar,
        counts=counts,
        onset=onset,
        dose=dose,
        months=months,
        launch=launch,
        adjacent=_adjacent(outlines, design, units) if outlines else None,
        population=_population(design, units),
        total=total,
        exclusions=tuple(
            (code, why, _of_unit(counted, code, design.calendar)) for code, why in dropped.items()
        ),
        said=tuple(said),
        inputs=_inputs(design),
    )


def _outlines(design: Design) -> Areas | None:
    if design.outlines is None:
        return None
    return readers.read_areas(design.outlines, field=design.field, kind=design.kind)


def _counted(known: Shootings, design: Design, outlines: Areas | None) -> _Counted:
    first = known.first_of_each_incident()
    rows = np.arange(len(known)) if design.measure == "rows" else first
    if design.area == "mapped" and outlines is not None:
        last_day = design.calendar.edges[-1] - 1
        at = queries.locate(outlines, known.lon[rows], known.lat[rows], on=last_day)
        codes = np.array([*outlines.codes, ""], dtype=object)[at]
    else:
        codes = np.array([*known.area_names, ""], dtype=object)[known.area[rows]]
        if not known.has_areas:
            raise Refusal(
                f"The files of {design.name} record no area; name its column under "
                '[outcome.columns] as area = "...", or use area = "mapped" with outlines.'
            )
    whole = np.array([design.parts.get(code, code) for code in codes], dtype=object)
    return _Counted(known.date[rows], whole, _weight(known, design.measure, rows.size))


def _weight(known: Shootings, measure: str, size: int) -> Ints:
    """What each row or incident counts for; `fatal` is incidents in which somebody died."""
    if measure in ("rows", "incidents"):
        return np.ones(size, dtype=np.int64)
    told = known.victims if known.has_victim_counts else None
    found = measures(known.incident, known.perpetrator, known.victim, known.fatal, told=told)
    if measure == "victims":
        return found.incident_victims
    if not (known.fatal >= 0).any():
        raise Refusal("The files do not say who died; choose another measure than fatal.")
    return found.fatal.astype(np.int64)


def _check_reach(counted: _Counted, calendar: Calendar) -> None:
    """Periods that no file covers would count as periods without shootings."""
    columns = calendar.column(counted.day)
    for wanted, there in ((0, columns.min()), (calendar.size - 1, columns.max())):
        if (there > wanted) if wanted == 0 else (there < wanted):
            day = counted.day.min() if wanted == 0 else counted.day.max()
            raise Refusal(
                f"The files reach {'back' if wanted == 0 else 'on'} to {day} only, not to "
                f"{calendar.labels[wanted]}; add the missing files or mend the period."
            )


def _units(
    counted: _Counted, design: Design, outlines: Areas | None
) -> tuple[tuple[str, ...], list[str]]:
    """Codes of all units in their natural order, and what the map knows otherwise."""
    said = [f"{part} counts as part of {whole}." for part, whole in design.parts.items()]
    drawn = {design.parts.get(code, code) for code in outlines.codes} if outlines else set()
    recorded = {str(code) for code in set(counted.code) if code}
    if design.area == "mapped":
        return tuple(sorted(drawn, key=queries.area_order)), said
    if drawn - recorded and outlines:
        said.append(f"Of {outlines.file}, in no row and so no unit: {_listed(drawn - recorded)}.")
    if outlines and recorded - drawn:
        said.append(f"Without an outline, and so touching no unit: {_listed(recorded - drawn)}.")
    return tuple(sorted(recorded, key=queries.area_order)), said


def _sites(design: Design, every: tuple[str, ...]) -> tuple[tuple[Site, ...], list[str]]:
    listed = read_sites(
        design.sites, area=design.site_area, start=design.site_start, end=design.site_end
    )
    inside = tuple(site for site in listed.programs if site.area in every)
    if not inside:
        raise Refusal(
            f"No area of {design.sites.name} ({listed.programs[0].area}...) is one of the "
            f"{len(every)} units ({', '.join(every[:3])}...); write them alike."
        )
    said = []
    if listed.planned:
        said.append(
            f"Lines of {design.sites.name} without a start, and so planned only: {listed.planned}."
        )
    if others := {site.area for site in listed.programs} - set(every):
        said.append(f"Of {design.sites.name}, no unit and so outside: {_listed(others)}.")
    several = {s.area for s in inside if sum(s.area == other.area for other in inside) > 1}
    if several:
        said.append(
            f"Several programs: {_listed(several)}. The earliest start counts, and the share of a "
            "period is that under any of them."
        )
    return inside, said


def _dropped(design: Design, every: tuple[str, ...], treated: set[str]) -> dict[str, str]:
    """Units that are left out, each with its reason, in natural order."""
    found = {each.unit: each.reason for each in design.exclusions}
    for code in found:
        if code not in every:
            raise Refusal(
                f"{design.name} excludes {code}, which is no unit here; mend or remove it."
            )
    if design.comparison is not None:
        for code in design.comparison:
            if code not in every or code in treated:
                why = "has a program" if code in treated else "is no unit here"
                raise Refusal(f"{design.name} compares with {code}, which {why}; take it out.")
        rest = set(every) - treated - set(design.comparison) - set(found)
        found |= dict.fromkeys(rest, "not in the comparison pool of the design")
    return {code: found[code] for code in every if code in found}


def _treatment(
    design: Design, units: tuple[str, ...], sites: tuple[Site, ...]
) -> tuple[Floats, Floats, Floats | None]:
    calendar = design.calendar
    edges = calendar.edges
    days = np.arange(edges[0], edges[-1])
    at = calendar.column(days)
    month = Calendar("month", 0, 0)
    opening = int(month.column(edges[:1])[0])
    onset, launch = np.full(len(units), NEVER), np.full(len(units), NEVER)
    dose = np.zeros((len(units), calendar.size))
    for row, code in enumerate(units):
        own = [site for site in sites if site.area == code]
        if not own:
            continue
        start = np.array([min(site.start for site in own)], dtype="datetime64[D]")
        onset[row] = calendar.column(start)[0]
        launch[row] = month.column(start)[0] - opening
        running = np.zeros(days.size, dtype=bool)
        for site in own:
            end = np.datetime64(site.end + timedelta(days=1)) if site.end else edges[-1]
            running |= (days >= np.datetime64(site.start)) & (days < end)
        dose[row] = np.bincount(at[running], minlength=calendar.size) / np.bincount(at)
    to_the_month = all(site.by_month for site in sites if site.area in units)
    return onset, dose, launch if to_the_month else None


def _check_panel(design: Design, onset: Floats) -> None:
    if not ((onset >= 0) & (onset < design.calendar.size)).any():
        raise Refusal(
            f"No program of {design.sites.name} starts in a unit of the panel between its first "
            "and last period, so there is nothing to compare; mend the period or the exclusions."
        )
    if (onset < design.calendar.size).all():
        raise Refusal(
            "Every unit is treated within the panel, so nothing is left to compare with; widen "
            "the comparison or end earlier."
        )


def _said_of_starts(
    design: Design, units: tuple[str, ...], onset: Floats, sites: tuple[Site, ...]
) -> list[str]:
    names = np.array(units, dtype=object)
    size, said = design.calendar.size, []
    if (late := np.isfinite(onset) & (onset >= size)).any():
        said.append(
            f"Starts after the last period, and so counts as comparison: "
            f"{_listed(set(names[late]))}. In the event study its periods are periods before."
        )
    if (early := onset <= 0).any():
        said.append(
            "Treated from the first period on, and so without a before of its own: "
            f"{_listed(set(names[early]))}."
        )
    end = design.calendar.edges[-1]
    closed = {s.area for s in sites if s.end and np.datetime64(s.end) < end - 1}
    closed &= set(units)
    if closed:
        said.append(
            f"A program closed: {_listed(closed)}. Only the share of the period under treatment "
            "knows of it; every other estimator takes a start as lasting."
        )
    return said


def _table(
    counted: _Counted, units: tuple[str, ...], calendar: Calendar
) -> tuple[Floats, Floats, Bools]:
    """Counts by unit and period and by unit and month, and what falls outside the periods."""
    place = {code: row for row, code in enumerate(units)}
    row = np.array([place.get(code, -1) for code in counted.code], dtype=np.int64)
    column = calendar.column(counted.day)
    within = (column >= 0) & (column < calendar.size)
    months = Calendar("month", *_months(calendar))
    keep = within & (row >= 0)

    def table(at: Ints, size: int) -> Floats:
        cells = np.bincount(
            row[keep] * size + at[keep], weights=counted.weight[keep], minlength=len(units) * size
        )
        return cells.reshape(len(units), size).astype(np.float64)

    return table(column, calendar.size), table(months.column(counted.day), months.size), ~within


def _months(calendar: Calendar) -> tuple[int, int]:
    edges = calendar.edges.astype("datetime64[M]").astype(np.int64)
    return int(edges[0]), int(edges[-1]) - 1


def _said_of_outside(
    counted: _Counted, design: Design, every: tuple[str, ...], outside: Bools
) -> list[str]:
    what, said = _plural(design), []
    edges = design.calendar.edges
    for silent, day in (
        (counted.day.min() - edges[0], counted.day.min()),
        (edges[-1] - counted.day.max(), counted.day.max()),
    ):
        if silent > np.timedelta64(QUIET_DAYS, "D"):
            said.append(
                f"The files begin or end on {day}, inside the panel: that {design.calendar.length} "
                "may not be whole, and looks calmer than it was."
            )
    if n := int(counted.weight[outside].sum()):
        said.append(f"Outside the periods of the panel, not counted: {n:,} {what}.")
    nowhere = ~outside & ~np.isin(counted.code, np.array(every, dtype=object))
    if n := int(counted.weight[nowhere].sum()):
        said.append(f"Without a known {design.kind}, not counted: {n:,} {what}.")
    return said


def _of_unit(counted: _Counted, code: str, calendar: Calendar) -> int:
    column = calendar.column(counted.day)
    inside = (column >= 0) & (column < calendar.size) & (counted.code == code)
    return int(counted.weight[inside].sum())


def _adjacent(outlines: Areas, design: Design, units: tuple[str, ...]) -> Bools:
    """(U, U) which units touch, by the outlines that hold on the last day of the panel."""
    day = design.calendar.edges[-1] - 1
    holds = queries.rows_on(outlines, day)
    west, south, east, north = queries.bounds(outlines, margin_m=0)
    shapes = queries.project_polygons(outlines, queries.metric_crs([west, east], [south, north]))
    owner = [design.parts.get(code, code) for code in outlines.codes]
    whole = np.array(
        [shapely.union_all([shapes[i] for i in holds if owner[i] == code]) for code in units],
        dtype=object,
    )
    one, other = shapely.STRtree(whole).query(whole, predicate="dwithin", distance=TOUCHING_M)
    near = np.zeros((len(units), len(units)), dtype=bool)
    near[one, other] = True
    np.fill_diagonal(near, False)
    return near


def _population(design: Design, units: tuple[str, ...]) -> Floats | None:
    if design.population is None:
        return None
    year = int(design.calendar.labels[0][:4])
    people = readers.read_population(design.population, year=year)
    for code in units:
        if not people.get(code):
            raise Refusal(
                f"{design.population.name} has no residents for {code}; add them, exclude the "
                "unit, or take population out."
            )
    return np.array([people[code] for code in units])


def _inputs(design: Design) -> tuple[tuple[str, str], ...]:
    beside = (design.outlines, design.population, design.sites)
    paths = [*design.files, *(path for path in beside if path is not None)]
    return tuple((path.name, digest(path)) for path in paths)


def _plural(design: Design) -> str:
    return "fatal incidents" if design.measure == "fatal" else design.measure


def _listed(codes: set[str]) -> str:
    shown = sorted(codes, key=queries.area_order)
    more = f" and {len(shown) - 12} more" if len(shown) > 12 else ""
    return ", ".join(shown[:12]) + more

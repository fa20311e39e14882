"""The panel: the outcome counted by unit and period, and what was decided on the way."""

import numpy as np

from stoop.evaluation.models import Design, Floats, Panel
from stoop.evaluation.studies import treating
from stoop.evaluation.studies.counting import Counted, count, said_of_outside, table, units_of
from stoop.evaluation.studies.ground import TOUCHING_M, Ground, beside, read_ground, within_reach
from stoop.evaluation.studies.treating import Treatment, treat
from stoop.evaluation.studies.words import outcomes
from stoop.kernel.errors import Refusal
from stoop.kernel.files import digest
from stoop.places import readers
from stoop.places.queries import area_order

# What fits into the memory of a small server, some times over.
MOST_CELLS = 3_000_000


def build(design: Design) -> Panel:
    """Read all files of a study and lay them out. Raises Refusal where no panel comes of it."""
    listed = treating.listed_sites(design)
    ground = read_ground(design, listed.programs)
    counted = count(design, ground)
    every, said = units_of(counted, design, ground)
    _check_size(design, len(every))
    sites, more = treating.inside(listed, design, every)
    dropped = _dropped(design, every, {site.area for site in sites}, ground)
    everywhere = treat(design, every, sites)
    pool = _not_compared(design, every, everywhere, ground)
    left_out = pool | dropped
    # A unit that is drawn and has no row is no unit here, and may be left out by name all the same.
    dropped = {code: left_out[code] for code in sorted(left_out, key=area_order)}
    units = tuple(code for code in every if code not in dropped)
    found = treat(design, units, sites)
    _check_panel(design, found.onset, pool)
    counts, months = table(counted, units, design.calendar)
    total = int(counts.sum())
    if not total:
        raise Refusal(
            f"No {outcomes(design)} fall into the units and periods of {design.name}; mend its "
            "period, its files or its exclusions."
        )
    said += [*more, *treating.said_of_starts(design, units, found, sites)]
    said += said_of_outside(counted, design, every)
    return Panel(
        units=units,
        calendar=design.calendar,
        counts=counts,
        onset=found.onset,
        dose=found.dose,
        ended=found.ended,
        months=months,
        launch=found.launch,
        adjacent=beside(ground, units, found.began) if ground else None,
        within=_within(design, every, everywhere, ground, units),
        population=_population(design, units),
        total=total,
        exclusions=_exclusions(dropped, counted, design),
        said=tuple(said),
        inputs=_inputs(design),
    )


def _check_size(design: Design, units: int) -> None:
    """Counted by month, for so it is laid out however long its periods are."""
    if units * design.calendar.months.size > MOST_CELLS:
        raise Refusal(
            f"{design.name} asks for {units:,} units in {design.calendar.months.size:,} months, "
            f"more than {MOST_CELLS:,} cells; take fewer periods or larger areas."
        )


def _dropped(
    design: Design, every: tuple[str, ...], treated: set[str], ground: Ground | None
) -> dict[str, str]:
    """Units that are left out by name or for want of an outline, each with its reason."""
    found = {each.unit: each.reason for each in design.exclusions}
    drawn = ground.units if ground is not None and found else set()
    for code in found:
        if code not in every and code not in drawn:
            raise Refusal(
                f"{design.name} excludes {code}, which is no unit here; mend or remove it."
            )
    if ground is not None and ground.each_day:
        for code in ground.partly & set(every) - set(found):
            found[code] = "its outline does not hold on every day of the panel: missing, not zero"
    if design.comparison is not None:
        for code in design.comparison:
            if code not in every or code in treated:
                why = "has a program" if code in treated else "is no unit here"
                raise Refusal(f"{design.name} compares with {code}, which {why}; take it out.")
        rest = set(every) - treated - set(design.comparison) - set(found)
        found |= dict.fromkeys(rest, "not in the comparison pool of the design")
    return found


def _not_compared(
    design: Design, units: tuple[str, ...], found: Treatment, ground: Ground | None
) -> dict[str, str]:
    """Units without a program in the panel that the rules of the comparison pool leave out; a
    program works next door even where its own unit is left out."""
    treated = found.onset < design.calendar.size
    left: dict[str, str] = {}
    if not design.not_yet_treated:
        late = np.isfinite(found.onset) & ~treated
        why = "its program starts after the last period"
        left |= {code: why for code, yes in zip(units, late, strict=True) if yes}
    if design.leave_out_neighbours and ground is not None:
        reach = max(design.rings_m, default=TOUCHING_M)
        near = beside(ground, units, found.began, within_m=reach)[:, treated].any(axis=1)
        why = f"within {reach:,.0f} m of a unit with a program" if design.rings_m else (
            "next door to a unit with a program"
        )  # fmt: skip
        left = {code: why for code, yes in zip(units, near & ~treated, strict=True) if yes} | left
    return left


def _check_panel(design: Design, onset: Floats, pool: dict[str, str]) -> None:
    if not ((onset >= 0) & (onset < design.calendar.size)).any():
        raise Refusal(
            f"No program of {design.sites.name} starts in a unit of the panel between its first "
            "and last period, so there is nothing to compare; mend the period or the exclusions."
        )
    if (onset < design.calendar.size).all() and pool:
        raise Refusal(
            "The rules of [comparison] leave no unit to compare with; loosen them, or take the "
            "rings nearer."
        )
    if (onset < design.calendar.size).all():
        raise Refusal(
            "Every unit is treated within the panel, so nothing is left to compare with; widen "
            "the comparison or end earlier."
        )


def _within(
    design: Design,
    every: tuple[str, ...],
    found: Treatment,
    ground: Ground | None,
    units: tuple[str, ...],
) -> Floats | None:
    """Ground near any program, that of a unit that is left out among them."""
    if ground is None or not design.rings_m:
        return None
    reached = within_reach(ground, every, found.onset, design.calendar.edges, design.rings_m)
    return reached[:, [every.index(code) for code in units]]


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


def _exclusions(
    dropped: dict[str, str], counted: Counted, design: Design
) -> tuple[tuple[str, str, int], ...]:
    return tuple(
        (code, why, counted.of_unit(code, design.calendar)) for code, why in dropped.items()
    )


def _inputs(design: Design) -> tuple[tuple[str, str], ...]:
    others = (design.outlines, design.catchments, design.population, design.sites)
    paths = [*design.files, *(path for path in others if path is not None)]
    return tuple((path.name, digest(path)) for path in paths)

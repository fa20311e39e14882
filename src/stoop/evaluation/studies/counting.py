"""What is counted, where and when: the rows of the files as a table of units by periods."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stoop.evaluation.models import Bools, Calendar, Days, Design, Floats, Ints
from stoop.evaluation.studies.ground import Ground
from stoop.evaluation.studies.words import few, listed, outcomes
from stoop.incidents.readers import Shootings, read_within
from stoop.kernel.errors import Refusal
from stoop.places.queries import area_order
from stoopstat.measures import measures

# A record that begins later or ends earlier than this inside a period does not hold all of it.
QUIET_DAYS = 31


@dataclass(frozen=True, eq=False, slots=True)
class Counted:
    """One entry for each row or incident: its day, the code of its unit, what it counts for, and
    whether that is a least number because the file, which tells it of others, does not tell it."""

    day: Days
    code: NDArray[np.object_]
    weight: Ints
    untold: Bools

    def of_unit(self, code: str, calendar: Calendar) -> int:
        """What one unit counts within the periods."""
        return int(self.weight[calendar.within(self.day) & (self.code == code)].sum())


def count(design: Design, ground: Ground | None) -> Counted:
    """Read the files of a design; Refusal for a period that they do not reach."""
    known = read_within(
        ground.read if ground else None,
        list(design.files),
        columns=design.columns,
        timezone=design.timezone,
        crs=design.crs,
    )
    first = known.first_of_each_incident()
    rows = np.arange(len(known)) if design.measure == "rows" else first
    counted = Counted(
        known.date[rows],
        _codes(known, rows, design, ground),
        _weight(known, design.measure, rows.size),
        _untold(known, design.measure, rows.size),
    )
    _check_reach(counted, design.calendar)
    return counted


def _codes(
    known: Shootings, rows: Ints, design: Design, ground: Ground | None
) -> NDArray[np.object_]:
    if design.area == "mapped" and ground is not None:
        return ground.place(known.lon[rows], known.lat[rows], known.date[rows])
    if ground is not None and ground.catchments:
        raise Refusal('No record knows the catchments; write area = "mapped" in [outcome].')
    if not known.has_areas:
        raise Refusal(
            f"The files of {design.name} record no area; name its column under "
            '[outcome.columns] as area = "...", or use area = "mapped" with outlines.'
        )
    codes = np.array([*known.area_names, ""], dtype=object)[known.area[rows]]
    return np.array([design.parts.get(code, code) for code in codes], dtype=object)


def _weight(known: Shootings, measure: str, size: int) -> Ints:
    """What each row or incident counts for; `fatal` is incidents in which somebody died."""
    if measure in ("rows", "incidents"):
        return np.ones(size, dtype=np.int64)
    found = measures(**known.counted)
    if measure == "victims":
        return found.incident_victims
    if not (known.fatal >= 0).any():
        raise Refusal("The files do not say who died; choose another measure than fatal.")
    return found.fatal.astype(np.int64)


def _untold(known: Shootings, measure: str, size: int) -> Bools:
    """Incidents of no row that says how many were hit, where victims are counted and others say."""
    told = np.full(size, measure != "victims" or not known.has_victim_counts)
    if measure == "victims":
        np.logical_or.at(told, known.incident, known.victims >= 0)
    return ~told


def _check_reach(counted: Counted, calendar: Calendar) -> None:
    """Periods that no file covers would count as periods without shootings."""
    columns = calendar.column(counted.day)
    for wanted, there in ((0, columns.min()), (calendar.size - 1, columns.max())):
        if (there > wanted) if wanted == 0 else (there < wanted):
            day = counted.day.min() if wanted == 0 else counted.day.max()
            raise Refusal(
                f"The files reach {'back' if wanted == 0 else 'on'} to {day} only, not to "
                f"{calendar.labels[wanted]}; add the missing files or mend the period."
            )


def units_of(
    counted: Counted, design: Design, ground: Ground | None
) -> tuple[tuple[str, ...], list[str]]:
    """Codes of all units in their natural order, and what the map knows otherwise."""
    said = [f"{part} counts as part of {whole}." for part, whole in design.parts.items()]
    recorded = {str(code) for code in set(counted.code) if code}
    if ground is None:
        return tuple(sorted(recorded, key=area_order)), said
    drawn, file = ground.units, ground.read.file
    if design.area == "mapped":
        return tuple(sorted(drawn, key=area_order)), [*said, *ground.said]
    if missing := drawn - recorded:
        said.append(f"Of {file}, in no row and so no unit: {listed(missing)}.")
    if missing := recorded - drawn:
        said.append(f"Without an outline, and so touching no unit: {listed(missing)}.")
    return tuple(sorted(recorded, key=area_order)), [*said, *ground.said]


def table(counted: Counted, units: tuple[str, ...], calendar: Calendar) -> tuple[Floats, Floats]:
    """Counts by unit and period, and by unit and month."""
    place = {code: row for row, code in enumerate(units)}
    row = np.array([place.get(code, -1) for code in counted.code], dtype=np.int64)
    months = calendar.months
    keep = calendar.within(counted.day) & (row >= 0)

    def cells(at: Ints, size: int) -> Floats:
        found = np.bincount(
            row[keep] * size + at[keep], weights=counted.weight[keep], minlength=len(units) * size
        )
        return found.reshape(len(units), size).astype(np.float64)

    return (
        cells(calendar.column(counted.day), calendar.size),
        cells(months.column(counted.day), months.size),
    )


def said_of_outside(counted: Counted, design: Design, every: tuple[str, ...]) -> list[str]:
    """What falls outside the periods or into no unit, and a record that ends inside a period."""
    what, said = outcomes(design), []
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
    within = design.calendar.within(counted.day)
    if n := int(counted.weight[~within].sum()):
        said.append(f"Outside the periods of the panel, not counted: {few(n, design)} {what}.")
    if n := int((within & counted.untold).sum()):
        said.append(
            f"Incidents without the number of persons hit: {few(n, design)}. Each counts as the "
            "fewest that its rows can mean, one or more, so there may be more victims than counted."
        )
    known = set(every)  # np.isin compares texts one with all
    nowhere: Bools = within & np.array([code not in known for code in counted.code], dtype=bool)
    if n := int(counted.weight[nowhere].sum()):
        said.append(f"Without a known {design.kind}, not counted: {few(n, design)} {what}.")
    return said

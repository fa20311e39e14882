"""Since when, how much, and until when each unit is under a program."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stoop.evaluation.models import Bools, Calendar, Days, Design, Floats, Site, Sites
from stoop.evaluation.readers import read_sites
from stoop.evaluation.studies.words import listed
from stoop.kernel.errors import Refusal
from stoopstat.impact.design import NEVER


@dataclass(frozen=True, eq=False, slots=True)
class Treatment:
    """The programs of U units over T periods.

    began: (U,) first day of the first program, NaT where never. onset: (U,) its column. dose:
    (U, T) share of each period under any program. ended: (U, T) periods after the onset on whose
    last day no program is at work. launch: (U,) month column of the onset, None where some start is
    known to the year only.
    """

    began: Days
    onset: Floats
    dose: Floats
    ended: Bools
    launch: Floats | None


def listed_sites(design: Design) -> Sites:
    """The list of sites that a design names."""
    return read_sites(
        design.sites,
        area=design.site_area,
        start=design.site_start,
        end=design.site_end,
        status=design.site_status,
    )


def of_units(sites: Sites, design: Design) -> list[Site]:
    """Every program of the list, a part named by the whole that it counts for."""
    return [replace(site, area=design.parts.get(site.area, site.area)) for site in sites.programs]


def inside(
    sites: Sites, design: Design, every: tuple[str, ...]
) -> tuple[tuple[Site, ...], list[str]]:
    """The programs in a unit, and what is said of the list."""
    programs = of_units(sites, design)
    found = tuple(site for site in programs if site.area in every)
    file = design.sites.name
    if not found:
        raise Refusal(
            f"No area of {file} ({sites.programs[0].area}...) is one of the "
            f"{len(every)} units ({', '.join(every[:3])}...); write them alike."
        )
    said = []
    if sites.planned:
        said.append(f"Lines of {file} without a start, and so planned only: {sites.planned}.")
    if sites.otherwise:
        told = ", ".join(f"{status or 'none'} ({n})" for status, n in sites.otherwise)
        said.append(f"Lines of {file} that do not count, by their status: {told}.")
    if others := {site.area for site in programs} - set(every):
        said.append(f"Of {file}, no unit and so outside: {listed(others)}.")
    times = Counter(site.area for site in found)
    if several := {area for area, n in times.items() if n > 1}:
        said.append(
            f"Several programs: {listed(several)}. The earliest start counts, and the share of a "
            "period is that under any of them."
        )
    return found, said


def treat(design: Design, units: Sequence[str], sites: Sequence[Site]) -> Treatment:
    """Lay the programs out over the periods. An end counts on its day: work stops the day after."""
    calendar, size = design.calendar, len(units)
    edges = calendar.edges
    days = np.arange(edges[0], edges[-1])
    at = calendar.column(days)
    month = Calendar("month", 0, 0)
    opening = int(month.column(edges[:1])[0])
    began = np.full(size, "NaT", dtype="datetime64[D]")
    onset, launch = np.full(size, NEVER), np.full(size, NEVER)
    dose, ended = np.zeros((size, calendar.size)), np.zeros((size, calendar.size), dtype=bool)
    for row, code in enumerate(units):
        own = [site for site in sites if site.area == code]
        if not own:
            continue
        start = np.array([min(site.start for site in own)], dtype="datetime64[D]")
        began[row] = start[0]
        onset[row] = calendar.column(start)[0]
        launch[row] = month.column(start)[0] - opening
        running = np.zeros(days.size, dtype=bool)
        for site in own:
            lasts = days <= np.datetime64(site.end) if site.end else True
            running |= (days >= np.datetime64(site.start)) & lasts
        dose[row] = np.bincount(at[running], minlength=calendar.size) / np.bincount(at)
        last_days = running[(edges[1:] - edges[0]).astype(np.int64) - 1]
        ended[row] = (np.arange(calendar.size) >= onset[row]) & ~last_days
    to_the_month = all(site.by_month for site in sites if site.area in units)
    return Treatment(began, onset, dose, ended, launch if to_the_month else None)


def said_of_starts(
    design: Design, units: Sequence[str], found: Treatment, sites: Sequence[Site]
) -> list[str]:
    """Starts that have no before or no after in the panel, and programs that closed in it."""
    names = np.array(units, dtype=object)
    size, said, onset = design.calendar.size, [], found.onset
    if (late := np.isfinite(onset) & (onset >= size)).any():
        said.append(
            f"Starts after the last period, and so counts as comparison: {listed(names[late])}. "
            "In the event study its periods are periods before."
        )
    if (early := onset <= 0).any():
        said.append(
            "Treated from the first period on, and so without a before of its own: "
            f"{listed(names[early])}."
        )
    closed = found.ended.any(axis=1)
    if closed.any():
        said.append(
            f"Nothing at work any more, at least for a time: {listed(names[closed])}. Most "
            'estimators take a start as lasting; the sample "closures end the treatment" leaves '
            "these periods out, and the share of the period under treatment knows of them."
        )
    last = design.calendar.edges[-1] - 1
    ends = {site.area for site in sites if site.end and np.datetime64(site.end) < last}
    if going_on := ends & set(units) - set(names[closed]):
        said.append(f"A program closed and another went on: {listed(going_on)}.")
    return said

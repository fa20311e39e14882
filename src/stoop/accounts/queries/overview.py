"""The sites with what they do today, where, and what they did before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from stoop.accounts.models import Program, Site
from stoop.accounts.permissions import Actor, today
from stoop.accounts.queries.sites import sites
from stoop.places import queries as places

OPERATIONAL, START_UP, CLOSED, COVERED, PLANNED = Program.Status.values
# What a site with several programs is called after: the first of these that one of them is.
_FIRST = (OPERATIONAL, START_UP, COVERED, PLANNED, CLOSED)


@dataclass(frozen=True)
class Stretch:
    """A program of a site with what it is today."""

    program: Program
    status: str

    @property
    def label(self) -> str:
        return str(Program.Status(self.status).label)


@dataclass(frozen=True)
class SiteToday:
    """A site as a page shows it; `has_catchment`: alerts for its ground find it."""

    site: Site
    status: str
    programs: tuple[Stretch, ...]
    has_catchment: bool

    @property
    def status_label(self) -> str:
        return str(Program.Status(self.status).label) if self.status else ""

    @property
    def areas(self) -> str:
        """The areas that it works in today, in words."""
        kept = {
            f"{each.program.area_kind} {each.program.area_code}": None
            for each in self.programs
            if each.status != CLOSED and each.program.area_code
        }
        return ", ".join(kept)


def status_on(program: Program, day: date) -> str:
    """What a program is on a day: its dates go before what the list says."""
    if program.ends is not None and program.ends < day:
        return str(CLOSED)
    if program.starts is None or program.starts > day:
        return str(COVERED if program.status == COVERED else PLANNED)
    return str(program.status)


def overview(actor: Actor, *, code: str = "") -> list[SiteToday]:
    """Sites that the actor may see, by name, or the one with that code."""
    found = sites(actor)
    found = found.filter(code=code) if code else found
    rows = Program.objects.filter(site__in=found).order_by("starts", "planned_start", "pk")
    rows = rows.prefetch_related("listings") if code else rows
    programs: dict[int, list[Program]] = {}
    for row in rows:
        programs.setdefault(row.site_id, []).append(row)
    day = today()
    caught = set(places.areas("catchment", on=day).values_list("code", flat=True))
    return [_today(each, programs.get(each.pk, ()), day, caught) for each in found]


def _today(site: Site, programs: Sequence[Program], day: date, caught: set[str]) -> SiteToday:
    stretches = tuple(Stretch(each, status_on(each, day)) for each in programs)
    held = {each.status for each in stretches}
    status = next((str(each) for each in _FIRST if each in held), "")
    if site.covered_by_id is not None and status != OPERATIONAL:
        status = str(COVERED)
    return SiteToday(site, status, stretches, site.code in caught)

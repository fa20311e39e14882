"""The list of sites: who works where, since when, and what it truly changes. All names invented."""

from dataclasses import dataclass
from datetime import date

from stoop.sample.actions.land import BOROUGHS
from stoop.sample.models import ProgramTruth


@dataclass(frozen=True)
class Site:
    """One line of sites.csv; `rank` is the position of its district among the most burdened."""

    rank: int
    provider: str
    program: str
    neighborhood: str
    start: date | None
    end: date | None
    planned: date | None
    status: str
    effect: float


# Priority districts ranked 3, 5, 8 and 9 (from 0) have none; ranks 13 and 16 have one each.
SITES = (
    Site(0, "Tannery Flats Neighbors Association", "Level Ground", "Tannery Flats",
         date(2020, 7, 1), None, None, "Fully operational", -0.30),
    Site(1, "Millrace Family Services", "Evening Table", "Millrace",
         date(2022, 4, 1), None, None, "Fully operational", -0.30),
    Site(2, "Quayside Mediation Circle", "First Conversation", "Ropewalk Street",
         date(2019, 3, 1), None, None, "Fully operational", 0.0),
    Site(4, "Kiln Street Tenants Council", "Stairwell", "Kiln Street Houses",
         date(2021, 7, 1), None, None, "Start-up, limited services", 0.0),
    Site(6, "Three Bridges Youth Trust", "Crossing Point", "Orchard Rise",
         date(2018, 9, 1), date(2023, 6, 30), None, "Closed", 0.0),
    Site(7, "Millrace Family Services", "Evening Table East", "Chandlers Row",
         None, None, date(2026, 7, 1), "Planned", 0.0),
    Site(13, "Quayside Mediation Circle", "First Conversation", "Saltmarsh Lane",
         date(2020, 10, 1), None, None, "Fully operational", 0.0),
    Site(16, "North Gate Community Works", "Porch Light", "North Gate",
         date(2023, 1, 1), None, None, "Fully operational", 0.0),
)  # fmt: skip


def planted(ranked: tuple[str, ...]) -> tuple[ProgramTruth, ...]:
    """What each site does; a planned one has no start and so no effect."""
    return tuple(ProgramTruth(ranked[s.rank], s.program, s.start, s.end, s.effect) for s in SITES)


def lines(ranked: tuple[str, ...]) -> list[list[str]]:
    """sites.csv, header first; months as a city's list writes them."""

    def month(day: date | None) -> str:
        return f"{day:%Y-%m}" if day else ""

    header = [
        "district", "borough", "provider", "program", "neighborhood", "start_month", "end_month",
        "planned_start", "status",
    ]  # fmt: skip
    return [header] + [
        [
            ranked[s.rank], BOROUGHS[ranked[s.rank][0]], s.provider, s.program, s.neighborhood,
            month(s.start), month(s.end), month(s.planned), s.status,
        ]
        for s in SITES
    ]  # fmt: skip

"""A city's own list of sites: loaded as often as it changes, and each time told what changed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from stoop.accounts.actions.sites import follow, free_code
from stoop.accounts.models import Listing, Organization, Program, Site
from stoop.accounts.permissions import Actor, Permission, require
from stoop.kernel import clock, progress
from stoop.kernel.rejects import RejectedRow
from stoop.ledger import actions as ledger
from stoop.ledger.queries import events_after
from stoop.places import actions as places
from stoop.places import readers
from stoop.places.readers import Program as Line

OPERATIONAL, START_UP, CLOSED, COVERED, PLANNED = Program.Status.values
# What a list says, in the words it is known by, tried in this order; "not operational" goes first.
_WORDS = (
    (r"\bnot (?:yet )?operational|\bclosed|\bended|\binactive", CLOSED),
    (r"\bcover(?:age|ed)\b", COVERED),
    (r"\bstart[ -]?up\b", START_UP),
    (r"\bplanned\b|\bpending\b", PLANNED),
    (r"\boperational\b|\bactive\b|\bopen\b|\brunning\b", OPERATIONAL),
)
_SUBJECT = "sites:list"
# What the same list may have another answer to: outlines of its areas, programs changed by hand.
_MOVES = ("areas.loaded", "area.set", "program.added", "program.closed")
_UNDECIDED = "Provider to be decided"


@dataclass(frozen=True)
class SitesLoaded:
    """What loading a list of sites did, in sentences: programs that are new or have changed, how
    many are as they were or are in the list no more, what a person should look at, and lines that
    could not be used.

    `known` says when these very files were loaded, and that nothing was done."""

    sites: int = 0
    programs: int = 0
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: int = 0
    gone: int = 0
    notes: tuple[str, ...] = ()
    rejects: tuple[RejectedRow, ...] = ()
    known: datetime | None = None


@dataclass
class _Told:
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    withdrawn: int = 0
    notes: dict[str, None] = field(default_factory=dict)


@transaction.atomic
def load_sites(
    *,
    files: Sequence[Path],
    by: Actor,
    area_kind: str = "precinct",
    progress: progress.Progress = progress.silent,
) -> SitesLoaded:
    """Load a list of sites (what `places.readers.read_programs` reads) as sites and programs.

    Several files are one list; all of it is in, or, after a kill, nothing. Lines of one provider
    with the same program in the same neighborhood are one site with several programs; "Bronx
    Raises Against Guns (BRAG)" and "BRAG" are the same program. Each line keeps the list's own
    words for its status. The catchment of a site is the union of the areas of `area_kind` in which
    its programs run, by their days; where no outline is known the rest is kept and it is said. The
    same files again change nothing; a list that has changed is told line by line, and what stood
    before is kept. What a list no longer names stays, marked so, and is named in the notes.
    """
    require(by, Permission.SITES_EDIT)
    progress("reading files", 1, 3)
    sha256 = places.digests(files)
    last = places.loaded_before("sites.loaded", _SUBJECT, sha256, area_kind=area_kind)
    if last and not events_after(last.seq, _MOVES, limit=1):
        return SitesLoaded(known=last.at)
    read = [readers.read_program_list(file) for file in files]
    lines = [line for listed, _ in read for line in listed]
    rejects = tuple(each for _, bad in read for each in bad)
    told = _Told()
    progress(f"{len(lines)} programs", 2, 3)
    grouped: dict[tuple[str, str, str, str], list[Line]] = {}
    for line in lines:
        grouped.setdefault(_team(line), []).append(line)
    sites = [_site(team, group, by) for team, group in grouped.items()]
    seen: set[int] = set()
    progress("catchments", 3, 3)
    for site, group in zip(sites, grouped.values(), strict=True):
        seen |= _programs(site, group, area_kind, told)
        if site.covered_by_id is None and any(_status(line)[0] == COVERED for line in group):
            told.notes[f"{site.name} is covered by another: say by which on its page."] = None
        for note in follow(site=site, by=by):
            told.notes[f"{site.name}: {note} It has no catchment there until one is loaded."] = None
    gone = _missing(seen, told)
    loaded = SitesLoaded(
        len({site.pk for site in sites}),
        len(lines),
        tuple(told.added),
        tuple(told.changed),
        told.unchanged,
        gone,
        tuple(told.notes),
        rejects,
    )
    if loaded.added or loaded.changed or told.withdrawn:
        counts = {"added": len(loaded.added), "changed": len(loaded.changed)}
        counts["withdrawn"] = told.withdrawn
        data = {"sha256": sha256, "area_kind": area_kind, "rejected": len(rejects), **counts}
        ledger.record(kind="sites.loaded", subject=_SUBJECT, by=by.ref, data=data)
    return loaded


def _team(line: Line) -> tuple[str, str, str, str]:
    """What makes two lines one site: provider, program and neighborhood, without their remarks.

    A line that names none of them is a plan for its area, and a site of its own.
    """
    short = re.search(r"\(([A-Z0-9]{2,10})\)\s*$", line.program)
    program = short[1] if short else line.program
    provider, program, place = (
        " ".join(text.casefold().split()) for text in (line.provider, program, _place(line))
    )
    return provider, program, place, "" if provider or program or place else line.area


def _place(line: Line) -> str:
    """The neighborhood without what stands in parentheses and after them."""
    return line.neighborhood.partition("(")[0].strip() or line.neighborhood


def _site(team: tuple[str, ...], group: Sequence[Line], by: Actor) -> Site:
    """The site of these lines, found by what the list calls it: its name here may be changed."""
    listed = " | ".join(team)[:400]
    known = Site.objects.filter(listed=listed).first()
    if known:
        return known
    first = group[0]
    name = _name(first)
    made = Site.objects.create(
        code=free_code(Site, name),
        name=name,
        organization=_provider(first.provider, by),
        neighborhood=first.neighborhood[:200],
        listed=listed,
    )
    ledger.record(kind="site.added", subject=f"site:{made.code}", by=by.ref, site=made.code)
    return made


def _name(line: Line) -> str:
    """What people can tell the site by: its program, and where that does not say it, its place."""
    place = _place(line)
    told = line.program or line.provider
    if not told:
        return f"Planned: {place or f'area {line.area}'}"[:200]
    return (told if not place or place.casefold() in told.casefold() else f"{told}, {place}")[:200]


def _provider(name: str, by: Actor) -> Organization:
    name = (name or _UNDECIDED)[:200]
    known = Organization.objects.filter(name=name).first()
    if known:
        return known
    code = free_code(Organization, name)
    made = Organization.objects.create(code=code, name=name, kind=Organization.Kind.PROVIDER)
    ledger.record(kind="organization.added", subject=f"organization:{code}", by=by.ref)
    return made


def _programs(site: Site, group: Sequence[Line], area_kind: str, told: _Told) -> set[int]:
    """Bring a site's programs to what the lines say; ids of those that the lines speak of."""
    kept = list(Program.objects.filter(site=site, area_kind=area_kind).order_by("starts", "pk"))
    seen = set()
    rest: list[Line] = []
    for line in group:  # those that begin on the same day in the same area are the same
        same = _take(kept, lambda row, line=line: _begins(row) == _begins(line))  # type: ignore[misc]
        if same:
            seen.add(_bring(same, line, site, told).pk)
        else:
            rest.append(line)
    for line in rest:  # then those in the same area: their first day was corrected
        same = _take(kept, lambda row, line=line: row.area_code == line.area)  # type: ignore[misc]
        row = same or Program(site=site, area_kind=area_kind)
        seen.add(_bring(row, line, site, told).pk)
    return seen


def _take(rows: list[Program], fits: Callable[[Program], bool]) -> Program | None:
    for row in rows:
        if fits(row):
            rows.remove(row)
            return row
    return None


def _begins(row: Program | Line) -> tuple[object, object]:
    if isinstance(row, Line):
        return row.area, row.start or row.planned_start
    return row.area_code, row.starts or row.planned_start


def _bring(row: Program, line: Line, site: Site, told: _Told) -> Program:
    """Make a program what the line says, and tell what that changed."""
    status, sure = _status(line)
    if not sure:
        told.notes[f"{site.name}: the list's word {line.status!r} is unknown here and kept."] = None
    new = {
        "area_code": line.area,
        "starts": line.start,
        "ends": line.end,
        "planned_start": line.planned_start,
        "status": status,
        "said": line.status[:200],
        "unlisted_at": None,
    }
    what = f"{site.name}, {row.area_kind} {line.area}"
    if row.pk is None:
        told.added.append(what)
    else:
        differs = {name for name, value in new.items() if getattr(row, name) != value}
        if not differs:
            told.unchanged += 1
            return row
        before = {name: getattr(row, name) for name in new if name != "unlisted_at"}
        Listing.objects.create(program=row, until=clock.now(), **before)
        told.changed.append(f"{what}: {', '.join(_words(row, new, differs))}")
    for name, value in new.items():
        setattr(row, name, value)
    row.save()
    return row


def _words(row: Program, new: Mapping[str, object], differs: set[str]) -> list[str]:
    """Each change in words: "ends: 2021-10-31 (was none)"."""
    words = {"unlisted_at": "not in the list since"}
    return [
        f"{words.get(name, name.replace('_', ' '))}: {new[name] or 'none'}"
        f" (was {getattr(row, name) or 'none'})"
        for name in sorted(differs)
    ]


def _status(line: Line) -> tuple[str, bool]:
    """What the list's words mean, and whether that is sure; dates decide where words do not."""
    said = line.status.casefold()
    by_dates = OPERATIONAL if line.start else PLANNED
    by_dates = CLOSED if line.end else by_dates
    for pattern, status in _WORDS:
        if re.search(pattern, said):
            return str(status if line.start or status == COVERED else by_dates), True
    return str(by_dates), not said or said in ("n/a", "na", "none", "tbd")


def _missing(seen: set[int], told: _Told) -> int:
    """Mark and name the programs that came from a list once, and that this list does not name."""
    held = Program.objects.exclude(said="").exclude(pk__in=seen).select_related("site")
    gone = list(held.order_by("site__name", "pk"))
    new = [row.pk for row in gone if row.unlisted_at is None]
    told.withdrawn = Program.objects.filter(pk__in=new).update(unlisted_at=clock.now())
    for row in gone:
        told.notes[
            f"{row.site.name}, {row.area_kind} {row.area_code}: no longer in the list; close the "
            "program on the site's page if it has ended."
        ] = None
    return len(gone)

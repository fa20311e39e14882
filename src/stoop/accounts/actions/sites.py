"""Sites and their programs; the catchment of a site follows its programs."""

from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

import shapely
from django.db import transaction
from django.utils.text import slugify

from stoop.accounts.models import Organization, Program, Site
from stoop.accounts.permissions import Actor, Permission, require
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger
from stoop.places import actions as places
from stoop.places import queries as outlines


@transaction.atomic
def add_organization(*, name: str, kind: str, by: Actor) -> Organization:
    """Somebody that people work for. Saying the same name twice gives the same one."""
    require(by, Permission.SITES_EDIT)
    name = named(name)
    known = _called(Organization, name)
    if known:
        return known
    made = Organization.objects.create(code=free_code(Organization, name), name=name, kind=kind)
    ledger.record(kind="organization.added", subject=f"organization:{made.code}", by=by.ref)
    return made


@transaction.atomic
def add_site(*, name: str, organization: Organization, neighborhood: str, by: Actor) -> Site:
    """A new site; its code is made from its name and never changes."""
    require(by, Permission.SITES_EDIT)
    name = named(name)
    if _called(Site, name):
        raise Refusal("There is a site with this name; open that one, or say what sets them apart.")
    made = Site.objects.create(
        code=free_code(Site, name),
        name=name,
        organization=organization,
        neighborhood=neighborhood.strip()[:200],
    )
    ledger.record(kind="site.added", subject=f"site:{made.code}", by=by.ref, site=made.code)
    return made


@transaction.atomic
def edit_site(
    *,
    site: Site,
    name: str,
    organization: Organization,
    neighborhood: str,
    covered_by: Site | None,
    version: int,
    by: Actor,
) -> Site:
    """Change a site, or say which site covers it. Refuses a change to a version that is not the
    last, a site that covers itself, and a circle of sites that cover each other."""
    require(by, Permission.SITES_EDIT)
    kept = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    if kept.version != version:
        raise Refusal(
            "Somebody else has changed this site meanwhile; look at it as it is, then save again."
        )
    if covered_by is not None and (covered_by.pk == kept.pk or covered_by.covered_by_id):
        raise Refusal("The site that covers must do its own work; choose one that nobody covers.")
    if covered_by is not None and Site.objects.filter(covered_by=kept).exists():
        raise Refusal("This site covers another one; end that first.")
    new = (named(name), organization.pk, neighborhood.strip()[:200], covered_by)
    if new == (kept.name, kept.organization_id, kept.neighborhood, kept.covered_by):
        return kept
    kept.name, kept.organization_id, kept.neighborhood, kept.covered_by = new
    kept.version += 1
    kept.save()
    ledger.record(
        kind="site.edited",
        subject=f"site:{kept.code}",
        by=by.ref,
        site=kept.code,
        data={"version": kept.version, "covered_by": covered_by.code if covered_by else ""},
    )
    return kept


@transaction.atomic
def add_program(
    *,
    site: Site,
    area_kind: str,
    area_code: str,
    status: str,
    by: Actor,
    starts: date | None = None,
    ends: date | None = None,
    planned_start: date | None = None,
) -> Program:
    """A stretch of time in which a site works in an area. Adding the same twice changes nothing."""
    require(by, Permission.SITES_EDIT)
    if starts is None and planned_start is None:
        raise Refusal("Say when it starts, or when it is meant to.")
    _check_years(starts, ends, planned_start)
    if starts and ends and ends < starts:
        raise Refusal("It ends before it starts; mend one of the two days.")
    made, new = Program.objects.get_or_create(
        site=site,
        area_kind=area_kind,
        area_code=area_code,
        starts=starts,
        planned_start=planned_start,
        defaults={"ends": ends, "status": status},
    )
    if new:
        follow(site=site, by=by)
        ledger.record(
            kind="program.added",
            subject=f"site:{site.code}",
            by=by.ref,
            site=site.code,
            data={"area": area_code, "status": status},
        )
    return made


@transaction.atomic
def close_program(*, program: Program, ends: date, by: Actor) -> Program:
    """End a program; `ends` is its last day. Refuses another day than the one it has already."""
    require(by, Permission.SITES_EDIT)
    _check_years(ends)
    kept = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    if kept.starts and ends < kept.starts:
        raise Refusal("It would end before it started; choose a later day.")
    if kept.ends == ends:
        return kept
    if kept.ends:
        raise Refusal(
            f"Somebody wrote {kept.ends} down as its last day meanwhile; nothing was changed."
        )
    kept.ends, kept.status = ends, Program.Status.CLOSED
    kept.save(update_fields=["ends", "status"])
    follow(site=kept.site, by=by)
    ledger.record(
        kind="program.closed",
        subject=f"site:{kept.site.code}",
        by=by.ref,
        site=kept.site.code,
        data={"ends": ends.isoformat()},
    )
    return kept


def _check_years(*days: date | None) -> None:
    """A program of 1900, or of the year 206, is a slip of the finger."""
    if any(day is not None and not 1950 <= day.year <= 2200 for day in days):
        raise Refusal("Check the year: a program begins and ends between 1950 and 2200.")


def follow(*, site: Site, by: Actor) -> tuple[str, ...]:
    """Draw a site's catchment after its programs; what could not be drawn, in sentences.

    Between two days on which a program begins or ends the catchment is the union of the areas in
    which one runs. A plan has no catchment: it answers for nothing yet.
    """
    running = list(Program.objects.filter(site=site).exclude(starts=None).order_by("starts", "pk"))
    days = sorted({edge for each in running for edge in _edges(each)})
    notes: dict[str, None] = {}
    stretches: list[places.Stretch] = []
    for first, past in zip_longest(days, days[1:]):
        shapes = []
        for each in running:
            if each.starts <= first and not _over(each, first):
                shape = _shape(each, first)
                shapes += [] if shape is None else [shape]
                if shape is None:
                    notes[f"No outline is known for {each.area_kind} {each.area_code}."] = None
        if shapes:
            _append(stretches, places.Stretch(shapely.union_all(shapes), first, past))
    places.set_stretches(
        kind="catchment", code=site.code, name=site.name, stretches=stretches, by=by
    )
    return tuple(notes)


def _append(stretches: list[places.Stretch], new: places.Stretch) -> None:
    """Add a stretch; one that is drawn like the one before it only makes that longer."""
    last = stretches[-1] if stretches else None
    if last and last.valid_to == new.valid_from and last.polygon.equals(new.polygon):
        stretches[-1] = places.Stretch(last.polygon, last.valid_from, new.valid_to)
    else:
        stretches.append(new)


def _edges(program: Program) -> tuple[date, ...]:
    """Its first day, and the day after its last."""
    if program.ends is None:
        return (program.starts,)
    return (program.starts, program.ends + timedelta(days=1))


def _over(program: Program, day: date) -> bool:
    return program.ends is not None and program.ends < day


def _shape(program: Program, day: date) -> Any:
    """The outline of a program's area on that day, else as it is drawn now; None without one."""
    for on in (day, None):
        rows = list(outlines.areas(program.area_kind, on=on).filter(code=program.area_code))
        if rows:
            return shapely.union_all([outlines.polygon(row) for row in rows])
    return None


def named(text: str) -> str:
    """A name without space around it; refuses an empty or an endless one."""
    name = " ".join(text.split())
    if not name or len(name) > 200:
        raise Refusal("Write a name of 1 to 200 letters.")
    return name


def _called(model: Any, name: str) -> Any:
    """The row with that name, whatever the case; in Python, for databases differ beyond English."""
    for row in model.objects.order_by("pk"):
        if row.name.casefold() == name.casefold():
            return row
    return None


def free_code(model: Any, name: str) -> str:
    """A code made from a name that no other row has."""
    stem = slugify(name)[:50].strip("-") or "site"
    taken = set(model.objects.filter(code__startswith=stem).values_list("code", flat=True))
    numbers = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(each for each in numbers if each not in taken)

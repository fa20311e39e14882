"""The rota: shifts set week after week, covered, handed over, taken away."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import SYSTEM, Actor, Permission, can, require, within
from stoop.fieldwork.actions.responses import member
from stoop.fieldwork.models import Shift, Span, Taken
from stoop.fieldwork.queries.rota import local
from stoop.kernel import clock, ids
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger

RANKS = (1, 2)
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=7)
MOST_WEEKS = 26
FAR_YEARS = 5
HISTORY = timedelta(days=1)  # what was on call before that is not rewritten


@transaction.atomic
def set_shift(
    *,
    site: Any,
    person: Any,
    starts: datetime,
    ends: datetime,
    by: Actor,
    rank: int = 1,
    weeks: int = 1,
) -> list[Shift]:
    """On call from `starts` to `ends`, and at the same time by the city's clock in later weeks."""
    starts, ends = starts.astimezone(UTC), ends.astimezone(UTC)
    first, last = timezone.localtime(starts), timezone.localtime(ends)
    spans = [
        (
            local(first.date() + timedelta(weeks=n), first.time()) if n else starts,
            local(last.date() + timedelta(weeks=n), last.time()) if n else ends,
        )
        for n in range(_weeks(weeks))
    ]
    return _set(site, person, spans, rank, by)


@transaction.atomic
def set_pattern(
    *,
    site: Any,
    person: Any,
    weekdays: Iterable[int],
    begins: time,
    ends: time,
    first: date,
    by: Actor,
    rank: int = 1,
    weeks: int = 1,
) -> list[Shift]:
    """On call on these weekdays (0 is Monday) for some weeks, from the day `first` on.

    When it ends at or before the hour it begins, it ends on the next day.
    """
    chosen = sorted(set(weekdays))
    if not chosen or not set(chosen) <= set(range(7)):
        raise Refusal("Choose at least one day of the week.")
    if abs(first.year - clock.now().year) > FAR_YEARS:
        raise Refusal("That day is years away; check the year.")
    over = timedelta(days=1 if ends <= begins else 0)
    days = [first + timedelta(days=n) for n in range(7 * _weeks(weeks))]
    spans = [
        (local(day, begins), local(day + over, ends)) for day in days if day.weekday() in chosen
    ]
    return _set(site, person, spans, rank, by)


def _weeks(weeks: int) -> int:
    if not 1 <= weeks <= MOST_WEEKS:
        raise Refusal(f"Repeat for 1 to {MOST_WEEKS} weeks.")
    return weeks


def _set(site: Any, person: Any, spans: list[Span], rank: int, by: Actor) -> list[Shift]:
    require(by, Permission.ROTA_EDIT, site.pk)
    if rank not in RANKS:
        raise Refusal("Choose whether the person is told first or second.")
    whom = member(site.pk, person)
    if whom is None:
        raise Refusal("Choose who is on call.")
    for starts, ends in spans:
        _check_length(starts, ends)
    new = _missing(site, whom, spans, rank)
    series = ids.new() if len(new) > 1 else None
    made = [_make(site, whom, span, rank, series) for span in new]
    if made:
        _note("shift.set", site.code, by, person=str(whom.key), shifts=len(made), rank=rank)
    return made


def _missing(site: Any, whom: Any, spans: Sequence[Span], rank: int) -> list[Span]:
    """The spans in which the person is not on call yet; refused where she is elsewhere then."""
    _hold(whom)
    held = _held(whom, spans[0][0], max(end for _start, end in spans))
    known = {(shift.site_id, shift.starts, shift.ends, shift.rank) for shift in held}
    new = [span for span in spans if (site.pk, *span, rank) not in known]
    for span in new:
        _refuse_clash(held, span, site.pk)
    return new


def _check_length(starts: datetime, ends: datetime) -> None:
    if not SHORTEST <= ends - starts <= LONGEST:
        raise Refusal("A shift lasts from 15 minutes to 7 days; check when it begins and ends.")
    if ends <= clock.now() - HISTORY:
        raise Refusal("That shift is over; enter shifts from yesterday on.")


def _hold(person: Any) -> None:
    """Nobody else puts this person on call meanwhile; before any shift is held."""
    with within(SYSTEM):
        list(accounts.people(SYSTEM).filter(pk=person.pk).select_for_update(no_key=True))


def _held(person: Any, begins: datetime, ends: datetime) -> list[Shift]:
    """All shifts of a person in that time; at other sites too, which the actor may not see."""
    with within(SYSTEM):
        return list(
            Shift.objects.select_for_update(no_key=True).filter(
                person=person, starts__lt=ends, ends__gt=begins
            )
        )


def _refuse_clash(held: list[Shift], span: Span, site_id: int) -> None:
    for shift in held:
        if shift.starts < span[1] and shift.ends > span[0]:
            where = "" if shift.site_id == site_id else " elsewhere"
            begins = timezone.localtime(shift.starts).strftime("%a %d %b, %H:%M")
            raise Refusal(
                f"This person is on call{where} already from {begins}; take that shift away or "
                "choose other hours."
            )


def _make(
    site: Any,
    person: Any,
    span: Span,
    rank: int,
    series: Any = None,
    covers: Any = None,
) -> Shift:
    return Shift.objects.create(
        site=site,
        person=person,
        starts=span[0],
        ends=span[1],
        rank=rank,
        series=series,
        covers=covers,
        changed_at=clock.now(),
    )


@transaction.atomic
def cover_shift(
    *,
    shift: Shift,
    person: Any,
    by: Actor,
    starts: datetime | None = None,
    ends: datetime | None = None,
    kind: str = "shift.covered",
) -> Shift:
    """Somebody else of the site stands in, for the whole shift or a part of it.

    The supervisor may say so, and so may the one who gives it away or the one who takes it. What
    is before and after the part stays with the first person. The same cover again changes nothing.
    """
    require(by, Permission.ROTA_VIEW, shift.site_id)
    whom = member(shift.site_id, person)
    if whom is None:
        raise Refusal("Choose who stands in.")
    shift = _held_with(shift, whom)
    _may_change(shift, whom, by)
    span = ((starts or shift.starts).astimezone(UTC), (ends or shift.ends).astimezone(UTC))
    if whom.pk == shift.person_id:
        raise Refusal("That is the person who is on call already; choose somebody else.")
    if not shift.starts <= span[0] < span[1] <= shift.ends:
        again = Shift.objects.filter(site=shift.site_id, person=whom, starts=span[0], ends=span[1])
        if found := again.filter(covers=shift.person).first():
            return found
        raise Refusal(
            "That is outside the shift as it is now; look at the rota, it may have changed."
        )
    _check_length(*span)
    held = [each for each in _held(whom, *span) if each.pk != shift.pk]
    for other in held:
        if other.site_id != shift.site_id or other.rank == shift.rank:
            _refuse_clash([other], span, shift.site_id)
    for other in held:  # second in line, who now becomes first
        _cut(other, span)
    _cut(shift, span)
    made = _make(shift.site, whom, span, shift.rank, covers=shift.person)
    _note(kind, shift.site.code, by, person=str(whom.key), covers=str(shift.person.key))
    return made


def _held_with(shift: Shift, whom: Any) -> Shift:
    """The shift as it is now, held with those of who stands in: in one order, for two may cover
    each other at once."""
    _hold(whom)
    theirs = Q(person=whom, starts__lt=shift.ends, ends__gt=shift.starts)
    with within(SYSTEM):
        rows = Shift.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
        held = list(rows.filter(Q(pk=shift.pk) | theirs).select_related("site", "person"))
    for each in held:
        if each.pk == shift.pk:
            return each
    raise Refusal("That shift is not as it was; look at the rota, it has changed.")


def hand_over(*, shift: Shift, person: Any, by: Actor) -> Shift:
    """From now on somebody else is on call in this shift."""
    now = clock.now()
    if not shift.starts <= now < shift.ends:
        raise Refusal("Only a shift that runs now can be handed over; let a later one be covered.")
    return cover_shift(shift=shift, person=person, by=by, starts=now, kind="shift.handed_over")


def _may_change(shift: Shift, whom: Any, by: Actor) -> None:
    mine = by.person is not None and by.person.pk in (shift.person_id, whom.pk)
    if not mine and not can(by, Permission.ROTA_EDIT, shift.site_id):
        raise Refusal("Only the supervisor, who gives the shift away, or who takes it may do this.")


def _cut(shift: Shift, span: Span) -> None:
    """Leave of a shift what is outside the span."""
    before, after = (shift.starts, span[0]), (span[1], shift.ends)
    left = [part for part in (before, after) if part[0] < part[1]]
    shift_pk, series = shift.pk, shift.series
    Shift.objects.filter(pk=shift_pk).delete()
    for part in left:
        _make(shift.site, shift.person, part, shift.rank, series, shift.covers)


@transaction.atomic
def remove_shift(*, shift: Shift, by: Actor, later_too: bool = False) -> Taken | None:
    """Take a shift away; with `later_too` also the later ones that were entered with it.

    What was taken, so that `put_back` can undo it; None where it was gone already.
    """
    require(by, Permission.ROTA_EDIT, shift.site_id)
    chosen = Shift.objects.filter(pk=shift.pk)
    if later_too and shift.series:
        chosen = Shift.objects.filter(
            site=shift.site_id, series=shift.series, starts__gte=shift.starts
        )
    gone = list(chosen.select_for_update(no_key=True).order_by("starts"))
    if not gone:
        return None
    Shift.objects.filter(pk__in=[each.pk for each in gone]).delete()
    first = gone[0]
    taken = Taken(
        key=str(ids.new()),
        person=first.person_id,
        rank=first.rank,
        series=str(first.series) if first.series else None,
        covers=first.covers_id,
        spans=tuple((each.starts, each.ends) for each in gone),
    )
    _note_taken("shift.removed", shift.site, shift.person, taken, len(gone), by)
    return taken


@transaction.atomic
def put_back(*, site: Any, taken: Taken, by: Actor) -> int:
    """Put what was taken off the rota back as it was; how many shifts. Twice is once.

    Refused where the person has been put on call elsewhere meanwhile, or has left the site.
    """
    require(by, Permission.ROTA_EDIT, site.pk)
    whom = member(site.pk, taken.person)
    new = _missing(site, whom, taken.spans, taken.rank)
    covers = accounts.person(taken.covers) if taken.covers else None
    for span in new:
        _make(site, whom, span, taken.rank, taken.series, covers)
    if new:
        _note_taken("shift.put_back", site, whom, taken, len(new), by)
    return len(new)


def _note_taken(kind: str, site: Any, whom: Any, taken: Taken, shifts: int, by: Actor) -> None:
    ahead = any(ends > clock.now() for _starts, ends in taken.spans)
    said = {"person": str(whom.key), "shifts": shifts, "ahead": ahead, "taken": taken.key}
    _note(kind, site.code, by, **said)


def _note(kind: str, code: str, by: Actor, **data: Any) -> None:
    ledger.record(kind=kind, subject=f"site:{code}", by=by.ref, site=code, data=data)

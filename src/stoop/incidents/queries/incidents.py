"""Shootings, as far as the one who asks may see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import groupby, islice
from math import cos, hypot, radians
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from stoop.accounts.permissions import Actor, Permission, can, require
from stoop.incidents.models import Incident, Version
from stoop.incidents.queries.facts import known_of

S = Incident.Status
DESK = "desk"
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Shown:
    """A shooting as precisely as a role may see it.

    Without `precise` there is the day, the areas and no more: no block, no point, no hour, no
    counts; the time of day and the counts are then not shown, which is not "not known".
    """

    key: UUID
    seq: int
    version: int
    status: str
    kind: str
    occurred_at: datetime
    time_known: bool
    areas: dict[str, list[str]]
    precise: bool
    block: str = ""
    lon: float | None = None
    lat: float | None = None
    killed: int | None = None
    hurt: int | None = None


def incidents(actor: Actor) -> QuerySet[Incident]:
    """All that the actor may see: whoever sees the block sees also what waits or was retracted."""
    held = Incident.objects.all()
    if not can(actor, Permission.INCIDENTS_VIEW):
        return held.none()
    return held if can(actor, Permission.INCIDENTS_BLOCK) else held.filter(status=S.CONFIRMED)


def filtered(
    actor: Actor,
    *,
    since: date | None = None,
    until: date | None = None,
    kind: str = "",
    status: str = "",
    area: str = "",
    street: str = "",
) -> QuerySet[Incident]:
    """What the actor may see of a stretch of days (the last one is in it), the latest first.

    Without a status all that stand: reported and confirmed. `area` is a code of the main kind.
    """
    held = incidents(actor).order_by("-occurred_at", "-pk")
    if since:
        held = held.filter(occurred_at__gte=_midnight(since))
    if until and until < date.max:
        held = held.filter(occurred_at__lt=_midnight(until + timedelta(days=1)))
    if kind:
        held = held.filter(kind=kind)
    if area:
        held = held.filter(area=area)
    if can(actor, Permission.INCIDENTS_BLOCK):
        # "All but", not "one of": nearly all stand, and so the order by time can be walked.
        gone = (S.RETRACTED, S.MERGED)
        held = held.filter(status=status) if status else held.exclude(status__in=gone)
        if street:
            held = held.filter(block__icontains=street)
    return held


def _midnight(day: date) -> datetime:
    """The first moment of a day of the city."""
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def one(actor: Actor, key: UUID | str) -> Incident:
    """The incident with this key; 404 if there is none or the actor may not see it."""
    try:
        wanted = key if isinstance(key, UUID) else UUID(key)
        return incidents(actor).select_related("source", "merged_into").get(key=wanted)
    except (ValueError, AttributeError, Incident.DoesNotExist) as error:
        raise Http404 from error


def held(key: UUID | str) -> Incident:
    """The incident, locked until the transaction ends: its flows run one after another."""
    return Incident.objects.select_for_update(no_key=True).get(key=key)


def held_all(keys: Iterable[UUID | str]) -> list[Incident]:
    """The incidents, oldest first, each once, locked until the transaction ends."""
    return list(
        Incident.objects.select_for_update(no_key=True).filter(key__in=list(keys)).order_by("pk")
    )


def shown(actor: Actor, incident: Incident) -> Shown:
    """The incident as precisely as the actor may see it; 404 if not at all."""
    require(actor, Permission.INCIDENTS_VIEW)
    precise = can(actor, Permission.INCIDENTS_BLOCK)
    common = {
        "key": incident.key,
        "seq": incident.seq,
        "version": incident.version,
        "status": incident.status,
        "kind": incident.kind,
        "areas": incident.areas,
        "precise": precise,
    }
    if not precise:
        midnight = _midnight(timezone.localdate(incident.occurred_at))
        return Shown(**common, occurred_at=midnight, time_known=False)
    return Shown(
        **common,
        occurred_at=incident.occurred_at,
        time_known=incident.time_known,
        block=incident.block,
        lon=incident.lon,
        lat=incident.lat,
        killed=incident.killed,
        hurt=incident.hurt,
    )


def rows(actor: Actor, found: QuerySet[Incident], start: int, stop: int) -> list[Incident]:
    """Rows start to stop (not in it) of what was `filtered`, in the order that the actor may know.

    Who may know the day alone gets the rows of each day in an order that tells nothing of the hour.
    """
    if can(actor, Permission.INCIDENTS_BLOCK):
        return list(found[start:stop])
    return list(islice(unordered(actor, found.iterator(chunk_size=200)), start, stop))


def unordered(actor: Actor, found: Iterable[Incident]) -> Iterator[Incident]:
    """As `rows`, all of them one by one; `found` is in the order of time."""
    if can(actor, Permission.INCIDENTS_BLOCK):
        yield from found
        return
    for _day, of_day in groupby(found, lambda each: timezone.localdate(each.occurred_at)):
        yield from sorted(of_day, key=_chance)


def _chance(incident: Incident) -> bytes:
    """A place among others that is always the same and follows from nothing about the shooting.

    Not the key itself: keys of one kind sort by the time at which they were made.
    """
    return sha256(incident.key.bytes).digest()


@dataclass(frozen=True)
class Changes:
    """Incidents that changed; ask again after the event `next`; whether there are `more` now."""

    shown: tuple[Shown, ...]
    next: int
    more: bool


def changed_after(actor: Actor, seq: int, *, limit: int = 500) -> Changes:
    """What changed after an event, oldest change first, each incident once as it is now.

    About `limit`: all that one event changed stands on one page.

    What the actor may no longer see (retracted, merged) comes too, so that it can be taken away;
    what the actor never could see (waiting for confirmation) does not. Who may know the day alone
    gets them by day, all with the number of the last one.
    """
    if not can(actor, Permission.INCIDENTS_VIEW):
        return Changes((), seq, more=False)
    precise = can(actor, Permission.INCIDENTS_BLOCK)
    moved = Incident.objects.filter(seq__gt=seq).order_by("seq")
    if not precise:
        moved = moved.exclude(status=S.REPORTED).exclude(_never_confirmed())
    found = list(moved[: limit + 1])
    some, more = found[:limit], len(found) > limit
    last = some[-1].seq if some else seq
    if more and found[limit].seq == last:
        # A release changes many with one event: no page ends within it, or the rest were lost.
        some, more = list(moved.filter(seq__lte=last)), moved.filter(seq__gt=last).exists()
    if not precise:
        some.sort(key=lambda each: (timezone.localdate(each.occurred_at), _chance(each)))
    told = (shown(actor, each) for each in some)
    if not precise:
        told = (replace(each, seq=last) for each in told)
    return Changes(tuple(told), last, more=more)


def _never_confirmed() -> Q:
    """What was retracted or merged while it still waited."""
    # A row of a loaded file was confirmed before its first version of its own.
    held = Version.objects.filter(incident=OuterRef("pk"))
    waited, stood = (held.filter(known__status=each) for each in (S.REPORTED, S.CONFIRMED))
    return Q(Exists(waited), ~Exists(stood), status__in=(S.RETRACTED, S.MERGED))


def reporters(actor: Actor, found: Iterable[Incident]) -> dict[int, str]:
    """Who reported each, as the ledger names them."""
    require(actor, Permission.INCIDENTS_BLOCK)
    every = list(found)
    first = Version.objects.filter(incident__in=every, number=1)
    by = dict(first.values_list("incident_id", "by"))
    return {each.pk: by.get(each.pk, f"source:{each.source.code}") for each in every}


def versions(actor: Actor, incident: Incident) -> QuerySet[Version]:
    """Every version, the first one first; none without the permission to see the block."""
    held = incident.versions.order_by("number")
    return held if can(actor, Permission.INCIDENTS_BLOCK) else held.none()


def version_known(actor: Actor, incident: Incident, number: int) -> dict[str, Any] | None:
    """What was known at a version; None if there never was one."""
    require(actor, Permission.INCIDENTS_BLOCK)
    if number == incident.version:
        return known_of(incident)
    held = incident.versions.filter(number=number).first()
    return held.known if held else None


def merged_here(actor: Actor, incident: Incident) -> QuerySet[Incident]:
    """Those that were merged into it."""
    held = Incident.objects.filter(merged_into=incident).select_related("source")
    return held if can(actor, Permission.INCIDENTS_BLOCK) else held.none()


def near(
    *,
    lon: float | None,
    lat: float | None,
    at: datetime,
    within_m: float = 300,
    within: timedelta = timedelta(minutes=30),
    besides: Iterable[int] = (),
) -> list[tuple[Incident, float, float]]:
    """Standing incidents near in place and time, with metres and minutes, the nearest first."""
    if lon is None or lat is None:
        return []
    found = Incident.objects.filter(
        _beside(lon, lat, at, within_m, within), status__in=(S.REPORTED, S.CONFIRMED)
    ).exclude(pk__in=list(besides))
    rows = list(found.select_related("source").order_by("occurred_at")[:200])
    return _measured(rows, lon, lat, at, within_m, within)


def near_each(
    found: Iterable[Incident], *, within_m: float = 300, within: timedelta = timedelta(minutes=30)
) -> dict[int, list[tuple[Incident, float, float]]]:
    """As `near`, for each of some incidents, in one question."""
    every = [each for each in found if each.lon is not None]
    if not every:
        return {}
    anywhere = Q()
    for each in every:
        anywhere |= _beside(each.lon, each.lat, each.occurred_at, within_m, within)
    standing = Incident.objects.filter(anywhere, status__in=(S.REPORTED, S.CONFIRMED))
    rows = list(standing.select_related("source").order_by("occurred_at")[:500])
    return {
        each.pk: _measured(
            [row for row in rows if row.pk != each.pk],
            each.lon,
            each.lat,
            each.occurred_at,
            within_m,
            within,
        )
        for each in every
    }


def _beside(lon: float, lat: float, at: datetime, within_m: float, within: timedelta) -> Q:
    """A box around the point, and the time around the moment."""
    high = within_m / METRES_PER_DEGREE
    wide = high / max(cos(radians(lat)), 0.01)
    return Q(
        occurred_at__range=(at - within, at + within),
        lon__range=(lon - wide, lon + wide),
        lat__range=(lat - high, lat + high),
    )


def _measured(
    rows: Iterable[Incident],
    lon: float,
    lat: float,
    at: datetime,
    within_m: float,
    within: timedelta,
) -> list[tuple[Incident, float, float]]:
    """Those that are near, with metres and minutes, the nearest first."""
    far = [(each, metres(lon, lat, each.lon, each.lat), each.occurred_at - at) for each in rows]
    kept = [row for row in far if row[1] <= within_m and abs(row[2]) <= within]
    kept.sort(key=lambda row: (row[1], row[0].pk))
    return [(each, metres_, apart.total_seconds() / 60) for each, metres_, apart in kept]


def alike(
    *, lon: float | None, lat: float | None, block: str, at: datetime
) -> list[tuple[Incident, float | None, float]]:
    """Standing incidents that may be the same one: near, or of the same words without a point."""
    if lon is not None:
        return list(near(lon=lon, lat=lat, at=at))
    window = timedelta(minutes=30)
    found = Incident.objects.filter(
        occurred_at__gte=at - window,
        occurred_at__lte=at + window,
        status__in=(S.REPORTED, S.CONFIRMED),
        block__iexact=block,
    ).select_related("source")
    return [(each, None, (each.occurred_at - at).total_seconds() / 60) for each in found[:20]]


def by_form(actor: Actor, form_key: UUID) -> Incident | None:
    """The incident that a form, sent before, has made."""
    made = Incident.objects.filter(source__code=DESK, source_ref=str(form_key)).first()
    return made if made and can(actor, Permission.INCIDENTS_REPORT) else None


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Between two points of one city; a flat earth is right to a thousandth there."""
    wide = (other_lon - lon) * cos(radians((lat + other_lat) / 2))
    return hypot(wide, other_lat - lat) * METRES_PER_DEGREE


def change_in_words(incident: Incident, version: int) -> str:
    """What a version changed, in one sentence for those who were told: no reason, no name.

    Versions before it that nobody was told of are told with it.
    """
    held = Version.objects.filter(incident=incident)
    now = held.filter(number=version).first()
    was = held.filter(number__lt=version, untold=False).order_by("-number").first()
    if now is None:
        return _("Something was set right; open it to see what.")
    return sentence(now, was.known if was else {})


def sentence(now: Version, was: dict[str, object]) -> str:
    """What a version changed of what was known before."""
    if now.action == "retract":
        return _("The report was wrong. Stand down.")
    if now.action == "merge":
        return _("It is the same shooting as another one that you know of.")
    if now.action == "restore":
        return _("It was taken back by mistake and stands again.")
    known, words = now.known, []
    if known.get("block") != was.get("block") or known.get("lon") != was.get("lon"):
        words.append(_("Place: %(place)s.") % {"place": known.get("block") or _("see the map")})
    if known.get("occurred_at") != was.get("occurred_at"):
        moment = timezone.localtime(datetime.fromisoformat(known["occurred_at"]))
        words.append(_("Time: %(time)s.") % {"time": moment.strftime("%H:%M")})
    for name, label in (("killed", _("Killed")), ("hurt", _("Hurt"))):
        if known.get(name) != was.get(name):
            count = known.get(name)
            words.append(f"{label}: {_('not known') if count is None else count}.")
    if known.get("kind") != was.get("kind"):
        words.append(f"{Incident.Kind(known['kind']).label}.")
    return " ".join(words) or _("Something was set right; open it to see what.")


def latest_seq() -> int:
    """The event of the last change of any incident."""
    last = Incident.objects.order_by("-seq").values_list("seq", flat=True).first()
    return last or 0

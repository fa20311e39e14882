"""How much of what a source says may reach people in an hour without anybody's look.

A key that leaked, or a feed that runs wild, must not wake the whole city. What is over the limit is
kept like all the rest; it waits for the duty officer, who is told once an hour that there is some.
"""

from django.db.models import F
from django.utils.translation import gettext as _

from stoop.accounts.permissions import Actor
from stoop.incidents.models import Incident, Source
from stoop.incidents.queries.sources import HOUR
from stoop.kernel import clock
from stoop.ledger.actions import record


def why_quiet() -> str:
    """The reason that stands beside the version."""
    return _("The source was over its limit for the hour: nobody was told of it.")


def has_room(source: Source) -> bool:
    """Count one more of the hour that began with its first; False when that is one too many.

    Exact, however many come at once: the source's row is held until the transaction ends.
    """
    now = clock.now()
    rows = Source.objects.filter(pk=source.pk, hour_began__gt=now - HOUR)
    within = rows.filter(hour_count__lt=F("most_an_hour"))
    if within.update(hour_count=F("hour_count") + 1):
        return True
    held = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    if held.hour_began is None or held.hour_began <= now - HOUR:
        held.hour_began, held.hour_count, held.hour_full = now, 0, False
    held.hour_count += 1
    held.save(update_fields=["hour_began", "hour_count", "hour_full"])
    return held.hour_count <= held.most_an_hour


def note_full(source: Source, *, by: Actor) -> None:
    """Leave the event that tells the duty officer, once for the hour. Call it last."""
    rows = Source.objects.filter(pk=source.pk)
    if rows.filter(hour_full=False).update(hour_full=True):
        record(
            kind="source.over_limit",
            subject=f"source:{source.code}",
            by=by.ref,
            data={"most": rows.values_list("most_an_hour", flat=True).get()},
        )


def note_astray(incident: Incident, *, by: Actor) -> None:
    """Leave the event that tells the duty officer of a place that cannot be, where the source
    alone would have told people. Call it last."""
    record(
        kind="source.astray",
        subject=f"incident:{incident.key}",
        by=by.ref,
        data={"source": incident.source.code, "version": incident.version},
    )

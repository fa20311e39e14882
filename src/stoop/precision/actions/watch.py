"""The watch zone of one shooting, sought anew when the record has grown."""

import math
from datetime import timedelta

from django.db import transaction
from django_tasks import task

from stoop.accounts.permissions import SYSTEM, Actor, Permission, require
from stoop.kernel import clock
from stoop.ledger import actions as ledger
from stoop.precision.models import WatchRun
from stoop.precision.studies import watch

SEED = 1
YEARS = 5  # of record that the zone rests on: long enough to tell, recent enough to hold
STALE = timedelta(days=1)


def keep_watch(*, by: Actor) -> None:
    """Have the zone sought in the background if the last search is more than a day old."""
    if _stale():
        seek_in_background.enqueue()


@task()
def seek_in_background() -> None:
    """What a worker does when `keep_watch` asked for it; asked often, it is done once."""
    if _stale():
        seek(by=SYSTEM)


def _stale() -> bool:
    return not WatchRun.objects.filter(found_at__gte=clock.now() - STALE).exists()


def seek(*, by: Actor) -> WatchRun | None:
    """Seek the watch zone in the last YEARS of confirmed shootings, and keep the answer.

    None with fewer than three of them. Computed outside any transaction: nobody waits for it.
    """
    require(by, Permission.INCIDENTS_IMPORT)
    seen = watch.points(clock.now() - timedelta(days=365 * YEARS))
    found = watch.study(seen, seed=SEED)
    if found is None:
        return None
    zone = found.zone
    return _keep(
        WatchRun(
            found_at=clock.now(),
            digest=seen.digest(),
            seed=SEED,
            incidents=found.incidents,
            first_day=seen.day.min().item(),
            last_day=seen.day.max().item(),
            raised=zone.raised,
            radius_m=zone.radius_m,
            days=zone.days,
            about_radius_m=zone.about_radius_m,
            about_days=zone.about_days,
            ratio=_known(zone.ratio),
            ratio_low=_known(zone.ratio_low),
            ratio_high=_known(zone.ratio_high),
            extra=_known(zone.extra_per_incident),
            extra_low=_known(zone.extra_low),
            extra_high=_known(zone.extra_high),
        ),
        by=by,
    )


@transaction.atomic
def _keep(run: WatchRun, *, by: Actor) -> WatchRun:
    run.save()
    ledger.record(
        kind="run.finished",
        subject=f"watch:{run.pk}",
        by=by.ref,
        data={"incidents": run.incidents, "raised": run.raised, "digest": run.digest},
    )
    return run


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None

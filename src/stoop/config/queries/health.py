"""Is the platform working? Per part yes or no, and nothing else: anybody may ask."""

from datetime import timedelta

from django.db import DatabaseError

from stoop.config.models import Beat
from stoop.kernel import clock
from stoop.ledger import queries as ledger

FRESH = timedelta(seconds=30)  # six missed heartbeats
WAITED = timedelta(seconds=60)  # a duty that is due and free for so long has nobody to do it

PARTS = ("database", "work", "feed")


def health() -> dict[str, bool]:
    """Part -> whether it works. Without the database nothing is known to work."""
    try:
        alive = set(alive_parts())
        return {
            "database": True,
            "work": "work" in alive and not work_is_late(),
            "feed": "feed" in alive,
        }
    except DatabaseError:
        return dict.fromkeys(PARTS, False)


def alive_parts() -> list[str]:
    """The part of each process that beat lately: ["web", "work", "feed"]."""
    fresh = Beat.objects.filter(at__gt=clock.now() - FRESH)
    return list(fresh.order_by("name").values_list("part", flat=True))


def work_is_late() -> bool:
    """Whether something that an event obliges to waits although it is due."""
    long_ago = clock.now() - WAITED
    late = ledger.waiting_duties().filter(not_before__lt=long_ago)
    return late.exclude(leased_until__gt=long_ago).exists()

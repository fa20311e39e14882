"""Which plans there are, and their versions."""

from django.db.models import QuerySet

from stoop.accounts.permissions import Actor, Permission, can
from stoop.fieldwork.models import Plan

# Whoever works by plans may read them; they hold nothing of anybody.
READERS = (Permission.PLANS_EDIT, Permission.RESPONSES_VIEW, Permission.RESPONSES_OVERSEE)


def plans(actor: Actor) -> QuerySet[Plan]:
    """All versions of all plans, newest first within a code."""
    held = Plan.objects.order_by("code", "-version")
    return held if any(can(actor, each) for each in READERS) else held.none()


def active_plan(code: str) -> Plan | None:
    """The version by which a new response would be run."""
    return Plan.objects.filter(code=code, active=True).first()


def plans_by_hand() -> list[Plan]:
    """What may be opened without a reported shooting, by title."""
    return list(Plan.objects.filter(active=True, by_hand=True).order_by("title"))

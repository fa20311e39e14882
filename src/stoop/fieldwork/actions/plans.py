"""Plans are data: made, changed into a new version, installed once."""

from typing import Any

from django.db import transaction

from stoop.accounts.permissions import Actor
from stoop.fieldwork.actions.defaults import PLANS
from stoop.fieldwork.models import Plan
from stoop.kernel import clock
from stoop.ledger import actions as ledger

FIELDS = ("title", "sentence", "by_hand", "clocks", "tasks", "counts")


@transaction.atomic
def install_plans(*, by: Actor) -> int:
    """Bring in the plans that Stoop comes with; a plan that the city changed stays the city's."""
    made = 0
    for wanted in PLANS:
        held = Plan.objects.filter(code=wanted["code"], active=True).first()
        same = held and all(getattr(held, name) == wanted[name] for name in FIELDS)
        if same or (held and held.made_by != "system"):
            continue
        _next(wanted, made_by="system", by=by)
        made += 1
    return made


def _next(wanted: dict[str, Any], *, made_by: str, by: Actor) -> Plan:
    code = wanted["code"]
    last = Plan.objects.filter(code=code).order_by("-version").first()
    Plan.objects.filter(code=code, active=True).update(active=False)
    plan = Plan.objects.create(
        code=code,
        version=last.version + 1 if last else 1,
        made_at=clock.now(),
        made_by=made_by,
        **{name: wanted[name] for name in FIELDS},
    )
    ledger.record(
        kind="plan.made", subject=f"plan:{code}", by=by.ref, data={"version": plan.version}
    )
    return plan

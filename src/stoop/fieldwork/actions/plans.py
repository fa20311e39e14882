"""Plans are data: made, changed into a new version, put away, installed once."""

from typing import Any

from django.db import IntegrityError, transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.fieldwork.actions.schema import checked_code, checked_plan
from stoop.fieldwork.models import Plan
from stoop.fieldwork.models.shipped import PLANS
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger

FIELDS = ("title", "sentence", "by_hand", "clocks", "tasks", "counts")
ESSENTIAL = "shooting"  # what a confirmed shooting opens


@transaction.atomic
def install_plans(*, by: Actor) -> int:
    """Bring in the plans that Stoop comes with; a plan that the city changed stays the city's."""
    require(by, Permission.PLANS_EDIT)
    made = 0
    for shipped in PLANS:
        wanted = checked_plan(shipped)
        last = _last(shipped["code"])
        if last and (
            last.made_by != "system" or all(getattr(last, n) == wanted[n] for n in FIELDS)
        ):
            continue
        _next(shipped["code"], wanted, last, made_by="system", by=by)
        made += 1
    return made


@transaction.atomic
def change_plan(*, code: str, wanted: dict[str, Any], seen: int, by: Actor) -> Plan:
    """Make the next version of a plan, or the first one of a new code (`seen` is then 0).

    `seen` is the version that the writer looked at: when another was made since, it is refused and
    nothing is lost. The same plan again makes no new version.
    """
    require(by, Permission.PLANS_EDIT)
    code, plan = checked_code(code), checked_plan(wanted)
    last = _last(code)
    if seen == 0 and last:
        raise Refusal(f"There is a plan “{code}” already; change that one, or choose another code.")
    if last and last.active and all(getattr(last, name) == plan[name] for name in FIELDS):
        return last
    if last and last.version != seen:
        raise Refusal(
            f"Somebody made version {last.version} of this plan while you wrote. Your text is "
            "still here: look at the new version beside it, then save again."
        )
    return _next(code, plan, last, made_by=by.ref, by=by)


@transaction.atomic
def retire_plan(*, code: str, by: Actor) -> Plan:
    """No new response is opened by it; open ones go on."""
    require(by, Permission.PLANS_EDIT)
    last = _last(checked_code(code))
    if last is None:
        raise Refusal("There is no such plan; choose one from the list.")
    if code == ESSENTIAL:
        raise Refusal("A confirmed shooting opens this plan; change it, but keep it.")
    if last.active:
        last.active = False
        last.save(update_fields=["active"])
        ledger.record(kind="plan.retired", subject=f"plan:{code}", by=by.ref)
    return last


def _last(code: str) -> Plan | None:
    return (
        Plan.objects.select_for_update(no_key=True).filter(code=code).order_by("-version").first()
    )


def _next(code: str, plan: dict[str, Any], last: Plan | None, *, made_by: str, by: Actor) -> Plan:
    version = last.version + 1 if last else 1
    try:
        with transaction.atomic():
            Plan.objects.filter(code=code, active=True).update(active=False)
            made = Plan.objects.create(
                code=code, version=version, made_at=clock.now(), made_by=made_by, **plan
            )
    except IntegrityError:  # at the same moment, so that neither saw the other's
        raise Refusal(
            f"Somebody made version {version} of this plan at the same moment. Your text is still "
            "here: look at the new version beside it, then save again."
        ) from None
    ledger.record(kind="plan.made", subject=f"plan:{code}", by=by.ref, data={"version": version})
    return made

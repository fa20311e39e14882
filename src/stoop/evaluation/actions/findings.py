"""The finding of a study is published, and withdrawn: always in the open, never undone."""

from django.db import transaction

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Actor, Permission, require
from stoop.evaluation.models import Run, Study
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record


@transaction.atomic
def publish_finding(*, study: Study, by: Actor) -> Study:
    """Make the last run public, in place of what stood there; the same run twice is once.

    Raises Refusal unless the newest registered version has been worked out.
    """
    require(by, Permission.STUDIES_PUBLISH)
    held = Study.objects.select_for_update().get(pk=study.pk)
    if held.state != Study.State.FINISHED:
        raise Refusal(
            "Only a finding of the registered design can be published; register and run it first."
        )
    newest = held.registrations.order_by("-number").first()
    well = Run.objects.filter(registration=newest, finished_at__isnull=False, failure="")
    run = well.order_by("-finished_at", "-pk").first()
    if run is None or newest is None:
        raise Refusal("There is no finding of the registered design yet; run the study.")
    if held.published_id == run.pk:
        if held.is_public:
            return held
        raise Refusal("This finding was withdrawn; run the study anew before you publish again.")
    works_for = accounts.works_for(by)
    held.published, held.published_at = run, clock.now()
    held.publisher = works_for.name if works_for else ""
    held.withdrawn_at, held.withdrawn_why = None, ""
    held.save()
    record(
        kind="finding.published",
        subject=f"study:{held.slug}",
        by=by.ref,
        data={"run": str(run.key), "number": newest.number, "sha256": newest.sha256},
    )
    return held


@transaction.atomic
def withdraw_finding(*, study: Study, why: str, by: Actor) -> Study:
    """Take what was published out of public, with the reason; done already changes nothing."""
    require(by, Permission.STUDIES_PUBLISH)
    held = Study.objects.select_for_update().get(pk=study.pk)
    if not held.is_public:
        return held
    why = " ".join(why.split())
    if not why or len(why) > 500 or not why.isprintable():
        raise Refusal("Say in a few words why it is withdrawn, in at most 500 signs.")
    held.withdrawn_at, held.withdrawn_why = clock.now(), why
    held.save(update_fields=["withdrawn_at", "withdrawn_why"])
    record(kind="finding.withdrawn", subject=f"study:{held.slug}", by=by.ref)
    return held

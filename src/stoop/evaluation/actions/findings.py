"""The finding of a study is published, and withdrawn: always in the open, never undone."""

from django.db import transaction

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Actor, Permission, require
from stoop.evaluation import queries
from stoop.evaluation.models import Publication, Study
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record


@transaction.atomic
def publish_finding(*, study: Study, by: Actor, run: str | None = None) -> Study:
    """Make the last run public, in place of what stood there; the same run twice is once.

    run: the key of the run that was looked at. Raises Refusal where that is not the last one, and
    unless the newest registered version has been worked out.
    """
    require(by, Permission.STUDIES_PUBLISH)
    held = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if held.state != Study.State.FINISHED:
        raise Refusal(
            "Only a finding of the registered design can be published; register and run it first."
        )
    last = queries.last_finding(held)
    if last is None:
        raise Refusal("There is no finding of the registered design yet; run the study.")
    if run is not None and run != str(last.key):
        raise Refusal(
            "Another run has ended since this page was opened; read its finding, then publish it."
        )
    if held.published_id == last.pk:
        if held.is_public:
            return held
        raise Refusal("This finding was withdrawn; run the study anew before you publish again.")
    works_for = accounts.works_for(by)
    held.published, held.published_at = last, clock.now()
    held.publisher = works_for.name if works_for else ""
    held.withdrawn_at, held.withdrawn_why = None, ""
    held.save()
    Publication.objects.create(
        study=held, run=last, published_at=held.published_at, publisher=held.publisher
    )
    version = last.registration
    record(
        kind="finding.published",
        subject=f"study:{held.slug}",
        by=by.ref,
        data={"run": str(last.key), "number": version.number, "sha256": version.sha256},
    )
    return held


@transaction.atomic
def withdraw_finding(*, study: Study, why: str, by: Actor, run: str | None = None) -> Study:
    """Take what was published out of public, with the reason; done already changes nothing.

    run: the key of the run whose finding was read. Raises Refusal where another is public by now.
    """
    require(by, Permission.STUDIES_PUBLISH)
    held = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if not held.is_public:
        return held
    if run and held.published and run != str(held.published.key):
        raise Refusal(
            "Another finding was published since this page was opened; read it, then withdraw it."
        )
    why = " ".join(why.split())
    if not why or len(why) > 500 or not why.isprintable():
        raise Refusal("Say in a few words why it is withdrawn, in at most 500 signs.")
    held.withdrawn_at, held.withdrawn_why = clock.now(), why
    held.save(update_fields=["withdrawn_at", "withdrawn_why"])
    Publication.objects.filter(run=held.published_id).update(
        withdrawn_at=held.withdrawn_at, withdrawn_why=why
    )
    record(kind="finding.withdrawn", subject=f"study:{held.slug}", by=by.ref)
    return held

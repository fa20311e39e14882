"""A study is drafted, registered before it is run, and amended in the open."""

from django.db import transaction
from django.utils.text import slugify

from stoop.accounts import queries as accounts
from stoop.accounts.permissions import Actor, Permission, require
from stoop.evaluation.actions.inputs import checked
from stoop.evaluation.models import Registration, Study
from stoop.evaluation.queries import digest_of
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger.actions import record

# Words of addresses, which no study may be called by.
TAKEN = frozenset({"new", "add", "upload"})
LONGEST = 100_000


@transaction.atomic
def draft_study(
    *, text: str, by: Actor, study: Study | None = None, seen: str | None = None
) -> Study:
    """A STUDY.toml becomes a draft, or the new text of one that is not registered yet.

    seen: the digest of the text that the writer began with. Raises Refusal where somebody changed
    it since, for a text that is no design here, and for a study that is registered already.
    """
    require(by, Permission.STUDIES_WORK)
    text = _tidy(text)
    design = checked(text)
    title, question = _short(design.title, 200), _short(design.question, 500)
    if study is not None:
        held = _held(study)
        if held.state != Study.State.DRAFT:
            raise Refusal("This study is registered; amend it, so that what changed can be seen.")
        if held.text == text:
            return held  # sent twice
        _refuse_stale(held, seen)
        held.title, held.question, held.text = title, question, text
        held.save(update_fields=["title", "question", "text"])
        record(
            kind="study.redrafted",
            subject=f"study:{held.slug}",
            by=by.ref,
            data={"sha256": digest_of(text)},
        )
        return held
    same = Study.objects.filter(text=text, by=by.ref, state=Study.State.DRAFT).first()
    if same is not None:
        return same  # sent twice
    made = Study.objects.create(
        slug=_free_slug(title),
        title=title,
        question=question,
        text=text,
        made_at=clock.now(),
        by=by.ref,
        organization=_organization(by),
    )
    record(kind="study.drafted", subject=f"study:{made.slug}", by=by.ref)
    return made


@transaction.atomic
def delete_draft(*, study: Study, by: Actor) -> None:
    """Remove a draft that was never registered; gone already changes nothing.

    Raises Refusal for a study that is registered: nobody may choose among designs by their answers.
    """
    require(by, Permission.STUDIES_WORK)
    held = Study.objects.select_for_update(no_key=True).filter(pk=study.pk).first()
    if held is None:
        return
    if held.state != Study.State.DRAFT or held.registrations.exists():
        raise Refusal("This study is registered, and stays; only a draft can be deleted.")
    held.delete()
    record(kind="study.deleted", subject=f"study:{held.slug}", by=by.ref)


@transaction.atomic
def register_study(*, study: Study, by: Actor, sha256: str | None = None) -> Registration:
    """Freeze the design before anything has been worked out with it; once more changes nothing.

    sha256: the digest of the text that was looked at. Raises Refusal where it is another by now.
    """
    require(by, Permission.STUDIES_WORK)
    held = _held(study)
    first = held.registrations.filter(number=1).first()
    if sha256 is not None and sha256 != digest_of(first.text if first else held.text):
        raise Refusal(
            "The design was changed since this page was opened; read it once more, then register."
        )
    return first or _freeze(held, held.text, "", by)


@transaction.atomic
def amend_study(
    *, study: Study, text: str, reason: str, by: Actor, seen: str | None = None
) -> Registration:
    """Register another version, with the reason; the versions before it stay as they are.

    seen: the digest of the text that the writer began with. Raises Refusal where another version
    was registered since, without a reason, without a change, while a run is on, for a draft, and
    for a text that is no design here.
    """
    require(by, Permission.STUDIES_WORK)
    held = _held(study)
    if held.state == Study.State.DRAFT:
        raise Refusal("This study is not registered yet; change its draft.")
    if held.state == Study.State.RUNNING:
        raise Refusal("A run is on; wait until it has ended, then amend.")
    text, reason = _tidy(text), " ".join(reason.split())
    if not reason:
        raise Refusal("Say why the design is changed; everybody who reads the study will see it.")
    if len(reason) > 500 or not reason.isprintable():
        raise Refusal("Give the reason in at most 500 signs.")
    if text == held.text:
        raise Refusal("Nothing is changed in the design; there is nothing to amend.")
    _refuse_stale(held, seen)
    design = checked(text)
    held.title, held.question = _short(design.title, 200), _short(design.question, 500)
    held.text = text
    held.save(update_fields=["title", "question", "text"])
    return _freeze(held, text, reason, by)


def _freeze(study: Study, text: str, reason: str, by: Actor) -> Registration:
    """The next version, and the event whose digest it carries."""
    number = study.registrations.count() + 1
    new = Registration(study=study, number=number, text=text, sha256=digest_of(text))
    new.after_outcomes = _were_read(new)
    study.state = Study.State.REGISTERED
    study.save(update_fields=["state"])
    event = record(
        kind="study.amended" if reason else "study.registered",
        subject=f"study:{study.slug}",
        by=by.ref,
        data={"number": number, "sha256": new.sha256, "after_outcomes": new.after_outcomes},
    )
    new.registered_at, new.seq, new.ledger = event.at, event.seq, event.digest
    new.by, new.organization, new.reason = by.ref, _organization(by), reason
    new.save(force_insert=True)
    return new


def _were_read(new: Registration) -> bool:
    """Whether a run had read outcomes that this version asks for: one of its own study, or of any
    other with a day of its period. Else a study is run under one name or by other areas, looked at,
    and registered again as if nobody knew."""
    first, after = new.days
    for ran in Registration.objects.filter(runs__started_at__isnull=False).distinct():
        began, ended = ran.days
        if ran.study_id == new.study_id or (began < after and first < ended):
            return True
    return False


def _refuse_stale(held: Study, seen: str | None) -> None:
    if seen and seen != digest_of(held.text):
        raise Refusal(
            "Somebody else changed this design after you opened it; nothing of yours is saved yet. "
            "Look at both, take over what you want to keep, then save again."
        )


def _held(study: Study) -> Study:
    """The study as it is now, nobody else's until the transaction ends."""
    return Study.objects.select_for_update(no_key=True).get(pk=study.pk)


def _organization(by: Actor) -> str:
    works_for = accounts.works_for(by)
    return works_for.name if works_for else ""


def _tidy(text: str) -> str:
    """Line ends as a file has them; a form sends others."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n \ufeff")
    if len(lines) > LONGEST:
        raise Refusal(f"A design has at most {LONGEST:,} signs; this one is longer.")
    if any(not sign.isprintable() and sign not in "\n\t" for sign in lines):
        raise Refusal("The design holds signs that cannot be seen; take them out.")
    return lines + "\n"


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    if len(line) > most:
        raise Refusal(f"The question and the title have at most {most} signs; make them shorter.")
    return line


def _free_slug(title: str) -> str:
    """A name for addresses: the title's words, and a number where another study has them."""
    base = slugify(title)[:48].strip("-") or "study"
    taken = set(Study.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | TAKEN
    numbered = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    return next(slug for slug in numbered if slug not in taken)

"""Studies, as far as the one who asks may see; and those that stand in public."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.http import Http404

from stoop.accounts.permissions import Actor, Permission, can
from stoop.evaluation.models import Registration, Run, Study

# What a run leaves behind: what went in, and what came out.
INPUTS, MADE = "inputs", "study"


def studies(actor: Actor) -> QuerySet[Study]:
    """All studies, the newest first."""
    held = Study.objects.select_related("published").order_by("-made_at", "-pk")
    return held if can(actor, Permission.STUDIES_WORK) else held.none()


def study(actor: Actor, slug: str) -> Study:
    """The study of that name in an address; 404 if there is none that the actor may see."""
    found = studies(actor).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def registrations(of: Study) -> list[Registration]:
    """Its versions, the first one first."""
    return list(of.registrations.order_by("number"))


def runs(of: Study) -> list[Run]:
    """Its runs, the newest first, each with its version."""
    every = Run.objects.filter(registration__study=of).select_related("registration")
    return list(every.order_by("-asked_at", "-pk"))


def folder_of(slug: str, run: Run) -> Path:
    """Where a run keeps what went in (INPUTS) and what came out (MADE)."""
    return Path(settings.STOOP_HOME) / "studies" / slug / str(run.key)


def register_of(slug: str, versions: list[Registration]) -> dict[str, Any]:
    """registration.json: when each version of the design was frozen, and where that is written."""
    return {
        "study": slug,
        "versions": [
            {
                "number": each.number,
                "sha256": each.sha256,
                "registered_at": each.registered_at.isoformat(timespec="seconds"),
                "organization": each.organization,
                "reason": each.reason,
                "ledger": each.ledger,
                "ledger_event": each.seq,
                "after_outcomes": each.after_outcomes,
            }
            for each in versions
        ],
    }


@dataclass(frozen=True, slots=True)
class Published:
    """A finding that stands in public: `folder` holds study.html, study.json, panel.csv, run.json.

    `versions` are those of the register, also of amendments made after it was published; `number`
    is the version that the finding was worked out with.
    """

    slug: str
    title: str
    question: str
    answer: str
    published_at: datetime
    publisher: str
    number: int
    versions: tuple[dict[str, Any], ...]
    folder: Path


def withdrawn(slug: str) -> Study | None:
    """A study of that name whose finding was taken out of public; asks nobody's permission."""
    taken = Study.objects.filter(published__isnull=False, withdrawn_at__isnull=False)
    return taken.filter(slug=slug).first()


def published(slug: str | None = None) -> Iterator[Published]:
    """What stands in public now, the newest first, or one of it; asks nobody's permission."""
    found = (
        Study.objects.filter(published__isnull=False, withdrawn_at=None)
        .select_related("published__registration")
        .prefetch_related(
            Prefetch("registrations", Registration.objects.order_by("number"), to_attr="versions")
        )
        .order_by("-published_at", "-pk")
    )
    if slug is not None:
        found = found.filter(slug=slug)
    for each in found:
        run, versions = each.published, each.versions
        if run is None or each.published_at is None:
            continue
        yield Published(
            slug=each.slug,
            title=each.title,
            question=each.question,
            answer=run.answer,
            published_at=each.published_at,
            publisher=each.publisher,
            number=run.registration.number,
            versions=tuple(register_of(each.slug, versions)["versions"]),
            folder=folder_of(each.slug, run) / MADE,
        )

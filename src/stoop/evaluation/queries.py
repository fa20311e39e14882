"""Studies, as far as the one who asks may see; and those that stand in public."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils import timezone

from stoop.accounts.permissions import Actor, Permission, can
from stoop.evaluation.models import Publication, Registration, Run, Study

# What a run leaves behind: what went in, and what came out.
INPUTS, MADE = "inputs", "study"


def studies(actor: Actor) -> QuerySet[Study]:
    """All studies, the newest first."""
    held = Study.objects.select_related("published").order_by("-made_at", "-pk")
    return held if can(actor, Permission.STUDIES_WORK) else held.none()


def study(actor: Actor, slug: str) -> Study:
    """The study of that name in an address; 404 if there is none that the actor may see."""
    found = studies(actor).select_related("published").filter(slug=slug).first()
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


def digest_of(text: str) -> str:
    """The SHA-256 of a design, as that of its file."""
    return hashlib.sha256(text.encode()).hexdigest()


def last_finding(of: Study) -> Run | None:
    """The run that may be published: the last that ended well, of the newest version."""
    newest = of.registrations.order_by("-number")[:1]
    well = Run.objects.filter(registration=newest, finished_at__isnull=False, failure="")
    return well.select_related("registration").order_by("-finished_at", "-pk").first()


def publications(of: Study) -> list[Publication]:
    """All that stood in public of it, the newest first, what stands there now among them."""
    every = of.publications.select_related("run__registration")
    return list(every.order_by("-published_at", "-pk"))


def file_of(version: Registration) -> str:
    """The name of a version's text, where the versions of a study stand beside each other."""
    return f"STUDY-v{version.number}.toml"


def differences(versions: list[Registration]) -> list[str]:
    """What each version changed of the one before, line by line; empty for the first."""
    found = [""] if versions else []
    for was, now in pairwise(versions):
        texts = was.text.splitlines(), now.text.splitlines()
        found.append("\n".join(unified_diff(*texts, file_of(was), file_of(now), lineterm="")))
    return found


def register_of(slug: str, versions: list[Registration]) -> dict[str, Any]:
    """registration.json: when each version of the design was frozen, and where that is written."""
    return {
        "study": slug,
        "versions": [
            {
                "number": each.number,
                "sha256": each.sha256,
                "registered_at": _moment(each.registered_at),
                "period": each.known.value,
                "organization": each.organization,
                "reason": each.reason,
                "ledger": each.ledger,
                "ledger_event": each.seq,
                "after_outcomes": each.after_outcomes,
            }
            for each in versions
        ],
    }


def _moment(at: datetime) -> str:
    """By the clock of the city, with its offset: in UTC an evening may fall on another day."""
    return timezone.localtime(at).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Published:
    """A finding that stands in public: `folder` holds study.html, study.json, panel.csv, run.json.

    `version` is the one that the finding was worked out with, and gives its title and question;
    `versions` are all, also amendments made after it was published; `before` is what stood here
    earlier, the newest first.
    """

    slug: str
    answer: str
    published_at: datetime
    publisher: str
    version: Registration
    versions: tuple[Registration, ...]
    before: tuple[Publication, ...]
    folder: Path


def withdrawn(slug: str) -> list[Publication]:
    """What stood in public of a study whose finding was taken back, the newest first, empty for
    any other; asks nobody's permission."""
    taken = Study.objects.filter(published__isnull=False, withdrawn_at__isnull=False, slug=slug)
    found = taken.first()
    return publications(found) if found else []


def published(slug: str | None = None) -> Iterator[Published]:
    """What stands in public now, the newest first, or one of it; asks nobody's permission."""
    stood = Publication.objects.select_related("run__registration")
    found = (
        Study.objects.filter(published__isnull=False, withdrawn_at=None)
        .select_related("published__registration")
        .prefetch_related(
            Prefetch("registrations", Registration.objects.order_by("number"), to_attr="versions"),
            Prefetch("publications", stood.order_by("-published_at", "-pk"), to_attr="stood"),
        )
        .order_by("-published_at", "-pk")
    )
    if slug is not None:
        found = found.filter(slug=slug)
    for each in found:
        run = each.published
        if run is None or each.published_at is None:
            continue
        yield Published(
            slug=each.slug,
            answer=run.answer,
            published_at=each.published_at,
            publisher=each.publisher,
            version=run.registration,
            versions=tuple(each.versions),
            before=tuple(one for one in each.stood if one.run_id != run.pk),
            folder=folder_of(each.slug, run) / MADE,
        )

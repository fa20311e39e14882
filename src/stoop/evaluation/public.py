"""What anybody may see of studies: published findings, with small counts hidden already."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stoop.evaluation import queries
from stoop.evaluation.models import Publication

# The page first, then what it is made from; small counts were hidden when they were written.
FILES = ("study.html", "study.json", "panel.csv", "run.json")
DESIGN, REGISTER = "STUDY.toml", "registration.json"


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version of the design; `used` where the finding was worked out with it.

    `period` says how far its period had come; `file` is the name of its text, `diff` what it
    changed of the version before.
    """

    number: int
    registered_at: datetime
    period: str
    organization: str
    reason: str
    after_outcomes: bool
    sha256: str
    used: bool
    file: str
    diff: str


@dataclass(frozen=True, slots=True)
class Stood:
    """A finding that stood here once: replaced by a later one, or withdrawn, and then why.

    `answer` is empty where it was withdrawn: what is wrong is not told again.
    """

    published_at: datetime
    publisher: str
    number: int
    answer: str
    withdrawn_at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A published study. `files` are the names that `file` gives, those of `versions` beside
    them; `before` is what stood here earlier, the newest first."""

    slug: str
    title: str
    question: str
    answer: str
    published_at: datetime
    publisher: str
    versions: tuple[Version, ...]
    before: tuple[Stood, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A finding that stood here, and why it does no more."""

    slug: str
    title: str
    withdrawn_at: datetime
    why: str
    before: tuple[Stood, ...]


def findings() -> tuple[Finding, ...]:
    """All that stands in public now, the newest first."""
    return tuple(_finding(each) for each in queries.published())


def finding(slug: str) -> Finding | Withdrawn | None:
    """A published study, the word that it was withdrawn, or None for what never was published."""
    for each in queries.published(slug):
        return _finding(each)
    stood = queries.withdrawn(slug)
    if not stood or stood[0].withdrawn_at is None:
        return None
    last, *before = stood
    title, taken = last.run.registration.title, last.withdrawn_at
    return Withdrawn(slug, title, taken, last.withdrawn_why, tuple(map(_stood, before)))


def file(slug: str, name: str) -> bytes | None:
    """A file of a published study; None for any other name, and for a study that is not public."""
    for each in queries.published(slug):
        for version in each.versions:
            if name == queries.file_of(version):
                return str(version.text).encode()
        path = _paths(each).get(name)
        return path.read_bytes() if path else None
    return None


def _finding(found: queries.Published) -> Finding:
    diffs = queries.differences(list(found.versions))
    return Finding(
        slug=found.slug,
        title=found.version.title,
        question=found.version.question,
        answer=found.answer,
        published_at=found.published_at,
        publisher=found.publisher,
        versions=tuple(
            Version(
                number=each.number,
                registered_at=each.registered_at,
                period=each.known.label,
                organization=each.organization,
                reason=each.reason,
                after_outcomes=each.after_outcomes,
                sha256=each.sha256,
                used=each == found.version,
                file=queries.file_of(each),
                diff=diff,
            )
            for each, diff in zip(found.versions, diffs, strict=True)
        ),
        before=tuple(map(_stood, found.before)),
        files=tuple(_paths(found)),
    )


def _stood(row: Publication) -> Stood:
    return Stood(
        published_at=row.published_at,
        publisher=row.publisher,
        number=row.run.registration.number,
        answer="" if row.withdrawn_at else row.run.answer,
        withdrawn_at=row.withdrawn_at,
        why=row.withdrawn_why,
    )


def _paths(found: queries.Published) -> dict[str, Path]:
    """The files that are there, by name: what came out, and of what went in the design alone."""
    went_in = found.folder.parent / queries.INPUTS
    every = {name: found.folder / name for name in FILES}
    every |= {name: went_in / name for name in (DESIGN, REGISTER)}
    return {name: path for name, path in every.items() if path.is_file()}

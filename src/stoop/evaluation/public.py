"""What anybody may see of studies: published findings, with small counts hidden already."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stoop.evaluation import queries

# The page first, then what it is made from; small counts were hidden when they were written.
FILES = ("study.html", "study.json", "panel.csv", "run.json")
DESIGN, REGISTER = "STUDY.toml", "registration.json"


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version of the design; `used` where the finding was worked out with it."""

    number: int
    registered_at: datetime
    organization: str
    reason: str
    after_outcomes: bool
    sha256: str
    used: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A published study. `files` are the names that `file` gives."""

    slug: str
    title: str
    question: str
    answer: str
    published_at: datetime
    publisher: str
    versions: tuple[Version, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A finding that stood here, and why it does no more."""

    slug: str
    title: str
    withdrawn_at: datetime
    why: str


def findings() -> tuple[Finding, ...]:
    """All that stands in public now, the newest first."""
    return tuple(_finding(each) for each in queries.published())


def finding(slug: str) -> Finding | Withdrawn | None:
    """A published study, the word that it was withdrawn, or None for what never was published."""
    for each in queries.published(slug):
        return _finding(each)
    held = queries.withdrawn(slug)
    if held is None or held.withdrawn_at is None:
        return None
    return Withdrawn(held.slug, held.title, held.withdrawn_at, held.withdrawn_why)


def file(slug: str, name: str) -> bytes | None:
    """A file of a published study; None for any other name, and for a study that is not public."""
    for each in queries.published(slug):
        path = _paths(each).get(name)
        return path.read_bytes() if path else None
    return None


def _finding(found: queries.Published) -> Finding:
    return Finding(
        slug=found.slug,
        title=found.title,
        question=found.question,
        answer=found.answer,
        published_at=found.published_at,
        publisher=found.publisher,
        versions=tuple(
            Version(
                number=each["number"],
                registered_at=datetime.fromisoformat(each["registered_at"]),
                organization=each["organization"],
                reason=each["reason"],
                after_outcomes=each["after_outcomes"],
                sha256=each["sha256"],
                used=each["number"] == found.number,
            )
            for each in found.versions
        ),
        files=tuple(_paths(found)),
    )


def _paths(found: queries.Published) -> dict[str, Path]:
    """The files that are there, by name: what came out, and of what went in the design alone."""
    went_in = found.folder.parent / queries.INPUTS
    every = {name: found.folder / name for name in FILES}
    every |= {name: went_in / name for name in (DESIGN, REGISTER)}
    return {name: path for name, path in every.items() if path.is_file()}

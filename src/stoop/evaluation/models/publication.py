"""What stands beside a study's own numbers: earlier findings, small counts, its registration."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Published:
    """An earlier finding to be read beside ours; estimate and se are logs of a ratio."""

    citation: str
    url: str
    estimate: float
    se: float
    period: str
    why_different: str


@dataclass(frozen=True, slots=True)
class SmallCells:
    """Counts from 1 to below `under` are left empty, unless `publish` says why they need not be."""

    under: int = 5
    publish: str = ""

    @property
    def least(self) -> int:
        """The smallest count that may be shown; 0 where all may."""
        return 0 if self.publish else self.under


@dataclass(frozen=True, slots=True)
class Version:
    """One registered version of a design; `event` and `ledger` are the number and the digest of
    the event that froze it, `period` how far its period had come then, empty where it is not said.
    """

    number: int
    sha256: str
    registered_at: datetime
    reason: str
    ledger: str
    event: int
    after_outcomes: bool
    period: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """Every registered version of a study's design, first to last; `file_sha256` is of its file."""

    study: str
    versions: tuple[Version, ...]
    file_sha256: str

    def version(self, sha256: str) -> Version | None:
        """The version that a design is, by its digest; None where it is not a registered one."""
        return next((each for each in reversed(self.versions) if each.sha256 == sha256), None)

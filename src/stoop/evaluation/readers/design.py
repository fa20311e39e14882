"""STUDY.toml: the question and every choice of a study, in one file that is read strictly."""

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stoop.evaluation.models import (
    MEASURES,
    MONTHS,
    Calendar,
    Design,
    Exclusion,
    Published,
    Release,
    Sample,
    SmallCells,
    Status,
    period,
)
from stoop.evaluation.readers.costs import read_costs
from stoop.evaluation.readers.keys import Keys, shown
from stoop.kernel.errors import Refusal

AS_OF = ("last day", "each day")
FARTHEST_M = 10_000.0
SAMPLES = 20
# What a study calls its own samples: under such a name a part would stand as something else.
_RESERVED = re.compile(
    r"all|mapped|recorded|to \d{4}(-\S+)?|other release|this release to that end|fixed boundaries"
    r"|without redrawn areas|closures end the treatment|start: .*|start \d \w+ earlier"
    r"|without the \w+ (of the start|before)"
)
# Every file is read whole, and every other dating of the starts lays the panel out anew.
MOST_FILES, MOST_STARTS = 50, 10

ESTIMATORS = (
    "poisson",
    "event_study",
    "imputation",
    "callaway_santanna",
    "sun_abraham",
    "stacked",
    "matched",
    "before_after",
    "synthetic",
    "spillover",
)


@dataclass(frozen=True, slots=True)
class _Beside:
    """Where the files that a study names are looked for, and which it may name: None is any."""

    study: Path
    only: Collection[str] | None

    def file(self, name: str) -> Path:
        if self.only is not None and name not in self.only:
            raise Refusal(
                f"{self.study.name} names a file {shown(name)}; here there are only: "
                f"{', '.join(sorted(self.only))}."
            )
        path = self.study.parent / name
        try:
            if path.is_file():
                return path
        except OSError:  # a name that no disk can hold
            pass
        raise Refusal(
            f"{self.study.name} names a file {shown(name)} that is not there; names count from it."
        )

    def maybe(self, keys: Keys, key: str) -> Path | None:
        name = keys.text(key, None)
        return None if name is None else self.file(name)


def read_design(path: Path, *, only: Collection[str] | None = None) -> Design:
    """Read STUDY.toml; files named in it are looked for beside it, and with `only` no others.

    Raises Refusal, in one sentence that says how to mend it, for a file that cannot be read, a key
    that is missing, unknown or of the wrong kind, and a file that is not there.
    """
    return design_of(path, *read_toml(path), only=only)


def read_toml(path: Path) -> tuple[bytes, dict[str, Any]]:
    """The bytes of a file and what they say; Refusal where they are no TOML."""
    try:
        data = path.read_bytes()
        return data, tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        why = error.strerror or error
        raise Refusal(f"{path} cannot be read ({why}); check its name.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(f"{path.name} is not TOML: {error}; mend that place.") from error
    except (RecursionError, ValueError) as error:
        raise Refusal(
            f"{path.name} holds lists too deep in each other, or a number too long; no design "
            "needs that: take it out."
        ) from error


def design_of(
    path: Path, data: bytes, whole: dict[str, Any], *, only: Collection[str] | None = None
) -> Design:
    """The design that a file gives; errors as in `read_design`."""
    top, files = Keys(whole, path.name), _Beside(path, only)
    question = top.text("question")
    outcome, units, time = top.table("outcome"), top.table("unit"), top.table("period")
    treatment, comparison = top.table("treatment"), top.table("comparison", {})
    spillover = top.table("spillover", {})
    calendar = _calendar(time, path.name)
    outlines = files.maybe(units, "outlines")
    area = outcome.choice("area", ("recorded", "mapped"), "recorded")
    if area == "mapped" and outlines is None:
        raise Refusal(f'In {path.name}, area = "mapped" needs outlines in [unit]; name their file.')
    catchments = files.maybe(units, "catchments")
    if catchments is not None and area != "mapped":
        raise Refusal(
            f'In {path.name}, catchments are on no record; write area = "mapped" in [outcome].'
        )
    design = Design(
        name=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        question=question,
        title=top.text("title", question),
        files=tuple(files.file(name) for name in outcome.texts("files", most=MOST_FILES)),
        measure=outcome.choice("measure", MEASURES, "victims"),
        area=area,
        columns=outcome.mapping("columns") or None,
        timezone=outcome.text("timezone", None),
        crs=outcome.text("crs", None),
        kind=units.text("kind", "area"),
        outlines=outlines,
        field=units.text("field", None),
        parts=units.mapping("parts"),
        population=files.maybe(units, "population"),
        calendar=calendar,
        sites=files.file(treatment.text("sites")),
        site_area=treatment.text("area"),
        site_start=treatment.text("start"),
        site_end=treatment.text("end", None),
        start_also=treatment.mapping("start_also", most=MOST_STARTS),
        vintage=_vintage(top, files, calendar),
        comparison=comparison.codes("units", None),
        exclusions=_exclusions(top, path.name),
        samples=_samples(top, calendar, path.name),
        estimators=_estimators(top, path.name),
        seed=top.whole("seed", 1, least=0, most=2**31 - 1),
        permutations=top.whole("permutations", 999, least=99, most=99_999),
        small_cells=_small_cells(top.table("small_cells", {})),
        published=tuple(_published(each) for each in top.tables("published")),
        as_of=units.choice("as_of", AS_OF, AS_OF[0]),
        catchments=catchments,
        catchment_field=units.text("catchment_field", None),
        site_status=_status(treatment, path.name),
        leave_out_neighbours=comparison.truth("leave_out_neighbours", False),
        not_yet_treated=comparison.truth("not_yet_treated", True),
        rings_m=spillover.rising("rings_m", most=FARTHEST_M),
        costs=read_costs(top.table("costs"), path.name) if top.has("costs") else None,
    )
    for each in (outcome, units, time, treatment, comparison, spillover, top):
        each.end()
    _check_outlines(design)
    return design


def _check_outlines(design: Design) -> None:
    """What can only be told from a map is not asked without one."""
    if design.outlines is not None:
        return
    asked = {
        'as_of = "each day"': design.as_of != AS_OF[0],
        "rings_m": bool(design.rings_m),
        "leave_out_neighbours": design.leave_out_neighbours,
    }
    for key, given in asked.items():
        if given:
            raise Refusal(f"In {design.name}, {key} needs outlines in [unit]; name their file.")


def _status(treatment: Keys, name: str) -> Status | None:
    column = treatment.text("status", None)
    at_work, closed = treatment.texts("at_work", None), treatment.texts("closed", None)
    if column is None and (at_work or closed):
        raise Refusal(f"In {name}, at_work and closed need status, the column of the sites' file.")
    if column is None:
        return None
    if at_work is None:
        raise Refusal(f"In {name}, status needs at_work, the list of what counts as a program.")
    if both := set(at_work) & set(closed or ()):
        raise Refusal(f"In {name}, {shown(min(both))!r} is both at_work and closed; choose one.")
    return Status(column, at_work, closed or ())


def _calendar(keys: Keys, name: str) -> Calendar:
    length = keys.choice("length", tuple(MONTHS), "year")
    ends = []
    for key in ("first", "last"):
        text = keys.code(key)
        try:
            ends.append(period(text, length))
        except ValueError as error:
            raise Refusal(
                f"In {name}, {key} = {shown(text)!r} is no {length}; write it as {error}."
            ) from error
    if ends[1] - ends[0] < 2:
        raise Refusal(f"{name} asks for fewer than three {length}s; a panel needs three or more.")
    return Calendar(length, *ends)


def _exclusion(keys: Keys) -> Exclusion:
    found = Exclusion(keys.code("unit"), keys.text("reason"))
    keys.end()
    return found


def _exclusions(top: Keys, name: str) -> tuple[Exclusion, ...]:
    found = tuple(_exclusion(each) for each in top.tables("exclude"))
    if twice := _twice(each.unit for each in found):
        raise Refusal(f"{name} excludes {shown(twice)} twice; keep one reason.")
    return found


def _twice(names: Iterable[str]) -> str | None:
    """A name that stands there more than once."""
    return next((name for name, times in Counter(names).items() if times > 1), None)


def _small_cells(keys: Keys) -> SmallCells:
    found = SmallCells(keys.whole("under", 5, least=2, most=100), keys.text("publish", ""))
    keys.end()
    return found


def _address(keys: Keys) -> str:
    """A page's link goes to the web and nowhere else."""
    url: str = keys.text("url", "")
    if url and not url.startswith(("https://", "http://")):
        raise Refusal(f"{url[:60]!r} in [[published]] is no address; begin it with https://.")
    return url


def _published(keys: Keys) -> Published:
    found = Published(
        citation=keys.text("citation"),
        url=_address(keys),
        estimate=keys.number("estimate", least=-10, most=10),
        se=keys.number("se", least=1e-6, most=10),
        period=keys.text("period"),
        why_different=keys.text("why_different"),
    )
    keys.end()
    return found


def _vintage(top: Keys, files: _Beside, calendar: Calendar) -> Release | None:
    keys, study = top.table("vintage", {}), files.study
    names = keys.texts("files", None, most=MOST_FILES)
    last = _column(keys, "last", calendar, study.name)
    keys.end()
    if names is None:
        if last is not None:
            raise Refusal(f"{study.name} does not give files in [vintage]; add them.")
        return None
    last = calendar.size - 1 if last is None else last
    if not 2 <= last < calendar.size:
        raise Refusal(f"In {study.name}, the other release ends outside the panel; mend its last.")
    return Release(tuple(files.file(each) for each in names), last)


def _column(keys: Keys, key: str, calendar: Calendar, name: str) -> int | None:
    text = keys.code(key, None)
    if text is None:
        return None
    try:
        return period(text, calendar.length) - calendar.first
    except ValueError as error:
        raise Refusal(
            f"In {name}, {key} = {shown(text)!r} is no {calendar.length}; write it as {error}."
        ) from error


def _samples(top: Keys, calendar: Calendar, name: str) -> tuple[Sample, ...]:
    found = tuple(_sample(each, calendar, name) for each in top.tables("sample"))
    if len(found) > SAMPLES:
        raise Refusal(f"{name} asks for more than {SAMPLES} samples; take some out.")
    if twice := _twice(each.name.casefold() for each in found):
        raise Refusal(f"{name} has two samples called {shown(twice)}; rename one.")
    return found


def _sample(keys: Keys, calendar: Calendar, name: str) -> Sample:
    def column(key: str) -> int | None:
        return _column(keys, key, calendar, name)

    found = Sample(keys.text("name"), column("starts_from"), column("starts_to"), column("last"))
    keys.end()
    if is_reserved(found.name):
        raise Refusal(
            f"In {name}, no sample can be called {shown(found.name)}: the study has one of its own "
            "by that name; rename it."
        )
    if found.last is not None and not 2 <= found.last < calendar.size:
        raise Refusal(
            f"In {name}, the sample {shown(found.name)} ends outside the panel; mend its last."
        )
    return found


def is_reserved(name: str) -> bool:
    """Whether a study makes a sample of this name by itself.

    >>> is_reserved("To 2018"), is_reserved("to the north")
    (True, False)
    """
    return _RESERVED.fullmatch(name.casefold()) is not None


def _estimators(top: Keys, name: str) -> tuple[str, ...]:
    chosen = top.texts("estimators", ESTIMATORS)
    for each in chosen:
        if each not in ESTIMATORS:
            raise Refusal(
                f"{name} names no known estimator with {shown(each)!r}: {', '.join(ESTIMATORS)}."
            )
    # Poisson is the answer in one sentence, the event study its test: neither is ever left out.
    return tuple(each for each in ESTIMATORS if each in {"poisson", "event_study", *chosen})

"""STUDY.toml: the question and every choice of a study, in one file that is read strictly."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from stoop.evaluation.models import (
    MEASURES,
    MONTHS,
    Calendar,
    Design,
    Exclusion,
    Sample,
    period,
)
from stoop.evaluation.readers.keys import Keys
from stoop.kernel.errors import Refusal

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


def read_design(path: Path) -> Design:
    """Read STUDY.toml; files named in it are looked for beside it.

    Raises Refusal, in one sentence that says how to mend it, for a file that cannot be read, a key
    that is missing, unknown or of the wrong kind, and a file that is not there.
    """
    return design_of(path, *read_toml(path))


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


def design_of(path: Path, data: bytes, whole: dict[str, Any]) -> Design:
    """The design that a file gives; errors as in `read_design`."""
    top = Keys(whole, path.name)
    question = top.text("question")
    outcome, units, time = top.table("outcome"), top.table("unit"), top.table("period")
    treatment, comparison = top.table("treatment"), top.table("comparison", {})
    calendar = _calendar(time, path.name)
    outlines = _file(units, "outlines", path)
    area = outcome.choice("area", ("recorded", "mapped"), "recorded")
    if area == "mapped" and outlines is None:
        raise Refusal(f'In {path.name}, area = "mapped" needs outlines in [unit]; name their file.')
    design = Design(
        name=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        question=question,
        title=top.text("title", question),
        files=tuple(_found(path, name) for name in outcome.texts("files")),
        measure=outcome.choice("measure", MEASURES, "victims"),
        area=area,
        columns=outcome.mapping("columns") or None,
        timezone=outcome.text("timezone", None),
        crs=outcome.text("crs", None),
        kind=units.text("kind", "area"),
        outlines=outlines,
        field=units.text("field", None),
        parts=units.mapping("parts"),
        population=_file(units, "population", path),
        calendar=calendar,
        sites=_found(path, treatment.text("sites")),
        site_area=treatment.text("area"),
        site_start=treatment.text("start"),
        site_end=treatment.text("end", None),
        comparison=comparison.codes("units", None),
        exclusions=tuple(_exclusion(each) for each in top.tables("exclude")),
        samples=tuple(_sample(each, calendar, path.name) for each in top.tables("sample")),
        estimators=_estimators(top, path.name),
        seed=top.whole("seed", 1, least=0, most=2**31 - 1),
        permutations=top.whole("permutations", 999, least=99, most=99_999),
    )
    for each in (outcome, units, time, treatment, comparison, top):
        each.end()
    return design


def _calendar(keys: Keys, name: str) -> Calendar:
    length = keys.choice("length", tuple(MONTHS), "year")
    ends = []
    for key in ("first", "last"):
        text = keys.code(key)
        try:
            ends.append(period(text, length))
        except ValueError as error:
            raise Refusal(
                f"In {name}, {key} = {text!r} is no {length}; write it as {error}."
            ) from error
    if ends[1] - ends[0] < 2:
        raise Refusal(f"{name} asks for fewer than three {length}s; a panel needs three or more.")
    return Calendar(length, *ends)


def _exclusion(keys: Keys) -> Exclusion:
    found = Exclusion(keys.code("unit"), keys.text("reason"))
    keys.end()
    return found


def _sample(keys: Keys, calendar: Calendar, name: str) -> Sample:
    def column(key: str) -> int | None:
        text = keys.code(key, None)
        if text is None:
            return None
        try:
            return period(text, calendar.length) - calendar.first
        except ValueError as error:
            raise Refusal(
                f"In {name}, {key} = {text!r} is no {calendar.length}; write it as {error}."
            ) from error

    found = Sample(keys.text("name"), column("starts_from"), column("starts_to"), column("last"))
    keys.end()
    if found.last is not None and not 2 <= found.last < calendar.size:
        raise Refusal(f"In {name}, the sample {found.name} ends outside the panel; mend its last.")
    return found


def _estimators(top: Keys, name: str) -> tuple[str, ...]:
    chosen = top.texts("estimators", ESTIMATORS)
    for each in chosen:
        if each not in ESTIMATORS:
            raise Refusal(
                f"{name} names no known estimator with {each!r}: {', '.join(ESTIMATORS)}."
            )
    # Poisson is the answer in one sentence, and is never left out.
    return tuple(each for each in ESTIMATORS if each in {"poisson", *chosen})


def _file(keys: Keys, key: str, study: Path) -> Path | None:
    name = keys.text(key, None)
    return None if name is None else _found(study, name)


def _found(study: Path, name: str) -> Path:
    path = study.parent / name
    if not path.is_file():
        raise Refusal(f"{study.name} names a file {name} that is not there; names count from it.")
    return path

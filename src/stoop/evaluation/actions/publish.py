"""A study as a folder: the page, every number, the panel, and what it takes to make it again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from stoop.evaluation.readers import read_design
from stoop.evaluation.readers.registration import read_registration
from stoop.evaluation.studies import Study, make_study
from stoop.kernel import csvs
from stoop.kernel.cluster import Each
from stoop.kernel.files import folder_in_one_move
from stoop.kernel.progress import Progress, silent

HEAD = ("unit", "period", "outcome", "suppressed", "start", "dose")


def publish_study(
    *,
    study: Path,
    out: Path,
    render: Callable[[Study], str],
    progress: Progress = silent,
    each: Each = map,
    registration: Path | None = None,
) -> Study:
    """Make the study of a STUDY.toml and write it to `out`, whole or not at all.

    registration: the file that says when the design was frozen; without it the page says that
    nobody can know. The page is in the platform's language, whoever asks, so that the bytes are the
    same.

    Raises Refusal for a design or files that cannot be used and for an `out` that Stoop did not
    make.
    """
    language = translation.override(settings.LANGUAGE_CODE)
    with language, folder_in_one_move(out, made_by="study.json") as folder:
        register = read_registration(registration) if registration else None
        made = make_study(read_design(study), progress, each, register)
        (folder / "study.html").write_text(render(made), encoding="utf-8")
        _write_json(folder / "study.json", made.numbers)
        _write_json(folder / "run.json", made.run)
        with (folder / "panel.csv").open("w", encoding="utf-8", newline="") as file:
            file.writelines(csvs.lines(HEAD, made.cells))
    return made


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")

"""Claims held against the record, as a folder: the page, and every reading."""

import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import translation

from stoop.evaluation.readers import read_claims
from stoop.evaluation.studies.claims import Findings, check_claims
from stoop.kernel.files import folder_in_one_move
from stoop.kernel.progress import Progress, silent


def publish_claims(
    *,
    claims: Path,
    out: Path | None,
    render: Callable[[Findings], str],
    progress: Progress = silent,
) -> Findings:
    """Hold the claims of a file against its record; write them to `out`, whole or not at all.

    Without `out` nothing is written. Raises Refusal for a file or claims that cannot be used and
    for an `out` that Stoop did not make.
    """
    found = check_claims(read_claims(claims), progress)
    if out is not None:
        language = translation.override(settings.LANGUAGE_CODE)
        with language, folder_in_one_move(out, made_by="claims.json") as folder:
            (folder / "claims.html").write_text(render(found), encoding="utf-8")
            text = json.dumps(found.numbers, indent=1, ensure_ascii=False, allow_nan=False)
            (folder / "claims.json").write_text(text + "\n", encoding="utf-8")
    return found

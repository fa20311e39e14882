"""What a run has left, at an address: its page, its numbers, and what went into it."""

import io
import zipfile
from pathlib import Path
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from stoop.accounts.permissions import Permission, page
from stoop.evaluation import queries
from stoop.ui.queries import DOCUMENT_KINDS, document_response

# The same files give the same zip: its entries carry no clock.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@require_safe
@page(Permission.STUDIES_WORK)
def study_file(request: HttpRequest, slug: str, key: UUID, name: str) -> HttpResponse:
    """A file of a finished run; 404 for anything else."""
    kind = Path(name).suffix
    file = _folder(request, slug, key, queries.MADE) / name
    if kind not in DOCUMENT_KINDS or not file.is_file():
        raise Http404
    return document_response(file.read_bytes(), kind)


@require_safe
@page(Permission.STUDIES_DATA)
def bundle(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """What went into a run, as a zip: with it `stoop evaluate` gives the same bytes anywhere."""
    folder = _folder(request, slug, key, queries.INPUTS)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as whole:
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(f"{slug}/{file.name}", _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            whole.writestr(entry, file.read_bytes())
    answer = HttpResponse(held.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{slug}.zip"'
    return answer


def _folder(request: HttpRequest, slug: str, key: UUID, part: str) -> Path:
    """The folder of a run of this study; 404 where there is none."""
    held = queries.study(request.actor, slug)
    found = next((each for each in queries.runs(held) if each.key == key), None)
    folder = queries.folder_of(slug, found) / part if found else None
    if folder is None or not folder.is_dir():
        raise Http404
    return folder

"""Published studies: the list, one of them, and its files."""

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stoop.evaluation import public
from stoop.ui.queries import document_response

GONE = 410


@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """All published studies, the newest first."""
    return render(request, "portal/findings.html", {"findings": public.findings()})


@require_safe
def finding(request: HttpRequest, slug: str) -> HttpResponse:
    """One published study; what was withdrawn says so; 404 for anything else."""
    found = public.finding(slug)
    if found is None:
        raise Http404
    if isinstance(found, public.Withdrawn):
        return render(request, "portal/withdrawn.html", {"finding": found}, status=GONE)
    return render(request, "portal/finding.html", {"finding": found})


@require_safe
def finding_file(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """A file of a published study, as it was made; 404 for anything else."""
    data = public.file(slug, name)
    if data is None:
        raise Http404
    return document_response(data, Path(name).suffix)

"""Shootings, for a person who is signed in."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from stoop.accounts.permissions import Permission
from stoop.api.forms import IncidentOut, IncidentPage, Problem
from stoop.api.views.guards import Session, checked, needs
from stoop.incidents import queries

PROBLEMS: dict[Any, Any] = dict.fromkeys((401, 404, 422), Problem)
Since = Annotated[int, Field(ge=0, le=2**62)]
Limit = Annotated[int, Field(ge=1, le=500)]

router = Router(auth=Session(), tags=["incidents"])


@router.get("/incidents", response={200: IncidentPage, **PROBLEMS}, url_name="api-incidents")
@needs(Permission.INCIDENTS_VIEW)
def list_incidents(
    request: HttpRequest,
    since: Since = Query(0),  # noqa: B008
    limit: Limit = Query(100),  # noqa: B008
) -> Any:
    """Incidents that changed after `since`, each once as it is now, the oldest change first.

    Rows of a loaded file that nobody touched have no sequence number and are not among them.
    """
    actor = checked(request.actor, list_incidents)
    found = queries.changed_after(actor, since, limit=limit)
    incidents = [IncidentOut(**asdict(each)) for each in found.shown]
    return IncidentPage(incidents=incidents, next=found.next, more=found.more)


@router.get("/incidents/{key}", response={200: IncidentOut, **PROBLEMS}, url_name="api-incident")
@needs(Permission.INCIDENTS_VIEW)
def read_incident(request: HttpRequest, key: UUID) -> Any:
    """One incident."""
    actor = checked(request.actor, read_incident)
    return IncidentOut(**asdict(queries.shown(actor, queries.one(actor, key))))

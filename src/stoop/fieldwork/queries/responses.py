"""Responses as far as the one who asks may see them."""

from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.http import Http404

from stoop.accounts.permissions import SYSTEM, Actor, Permission, visible
from stoop.fieldwork.models import Response


def responses(actor: Actor) -> QuerySet[Response]:
    """The responses of the actor's sites."""
    held = Response.objects.select_related("site", "lead")
    return visible(actor, Permission.RESPONSES_VIEW, held)


def response(actor: Actor, key: UUID | str) -> Response:
    """One response; Http404 when there is none or it is another site's."""
    found = responses(actor).filter(key=key).first()
    if found is None:
        raise Http404
    return found


def responses_to(actor: Actor, incident: Any, *, site_id: int | None = None) -> list[Response]:
    """What the sites do about an incident; of one site when it is named."""
    held = Response.objects.all() if actor is SYSTEM else responses(actor)
    here = Q() if site_id is None else Q(site=site_id)
    return list(held.filter(here, incident=incident).order_by("pk"))


def responses_to_key(actor: Actor, key: UUID) -> list[Response]:
    """What the reader's sites do about the shooting of that key, open ones first."""
    held = responses(actor).filter(incident__key=key)
    return list(held.order_by(F("closed_at").desc(nulls_first=True), "pk"))

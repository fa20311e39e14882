"""The watch zones as the map draws them."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from stoop.accounts.permissions import Permission, page
from stoop.precision import queries
from stoop.precision.views.sentences.watch import watch_sentence


@require_safe
@page(Permission.INCIDENTS_BLOCK)
def zones(request: HttpRequest) -> JsonResponse:
    """The zones that hold now, and the sentence that says how much they mean."""
    run = queries.watch_run(request.actor)
    circles = [
        {
            "incident": zone.key,
            "lon": zone.lon,
            "lat": zone.lat,
            "radius_m": zone.radius_m,
            "until": zone.until.isoformat(timespec="minutes"),
        }
        for zone in queries.zones(request.actor)
    ]
    return JsonResponse({"zones": circles, "says": watch_sentence(run)})

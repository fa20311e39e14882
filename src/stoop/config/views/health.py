"""Health for a load balancer or a watchman, metrics for Prometheus."""

import secrets
from collections.abc import Iterator

import prometheus_client
from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tasks_db.models import DBTaskResult
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from stoop import __version__
from stoop.accounts.permissions import SYSTEM, within
from stoop.config.middleware import metrics as counted
from stoop.config.queries import health as questions
from stoop.config.queries import tasks
from stoop.incidents import queries as incidents
from stoop.ledger import queries as ledger
from stoop.notifications import queries as alerts


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """200 when all parts work, else 503; which, and nothing more."""
    parts = questions.health()
    told = {name: "ok" if works else "not ok" for name, works in parts.items()}
    well = all(parts.values())
    return JsonResponse({"ok": well, "parts": told}, status=200 if well else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus, for whoever holds STOOP_METRICS_TOKEN; there is none without it.

    Not "from this machine only": behind a proxy every visitor comes from this machine.
    """
    token = settings.STOOP_METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if not token or not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise Http404
    state = prometheus_client.CollectorRegistry()
    state.register(_State())
    text = prometheus_client.generate_latest(counted.registry())
    with within(SYSTEM):
        text += prometheus_client.generate_latest(state)
    return HttpResponse(text, content_type=prometheus_client.CONTENT_TYPE_LATEST)


class _State(Collector):
    """What stands in the database now."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge(
            "stoop_duties",
            "Duties of events, by state.",
            "state",
            {
                "waiting": ledger.waiting_duties().count(),
                "dead": ledger.dead_duties().count(),
            },
        )
        messages = alerts.visible_to(SYSTEM).exclude(deliveries=None).order_by()
        by_state = dict(messages.values_list("deliveries__state").annotate(Count("deliveries")))
        yield _gauge("stoop_deliveries", "Messages to people, by state.", "state", by_state)
        shootings = incidents.incidents(SYSTEM).order_by().values_list("status")
        by_state = dict(shootings.annotate(Count("pk")))
        yield _gauge("stoop_incidents", "Incidents, by state.", "state", by_state)
        states = DBTaskResult.objects.order_by().values_list("status").annotate(Count("pk"))
        by_state = dict(states)
        if lost := len(tasks.lost()):  # they stand as running, and nobody runs them
            by_state |= {"LOST": lost, "RUNNING": by_state["RUNNING"] - lost}
        yield _gauge("stoop_tasks", "Background tasks, by state.", "state", by_state)
        alive = questions.alive_parts()
        yield _gauge(
            "stoop_alive",
            "Processes that beat lately.",
            "part",
            {part: alive.count(part) for part in ("web", "work", "feed")},
        )
        yield _gauge("stoop_info", "Which Stoop this is.", "version", {__version__: 1})


def _gauge(name: str, told: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([str(value).lower()], number)
    return family

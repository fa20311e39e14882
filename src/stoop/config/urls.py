"""All addresses of the site. Default deny: each view carries a permission or is named in PUBLIC."""

from django.urls import include, path

from stoop.config.views import health

# Names of the addresses that anybody may open.
PUBLIC: frozenset[str] = frozenset({"health", "metrics", "worker-js"})

handler400 = "stoop.config.views.errors.bad_request"
handler403 = "stoop.config.views.errors.no_permission"
handler404 = "stoop.config.views.errors.not_found"
handler500 = "stoop.config.views.errors.broken"

urlpatterns = [
    path("health", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("stoop.accounts.urls")),
    path("", include("stoop.notifications.urls")),
    path("", include("stoop.incidents.urls")),
    path("", include("stoop.precision.urls")),
    path("", include("stoop.fieldwork.urls")),
]

"""All addresses of the site. Default deny: each view carries a permission or is named in PUBLIC."""

from django.urls import include, path

# Names of the addresses that anybody may open.
PUBLIC: frozenset[str] = frozenset()

urlpatterns = [
    path("", include("stoop.accounts.urls")),
    path("", include("stoop.notifications.urls")),
    path("", include("stoop.incidents.urls")),
    path("", include("stoop.precision.urls")),
    path("", include("stoop.fieldwork.urls")),
]

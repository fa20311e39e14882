"""All addresses of the site. Default deny: each view carries a permission or is named in PUBLIC."""

from django.urls import path

from stoop.precision.views import pages

# Names of the addresses that anybody may open.
PUBLIC = frozenset({"brief", "brief-file"})

urlpatterns = [
    path("", pages.brief_file, name="brief"),
    path("<path:path>", pages.brief_file, name="brief-file"),
]

"""Addresses of this module."""

from django.urls import path

from stoop.incidents.views import incident, lists, map, matches, reporting, sources, stream

urlpatterns = [
    path("map/", map.map_page, name="map"),
    path("map/incidents", map.map_incidents, name="map-incidents"),
    path("map/areas/<slug:kind>", map.map_areas, name="map-areas"),
    path("map/here", map.map_here, name="map-here"),
    path("stream/", stream.stream, name="stream"),
    path("report/", reporting.report, name="incident-report"),
    path("report/places/", reporting.report_places, name="incident-places"),
    path("incidents/", lists.incidents, name="incidents"),
    path("incidents.csv", lists.incidents_csv, name="incidents-csv"),
    path("incidents/waiting/", lists.waiting, name="incidents-waiting"),
    path("incidents/<uuid:key>/", incident.incident, name="incident"),
    path("incidents/<uuid:key>/confirm/", incident.confirm, name="incident-confirm"),
    path("incidents/<uuid:key>/tell/", incident.tell, name="incident-tell"),
    path("incidents/<uuid:key>/correct/", incident.correct, name="incident-correct"),
    path("incidents/<uuid:key>/merge/", incident.merge, name="incident-merge"),
    path("incidents/<uuid:key>/retract/", incident.retract, name="incident-retract"),
    path("incidents/<uuid:key>/restore/", incident.restore, name="incident-restore"),
    path("matches/", matches.matches, name="matches"),
    path("matches/look/", matches.propose, name="matches-look"),
    path("matches/<int:pk>/", matches.decide, name="match-decide"),
    path("sources/", sources.sources, name="sources"),
    path("sources/add/", sources.source_add, name="source-add"),
    path("sources/<slug:code>/", sources.source, name="source"),
    path("sources/<slug:code>/key/", sources.source_key, name="source-key"),
    path("sources/<slug:code>/limit/", sources.source_limit, name="source-limit"),
    path("sources/<slug:code>/switch/", sources.source_switch, name="source-switch"),
]

"""Addresses of this module."""

from django.urls import path

from stoop.evaluation.views import designs, desk, files

urlpatterns = [
    path("studies/", desk.studies, name="studies"),
    path("studies/new", designs.new, name="study-new"),
    path("studies/upload", designs.upload, name="study-upload"),
    path("studies/<slug:slug>/", desk.study, name="study"),
    path("studies/<slug:slug>/edit", designs.edit, name="study-edit"),
    path("studies/<slug:slug>/delete", designs.delete, name="study-delete"),
    path("studies/<slug:slug>/register", desk.register, name="study-register"),
    path("studies/<slug:slug>/amend", designs.amend, name="study-amend"),
    path("studies/<slug:slug>/run", desk.run, name="study-run"),
    path("studies/<slug:slug>/publish", desk.publish, name="study-publish"),
    path("studies/<slug:slug>/withdraw", desk.withdraw, name="study-withdraw"),
    path("studies/<slug:slug>/<uuid:key>/inputs.zip", files.bundle, name="study-bundle"),
    path("studies/<slug:slug>/<uuid:key>/<str:name>", files.study_file, name="study-file"),
]

"""The page of a study: one file, no network, no script."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from stoop import __version__
from stoop.evaluation.studies import Study
from stoop.evaluation.views import costs, figures, findings, sentences, tables, threats
from stoop.evaluation.views.registered import registered
from stoop.ui.queries import styles


def study_page(study: Study) -> str:
    """study.html: power first, then the answer, then how far to trust it."""
    headings = {
        "answer": _("The answer"),
        "compared": _("What is compared"),
        "trust": _("How far to trust it"),
        "changing": _("What would change the answer"),
        "costs": _("What it cost, and what it is worth"),
        "first": _("Which came first, the question or the data"),
        "numbers": _("For statisticians"),
        "again": _("How to make it again"),
    }
    if study.costs is None:
        del headings["costs"]
    context = {
        "title": study.design.title,
        "question": study.design.question,
        "version": __version__,
        "styles": styles(),
        "lang": get_language() or "en",
        "dir": "rtl" if get_language_bidi() else "ltr",
        "contents": list(headings.items()),
        "headings": headings,
        "study": study.design.name,
        "registration": study.register is not None,
        "registered": registered(study.design.sha256, study.register),
    }
    parts = (_answer, _compared, _trust, _changing, costs.costs, _numbers)
    for part in parts:
        context |= part(study)
    return render_to_string("evaluation/study.html", context)


def _answer(study: Study) -> dict[str, Any]:
    return {
        "power": sentences.power(study.power),
        "answer": sentences.answer(study),
        "in_numbers": sentences.in_numbers(study),
        "doubts": sentences.doubts(study.answer),
    }


def _compared(study: Study) -> dict[str, Any]:
    return {
        "compared": sentences.compared(study),
        "before_after": findings.before_after(study),
        "said": study.panel.said,
        "excluded": tables.excluded(study),
        "small": sentences.small_cells(study),
    }


def _trust(study: Study) -> dict[str, Any]:
    return {
        "checked": findings.checked(study),
        "curve": figures.curve(study),
        "published": findings.published(study),
        "sources": [each for each in study.design.published if each.url],
        "beside": findings.beside_published(study),
        "vintage": study.vintage,
    }


def _changing(study: Study) -> dict[str, Any]:
    return {
        "changing": findings.changing(study),
        "threats": threats.threats(study),
        "cells": threats.cells(study),
    }


def _numbers(study: Study) -> dict[str, Any]:
    return {
        "warnings": study.warnings,
        "samples": tables.samples(study),
        "checks": tables.checks(study),
        "estimates": tables.estimates(study, counts=False),
        "counts": tables.estimates(study, counts=True),
        "level_pictures": figures.levels(study),
        "levels": sentences.levels(study.levels),
        "synthetic": findings.synthetic(study),
        "notes": tables.notes(study, counts=False),
        "count_notes": tables.notes(study, counts=True),
        "errors": tables.errors(study),
        "conventions": tables.conventions(study),
        "refused": tables.refused(study),
        "inputs": tables.inputs(study),
    }

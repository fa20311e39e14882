"""The page of a study: one file, no network, no script."""

from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from stoop import __version__
from stoop.evaluation.studies import Study
from stoop.evaluation.views import figures, sentences, tables, threats
from stoop.ui.queries import styles


def study_page(study: Study) -> str:
    """study.html: power first, then the answer, then how far to trust it."""
    headings = {
        "answer": _("The answer"),
        "compared": _("What is compared"),
        "trust": _("How far to trust it"),
        "numbers": _("For statisticians"),
        "again": _("How to make it again"),
    }
    context = {
        "title": study.design.title,
        "question": study.design.question,
        "version": __version__,
        "styles": styles(),
        "lang": get_language() or "en",
        "dir": "rtl" if get_language_bidi() else "ltr",
        "contents": list(headings.items()),
        "headings": headings,
        "power": sentences.power(study.power),
        "answer": sentences.answer(study),
        "doubts": sentences.doubts(study.answer),
        "compared": sentences.compared(study),
        "said": study.panel.said,
        "excluded": tables.excluded(study),
        "curve": figures.curve(study),
        "without": sentences.without(study),
        "threats": threats.threats(study),
        "cells": threats.cells(study),
        "vintage": study.vintage,
        "warnings": study.warnings,
        "samples": tables.samples(study),
        "checks": tables.checks(study),
        "estimates": tables.estimates(study, counts=False),
        "counts": tables.estimates(study, counts=True),
        "conventions": tables.conventions(study),
        "levels": sentences.levels(study.levels),
        "refused": tables.refused(study),
        "inputs": tables.inputs(study),
        "study": study.design.name,
    }
    return render_to_string("evaluation/study.html", context)

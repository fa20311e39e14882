"""The page: one file, no network, no JavaScript, landmarks, languages."""

import re

import pytest
from django.template import engines
from django.template.loader import render_to_string

from stoop.ui.charts import Table
from stoop.ui.queries import styles


def page(**context: object) -> str:
    return render_to_string("ui/document.html", {"styles": styles(), "title": "Brief", **context})


def test_page_is_one_file_without_script_or_network():
    html = page(notice="Made up", contents=[("a", "What happened")])
    assert not re.search(r"<script|<link|<img|https?:|@import|src=|javascript:", html)
    assert "!! missing" not in html


def test_page_has_landmarks_skip_link_and_a_language():
    html = page(contents=[("a", "What happened")])
    for part in ('<a class="skip" href="#main">', "<header", "<nav", "<footer", '<html lang="en"'):
        assert part in html
    assert html.count("<main") == 1
    assert html.count("<h1>") == 1
    assert '<main id="main" tabindex="-1">' in html


def test_page_can_run_right_to_left():
    assert '<html lang="ar" dir="rtl">' in page(lang="ar", dir="rtl")


def test_page_escapes_its_words():
    html = page(title="<script>", notice="<b>", contents=[("a", "<i>")])
    assert "<script" not in html
    assert "<i>" not in html
    assert "<b>" not in html


@pytest.mark.parametrize("cards", [True, False])
def test_tables_are_cards_or_scroll_where_the_keyboard_can_reach(cards):
    table = Table(("Area", "n"), (("<75>", "3"),), "Areas", cards)
    html = render_to_string("ui/table.html", {"table": table})
    assert ('class="cards"' in html) is cards
    assert ('role="region" tabindex="0" aria-label="Areas"' in html) is not cards
    assert 'data-label="n"' in html
    assert "&lt;75&gt;" in html
    assert 'scope="row"' in html


def test_a_page_can_be_built_on_it():
    source = '{% extends "ui/document.html" %}{% block main %}<p>Here</p>{% endblock %}'
    html = engines["django"].from_string(source).render({"styles": styles(), "title": "t"})
    assert "<p>Here</p>" in html
    assert "prefers-color-scheme: dark" in html
    assert "prefers-reduced-motion" in html
    assert "@media print" in html

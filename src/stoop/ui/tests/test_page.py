"""The page shell and its parts: a language, landmarks, fields that say what is wrong with them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from stoop.kernel import clock
from stoop.ui.tests.components import COMPONENTS, Sample

NOW = datetime(2026, 3, 2, 23, 40, tzinfo=UTC)


def page(source: str = "", **context: object) -> str:
    """A page on ui/page.html whose main part is `source`."""
    whole = '{% extends "ui/page.html" %}{% block title %}T{% endblock %}{% block main %}'
    with clock.held(NOW):
        return (
            engines["django"]
            .from_string(whole + source + "{% endblock %}")
            .render(context, RequestFactory().get("/"))
        )


def test_a_page_has_one_main_a_skip_link_and_nothing_inline():
    html = page("<h1>Here</h1>")
    assert html.count("<main") == 1
    assert '<a class="skip" href="#main">' in html
    assert re.search(r'<html lang="en(-us)?" dir="ltr">', html)
    assert "!! missing" not in html
    assert not re.search(r"<style|<script(?![^>]* src=)|style=|\son\w+=|javascript:", html)


def test_a_page_runs_right_to_left_in_arabic():
    with translation.override("ar"):
        assert '<html lang="ar" dir="rtl">' in page()


def test_all_components_render_without_a_missing_variable():
    html = page(COMPONENTS, form=Sample({"block": ""}), now=NOW, moment=NOW, pages=_pages())
    assert "!! missing" not in html
    assert not re.search(r"style=|\son\w+=", html)


def _pages():
    return Paginator(range(50), 20).page(2)


def test_a_wrong_field_is_tied_to_its_error_and_keeps_what_was_typed():
    form = Sample({"block": "X" * 30, "doors": "many"})
    html = render_to_string("ui/form.html", {"form": form})
    tied = re.search(r'<input[^>]*name="doors"[^>]*>', html).group()
    assert 'aria-describedby="id_doors_helptext id_doors_error"' in tied
    assert 'aria-invalid="true"' in tied
    assert 'value="many"' in tied
    assert 'id="id_doors_error"' in html
    assert 'id="id_doors_helptext"' in html


def test_what_is_wrong_with_the_whole_form_is_said():
    form = Sample({"block": "Elm St"})
    form.is_valid()
    form.add_error(None, "It was changed meanwhile; look and send again.")
    assert "It was changed meanwhile" in render_to_string("ui/form.html", {"form": form})


def when(**context: object) -> str:
    return re.sub(r"<[^>]+>", "", render_to_string("ui/when.html", context)).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW - timedelta(minutes=12), "Mon 2 Mar, 23:28 12 minutes ago"),
        (NOW + timedelta(hours=24), "Tue 3 Mar, 23:40 in 1 day"),
        (NOW - timedelta(seconds=40), "Mon 2 Mar, 23:39 just now"),
    ],
)
def test_a_moment_is_told_in_words(moment, said):
    assert when(moment=moment, ago=True, now=NOW) == said
    assert when(moment=moment) == said[:16].strip()


def test_the_year_stands_where_it_is_not_this_one():
    old = NOW - timedelta(days=365)
    assert when(moment=old, now=NOW) == "Sun 2 Mar 2025, 23:40"


def test_the_moment_stands_in_iso_beside_the_words():
    assert 'datetime="2026-03-02T23:40:00+00:00"' in render_to_string(
        "ui/when.html", {"moment": NOW}
    )
    assert when(moment=None) == ""


def test_pager_keeps_the_filters():
    html = render_to_string("ui/pager.html", {"page": _pages(), "query": "kind=shots"})
    assert "?kind=shots&amp;page=1" in html
    assert "?kind=shots&amp;page=3" in html
    assert "Page 2 of 3" in html


def test_typed_text_is_escaped():
    class Named(forms.Form):
        name = forms.CharField(max_length=3)

    html = render_to_string("ui/form.html", {"form": Named({"name": "<script>"})})
    assert "<script" not in html

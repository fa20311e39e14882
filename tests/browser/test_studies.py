"""Does it work? Asked by an analyst in a browser, from the question to the published finding."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stoop.sample import actions as sample
from tests.world import World

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def city(
    new_world: Callable[..., World], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A platform with Sample City's districts, sites and eight years of shootings."""
    made: Any = sample.build(tmp_path_factory.mktemp("city"))
    with new_world(STOOP_AREA_KIND="district") as world:
        for words in (
            ("areas", made.areas, "--kind", "district", "--code-field", "district"),
            ("sites", made.sites, "--area-kind", "district"),
            ("incidents", *made.shootings, "--source", "record"),
        ):
            command = [sys.executable, "-m", "stoop.config.cli", "load", *map(str, words)]
            subprocess.run(command, env=world.environment, check=True, capture_output=True)
        yield world


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_study_is_registered_run_published_and_amended(
    page: Callable[..., Any], axe: Callable[[Any], list[str]], city: World, script: bool
) -> None:
    sheet = page(java_script_enabled=script, **PHONE)
    sheet.context.add_cookies([city.cookie("cass")])
    sheet.goto(city.url + "/studies/")
    sheet.get_by_role("link", name=re.compile("Begin a study|New study")).click()
    _choose(sheet)
    assert "A draft: nothing is frozen" in sheet.inner_text("main")
    assert not sheet.get_by_role("button", name="Run it").count()
    sheet.get_by_role("link", name="Register it").click()
    assert 'measure = "incidents"' in sheet.inner_text("pre")
    sheet.get_by_role("button", name="Register it").click()
    sheet.get_by_role("button", name="Run it", exact=True).click()
    assert "It waits for a worker" in sheet.inner_text("#run")
    assert city.do("tasks") == 1
    if not script:
        sheet.get_by_role("link", name="Look how far it is").click()
    publish = sheet.get_by_role("link", name="Publish the finding")
    publish.wait_for()
    answer = sheet.inner_text("#run .lead")
    assert "than the other areas lead one to expect" in answer
    publish.click()
    assert answer in sheet.inner_text("main")
    sheet.get_by_role("button", name="Publish it").click()
    sheet.locator(".title .badge", has_text="Published").wait_for()
    sheet.get_by_role("link", name="Amend the design").click()
    sheet.get_by_label("Why").fill("The last year is not whole")
    text = sheet.get_by_label("STUDY.toml")
    text.fill(text.input_value().replace("2025-Q4", "2024-Q4"))
    sheet.get_by_role("button", name="Register this version").click()
    amended = sheet.locator("section.card", has_text="Version 2, an amendment")
    assert "after outcomes were read" in amended.inner_text()
    assert "The last year is not whole" in amended.inner_text()
    amended.get_by_text("What changed").click()
    assert '+last = "2024-Q4"' in amended.inner_text()
    if script:
        assert axe(sheet) == []
    assert sheet.evaluate("document.documentElement.scrollWidth") <= 360
    sheet.get_by_role("link", name="All studies").click()
    sheet.wait_for_url("**/studies/")
    newest = sheet.locator(".list li").first.inner_text()
    assert "Registered" in newest
    assert "Published" in newest


def _choose(sheet: Any) -> None:
    sheet.get_by_label("Question").fill("Did shootings fall where a program worked?")
    sheet.get_by_label("Shootings", exact=True).check()
    sheet.get_by_label("Compared are").select_option("district")
    sheet.get_by_label("First one").fill("2018-Q1")
    sheet.get_by_label("Last one").fill("2025-Q4")
    sheet.get_by_label("Areas left out").fill("E8: its program closed in 2023")
    for method in ("Synthetic control", "Stacked", "Sun and Abraham", "Imputation"):
        sheet.get_by_label(method).uncheck()
    sheet.get_by_label("Times that the starts are dealt out anew").fill("99")
    sheet.get_by_role("button", name="Write it down as a draft").click()

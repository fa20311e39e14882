"""The page says what the numbers say, whole and safe."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from stoop.precision import studies
from stoop.precision.tests import factories
from stoop.precision.views import maps, sentences, tables
from stoop.precision.views.brief import brief_page


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> studies.Brief:
    folder = tmp_path_factory.mktemp("brief")
    return studies.make_brief(
        studies.Request(
            files=(factories.shootings_file(folder / "shootings.csv"),),
            areas=factories.areas_file(folder / "areas.geojson"),
            area_field="district",
            title="Riverside & <Harbor>",
            top=2,
            months=12,
        )
    )


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.headings: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given.get("href")))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


def test_page_is_one_file_without_script_or_network(brief: studies.Brief) -> None:
    text = brief_page(brief)
    page = Page(text)
    assert not {"script", "link", "iframe", "img", "object"} & set(page.tags)
    assert not re.search(r"(src|href)=\"(?!#)", text)
    assert "url(http" not in text
    assert "!! missing" not in text


def test_ids_are_unique_and_links_arrive(brief: studies.Brief) -> None:
    page = Page(brief_page(brief))
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))


def test_text_from_outside_is_escaped(brief: studies.Brief) -> None:
    text = brief_page(brief)
    assert "<Harbor>" not in text
    assert "Riverside &amp; &lt;Harbor&gt;" in text


def test_each_section_opens_with_its_answer(brief: studies.Brief) -> None:
    text = brief_page(brief)
    for lead in (
        sentences.trend(brief.trend, brief.city.as_of),
        sentences.hours(brief.hours),
        sentences.quality(brief.quality),
    ):
        assert text.count(lead.answer) == 2, "once in short, once in its section"


def test_a_model_that_does_not_beat_the_count_is_said_so(brief: studies.Brief) -> None:
    assert brief.forecast is not None
    judged = brief.forecast.backtest
    assert judged is not None
    for beats, surely, words in (
        (False, False, "does not beat the decayed count"),
        (True, False, "may be noise"),
        (True, True, "beats the decayed count and is used"),
    ):
        changed = replace(judged, beats_decayed=beats, surely=surely)
        said = sentences.forecast(replace(brief.forecast, backtest=changed))
        assert words in said[-1]


def test_nothing_standing_out_is_said(brief: studies.Brief) -> None:
    assert brief.clusters is not None
    quiet = replace(
        brief.clusters,
        clusters=tuple(replace(c, p=0.4, stands_out=False) for c in brief.clusters.clusters),
    )
    assert sentences.clusters(quiet).answer.startswith("None stands out")


@pytest.mark.parametrize(
    ("n", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (112, "112th")]
)
def test_ordinals(n: int, words: str) -> None:
    assert sentences.ordinal(n) == words


def test_brief_without_outlines_or_places(tmp_path: Path) -> None:
    """Only dates and codes: the sections that need points say that they have none."""
    file = tmp_path / "plain.csv"
    rows = [f"{i},2023-{1 + i % 12:02d}-{1 + i % 27:02d},{'NS'[i % 2]}" for i in range(120)]
    file.write_text("\n".join(["incident_key,date,district", *rows]) + "\n")
    made = studies.make_brief(studies.Request(files=(file,), top=1))
    text = brief_page(made)
    assert made.areas is not None
    assert made.hotspots is None
    assert "no block can be named" in text
    assert "nothing can be said about hours" in text
    assert "!! missing" not in text


def test_page_names_what_stands_in_the_map(brief: studies.Brief) -> None:
    """Letters of the forecast's table are those of the maps, with the same counts."""
    assert brief.forecast is not None
    first = brief.forecast.cells[0]
    drawn = next(f for f in maps.block_maps(brief) if f.title == f"Area {first.area}")
    assert drawn.table is not None
    assert [row[0] for row in drawn.table.rows] == sorted(row[0] for row in drawn.table.rows)
    letter, *_rest, count = drawn.table.rows[0]
    said = tables.forecast(brief.forecast).rows[0]
    assert said[0] == f"{first.area}\N{NO-BREAK SPACE}{letter}"
    assert said[3] == count == str(first.last_12_months)
    assert all("no data" not in row for row in drawn.table.rows)


def test_the_least_p_is_not_taken_for_a_measured_one(brief: studies.Brief) -> None:
    """999 shuffles cannot tell one in a thousand from one in a million."""
    assert brief.clusters is not None
    least, other = (
        replace(brief.clusters.clusters[0], p=p, least_p=p == 0.001, recurrence_days=1 / p)
        for p in (0.001, 0.01)
    )
    assert "less than once in 1,000 days" in sentences.cluster_words(least)
    assert "about once in 100 days" in sentences.cluster_words(other)
    loud = replace(brief.clusters, clusters=(replace(least, stands_out=True),))
    assert "once in 20 days" in sentences.clusters(loud).more[0]

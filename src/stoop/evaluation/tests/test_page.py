"""The page of a study: plain words, what hangs on what, small counts, and who was first."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from django.utils import translation

from stoop.evaluation.actions import publish_study
from stoop.evaluation.models import Register, Version
from stoop.evaluation.readers import read_design
from stoop.evaluation.readers.registration import read_registration
from stoop.evaluation.studies import Study, make_study
from stoop.evaluation.studies.curve import difference, hinges, levelled, ways
from stoop.evaluation.studies.release import exclusions_out
from stoop.evaluation.studies.told import Line, No, laid_out
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.evaluation.views import figures, findings, registered, tables
from stoop.evaluation.views.changes import amounts, between, change
from stoop.evaluation.views.page import study_page
from stoop.kernel.errors import Refusal
from stoop.ui.charts import format_percent
from stoopstat.impact.matched import Matched, match

OTHERS = """
[[published]]
citation = "A study of the town"
url = "https://example.org/1"
period = "2011-2017"
estimate = -0.2
se = 0.02
why_different = "an earlier end"
"""
# Small counts in every year of every area: most of what the town counts.
SMALL = DESIGN + "\n[small_cells]\nunder = 40\n"
SHA, OTHER = "a" * 64, "b" * 64


def version(number: int, sha: str, *, after: bool = False, reason: str = "") -> Version:
    at = datetime(2026, 3, number, 9, tzinfo=UTC)
    return Version(number, sha, at, reason, "c" * 64, 7, after)


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Path]:
    folder = tmp_path_factory.mktemp("small")
    path = town(folder, design=SMALL)
    made = publish_study(study=path, out=folder / "study", render=study_page)
    return made, folder / "study"


def test_changes_in_plain_words() -> None:
    assert change(4.26) == "4.3% more"
    assert between(-16.25, -1.83) == "between 1.8% and 16.2% fewer"
    assert between(1, 2) == "between 1.0% and 2.0% more"
    assert between(-2, 3) == "between 2.0% fewer and 3.0% more"
    assert amounts(-870.4, -78) == "between 78 and 870 fewer"


def test_small_counts_are_in_nothing_that_is_given_out(hidden: tuple[Study, Path]) -> None:
    made, out = hidden
    counts = made.panel.counts
    small = (counts > 0) & (counts < 40)
    assert small.any()
    rows = [line.split(",") for line in (out / "panel.csv").read_text().splitlines()]
    assert rows[0] == ["unit", "period", "outcome", "suppressed", "start", "dose"]
    cells = np.array([row[2] for row in rows[1:]]).reshape(counts.shape)
    marks = np.array([row[3] for row in rows[1:]]).reshape(counts.shape)
    assert (cells[small] == "").all()
    assert (marks[small] == "yes").all()
    assert ((cells == "") == (marks == "yes")).all()
    shown = cells != ""
    assert (cells[shown].astype(float) == counts[shown]).all()


def test_numbers_are_blunt_where_counts_are_hidden(hidden: tuple[Study, Path]) -> None:
    made, out = hidden
    told = json.loads((out / "study.json").read_text())
    assert told["panel"]["suppressed_cells"] == int(made.hidden.sum())
    assert not any(each["term"].startswith("unit ") for each in told["estimates"])
    assert all(each["areas"] >= 3 for each in told["estimates"])
    for each in told["estimates"]:
        if each["scale"] == "log":
            assert each["estimate"] == round(each["estimate"], 3)
        else:
            assert float(f"{each['estimate']:.3g}") == each["estimate"]
    assert told["answer"]["percent"] == float(f"{made.answer.percent:.3g}")
    (answer,) = [way for way in ways(made.estimates, made.design) if way.kind == "answer"]
    assert 100 * np.expm1(answer.high) == pytest.approx(made.answer.high)
    page = (out / "study.html").read_text()
    assert "Counts from 1 to 39 are left empty" in page
    assert "terms of few areas" in page


def test_an_area_left_out_gives_no_small_count_away(hidden: tuple[Study, Path]) -> None:
    panel = hidden[0].panel
    ((_unit, _why, count),) = panel.exclusions
    (shown,), (none,) = exclusions_out(panel, count), exclusions_out(panel, count + 1)
    assert shown["outcome"] == count
    assert none["outcome"] is None


def test_what_is_not_counted_gives_no_small_count_away(tmp_path: Path) -> None:
    path = town(tmp_path)
    file = tmp_path / "shootings.csv"
    file.write_text(file.read_text() + "90001,2012-01-01,,,\n90002,2010-01-01,A,,\n")
    said = " ".join(make_study(read_design(path)).panel.said)
    assert "not counted: fewer than 5 incidents" in said
    assert "not counted: 1 " not in said


def test_files_that_are_public_hide_nothing_and_say_why(tmp_path: Path) -> None:
    design = SMALL.replace("under = 40", 'publish = "the town gives every row away"')
    made = make_study(read_design(town(tmp_path, design=design)))
    assert not made.hidden.any()
    assert "the town gives every row away" in study_page(made)
    assert any(each.term.startswith("unit ") for each in made.estimates)


def test_what_others_published_stands_beside_ours(tmp_path: Path) -> None:
    made = make_study(read_design(town(tmp_path, design=DESIGN + OTHERS)))
    table = findings.published(made)
    assert table is not None
    assert table.rows[1][2] == "18.1% fewer (between 14.9% and 21.3% fewer)"
    assert table.rows[1][3] == "an earlier end"
    assert "neither number lies in the interval" in findings.beside_published(made)[0]
    page = study_page(made)
    assert '<a href="https://example.org/1"' in page
    assert "published elsewhere" in page


def test_a_link_goes_to_the_web_and_nowhere_else(tmp_path: Path) -> None:
    path = town(tmp_path, design=DESIGN + OTHERS.replace("https://", "javascript:"))
    with pytest.raises(Refusal, match="is no address"):
        read_design(path)


def test_what_would_change_the_answer_is_worked_out(tmp_path: Path) -> None:
    made = make_study(read_design(town(tmp_path, effect=1.0)))
    found = hinges(made.estimates, made.design)
    assert found is not None
    every = ways(made.estimates, made.design)
    (answer,) = [way for way in every if way.kind == "answer"]
    assert len([w for w in every if w.kind == "threat"]) > 2
    for way in found.outside:
        assert not answer.low <= way.line.estimate <= answer.high
    for way in found.other_side:
        assert way.line.estimate * answer.line.estimate < 0
    said = " ".join(findings.changing(made))
    assert all(findings.called(way.line) in said for way in found.other_side[:12])


def test_the_answer_in_numbers_is_the_answer_in_percent(tmp_path: Path) -> None:
    made = make_study(read_design(town(tmp_path)))
    found = difference(made.panel, made.answer)
    assert found is not None
    assert found.counted - found.expected == pytest.approx(found.change)
    assert 100 * found.change / found.expected == pytest.approx(made.answer.percent)
    assert found.low < found.change < found.high < 0
    assert found.years == 5  # the first start is in 2014, the panel ends in 2018


def test_two_synthetic_controls_that_disagree_are_named() -> None:
    def line(version: str, estimate: float) -> Line:
        return Line(f"synthetic_{version}", "all", "overall", estimate, 0.9, "placebo", 0.01, 9,
                    "rate")  # fmt: skip

    no = No("synthetic_plain", "all", "unit 9", "it lies above every donor")
    apart = levelled((line("plain", 2.4), line("demeaned", -10.0)), (no,))
    assert apart is not None
    assert apart.refused == 1
    assert levelled((line("plain", -2.4), line("demeaned", -2.9)), ()) is None
    assert levelled((line("plain", -2.4), line("demeaned", -6.0)), ()) is not None


@pytest.mark.parametrize(
    ("versions", "warns", "words"),
    [
        ([], True, "a reader cannot know"),
        ([version(1, SHA)], False, "1 March 2026 (2026-03-01), before outcomes were read there"),
        ([version(1, SHA, after=True)], True, "after a run there had read outcomes"),
        ([version(1, OTHER)], True, "not the registered design"),
        ([version(1, SHA), version(2, OTHER, reason="an end")], True, "which was amended since"),
        ([version(1, OTHER), version(2, SHA, reason="an end")], False, "amended once"),
        (
            [version(1, OTHER), version(2, SHA, after=True, reason="an end")],
            True,
            "amended after outcomes had been read, last on 2 March 2026 (2026-03-02): \u2068an end",
        ),
    ],
)
def test_which_came_first(versions: list[Version], warns: bool, words: str) -> None:
    register = Register("town", tuple(versions), OTHER) if versions else None
    said = registered.registered(SHA, register)
    assert bool(said.warning) is warns
    assert words in (said.warning or " ".join(said.said))
    assert said.table is None or len(said.table.rows) == len(versions)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nothing", "is not JSON"),
        ("{}", "is no registration"),
        ('{"study": "a", "versions": [{"number": 2}]}', "is no registration"),
        ('{"study": "a", "versions": [7]}', "is no registration"),
    ],
)
def test_a_broken_registration_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "registration.json").write_text(text)
    with pytest.raises(Refusal, match=words):
        read_registration(tmp_path / "registration.json")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("after_outcomes", "false", "after_outcomes is no true or false"),
        ("after_outcomes", 0, "after_outcomes is no true or false"),
        ("number", True, "number is no whole number"),
        ("number", "1", "number is no whole number"),
        ("ledger_event", "7", "ledger_event is no whole number"),
        ("reason", None, "reason is no text"),
        ("period", "early", "period is none of ahead, going on, over"),
    ],
)
def test_a_registration_is_read_strictly(
    tmp_path: Path, key: str, value: object, words: str
) -> None:
    told = {
        "number": 1,
        "sha256": SHA,
        "registered_at": "2026-03-01T09:00:00+00:00",
        "after_outcomes": False,
        "ledger": "c" * 64,
        "ledger_event": 7,
    }
    path = tmp_path / "registration.json"
    path.write_text(json.dumps({"study": "town", "versions": [told]}))
    assert not read_registration(path).versions[0].after_outcomes
    path.write_text(json.dumps({"study": "town", "versions": [told | {key: value}]}))
    with pytest.raises(Refusal, match=words):
        read_registration(path)


def test_a_registered_study_says_so_and_can_be_made_again(tmp_path: Path) -> None:
    path = town(tmp_path)
    told = {
        "number": 1,
        "sha256": read_design(path).sha256,
        "registered_at": "2026-03-01T09:00:00+00:00",
        "after_outcomes": False,
        "ledger": "c" * 64,
        "ledger_event": 7,
    }
    register = tmp_path / "registration.json"
    register.write_text(json.dumps({"study": "town", "versions": [told]}))
    publish_study(study=path, out=tmp_path / "one", render=study_page, registration=register)
    page = (tmp_path / "one" / "study.html").read_text()
    assert "By registration.json, registered on 1 March 2026" in page
    assert "--registration registration.json" in page
    run = json.loads((tmp_path / "one" / "run.json").read_text())
    assert run["registration"] == read_registration(register).file_sha256
    path.write_text(path.read_text() + "\n# one more line\n")
    publish_study(study=path, out=tmp_path / "two", render=study_page, registration=register)
    assert "This is not the registered design" in (tmp_path / "two" / "study.html").read_text()


def test_whoever_asks_in_whichever_language_gets_the_same_page(tmp_path: Path) -> None:
    path = town(tmp_path, design=DESIGN)
    pages = []
    for language in ("en-us", "ar"):
        with translation.override(language):
            publish_study(study=path, out=tmp_path / language, render=study_page)
        pages.append((tmp_path / language / "study.html").read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize("quiet", [True, False])
def test_placebos_among_quieter_areas_are_said_beside_the_number(
    tmp_path: Path, quiet: bool
) -> None:
    path = town(tmp_path)
    people = (tmp_path / "population.csv").read_text().splitlines()
    # With a third of the residents, areas with a program start at three times the rate.
    few = [
        f"{line.split(',')[0]},3000" if quiet and line[0] in "ABCD" else line for line in people[1:]
    ]
    (tmp_path / "population.csv").write_text("\n".join([people[0], *few]) + "\n")
    publish_study(study=path, out=tmp_path / "out", render=study_page)
    told = json.loads((tmp_path / "out" / "study.json").read_text())
    mixed = [each for each in told["estimates"] if each["se_type"] == "placebo"]
    assert mixed
    warned = {"Go neither by its error nor by its p" in each["note"] for each in mixed}
    assert warned == {quiet}
    page = (tmp_path / "out" / "study.html").read_text()
    assert ("Go neither by its error nor by its p" in page) == quiet


def test_how_alike_the_matches_are_stands_beside_their_number(tmp_path: Path) -> None:
    made = make_study(read_design(town(tmp_path)))
    (net,) = [e for e in made.estimates if (e.estimator, e.term) == ("matched", "net")]
    found = match(laid_out(made.panel))
    assert isinstance(found, Matched)
    for each in (*found.difference, *found.difference_before):
        assert f"{abs(each):.2f}" in net.note
    assert net.note in study_page(made)


def test_every_estimator_and_every_error_of_the_page_is_explained(tmp_path: Path) -> None:
    made = make_study(read_design(town(tmp_path)))
    said, kinds = tables.conventions(made), tables.errors(made)
    assert said is not None
    assert kinds is not None
    assert [name for name, words in said.rows if words == name] == []
    assert len({words for _name, words in said.rows}) == len(said.rows)
    assert {kind for kind, _words in kinds.rows} == {each.se_type for each in made.estimates}
    never = DESIGN + "\n[comparison]\nnot_yet_treated = false\n"
    other = tables.conventions(make_study(read_design(town(tmp_path, design=never))))
    assert other is not None
    assert "never treated alone" in dict(other.rows)["matched"]


def test_the_picture_shows_the_ends_without_one_area(tmp_path: Path) -> None:
    made = make_study(read_design(town(tmp_path)))
    drawn = figures.curve(made)
    assert drawn is not None
    assert made.without is not None
    shown = {row[0]: row[2] for row in drawn.table.rows}
    for value, area in (
        (made.without.lowest, made.without.without_lowest),
        (made.without.highest, made.without.without_highest),
    ):
        assert shown[f"without {area}"] == format_percent(np.expm1(value), 1)


def test_many_terms_without_a_number_are_one_row(tmp_path: Path) -> None:
    made = make_study(read_design(town(tmp_path)))
    many = tuple(No("sun", "all", f"cohort 2014 event {n}", "no event then") for n in range(1734))
    few = tuple(No("mixed", "all", f"unit {name}", "no likeness") for name in "AB")
    table = tables.refused(replace(made, refused=many + few))
    assert table is not None
    assert table.rows == (
        ("sun", "all", "cohort 2014 event 0 and 1,733 more", "no event then"),
        ("mixed", "all", "unit A; unit B", "no likeness"),
    )
    assert tables.refused(replace(made, refused=())) is None

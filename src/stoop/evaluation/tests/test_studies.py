"""The study: a planted effect is found, none is not, and no number stands where there is none."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2, f

from stoop.evaluation.readers import ESTIMATORS, read_design
from stoop.evaluation.studies import Line, Study, make_study
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.told import Told
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.evaluation.views.figures import curve
from stoop.evaluation.views.page import study_page
from stoop.evaluation.views.tables import checks, estimates
from stoopstat.impact.design import Estimate, Refused
from stoopstat.impact.influence import joint


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return make_study(read_design(town(tmp_path_factory.mktemp("town"))))


def line(study: Study, estimator: str, term: str, se_type: str = "") -> Line:
    return next(
        each
        for each in study.estimates
        if (each.estimator, each.term, each.sample) == (estimator, term, "all")
        and each.se_type.startswith(se_type)
    )


def test_without_a_test_before_the_start_nothing_is_said_to_have_fallen(tmp_path: Path) -> None:
    # All starts in the second year: one year before each is too few to have moved apart in.
    path = town(tmp_path)
    late = (tmp_path / "sites.csv").read_text()
    starts = late.replace("2014-07", "2014-01").replace("2016-03", "2015-01")
    (tmp_path / "sites.csv").write_text(starts.replace("2015-01", "2014-01"))
    path.write_text(path.read_text().replace("first = 2011", "first = 2013"))
    study = make_study(read_design(path))
    assert study.answer.doubts == ("untested",)
    page = study_page(study)
    assert "before the start could not be tested" in page
    assert "Not tested; why stands below" in page
    assert "shootings fell:" not in page


def test_a_planted_effect_is_found_by_every_family(found: Study) -> None:
    assert found.answer.verdict == "fell"
    assert found.answer.low < -50 < found.answer.high
    assert found.power is not None
    assert -50 < found.power.fall_percent < 0
    for estimator, term in (
        ("poisson_binary", "on"),
        ("imputation_poisson", "overall"),
        ("stacked_poisson", "overall"),
        ("matched", "net"),
    ):
        told = line(found, estimator, term)
        assert told.estimate == pytest.approx(np.log(0.5), abs=4 * told.se), estimator
        assert told.scale == "log"


def test_the_answer_goes_by_t_and_one_area_a_start_tells_no_error(found: Study) -> None:
    told = line(found, "poisson_binary", "on", "CR2")
    assert told.reach > 2.1
    assert found.answer.low == pytest.approx(100 * np.expm1(told.estimate - told.reach * told.se))
    alone = next(
        no
        for no in found.refused
        if no.estimator == "sun_abraham_poisson" and no.term.startswith("overall and")
    )
    assert "too few units carry it" in alone.why


def test_every_estimator_answers_or_says_why(found: Study) -> None:
    named = {each.estimator for each in (*found.estimates, *found.refused)}
    for code in ESTIMATORS:
        start = "poisson_spillover" if code == "spillover" else code
        assert any(name.startswith(start) for name in named), code
    for each in found.estimates:
        assert np.isfinite(each.estimate)
        assert each.se_type
    assert all(len(no.why) > 20 for no in found.refused)
    assert line(found, "synthetic_demeaned", "overall").scale == "rate"


def test_columns_become_years_and_rows_become_areas(found: Study) -> None:
    terms = {each.term for each in found.estimates}
    assert {"cohort 2014", "cohort 2015", "cohort 2016", "period 2018", "unit A"} <= terms
    told = Told(found.panel)
    told.add([Refused("made", "unit 3", "unit 3 has no cohort 5 and 4 units have no period 0")])
    (no,) = told.refused
    assert no.term == "unit D"
    assert no.why == "unit D has no cohort 2016 and 4 units have no period 2011"


def test_a_joint_test_names_the_law_that_gives_its_p(found: Study) -> None:
    told, rows = Told(found.panel), np.random.default_rng(3).normal(size=(8, 3))
    told.check(joint("made", rows.mean(axis=0), rows / 8, carriers=8), estimator="of few")
    few, plain = told.checks[0], found.checks[0]
    assert few.p == pytest.approx(f.sf(few.statistic, few.df, few.rest))
    assert plain.p == pytest.approx(chi2.sf(plain.statistic, plain.df))
    table = checks(replace(found, checks=(few, plain)))
    assert table is not None
    assert [row[3] for row in table.rows] == ["F (3, 5)", "chi-squared (4)"]


def test_no_p_is_nought(found: Study) -> None:
    table = estimates(found, counts=False)
    assert table is not None
    shown = [row[-2] for row in table.rows]
    assert "0.000" not in shown
    assert "below 0.001" in shown
    assert any(0 < each["p"] < 0.001 for each in found.numbers["estimates"])


def test_no_number_stands_without_its_error(found: Study) -> None:
    told = Told(found.panel)
    numbers = ((-0.5, 0.0), (-0.5, np.nan), (-0.5, 1e-12), (np.nan, 0.1), (-0.5, 0.1))
    told.add(Estimate("made", "on", b, se, "CR1", 0.01, 9, "log") for b, se in numbers)
    assert [(each.estimate, each.se) for each in told.lines] == [(-0.5, 0.1)]
    assert [no.term for no in told.refused] == ["on", "on and 2 more"]
    assert ["error cannot be told" in no.why for no in told.refused] == [False, True]


def test_no_effect_is_not_called_one(tmp_path: Path) -> None:
    study = make_study(read_design(town(tmp_path, effect=1.0)))
    assert study.answer.verdict == "open"
    page = study_page(study)
    assert "It cannot be told" in page
    assert "shootings fell:" not in page


def test_what_cannot_be_asked_is_refused_in_words(tmp_path: Path) -> None:
    text = DESIGN.replace('outlines = "areas.geojson"\nfield = "district"\n', "")
    text = text.replace('population = "population.csv"\n', "")
    path = town(tmp_path, design=text)
    (tmp_path / "sites.csv").write_text("district,start,end\nA,2018,\n")
    study = make_study(read_design(path))
    why = {(no.estimator, no.term): no.why for no in study.refused}
    assert "no outlines are given" in why["poisson_spillover", "onSO"]
    assert "no residents are given" in why["synthetic", "overall"]
    assert "known to the year only" in why["before_after", "treated"]
    # One start in the last period: its slope is no other than nothing.
    assert "rank deficient" in why["poisson_linear", "yrs"]
    assert not any(each.estimator == "poisson_linear" for each in study.estimates)
    assert study_page(study).count("rank deficient") >= 1


def test_a_level_gap_stands_beside_counts(tmp_path: Path) -> None:
    path = town(tmp_path)
    rows = (tmp_path / "shootings.csv").read_text().splitlines()
    high = [row for row in rows if row.split(",")[2] in "ABCD"]
    more = [f"{9000 + n},{row.split(',', 1)[1]}" for n, row in enumerate(high * 2)]
    (tmp_path / "shootings.csv").write_text("\n".join([*rows, *more]) + "\n")
    study = make_study(read_design(path))
    assert study.levels is not None
    assert study.levels.unsuitable
    assert "Results in counts are unsuitable here" in study_page(study)


def test_the_other_source_of_the_area_is_asked_too(found: Study, tmp_path: Path) -> None:
    whole, mapped = (
        next(e for e in found.estimates if (e.estimator, e.sample) == ("poisson_binary", sample))
        for sample in ("all", "mapped")
    )
    # Every point of the town lies in the district that the record names.
    assert mapped.estimate == whole.estimate
    path = town(tmp_path)
    rows = (tmp_path / "shootings.csv").read_text().splitlines()
    bare = [rows[0], *(row.rsplit(",", 2)[0] + ",," for row in rows[1:])]
    (tmp_path / "shootings.csv").write_text("\n".join(bare) + "\n")
    study = make_study(read_design(path))
    (no,) = [no for no in study.refused if no.sample == "mapped"]
    assert no.why.startswith("No incidents fall into")


def test_samples_and_ends(tmp_path: Path) -> None:
    text = DESIGN + '\n[[sample]]\nname = "early"\nstarts_to = 2015\nlast = 2016\n'
    study = make_study(read_design(town(tmp_path, design=text)))
    names = {each.sample for each in study.estimates if not each.threat}
    assert names == {"all", "early"}
    names = {each.sample for each in study.estimates if each.threat in ("end", "area")}
    assert names == {"to 2015", "to 2016", "to 2017", "mapped"}
    early = next(e for e in study.estimates if (e.sample, e.term) == ("early", "on"))
    assert early.n == 10 * 6  # D starts later and is left out; 2011 to 2016


def test_the_page_says_power_first_and_how_to_make_it_again(found: Study) -> None:
    page = study_page(found)
    assert page.index("what could have been seen") < page.index(
        "shootings fell: there were 50.1% fewer than the other areas"
    )
    assert "stoop evaluate STUDY.toml --out study" in page
    assert found.design.sha256 in page
    assert "the station was closed for two years" in page
    assert "<script" not in page


def test_a_unit_without_an_event_is_named(tmp_path: Path) -> None:
    path = town(tmp_path)
    rows = (tmp_path / "shootings.csv").read_text().splitlines()
    kept = [row for row in rows if ",G," not in row]
    (tmp_path / "shootings.csv").write_text("\n".join(kept) + "\n")
    path.write_text(DESIGN.replace('"incidents"', '"incidents"\narea = "mapped"'))
    design = read_design(path)
    assert build(design).counts[6].sum() == 0
    assert any("left out by Poisson: G." in sentence for sentence in make_study(design).warnings)


def test_the_curve_has_the_answer_among_the_others(found: Study) -> None:
    picture = curve(found)
    assert picture is not None
    shares = [float(row[2].split("%")[0].replace("−", "-")) for row in picture.rows]
    assert shares == sorted(shares)
    (answer,) = [row for row in picture.rows if row[1] == "the answer"]
    assert answer[2].startswith("−50.1% (−")
    assert {
        ("matched areas", "another method"),
        ("had the panel ended in 2017", "a doubt, tried out"),
        ("before and after, less the others", "another method"),
    } <= {row[:2] for row in picture.rows}
    assert not any("earlier" in row[0] for row in picture.rows)  # a test, and no other answer


def test_the_order_of_rows_plays_no_part(found: Study, tmp_path: Path) -> None:
    path = town(tmp_path)
    for name in ("shootings.csv", "sites.csv", "population.csv"):
        head, *rows = (tmp_path / name).read_text().splitlines()
        mixed = np.random.default_rng(1).permutation(np.array(rows, dtype=object)).tolist()
        assert mixed != rows
        (tmp_path / name).write_text("\n".join([head, *mixed]) + "\n")
    areas = json.loads((tmp_path / "areas.geojson").read_text())
    areas["features"].reverse()
    (tmp_path / "areas.geojson").write_text(json.dumps(areas))
    again = make_study(read_design(path))
    assert json.dumps(again.numbers) == json.dumps(found.numbers)
    assert list(again.cells) == list(found.cells)

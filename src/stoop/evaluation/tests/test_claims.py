"""Claims: understood or refused, and held against a town whose truth is known."""

from pathlib import Path

import pytest

from stoop.evaluation.readers import SHAPES, Claim, claim_of, read_claims
from stoop.evaluation.studies.claims import Findings, check_claims
from stoop.evaluation.studies.readings import Choices, Finding, Number, Reading, found
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.evaluation.views.claims import claims_page, conditions, sentences, summary
from stoop.evaluation.views.claims_figure import picture
from stoop.kernel.errors import Refusal

FALL = "Shootings fell by at least 40 % across all sites in the first 12 months"


def hold(folder: Path, *claims: str, design: str = DESIGN) -> Findings:
    entries = "".join(f"\n[[claim]]\n{claim}\n" for claim in claims)
    return check_claims(read_claims(town(folder, design=design + entries)))


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return hold(
        tmp_path_factory.mktemp("town"),
        f'says = "{FALL}"\nsource = "the yearly report"',
        'says = "three times steeper than matched sites"',
        'says = "the program covers the 2 districts with the highest rates"',
        'says = "5 districts hold half of the shootings"',
    )


def test_every_shape_that_is_offered_is_understood() -> None:
    kinds = [claim_of(shape).kind for shape in SHAPES]
    assert kinds == ["fall", "steeper", "covers", "concentration"]


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        (
            "The victimizations dropped by more than 27.6 per cent at the sites 23, E8 and Old Town"
            " over their first two years.",
            {"value": 27.6, "digits": 1, "what": "victims", "months": 24, "least": True,
             "sites": ("23", "E8", "Old Town")},
        ),
        ("Shootings fell five times  steeper than other areas in the first 12 months",
         {"value": 5, "against": "other", "months": 12, "sites": None}),
        ("The programs cover all of the Twenty precincts with the most fatal shootings",
         {"value": 20, "by": "count", "what": "fatal shootings", "units": "precincts"}),
        ("17 communities hold at least a third of all shootings",
         {"value": 17, "share": 1 / 3, "least": True, "units": "communities"}),
    ],
)  # fmt: skip
def test_a_sentence_becomes_its_parts(sentence: str, wanted: dict[str, object]) -> None:
    claim = claim_of(sentence)
    assert {name: getattr(claim, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "sentence",
    [
        "it works",
        "shootings fell by 28 %",
        "shootings fell by many % in the first 24 months",
        "",
        "17 " + "very " * 200 + "small areas hold half of the shootings",
    ],
)
def test_what_is_not_understood_is_refused_with_the_shapes(sentence: str) -> None:
    with pytest.raises(Refusal, match="three times steeper than matched sites"):
        claim_of(sentence)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("3 areas hold 150 % of the shootings", "more than 100 %"),
        ("shootings fell by 300 % across all sites in the first 24 months", "more than 100 %"),
        ("0 areas hold half of the shootings", "no area"),
        ("the program covers the 0 areas with the highest rates", "no area"),
        ("shootings fell by 28 % across all sites in the first 0 months", "whole months"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(sentence: str, why: str) -> None:
    with pytest.raises(Refusal, match=why) as refused:
        claim_of(sentence)
    assert str(refused.value).endswith(".")
    assert claim_of("3 areas hold 100 % of the shootings").share == 1


def test_a_window_is_of_whole_months() -> None:
    said = "Shootings fell by 9 % in the first {}"
    assert claim_of(said.format("1.5 years")).months == 18
    for time in ("1.5 months", "0 months"):
        with pytest.raises(Refusal, match="whole months"):
            claim_of(said.format(time))


def test_parts_make_the_same_claim_as_a_sentence(tmp_path: Path) -> None:
    listed = (
        'kind = "fall"\npercent = 27.6\nmonths = 24\nsites = ["A", "B"]\nwhat = "victims"',
        'kind = "steeper"\ntimes = 3',
        'kind = "covers"\ntop = 4\nby = "count"',
        'kind = "concentration"\nunits = 5\nshare = 0.5',
    )
    path = town(tmp_path, design=DESIGN + "".join(f"\n[[claim]]\n{each}\n" for each in listed))
    fall, steeper, covers, held = read_claims(path).claims
    assert (fall.value, fall.digits, fall.months, fall.sites) == (27.6, 1, 24, ("A", "B"))
    assert (steeper.value, steeper.months, steeper.against) == (3, None, "matched")
    assert (covers.value, covers.by, covers.what) == (4, "count", "shootings")
    assert (held.value, held.share) == (5, 0.5)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('says = "it works"', "no claim that can be read"),
        ('kind = "fell"', "must be one of fall, steeper"),
        ('kind = "fall"\npercent = 28', "months in .* must be a whole number"),
        ('kind = "steeper"\ntimes = "many"', "must be a number"),
        ('says = "three times steeper than matched sites"\nsauce = "x"', "write source"),
        ('says = "30 districts hold half of the shootings"', "there are 11"),
        ('says = "shootings fell by 9 % at the sites A and Q in the first 12 months"', "of Q"),
    ],
)
def test_a_claim_that_cannot_be_used_is_one_sentence(tmp_path: Path, entry: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        hold(tmp_path, entry)


def test_a_file_without_a_claim_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="makes no claim"):
        read_claims(town(tmp_path))


def test_a_planted_fall_holds_under_all_readings(findings: Findings) -> None:
    fall = findings.findings[0]
    assert fall.verdict == "holds"
    assert {each.choices["window"] for each in fall.known} == {"months", "with", "without"}
    plainest = fall.known[0].number
    assert plainest is not None
    # A, B, C and D halved; each had a year before its start and one after it.
    assert (plainest.units, plainest.of) == (4, 4)
    assert plainest.low < 50 < plainest.high
    assert abs(plainest.beside) < 15
    assert "counted" in fall.idle  # one victim an incident here
    assert sentences(fall)[0] == f"It holds in all {len(fall.known)} readings."


def test_places_are_counted(findings: Findings) -> None:
    covers, held = findings.findings[2:]
    assert covers.known[0].choices["by"] == "rate"
    first = covers.known[0].number
    assert first is not None
    assert (first.value, len(first.named)) == (0, 2)
    assert covers.verdict == "not"
    number = held.known[0].number
    assert number is not None
    assert number.fewest == 5
    assert held.verdict == "holds"
    assert 50 <= number.value < 62


def test_the_other_release_is_read_as_well(tmp_path: Path) -> None:
    path = town(tmp_path)
    rows = (tmp_path / "shootings.csv").read_text().splitlines()
    (tmp_path / "later.csv").write_text("\n".join(row for row in rows if ",K," not in row) + "\n")
    claim = '[vintage]\nfiles = ["later.csv"]\n[[claim]]\nsays = "{}"\n'
    path.write_text(DESIGN + claim.format("6 districts hold half of the shootings"))
    held = check_claims(read_claims(path))
    (finding,) = held.findings
    assert finding.choices["release"] == ("own", "other")
    own, other = (
        next(each for each in finding.known if each.choices["release"] == release)
        for release in ("own", "other")
    )
    assert own.number is not None
    assert other.number is not None
    assert other.number.value > own.number.value
    assert {"shootings.csv", "later.csv"} <= {name for name, _sha in held.inputs}


def test_the_page_and_the_table_say_the_same(findings: Findings) -> None:
    head, rows = summary(findings)
    assert len(head) == len(rows[0]) == 5
    page = claims_page(findings)
    for row in rows:
        assert row[0] in page
        assert row[1] in page
    assert "the yearly report" in page
    assert findings.design.sha256 in page
    assert "<script" not in page
    assert findings.numbers["claims"][0]["verdict"] == "holds"


@pytest.mark.parametrize(
    ("claim", "value", "holds"),
    [
        (Claim("fall", "", 28, months=24), 27.6, True),
        (Claim("fall", "", 28, months=24), 27.4, False),
        (Claim("fall", "", 28, months=24), 28.6, False),
        (Claim("fall", "", 28, months=24, least=True), 40, True),
        (Claim("fall", "", 27.6, digits=1, months=24), 27.64, True),
        (Claim("fall", "", 27.6, digits=1, months=24), 27.7, False),
        (Claim("steeper", "", 3), 9, True),
        (Claim("steeper", "", 3), 2.4, False),
        (Claim("covers", "", 20), 19, False),
    ],
)
def test_a_number_holds_where_it_rounds_to_the_claim(
    claim: Claim, value: float, holds: bool
) -> None:
    finding = found(claim, {"area": ("recorded",)}, lambda _chosen: Number(value))
    assert finding.verdict == ("holds" if holds else "not")


def of_two(values: dict[tuple[str, str], float | str]) -> Finding:
    """A claim of 28 percent with two choices to make, and what comes of each pair."""

    def ask(chosen: dict[str, str]) -> Number:
        value = values[chosen["area"], chosen["mean"]]
        if isinstance(value, str):
            raise Refusal(value)
        return Number(value)

    choices: Choices = {"area": ("recorded", "mapped"), "mean": ("together", "each")}
    return found(Claim("fall", "", 28, months=24), choices, ask)


def test_the_picture_shows_each_choice_made_alone() -> None:
    finding = of_two({("recorded", "together"): 28, ("recorded", "each"): 27.9,
                      ("mapped", "together"): 20, ("mapped", "each"): 21})  # fmt: skip
    drawn = picture(finding, "claim-1")
    assert drawn is not None
    # The fourth reading differs from the plainest in two choices, and is not drawn.
    assert drawn.rows == (
        ("the area that the point lies in", "so read, it does not hold", "20.0%"),
        ("the mean of their own percents", "so read, it holds", "27.9%"),
        ("what is claimed", "claimed", "28.0%"),
        ("the plainest reading", "the plainest reading", "28.0%"),
    )
    only = found(finding.claim, {"area": ("recorded",)}, lambda _chosen: Number(3))
    assert picture(only, "claim-1") is None


def test_only_if_names_what_decides() -> None:
    enough = of_two({("recorded", "together"): 28, ("recorded", "each"): 27.9,
                     ("mapped", "together"): 20, ("mapped", "each"): 21})  # fmt: skip
    assert (enough.verdict, enough.only_if, enough.enough) == (
        "only_if", {"area": ("recorded",)}, True
    )  # fmt: skip
    assert conditions(enough) == ["Where it counts: the area that the record names"]
    assert enough.beyond == (0, 2)
    needed = of_two({("recorded", "together"): 28, ("recorded", "each"): 35,
                     ("mapped", "together"): 20, ("mapped", "each"): 27.8})  # fmt: skip
    assert (needed.verdict, needed.only_if) == ("only_if", {})
    assert "no single choice decides" in sentences(needed)[0]


def test_a_choice_that_changes_nothing_is_named_and_made_once() -> None:
    idle = of_two({("recorded", "together"): 28, ("recorded", "each"): 20,
                   ("mapped", "together"): 28, ("mapped", "each"): 20})  # fmt: skip
    assert idle.idle == ("area",)
    assert len(idle.readings) == 2
    assert "Made no difference here: Where it counts." in sentences(idle)


def test_the_others_and_the_sides_are_said_in_words() -> None:
    def said(beside: float, *values: float) -> str:
        given = dict(zip(("together", "each"), values, strict=True))
        choices: Choices = {"mean": ("together", "each")}
        finding = found(
            Claim("fall", "", 28, months=24),
            choices,
            lambda chosen: Number(given[chosen["mean"]], beside=beside),
        )
        return " ".join(sentences(finding))

    assert "areas without a program had 14.2% fewer. A fall that everybody" in said(14.2, 1, 2)
    assert "areas without a program had 4.3% more." in said(-4.3, 1, 2)
    assert "everybody shared" not in said(-4.3, 1, 2)
    assert "none of 2 readings. All give less." in said(0, 1, 2)
    assert "All others give more." in said(0, 28, 40)
    assert "more than claimed in 1, less in 1." in said(0, 1, 40)


def test_a_reading_without_a_number_is_no_verdict() -> None:
    no = "no points"
    some = of_two({("recorded", "together"): 28, ("recorded", "each"): 27.8,
                   ("mapped", "together"): no, ("mapped", "each"): no})  # fmt: skip
    assert some.verdict == "holds"
    assert [each.why for each in some.readings if not each.number] == ["no points"] * 2
    none = of_two(dict.fromkeys(
        [(a, m) for a in ("recorded", "mapped") for m in ("together", "each")], "no points"
    ))  # fmt: skip
    assert none.verdict == "none"
    assert sentences(none) == ["It cannot be checked: no points"]
    assert isinstance(none.readings[0], Reading)


def test_where_small_counts_are_hidden_no_number_gives_one_back(tmp_path: Path) -> None:
    asked = (
        'says = "Shootings fell by 28 % at the site A in the first 24 months"',
        'says = "2 districts hold a third of the shootings"',
        f'says = "{FALL}"',
        'says = "three times steeper than other sites"',
        'says = "the program covers the 2 districts with the highest rates"',
    )
    held = hold(tmp_path, *asked)
    one, two, fall, steeper, covers = held.findings
    for each in (one, two):
        assert each.verdict == "none"
        assert "fewer than three areas" in sentences(each)[0]
        assert not each.known
    assert covers.known
    for claim in held.numbers["claims"]:
        for reading in claim["readings"]:
            number = reading["number"] or {}
            for name in ("value", "low", "high", "beside"):
                shown = number.get(name)
                assert shown is None or shown == float(f"{shown:.3g}"), (claim["verdict"], name)
    assert fall.known
    assert steeper.known
    assert "numbers are given to three figures" in claims_page(held)

    public = hold(tmp_path, *asked, design=DESIGN + '[small_cells]\npublish = "all are"\n')
    assert all(each.known for each in public.findings)
    exact = public.findings[2].known[0].number
    assert exact is not None
    assert exact.value != float(f"{exact.value:.3g}")
    assert "to three figures" not in claims_page(public)


def verdicts(folder: Path, *claims: str) -> list[str]:
    return [each.verdict for each in hold(folder, *claims).findings]


def test_all_areas_but_one_hold_what_tells_of_the_one(tmp_path: Path) -> None:
    """The rest of 100 % is the share of one or two areas: there are eleven."""
    asked = [f'says = "{n} districts hold half of the shootings"' for n in (11, 10, 9, 8)]
    assert verdicts(tmp_path, *asked) == ["not", "none", "none", "not"]


def test_numbers_that_differ_by_one_area_are_not_both_given(tmp_path: Path) -> None:
    held = hold(
        tmp_path,
        'says = "5 districts hold half of the shootings"',
        'says = "6 districts hold half of the shootings"',
        'says = "5 districts hold a third of the shootings"',
        'says = "8 districts hold half of the shootings"',
    )
    five, six, again, eight = held.findings
    assert five.known
    assert again.known
    assert eight.known
    assert not six.known
    assert "all but one or two of the same areas" in sentences(six)[0]
    assert {each["number"] is None for each in held.numbers["claims"][1]["readings"]} == {True}


def test_falls_at_sites_that_differ_by_one_are_not_both_given(tmp_path: Path) -> None:
    said = 'says = "Shootings fell by 28 % at the sites {} in the first {} months"'
    held = hold(
        tmp_path,
        said.format("A, B and C", 12),
        said.format("A, B, C and D", 12),
        said.format("A, B, C and D", 24),
        'says = "three times steeper than other sites in the first 24 months"',
        'says = "three times steeper than other sites in the first 12 months"',
    )
    three, four, longer, same, other = held.findings
    assert three.known
    assert not four.known
    # Another window is another count; of all four, and so is what follows it.
    assert longer.known
    assert same.known
    assert not other.known
    public = hold(
        tmp_path,
        said.format("A, B and C", 12),
        said.format("A, B, C and D", 12),
        design=DESIGN + '[small_cells]\npublish = "all are"\n',
    )
    assert all(each.known for each in public.findings)

"""Plans as data: what is refused, what a version is."""

import copy

import pytest
from django.http import Http404

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions, queries
from stoop.fieldwork.actions.schema import checked_plan
from stoop.fieldwork.forms import plans as forms
from stoop.fieldwork.models import Plan
from stoop.fieldwork.models.shipped import PLANS, SHOOTING, TAKEDOWN
from stoop.kernel.errors import Refusal

FIELDS = ("title", "sentence", "by_hand", "clocks", "tasks", "counts")


def changed(**news):
    plan = copy.deepcopy({name: SHOOTING[name] for name in FIELDS})
    return {**plan, **news}


@pytest.mark.django_db
def test_installing_twice_is_once(personas):
    assert actions.install_plans(by=SYSTEM) == len(PLANS)
    assert actions.install_plans(by=SYSTEM) == 0
    assert set(Plan.objects.values_list("code", "version")) == {
        ("shooting", 1),
        ("takedown", 1),
        ("vigil", 1),
    }


@pytest.mark.django_db
def test_installing_leaves_the_citys_own_plan(personas):
    actions.install_plans(by=SYSTEM)
    ada = actor_of(personas.ada)
    actions.change_plan(code="shooting", wanted=changed(sentence="Ours."), seen=1, by=ada)
    actions.retire_plan(code="vigil", by=ada)
    assert actions.install_plans(by=SYSTEM) == 0
    assert queries.active_plan("shooting").sentence == "Ours."
    assert queries.active_plan("vigil") is None


@pytest.mark.django_db
def test_a_change_makes_a_version_and_a_stale_one_is_told(personas):
    actions.install_plans(by=SYSTEM)
    ada = actor_of(personas.ada)
    two = actions.change_plan(code="shooting", wanted=changed(title="Ours"), seen=1, by=ada)
    assert two.version == 2
    again = actions.change_plan(code="shooting", wanted=changed(title="Ours"), seen=1, by=ada)
    assert again.version == 2
    with pytest.raises(Refusal, match="version 2"):
        actions.change_plan(code="shooting", wanted=changed(title="Mine"), seen=1, by=ada)
    assert Plan.objects.filter(code="shooting", active=True).count() == 1


@pytest.mark.django_db
def test_only_who_edits_plans_may(personas):
    for person in (personas.alice, personas.carol, personas.dan, personas.eve, personas.nobody):
        with pytest.raises(Http404):
            actions.change_plan(code="shooting", wanted=changed(), seen=0, by=actor_of(person))


@pytest.mark.django_db
def test_the_plan_of_a_shooting_cannot_be_put_away(personas):
    actions.install_plans(by=SYSTEM)
    with pytest.raises(Refusal):
        actions.retire_plan(code="shooting", by=actor_of(personas.ada))


def test_the_plans_that_stoop_brings_are_sound():
    for plan in PLANS:
        assert checked_plan(plan)["clocks"][0]["hours"] > 0


def test_a_takedown_counts_households_and_lists_nobody():
    where = {line["code"]: line["where"] for line in TAKEDOWN["counts"]}
    assert where["households"] == "building"
    assert [line["hours"] for line in TAKEDOWN["clocks"]] == [24, 72, 96, 168, 720, 2160]


def _clock(**news):
    return [{"code": "debrief", "label": "Debrief", "hours": 48}, {"code": "a", **news}]


@pytest.mark.parametrize(
    ("news", "word"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 81}, "longer"),
        ({"title": "Call 718 555 0142"}, "number"),
        ({"title": "write to a@example.org"}, "address"),
        ({"clocks": []}, "debrief"),
        ({"clocks": "canvass"}, "list of lines"),
        ({"clocks": ["canvass"]}, "list of lines"),
        ({"clocks": _clock(label="A", hours=0)}, "time"),
        ({"clocks": _clock(label="A", hours=-1)}, "time"),
        ({"clocks": _clock(label="A", hours=1e9)}, "time"),
        ({"clocks": _clock(label="A", hours=float("nan"))}, "time"),
        ({"clocks": _clock(label="A", hours="2")}, "time"),
        ({"clocks": _clock(label="A", hours=True)}, "time"),
        ({"clocks": _clock(label="", hours=1)}, "label"),
        (
            {"clocks": [*_clock(label="A", hours=1), {"code": "a", "label": "B", "hours": 2}]},
            "twice",
        ),
        ({"clocks": [{"code": "Über", "label": "A", "hours": 2}]}, "small letter"),
        ({"clocks": [{"code": f"c{n}", "label": "A", "hours": 2} for n in range(21)]}, "at most"),
        ({"counts": [{"code": "a", "label": "A", "where": "person"}]}, "by block"),
        ({"counts": [{"code": "a", "label": "A", "kinds": [{"code": "b"}]}]}, "label"),
    ],
)
def test_a_plan_that_is_wrong_is_refused_with_the_reason(news, word):
    with pytest.raises(Refusal, match=word):
        checked_plan(changed(**news))


def test_what_the_schema_does_not_know_is_dropped():
    plan = checked_plan(changed(persons=["Tyrone"], clocks=_clock(label="A", hours=1, name="T")))
    assert "persons" not in plan
    assert {tuple(clock) for clock in plan["clocks"]} == {("code", "label", "hours")}


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan["code"])
def test_a_plan_survives_its_form(plan):
    held = Plan(code=plan["code"], version=1, **checked_plan(plan))
    begin = forms.initial(held)

    def cleaned(lines):
        return [{"unit": "h", "at_start": False, "hour": False, "part": "", **e} for e in lines]

    wanted = forms.wanted(
        begin["plan"],
        cleaned(begin["clocks"]),
        cleaned(begin["tasks"]),
        cleaned(begin["counts"]),
        held,
    )
    assert checked_plan(wanted) == checked_plan(plan)


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.5, "30 minutes"), (1, "1 hour"), (24, "24 hours"), (72, "3 days"), (None, "")],
)
def test_lengths_in_words(hours, words):
    assert forms.length_in_words(hours) == words

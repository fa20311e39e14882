"""A study in the platform: what is frozen, what may follow, and who may do it."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.evaluation import actions, queries
from stoop.evaluation.actions.inputs import checked
from stoop.evaluation.forms import DesignForm
from stoop.evaluation.models import STALE, Registration, Run, Study
from stoop.evaluation.tests import factories
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.ledger import queries as ledger
from stoop.places.tests.factories import make_area

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _ground(db: None, settings: Any, tmp_path: Any) -> None:
    settings.STOOP_HOME = tmp_path
    make_area("precinct", "1", shapely.box(-74, 40, -73, 41))


def _start(study: Study) -> tuple[Run, list[str]]:
    keys: list[str] = []
    return actions.start_run(study=study, by=SYSTEM, enqueue=keys.append), keys


def _work(key: str, says: Any = lambda made: "They fell.") -> None:
    actions.work_on(key=key, by=SYSTEM, render=lambda made: "", says=says)


def _events(study: Study) -> list[str]:
    return [each.kind for each in ledger.timeline(f"study:{study.slug}")]


def test_a_draft_can_be_changed_and_cannot_be_run() -> None:
    study = factories.draft()
    changed = study.text.replace("2025", "2024")
    assert actions.draft_study(text=changed, by=SYSTEM, study=study).text == changed
    with pytest.raises(Refusal, match="Register the study first"):
        _start(study)
    with pytest.raises(Refusal, match="not registered yet"):
        actions.amend_study(study=study, text=changed, reason="why", by=SYSTEM)
    assert not Run.objects.exists()


def test_a_changed_draft_leaves_its_digest_in_the_ledger() -> None:
    study = factories.draft()
    changed = study.text.replace("2025", "2024")
    for _twice in range(2):
        actions.draft_study(text=changed, by=SYSTEM, study=study)
    _drafted, event = ledger.timeline(f"study:{study.slug}")
    assert event.kind == "study.redrafted"
    assert event.data == {"sha256": hashlib.sha256(changed.encode()).hexdigest()}


@pytest.mark.parametrize("registered", [False, True], ids=["draft", "amendment"])
def test_two_who_change_one_design_are_told(
    registered: bool, personas: SimpleNamespace, client: Client
) -> None:
    study = factories.draft()
    if registered:
        actions.register_study(study=study, by=SYSTEM)
    client.force_login(personas.rita)
    path = reverse("study-amend" if registered else "study-edit", args=[study.slug])
    [seen] = re.findall(r'name="seen" value="(\w{64})"', client.get(path).content.decode())
    theirs, mine = (study.text.replace("2025", year) for year in ("2023", "2024"))
    sent = {"seen": seen, "reason": "The year is not over"}
    assert client.post(path, {**sent, "text": theirs}).status_code == 302
    told = client.post(path, {**sent, "text": mine})
    page = told.content.decode()
    assert (told.status_code, "Somebody else changed this design" in page) == (422, True)
    assert "last = 2023" in page, "theirs is shown"
    assert "last = 2024" in page, "and what was typed stays"
    study.refresh_from_db()
    assert study.text == theirs
    [again] = re.findall(r'name="seen" value="(\w{64})"', page)
    assert client.post(path, {**sent, "seen": again, "text": mine}).status_code == 302
    study.refresh_from_db()
    assert study.text == mine


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000, "0x" + "f" * 5000])
def test_an_upload_that_python_cannot_read_is_refused(
    value: str, personas: SimpleNamespace, client: Client
) -> None:
    client.force_login(personas.rita)
    text = f"{factories.REGISTERED.format(mark='', kind='precinct')}\nend2 = {value}\n"
    text += f"[[exclude]]\nunit = {value}\n" if value.startswith("0x") else ""
    file = SimpleUploadedFile("STUDY.toml", text.encode())
    page = client.post(reverse("study-upload"), {"file": file})
    assert page.status_code == 422
    assert not Study.objects.exists()


def test_what_is_registered_is_frozen_with_its_digest_in_the_ledger() -> None:
    study = factories.draft()
    version = actions.register_study(study=study, by=SYSTEM)
    assert actions.register_study(study=study, by=SYSTEM) == version
    with pytest.raises(Refusal, match="is registered"):
        actions.draft_study(text=study.text.replace("2025", "2024"), by=SYSTEM, study=study)
    (event,) = [e for e in ledger.timeline(f"study:{study.slug}") if e.kind == "study.registered"]
    assert event.data["sha256"] == version.sha256
    assert (event.seq, event.digest) == (version.seq, version.ledger)
    assert not version.after_outcomes


@pytest.mark.parametrize("began", [False, True])
def test_an_amendment_says_whether_outcomes_had_been_read(began: bool) -> None:
    study = factories.draft()
    actions.register_study(study=study, by=SYSTEM)
    if began:
        _run, (key,) = _start(study)
        _work(key)
    text = study.text.replace("2025", "2024")
    with pytest.raises(Refusal, match="Say why"):
        actions.amend_study(study=study, text=text, reason=" ", by=SYSTEM)
    with pytest.raises(Refusal, match="Nothing is changed"):
        actions.amend_study(study=study, text=study.text, reason="why", by=SYSTEM)
    second = actions.amend_study(study=study, text=text, reason="2025 was not over", by=SYSTEM)
    assert (second.number, second.after_outcomes) == (2, began)
    first, _second = queries.registrations(study)
    assert (first.number, first.text) == (1, study.text)
    assert _events(study)[-1] == "study.amended"


@pytest.mark.parametrize(
    ("change", "read"),
    [
        (("worked?", "worked, really?"), True),
        (("first = 2018\nlast = 2025", 'first = " 2025"\nlast = 2027'), True),  # a day is enough
        (("first = 2018\nlast = 2025", "first = 2010\nlast = 2017"), False),
        (('"precinct"', '"beat"'), True),  # the same outcomes, by other areas
    ],
)
def test_a_copy_of_a_study_that_was_run_is_registered_after_outcomes(
    change: tuple[str, str], read: bool
) -> None:
    make_area("beat", "1", shapely.box(-74, 40, -73, 41))
    study = factories.draft()
    actions.register_study(study=study, by=SYSTEM)
    waiting = actions.draft_study(text=study.text.replace(*change), by=SYSTEM)
    asked, (key,) = _start(study)
    assert not _copied(study, change, "asked").after_outcomes  # no run has begun yet
    _work(key)
    assert actions.register_study(study=waiting, by=SYSTEM).after_outcomes is read
    assert _copied(study, change, "begun").after_outcomes is read
    assert asked.registration.after_outcomes is False


def _copied(study: Study, change: tuple[str, str], mark: str) -> Registration:
    text = study.text.replace(*change) + f"# {mark}\n"
    return actions.register_study(study=actions.draft_study(text=text, by=SYSTEM), by=SYSTEM)


def test_a_failed_run_says_one_sentence_and_can_be_run_again() -> None:
    study = factories.draft()
    actions.register_study(study=study, by=SYSTEM)
    run, (key,) = _start(study)
    _work(key)  # there are no shootings
    run.refresh_from_db()
    study.refresh_from_db()
    assert study.state == "failed"
    assert run.failure
    assert run.finished_at
    again, keys = _start(study)
    assert (again.pk != run.pk, len(keys)) == (True, 1)


def test_whatever_breaks_the_run_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Any, text: str) -> None:
        raise ZeroDivisionError

    study = factories.draft()
    actions.register_study(study=study, by=SYSTEM)
    run, (key,) = _start(study)
    monkeypatch.setattr("stoop.evaluation.actions.runs.write_inputs", broken)
    _work(key)
    run.refresh_from_db()
    assert "Something in the program went wrong" in run.failure


def test_a_run_is_started_once_and_anew_when_its_worker_is_gone() -> None:
    study = factories.draft()
    with clock.held(NOW):
        actions.register_study(study=study, by=SYSTEM)
        run, _keys = _start(study)
        Run.objects.filter(pk=run.pk).update(started_at=NOW)  # and then it was killed
        same, keys = _start(study)
        assert (same.pk, keys) == (run.pk, [])
        with pytest.raises(Refusal, match="A run is on"):
            actions.amend_study(study=study, text=study.text + "\n#", reason="why", by=SYSTEM)
    with clock.held(NOW + STALE + timedelta(seconds=1)):
        other, keys = _start(study)
        assert (other.pk != run.pk, len(keys)) == (True, 1)
        run.refresh_from_db()
        assert "stopped before the end" in run.failure
        _work(str(run.key))  # it wakes up after all, and changes nothing
        study.refresh_from_db()
        assert study.state == "running"


def test_a_task_that_comes_twice_is_worked_on_once() -> None:
    study = factories.draft()
    actions.register_study(study=study, by=SYSTEM)
    _run, (key,) = _start(study)
    _work(key)
    done = len(_events(study))
    _work(key)
    assert len(_events(study)) == done


def test_only_the_registered_design_is_published_and_withdrawing_says_why() -> None:
    study = factories.draft()
    with pytest.raises(Refusal, match="Only a finding of the registered design"):
        actions.publish_finding(study=study, by=SYSTEM)
    study, _run = factories.finding("other")
    (shown,) = queries.published()
    assert (shown.slug, shown.version.number, shown.answer) == (study.slug, 1, "They fell.")
    text = study.text.replace("2025", "2024")
    actions.amend_study(study=study, text=text, reason="2025 was not over", by=SYSTEM)
    with pytest.raises(Refusal, match="Only a finding of the registered design"):
        actions.publish_finding(study=study, by=SYSTEM)
    (shown,) = queries.published()  # stands, and names the amendment
    assert (shown.version.number, len(shown.versions)) == (1, 2)
    with pytest.raises(Refusal, match="why it is withdrawn"):
        actions.withdraw_finding(study=study, why="", by=SYSTEM)
    actions.withdraw_finding(study=study, why="A file was loaded twice", by=SYSTEM)
    assert list(queries.published()) == []
    assert _events(study)[-1] == "finding.withdrawn"


def test_only_the_finding_that_was_read_is_withdrawn(
    personas: SimpleNamespace, client: Client
) -> None:
    """A form that was opened before another finding took its place is told, and shows the new."""
    study, old = factories.finding()
    client.force_login(personas.cass)
    path = reverse("study-withdraw", args=[study.slug])
    [read] = re.findall(r'name="run" value="([\w-]{36})"', client.get(path).content.decode())
    assert read == str(old.key)
    new, _keys = _start(study)
    now = clock.now()
    Run.objects.filter(pk=new.pk).update(started_at=now, finished_at=now, answer="They rose.")
    Study.objects.filter(pk=study.pk).update(state=Study.State.FINISHED)
    actions.publish_finding(study=study, by=SYSTEM)
    told = client.post(path, {"run": read, "why": "A file was loaded twice"})
    page = told.content.decode()
    assert (told.status_code, "Another finding was published" in page) == (422, True)
    assert ("They rose." in page, "A file was loaded twice" in page) == (True, True)
    (shown,) = queries.published()
    assert shown.answer == "They rose."
    [again] = re.findall(r'name="run" value="([\w-]{36})"', page)
    assert client.post(path, {"run": again, "why": "And that one too"}).status_code == 302
    assert list(queries.published()) == []


def test_what_was_withdrawn_is_not_published_again_as_it_was() -> None:
    study, _run = factories.finding()
    actions.withdraw_finding(study=study, why="A file was loaded twice", by=SYSTEM)
    with pytest.raises(Refusal, match="was withdrawn"):
        actions.publish_finding(study=study, by=SYSTEM)


def test_a_researcher_studies_and_an_analyst_publishes(personas: SimpleNamespace) -> None:
    study, _run = factories.finding()
    rita, cass = actor_of(personas.rita), actor_of(personas.cass)
    assert actions.start_run(study=study, by=rita, enqueue=lambda key: None)
    for deed in (actions.publish_finding, actions.withdraw_finding):
        with pytest.raises(Http404):
            deed(study=study, by=rita, **({"why": "x"} if deed is actions.withdraw_finding else {}))
    actions.withdraw_finding(study=study, why="A file was loaded twice", by=cass)
    for who in ("alice", "carol", "ada", "dan", "eve", "nobody"):
        other = actor_of(getattr(personas, who))
        assert not queries.studies(other).exists()
        with pytest.raises(Http404):
            actions.draft_study(text=study.text, by=other)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ('"incidents.csv"', '"mine.csv"', "mine.csv; here there are only: incidents.csv"),
        ('"incidents.csv"', '"/etc/hostname"', "hostname; here there are only"),
        ('"incidents.csv"', '"../run/incidents.csv"', "incidents.csv; here there are only"),
        ('"incidents.csv"', '"sites.csv"', "city's own record"),
        ('"precinct"', '"ward"', "no areas of the kind 'ward'"),
        ("[period]", "[perod]", "does not give period"),
        ("question", "question question", "is not TOML"),
        ("[outcome]", "\x07[outcome]", "cannot be seen"),
    ],
)
def test_a_text_that_is_no_design_here_is_refused(was: str, now: str, told: str) -> None:
    text = factories.REGISTERED.format(mark="", kind="precinct")
    with pytest.raises(Refusal, match=told):
        actions.draft_study(text=text.replace(was, now, 1), by=SYSTEM)
    assert not Study.objects.exists()


def test_two_studies_of_one_title_have_addresses_of_their_own() -> None:
    first = factories.draft()
    actions.register_study(study=first, by=SYSTEM)
    assert factories.draft().slug == f"{first.slug}-2"


@pytest.mark.parametrize(
    ("year", "told"), [(2017, "nobody could know"), (2020, "going on"), (2026, "could be known")]
)
def test_the_page_says_whether_the_outcome_could_be_known(
    year: int, told: str, personas: SimpleNamespace, client: Client
) -> None:
    study = factories.draft()
    with clock.held(NOW.replace(year=year)):
        actions.register_study(study=study, by=SYSTEM)
    client.force_login(personas.rita)
    assert told in client.get(reverse("study", args=[study.slug])).content.decode()


@pytest.mark.parametrize("shown", [True, False])
def test_whoever_publishes_sees_that_small_counts_will_be_shown(
    shown: bool, personas: SimpleNamespace, client: Client
) -> None:
    study, _run = factories.finding()
    if shown:
        text = study.text + '\n[small_cells]\npublish = "The city prints each row"\n'
        actions.amend_study(study=study, text=text, reason="Rows are public", by=SYSTEM)
        run = actions.start_run(study=study, by=SYSTEM, enqueue=lambda key: None)
        now = clock.now()
        Run.objects.filter(pk=run.pk).update(started_at=now, finished_at=now, answer="They fell.")
        Study.objects.filter(pk=study.pk).update(state=Study.State.FINISHED)
    client.force_login(personas.cass)
    page = client.get(reverse("study-publish", args=[study.slug])).content.decode()
    assert ("The city prints each row" in page) is shown


def test_whoever_publishes_sees_what_stands_beside_it(
    personas: SimpleNamespace, client: Client
) -> None:
    """By year and by quarter, two panels of one record tell what each of them hides."""
    client.force_login(personas.cass)
    mine, _own = factories.finding("mine")

    def page() -> str:
        return client.get(reverse("study-publish", args=[mine.slug])).content.decode()

    assert "can be taken off each other" not in page()
    other, _run = factories.finding("theirs")
    assert "can be taken off each other" in page()
    assert escape(other.title) in page()
    actions.withdraw_finding(study=other, why="A slip", by=SYSTEM)
    assert "can be taken off each other" not in page()


CHOICES = {
    "question": 'Did "it" fall \\ or not? = [x]',
    "measure": "fatal",
    "area": "mapped",
    "kind": "precinct",
    "length": "quarter",
    "first": "2018-Q1",
    "last": "2025-Q4",
    "at_work": "operational",
    "comparison": "7, 12 ,30",
    "exclusions": "8: closed: in 2023\n\n 9 : moved",
    "samples": "early: to 2020-Q4\nlate ones: from 2021-Q1 until 2024-Q4",
    "estimators": ["poisson", "matched"],
    "seed": "7",
    "permutations": "199",
}


def test_the_form_writes_what_was_chosen() -> None:
    form = DesignForm(CHOICES)
    assert form.is_valid(), form.errors
    design = checked(form.text())
    assert design.question == CHOICES["question"]
    assert (design.measure, design.area, design.kind) == ("fatal", "mapped", "precinct")
    assert design.calendar.labels[0] == "2018-Q1"
    assert design.comparison == ("7", "12", "30")
    found = [(each.unit, each.reason) for each in design.exclusions]
    assert found == [("8", "closed: in 2023"), ("9", "moved")]
    samples = [(s.name, s.first_start, s.last_start, s.last) for s in design.samples]
    assert samples == [("early", None, 11, None), ("late ones", 12, None, 27)]
    assert design.estimators == ("poisson", "event_study", "matched")
    assert (design.seed, design.permutations) == (7, 199)


COSTS = {
    "currency": "USD",
    "per": "total",
    "program": "600000, 800000.5 ,1200000 : the budget: 2024",
    "outcome": '0,1,2:a "review"',
    "share": "0.5, 1, 1: nobody knows",
    "discount": "0, 0.03, 0.07: the city",
}
PARTED = {"fatal": "5,10,15: a", "nonfatal": "4,7,12: b", "fatal_share": "0.1, 0.2, 0.3: c"}


def test_the_form_writes_costs_and_another_release() -> None:
    with clock.held(NOW):
        form = DesignForm({**CHOICES, "known_on": "2025-11-02", **COSTS})
        assert form.is_valid(), form.errors
        design = checked(form.text())
    assert design.costs is not None
    assert (design.costs.currency, design.costs.per) == ("USD", "total")
    (program, *_others) = design.costs.assumptions
    assert (program.low, program.central, program.high) == (600000, 800000.5, 1200000)
    assert (program.source, design.costs.assumptions[-1].source) == (
        "the budget: 2024",
        'a "review"',
    )
    assert design.vintage is not None
    assert [each.name for each in design.vintage.files] == ["incidents-2025-11-02.csv"]
    assert design.calendar.labels[design.vintage.last] == "2025-Q3", "the last that was over"
    parted = DesignForm({**CHOICES, **COSTS, "outcome": "", **PARTED})
    assert parted.is_valid(), parted.errors
    costs = checked(parted.text()).costs
    assert costs is not None
    assert [each.name for each in costs.assumptions[3:]] == list(PARTED)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"currency": ""}, ["currency"]),
        ({"share": "", "discount": ""}, ["discount", "share"]),
        ({"program": "600,000, 800,000, 1,200,000: x"}, ["program"]),
        ({"program": "1, 2, 3"}, ["program"]),
        ({"discount": "0, 3%, 7%: the city"}, ["discount"]),
        (PARTED, ["outcome"]),
        ({"outcome": "", "fatal": PARTED["fatal"]}, ["fatal_share", "nonfatal"]),
        ({"known_on": "2026-11-20"}, ["known_on"]),
        ({"known_on": "2018-09-29"}, ["known_on"]),
    ],
)
def test_costs_are_whole_or_none(typed: dict[str, str], wrong: list[str]) -> None:
    with clock.held(NOW):
        form = DesignForm({**CHOICES, **COSTS, **typed})
        assert sorted(form.errors) == wrong


@pytest.mark.parametrize(
    ("field", "typed"),
    [("exclusions", "E8 closed"), ("samples", "early"), ("samples", "early: before 2020"),
     ("permutations", "5"), ("question", ""), ("kind", "ward"), ("estimators", ["magic"])],
)  # fmt: skip
def test_the_form_says_what_is_wrong_with_a_choice(field: str, typed: Any) -> None:
    form = DesignForm({**CHOICES, field: typed})
    assert list(form.errors) == [field]


def test_a_period_that_is_none_is_told_by_the_reader_of_the_design() -> None:
    form = DesignForm({**CHOICES, "first": "2018"})
    assert form.is_valid()
    with pytest.raises(Refusal, match="is no quarter"):
        checked(form.text())


@pytest.mark.parametrize("name", ["../../../run", "/etc/cron.d/x", "..\\..\\x", "a\0b", "\r\nX: y"])
def test_the_name_of_an_uploaded_file_leads_nowhere(
    name: str, personas: SimpleNamespace, client: Client, tmp_path: Any
) -> None:
    """The text is kept as a draft; nothing is written by the name that a browser gives."""
    client.force_login(personas.rita)
    text = factories.REGISTERED.format(mark=name[:1].strip(), kind="precinct").encode()
    file = SimpleUploadedFile("x", text)
    file._name = name  # Django takes its folders off; a hostile browser does not
    sent = client.post(reverse("study-upload"), {"file": file})
    assert sent.status_code in (302, 400, 422)
    assert Study.objects.count() == (sent.status_code == 302)
    assert list(tmp_path.iterdir()) == []

"""A post-takedown plan holds households as numbers by building; no list of persons can be kept.

After a large police operation a list of who lives behind which door would be the most dangerous
thing that this program could hold. So each way into it is tried here with names.
"""

import re
from datetime import timedelta

import pytest
from django import forms
from django.urls import reverse

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions
from stoop.fieldwork.forms.responses import CountForm, NewTaskForm, OpenForm, TaskForm
from stoop.fieldwork.models import Clock, Count, Response, Task
from stoop.fieldwork.tests.factories import NIGHT
from stoop.kernel import clock, ids

pytestmark = pytest.mark.django_db
NAMES = (
    "Tyrone Jones",
    "4 Tyrone Smith",
    "Mrs. Rivera",
    "José",
    "the Jones family, apt 4B",
    "917 555 0134",
    "陳大文",
)
TEXT = re.compile(r'<input[^>]*name="(\w+)"|<(textarea|select)[^>]*name="(\w+)"')


@pytest.fixture
def takedown(personas):
    with clock.held(NIGHT):
        actions.install_plans(by=SYSTEM)
        yield actions.open_response(
            site=personas.site, plan="takedown", place="Building 4", by=actor_of(personas.alice)
        )


def test_every_field_of_its_forms_is_a_number_a_choice_a_key_or_a_checked_place(takedown):
    """A new field in a form has to be one of these, or this test asks why."""
    people = [takedown.lead]
    held = [CountForm(line, [takedown.site.organization]) for line in takedown.plan.counts]
    held += [
        NewTaskForm(takedown.plan, people),
        TaskForm(people),
        OpenForm([takedown.site], [takedown.plan]),
    ]
    bounded = (forms.ChoiceField, forms.IntegerField, forms.UUIDField, forms.DateTimeField)
    open_ = {
        name
        for form in held
        for name, field in form.fields.items()
        if not isinstance(field, bounded)
    }
    assert open_ == {"block", "place", "what"}
    assert all(isinstance(form.fields["what"].widget, forms.HiddenInput) for form in held[:-3])


def test_no_name_gets_in_by_any_field(takedown, client):
    """Each field of each kind of form of its page is sent with a name in it; none is kept."""
    client.force_login(takedown.lead)
    path = reverse("response", args=[takedown.key])
    page = client.get(path).content.decode()
    name, *others = NAMES
    kinds = {}
    for action, body in re.findall(
        r'<form[^>]*action="(/responses/[^"]+)"(.*?)</form>', page, re.S
    ):
        fields = frozenset(found[0] or found[2] for found in TEXT.findall(body))
        kinds[action.split("/")[3], fields - {"csrfmiddlewaretoken"}] = action
    for (_kind, fields), action in kinds.items():
        for field in {*fields, "note"}:
            client.post(action, {**_counted(), "do": "done", field: name})
    for other in others:
        client.post(reverse("count-new", args=[takedown.key]), {**_counted(), "block": other})
    assert len(kinds) > 6
    kept = " ".join(_texts(takedown)).lower()
    assert "building 4" in kept
    assert not [each for each in NAMES if each.lower() in kept]


def test_the_forms_that_were_tried_do_count(takedown, client):
    """What the test above sends is taken when it holds no name: it is the name that is refused."""
    client.force_login(takedown.lead)
    answer = client.post(reverse("count-new", args=[takedown.key]), _counted())
    assert answer.status_code == 302
    [row] = Count.objects.all()
    assert (row.number, row.part, row.block, row.kind) == (3, 1, "Building 4", "")


def test_its_clocks_are_day_1_3_7_30_and_90(takedown):
    days = {
        c.code: (c.due_at - takedown.began_at) / timedelta(days=1) for c in takedown.clocks.all()
    }
    assert days == {
        "partner_call": 1,
        "doors": 3,
        "debrief": 4,
        "meeting": 7,
        "follow_up_30": 30,
        "follow_up_90": 90,
    }


def _counted():
    """A count of households as the form sends it, each time as a form of its own."""
    return {
        "what": "households",
        "number": "3",
        "part": "1",
        "block": "Building 4",
        "day": clock.now().date().isoformat(),
        "hour": "17",
        "once": str(ids.new()),
    }


def _texts(response):
    """All text that is kept of the response, wherever."""
    for model in (Response, Clock, Task, Count):
        for row in model.objects.all():
            for field in model._meta.local_fields:
                yield str(getattr(row, field.attname))

"""Labels that came with Stoop are read in the reader's language; a city's own stay as typed."""

import struct

import pytest
from django.urls import reverse
from django.utils import translation

from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions, queries
from stoop.fieldwork.models.shipped import LABELS, PLANS, said
from stoop.fieldwork.tests.factories import NIGHT, response
from stoop.kernel import clock

pytestmark = pytest.mark.django_db
FRENCH = {
    "Take it": "Je m’en charge",
    "Doors knocked": "Portes frappées",
    "opened": "ouvertes",
    "Clergy": "Clergé",
    "Shooting response": "Réponse à une fusillade",
    "Ask partners and clergy": "Demander aux partenaires",
    "Candles for the children": "must never be read: the city typed it",
}


@pytest.fixture
def french(tmp_path, settings):
    """The pages in French, by a catalog of a few words."""
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(_catalog(FRENCH))
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), ("fr", "Français")]
    with translation.override("fr"):
        yield


def _catalog(words):
    """A compiled catalog, as gettext reads it."""
    words = {"": "Content-Type: text/plain; charset=UTF-8\n", **words}
    pairs = sorted((key.encode(), words[key].encode()) for key in words)
    at = 28 + 16 * len(pairs)
    tables, texts = [], b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), at + len(texts)))
            texts += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + b"".join(tables) + texts


def test_a_plan_that_came_with_stoop_is_read_in_the_readers_language(personas, french, client):
    with clock.held(NIGHT):
        ann = actor_of(personas.ann)
        made = response(personas.site)
        assert made.clocks.get(code="acknowledge").label == "Take it", "kept in one language"
        actions.count(response=made, what="doors", number=4, part=1, block="Elm St & 3rd", by=ann)
        board = queries.board(ann)
        assert board.next.label == "Je m’en charge"
        personas.ann.language = "fr"
        personas.ann.save()
        client.force_login(personas.ann)
        page = client.get(reverse("response", args=[made.key]))
        text = page.content.decode()
        for word in ("Je m’en charge", "Portes frappées", "ouvertes", "Clergé", "Demander aux"):
            assert word in text
        assert "Réponse à une fusillade" in text
        week = queries.week(ann, personas.site, NIGHT.date().replace(day=16))
        assert "Je m’en charge" in {each.label for each in week.kept}
        assert week.canvassed[0].part_label == "ouvertes"


def test_what_a_city_wrote_is_read_as_typed(personas, french):
    actions.install_plans(by=SYSTEM)
    plan = queries.active_plan("vigil")
    wanted = {
        name: getattr(plan, name) for name in ("title", "sentence", "by_hand", "clocks", "counts")
    }
    mine = {"code": "candles", "label": "Candles for the children", "hours": 4, "at_start": True}
    ada = actor_of(personas.ada)
    actions.change_plan(code="vigil", wanted={**wanted, "tasks": [mine]}, seen=1, by=ada)
    with clock.held(NIGHT):
        made = response(personas.site, plan="vigil")
    assert [task.said for task in made.tasks.all()] == ["Candles for the children"]


def test_every_label_that_comes_with_stoop_is_known(personas):
    """A label that is left out would be read in English by everybody."""
    for plan in PLANS:
        for line in plan["clocks"] + plan["tasks"] + plan["counts"]:
            assert line["label"] in LABELS
        assert {plan["title"], plan["sentence"]} <= LABELS
    assert said("Something that a city wrote") == "Something that a city wrote"

"""Every deed leaves an event: kept by the tree, and caught when broken."""

from pathlib import Path

import pytest

from tests.architecture import deeds
from tests.architecture.tree import SRC, plant

LEDGER = {
    "stoop/ledger/actions/__init__.py": "from stoop.ledger.actions.events import record",
    "stoop/ledger/actions/events.py": "def record():\n    Event.objects.create()",
}
IMPORT = "from stoop.ledger.actions import record\n"
ALIAS = "from stoop.ledger import actions as ledger\n"


def test_every_deed_leaves_an_event() -> None:
    complaints = deeds.events(SRC)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "text",
    [
        "def add(*, by):\n    Area.objects.create()",
        "def add(*, by):\n    area.save()",
        "def add(*, by):\n    Area.objects.filter(code='A').update(name='B')",
        "def add(*, by):\n    _put()\ndef _put():\n    Area.objects.bulk_create([])",
        "def record():\n    pass\ndef add(*, by):\n    area.save()\n    record()",
        f"{IMPORT}def add(*, by):\n    area.save()\ndef other(*, by):\n    record()",
        "def add(*, by):\n    area.save()\n    tape.record()",
    ],
    ids=["create", "save", "update", "helper", "own-record", "other-records", "another-record"],
)
def test_a_silent_deed_is_seen(tmp_path: Path, text: str) -> None:
    plant(tmp_path, LEDGER | {"stoop/places/actions.py": text})
    (complaint,) = deeds.events(tmp_path, ())
    assert "stoop.places.actions.add writes and leaves no event" in complaint


@pytest.mark.parametrize(
    "text",
    [
        f"{IMPORT}def add(*, by):\n    area.save()\n    record(kind='area.added')",
        f"{ALIAS}def add(*, by):\n    area.save()\n    ledger.record(kind='area.added')",
        f"{IMPORT}def add(*, by):\n    area.save()\n    _note()\ndef _note():\n    record()",
        "def look(*, by):\n    return Area.objects.count()",
        "def add(*, by):\n    known.update(code='A')",
        "def _put():\n    area.save()",
    ],
    ids=["records", "by-alias", "by-helper", "reads", "dictionary", "private"],
)
def test_a_deed_with_its_event_passes(tmp_path: Path, text: str) -> None:
    plant(tmp_path, LEDGER | {"stoop/places/actions.py": text})
    assert deeds.events(tmp_path, ()) == []


AREAS = "from stoop.places.actions import events\ndef add(*, by):\n    a.save()\n    events.note()"
NOTES = f"{IMPORT}def note():\n    record()\ndef raw():\n    a.save()"


@pytest.mark.parametrize(
    ("door", "caller", "silent"),
    [
        ("from stoop.places.actions.areas import add", "", []),
        ("from stoop.places.actions.notes import raw", "", ["raw"]),
        ("", "from stoop.places.actions.notes import raw\nraw()", ["raw"]),
        ("", "from stoop.places.actions import notes\nnotes.raw()", ["raw"]),
        ("", "", []),
    ],
    ids=["exported-and-recording", "exported", "entered", "entered-by-file", "inner"],
)
def test_a_folder_of_actions_is_followed(
    tmp_path: Path, door: str, caller: str, silent: list[str]
) -> None:
    plant(
        tmp_path,
        LEDGER
        | {
            "stoop/places/actions/__init__.py": door,
            "stoop/places/actions/areas.py": AREAS.replace("events", "notes"),
            "stoop/places/actions/notes.py": NOTES,
            "stoop/incidents/views.py": caller,
        },
    )
    named = [each.split()[1].rpartition(".")[2] for each in deeds.events(tmp_path, ())]
    assert named == silent


def test_a_name_on_the_list_that_is_gone_is_seen(tmp_path: Path) -> None:
    plant(tmp_path, LEDGER | {"stoop/places/actions.py": "def add(*, by):\n    a.save()"})
    assert deeds.events(tmp_path, ["stoop.places.actions.add"]) == []
    assert deeds.events(tmp_path, ["stoop.places.actions"]) == []
    gone = deeds.events(tmp_path, ["stoop.places.actions.add", "stoop.places.actions.old"])
    assert gone == ["SILENT names stoop.places.actions.old, which is no action"]

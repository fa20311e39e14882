"""Whatever is done to the chain is found and named; what a chain cannot see is said too."""

import json
from dataclasses import dataclass

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from stoop.ledger import actions, queries
from stoop.ledger.models import Event
from stoop.ledger.tests import factories, tampering

FIELDS = ["at", "kind", "subject", "actor", "site", "data", "previous", "digest"]


def _found() -> tuple[int | None, str]:
    verdict = queries.verify()
    assert verdict.ok is (verdict.first_bad_seq is None)
    return verdict.first_bad_seq, verdict.sentence


@pytest.mark.django_db
class TestOneRow:
    """A chain of five with one thing wrong."""

    @pytest.fixture(autouse=True)
    def _five(self, db) -> None:
        factories.events(5)

    def test_nothing_wrong(self) -> None:
        assert queries.verify().ok
        assert queries.verify().rows == 5
        assert "All 5 events stand" in queries.verify().sentence

    def test_changed(self) -> None:
        tampering.run("UPDATE ledger_event SET actor = %s WHERE seq = 3", ["person:other"])
        assert _found() == (3, "Row 3 was changed after it was written.")

    def test_changed_and_sealed_again(self) -> None:
        row = Event.objects.get(seq=3)
        row.actor = "person:other"
        tampering.run(
            "UPDATE ledger_event SET actor = %s, digest = %s WHERE seq = 3",
            [row.actor, row.computed()],
        )
        assert _found() == (4, "Row 4 does not follow row 3: one of them was replaced.")

    def test_removed(self) -> None:
        tampering.run("DELETE FROM ledger_event WHERE seq = %s", [2])
        assert _found() == (2, "Row 2 is missing.")

    def test_cut_out(self) -> None:
        tampering.run("DELETE FROM ledger_event WHERE seq BETWEEN %s AND %s", [2, 4])
        assert _found() == (2, "Rows 2 to 4 are missing.")

    def test_removed_at_the_beginning(self) -> None:
        tampering.run("DELETE FROM ledger_event WHERE seq = %s", [1])
        assert _found() == (1, "Row 1 is missing.")

    def test_put_in_before_the_beginning(self) -> None:
        row = Event.objects.get(seq=1)
        row.seq = 0
        row.save(force_insert=True)
        assert _found() == (0, "Row 0 was put in: the chain begins with row 1.")

    def test_exchanged(self) -> None:
        with tampering.unlocked() as cursor:
            for before, after in ((2, 99), (3, 2), (99, 3)):
                cursor.execute("UPDATE ledger_event SET seq = %s WHERE seq = %s", [after, before])
        assert _found() == (2, "Row 2 was changed after it was written.")

    def test_removed_and_closed_up(self) -> None:
        with tampering.unlocked() as cursor:
            cursor.execute("DELETE FROM ledger_event WHERE seq = 2")
            for seq in (3, 4, 5):
                cursor.execute("UPDATE ledger_event SET seq = %s WHERE seq = %s", [seq - 1, seq])
        assert _found() == (2, "Row 2 was changed after it was written.")


@pytest.mark.django_db
class TestWhatAChainCannotSee:
    """Said in the docstring, and here: only a noted anchor shows it."""

    def test_the_newest_rows_removed(self) -> None:
        factories.events(4)
        noted = queries.anchor()
        tampering.run("DELETE FROM ledger_event WHERE seq > %s", [2])
        assert queries.verify().ok
        assert queries.verify(noted).first_bad_seq == 3
        assert "4 was noted" in queries.verify((noted.seq, noted.digest)).sentence

    def test_everything_written_anew(self) -> None:
        factories.events(4)
        noted = queries.anchor()
        tampering.run("DELETE FROM ledger_event WHERE seq > %s", [2])
        factories.events(3, kind="thing.invented")
        assert queries.verify().ok
        assert queries.verify(noted).first_bad_seq == 4
        assert "written anew" in queries.verify(noted).sentence

    def test_an_anchor_of_a_sound_chain(self) -> None:
        assert queries.verify(queries.anchor()).ok
        assert "No event" in queries.verify().sentence
        factories.events(4)
        noted = queries.anchor()
        factories.events(2)
        assert queries.verify(noted).ok


@pytest.mark.django_db
def test_a_long_chain_is_streamed_whole() -> None:
    factories.events(2100)
    assert queries.verify().rows == 2100
    tampering.run("UPDATE ledger_event SET site = %s WHERE seq = 2050", ["elsewhere"])
    assert queries.verify().first_bad_seq == 2050


@dataclass(frozen=True)
class Deed:
    """One tampering: change a field of a row, remove it, or put a copy of it elsewhere."""

    what: str
    row: int
    field: str
    value: str


deeds = st.builds(
    Deed,
    st.sampled_from(["change", "remove", "swap", "insert"]),
    st.integers(0, 7),
    st.sampled_from(FIELDS),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12),
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e14, 1e14)
    | st.text(st.characters(categories=["L", "N"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=6,
)
chains = st.lists(st.dictionaries(st.text("abc"), values, max_size=3), min_size=2, max_size=8)


class TestAnyTampering(TestCase):
    """Any single tampering of any chain is found; an untouched chain is always sound."""

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(chains, deeds)
    def test_is_found(self, chain: list[dict[str, object]], deed: Deed) -> None:
        for data in chain:
            actions.record(kind="thing.happened", subject="thing:1", by="system", data=data)
        verdict = queries.verify()
        assert verdict.ok, verdict.sentence
        assert verdict.rows == len(chain)
        noted = queries.anchor()
        if _done(deed, 1 + deed.row % len(chain), len(chain)):
            verdict = queries.verify(noted)
            assert not verdict.ok, deed
            assert verdict.first_bad_seq is not None


def _done(deed: Deed, seq: int, last: int) -> bool:
    """Do it; False when it left everything as it was."""
    with tampering.unlocked() as cursor:
        if deed.what == "remove":
            cursor.execute("DELETE FROM ledger_event WHERE seq = %s", [seq])
        elif deed.what == "swap":
            other = 1 + seq % last
            for before, after in ((seq, -9), (other, seq), (-9, other)):
                cursor.execute("UPDATE ledger_event SET seq = %s WHERE seq = %s", [after, before])
        elif deed.what == "insert":
            copied = ", ".join(FIELDS)
            cursor.execute(
                f"INSERT INTO ledger_event (seq, {copied}) "
                f"SELECT %s, {copied} FROM ledger_event WHERE seq = %s",
                [last + 1 if deed.row % 2 else 0, seq],
            )
        else:
            return _changed(cursor, deed, seq)
    return True


def _changed(cursor: object, deed: Deed, seq: int) -> bool:
    row = Event.objects.get(seq=seq)
    before = getattr(row, deed.field)
    if deed.field == "at":
        value = "2001-01-01T00:00:00+00:00"
    else:
        value = json.dumps({"x": deed.value}) if deed.field == "data" else deed.value
    cast = "::jsonb" if deed.field == "data" and connection.vendor == "postgresql" else ""
    statement = f"UPDATE ledger_event SET {deed.field} = %s{cast} WHERE seq = %s"
    cursor.execute(statement, [value, seq])
    return before != getattr(Event.objects.get(seq=seq), deed.field)

"""PostgreSQL keeps the sites apart by itself: asked with SQL, as the program's role, no ORM.

Alice and Bob lead two sites. Each walled table has a row of either's site, and PostgreSQL is asked
in Bob's name, in nobody's, and in the city's.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import RequestFactory

from stoop.accounts.actions import walls as actions
from stoop.accounts.permissions import NOBODY, ROLES, SYSTEM, Actor, actor_of, inside, within
from stoop.config.middleware import actors
from stoop.kernel import walls
from tests.rows import row, row_at

WALLED = [model for model in actions.walled() if getattr(model, "site_path", "")]
PERSONAL = [model for model in actions.walled() if not getattr(model, "site_path", "")]
REFUSED = "violates row-level security"

each_walled = pytest.mark.parametrize("model", WALLED, ids=lambda model: model._meta.label)
each_personal = pytest.mark.parametrize("model", PERSONAL, ids=lambda model: model._meta.label)


class Raw:
    """SQL to PostgreSQL as the program's role, in the name of whoever is said; no ORM between."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.psycopg: psycopg.Connection[Any] = connection.connection

    def said(self, told: walls.Inside | None, statement: str, *values: object) -> Any:
        """What a statement gives in this name; whatever it did is taken back."""
        with self.psycopg.transaction(force_rollback=True):
            self.psycopg.execute(f"SET LOCAL ROLE {actions.ROLE}")
            if told is None:
                self.psycopg.execute("RESET stoop.sites; RESET stoop.person")
            else:
                self.psycopg.execute(
                    "SELECT set_config('stoop.sites', %s, false), "
                    "set_config('stoop.person', %s, false)",
                    [told.sites, told.person],
                )
            done = self.psycopg.execute(statement, values)
            return done.fetchall() if done.description else done.rowcount

    def keys(self, told: walls.Inside | None, model: type[Model]) -> set[object]:
        """Primary keys of the rows that can be seen."""
        key = model._meta.pk.column
        return {each for (each,) in self.said(told, f"SELECT {key} FROM {model._meta.db_table}")}


@pytest.fixture
def raw(db: None) -> Raw:
    return Raw()


def _inside(person: object) -> walls.Inside:
    return inside(actor_of(person))


def test_roles_lead_to_what_the_wall_shows(personas: SimpleNamespace) -> None:
    """The wall is told what the permissions say, and nothing for roles without such work."""
    told = {name: _inside(person).sites for name, person in vars(personas).items()}
    assert told["alice"] == told["ann"] == str(personas.site.pk)
    assert told["bob"] == str(personas.other.pk)
    assert told["carol"] == told["cass"] == "*"
    assert {told[name] for name in ("ada", "dan", "eve", "rita", "nobody")} == {""}
    assert inside(NOBODY) == walls.OUTSIDE
    assert inside(SYSTEM) == walls.EVERYWHERE


@pytest.mark.only_postgresql
class TestEveryTable:
    """Rows of Alice's site and of Bob's, in each table that has a site."""

    @each_walled
    def test_bob_sees_his_own_and_nothing_set_sees_nothing(self, raw, personas, model) -> None:
        hers, his = row_at(model, personas.site), row_at(model, personas.other)
        assert raw.keys(_inside(personas.bob), model) == {his.pk}
        assert raw.keys(_inside(personas.alice), model) == {hers.pk}
        assert raw.keys(_inside(personas.carol), model) == {hers.pk, his.pk}
        assert raw.keys(walls.EVERYWHERE, model) == {hers.pk, his.pk}
        for told in (None, walls.OUTSIDE, _inside(personas.eve), _inside(personas.nobody)):
            assert raw.keys(told, model) == set()

    @each_walled
    def test_bob_cannot_touch_hers(self, raw, personas, model) -> None:
        hers = row_at(model, personas.site)
        table, key = model._meta.db_table, model._meta.pk.column
        for told in (_inside(personas.bob), None):
            assert (
                raw.said(told, f"UPDATE {table} SET {key} = {key} WHERE {key} = %s", hers.pk) == 0
            )
            assert raw.said(told, f"DELETE FROM {table} WHERE {key} = %s", hers.pk) == 0

    @each_walled
    def test_bob_cannot_add_to_hers(self, raw, personas, model) -> None:
        """The very row that was there before, as Bob writes it."""
        hers = row_at(model, personas.site)
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE {model._meta.pk.column} = %s RETURNING "
                f"(SELECT to_jsonb({table}))::text",
                [hers.pk],
            )
            (said,) = cursor.fetchone()
        again = f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s)"
        for told in (_inside(personas.bob), walls.OUTSIDE, None):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match=REFUSED):
                raw.said(told, again, said)
        assert raw.said(_inside(personas.alice), again, said) == 1

    @each_walled
    def test_bob_cannot_give_her_his(self, raw, personas, model) -> None:
        hers, his = row_at(model, personas.site), row_at(model, personas.other)
        column = model._meta.get_field(model.site_path.partition("__")[0]).column
        table, key = model._meta.db_table, model._meta.pk.column
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=REFUSED):
            raw.said(
                _inside(personas.bob),
                f"UPDATE {table} SET {column} = %s WHERE {key} = %s",
                getattr(hers, column),
                his.pk,
            )

    @each_personal
    def test_a_persons_own_rows_are_nobody_elses(self, raw, personas, model) -> None:
        hers, his = (
            row(model, **{model.person_path: person}) for person in (personas.alice, personas.bob)
        )
        assert raw.keys(_inside(personas.bob), model) == {his.pk}
        assert raw.keys(_inside(personas.carol), model) == set()
        assert raw.keys(walls.EVERYWHERE, model) == {hers.pk, his.pk}
        assert raw.keys(None, model) == set()


@pytest.mark.only_postgresql
class TestOwnRows:
    """What concerns a person and no site of theirs: seen, and no way to write into a site."""

    def test_who_is_told_sees_it(self, raw, personas) -> None:
        alert = apps.get_model("notifications", "Alert")
        delivery = apps.get_model("notifications", "Delivery")
        told = row_at(alert, personas.site, steps=[[personas.alice.pk], [personas.bob.pk]])
        sent = row(delivery, alert=told, person=personas.bob)
        test = row(alert, site=None, steps=[[personas.dan.pk]])
        bob, dan, eve = map(_inside, (personas.bob, personas.dan, personas.eve))
        assert raw.keys(bob, alert) == {told.pk}
        assert raw.keys(bob, delivery) == {sent.pk}
        assert raw.keys(dan, alert) == {test.pk}
        assert raw.keys(eve, alert) == raw.keys(eve, delivery) == set()
        closed = "UPDATE notifications_alert SET closed_at = now()"
        assert raw.said(bob, closed) == 0
        assert raw.said(dan, closed) == 1

    def test_a_calendar_of_ones_own(self, raw, personas) -> None:
        calendar = apps.get_model("fieldwork", "Calendar")
        hers = row(calendar, site=None, person=personas.ann)
        assert raw.keys(_inside(personas.ann), calendar) == {hers.pk}
        assert raw.keys(_inside(personas.bob), calendar) == set()
        drop = "DELETE FROM fieldwork_calendar"
        assert raw.said(_inside(personas.bob), drop) == 0
        assert raw.said(_inside(personas.ann), drop) == 1


@pytest.mark.only_postgresql
class TestTheRole:
    """The program's role owns nothing, passes no wall, and has no right that it does not need."""

    def test_it_is_nobody_special(self, raw: Raw) -> None:
        asked = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        assert raw.said(None, f"{asked} WHERE rolname = current_user") == [(False,) * 4]
        owned = "SELECT count(*) FROM pg_class WHERE relowner = %s::regrole"
        assert raw.said(None, owned, actions.ROLE) == [(0,)]

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_event SET kind = 'thing.invented'",
            "DELETE FROM ledger_event",
            "TRUNCATE ledger_event",
            "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
            "ALTER TABLE fieldwork_response DISABLE ROW LEVEL SECURITY",
            "DROP POLICY stoop_site ON fieldwork_response",
            "CREATE TABLE mine (a int)",
        ],
    )
    def test_it_cannot_take_the_wall_down(self, raw: Raw, statement: str) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.said(walls.EVERYWHERE, statement)

    def test_an_unwalled_new_table_is_closed(self, raw: Raw) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE fieldwork_forgotten (site_id bigint)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.said(walls.EVERYWHERE, "SELECT * FROM fieldwork_forgotten")

    def test_a_table_without_its_wall_is_named(self, raw: Raw) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE fieldwork_response DISABLE ROW LEVEL SECURITY")
        standing = actions.standing()
        assert not standing.holds
        assert "fieldwork_response has no wall" in " ".join(standing.why)
        assert "superuser" in " ".join(standing.why)
        actions.raise_walls(by=SYSTEM)
        assert "has no wall" not in " ".join(actions.standing().why)


@pytest.fixture
def login(transactional_db: None) -> Iterator[Callable[[], psycopg.Connection[Any]]]:
    """Connections of their own, as somebody who is a member of the program's role alone."""
    name = f"program_{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {name} LOGIN IN ROLE {actions.ROLE}")
    wanted = connection.settings_dict
    opened: list[psycopg.Connection[Any]] = []

    def connect() -> psycopg.Connection[Any]:
        opened.append(
            psycopg.connect(host=wanted["HOST"], dbname=wanted["NAME"], user=name, autocommit=True)
        )
        return opened[-1]

    yield connect
    for each in opened:
        each.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE {name}")


@pytest.mark.only_postgresql
def test_a_login_of_its_own(login, personas: SimpleNamespace) -> None:
    """What `stoop` connects as in a city: nothing of the owner's is left on this way."""
    shift = apps.get_model("fieldwork", "Shift")
    hers, his = row_at(shift, personas.site), row_at(shift, personas.other)
    program = login()
    asked = "SELECT id FROM fieldwork_shift ORDER BY id"
    assert program.execute(asked).fetchall() == []
    program.execute("SELECT set_config('stoop.sites', %s, false)", [str(personas.other.pk)])
    assert program.execute(asked).fetchall() == [(his.pk,)]
    program.execute("SELECT set_config('stoop.sites', '*', false)")
    assert program.execute(asked).fetchall() == [(hers.pk,), (his.pk,)]
    # A setting that was made for one transaction is '' afterwards, which must be no error.
    with program.transaction():
        program.execute("SELECT set_config('stoop.sites', '1', true)")
    program.execute("SELECT set_config('stoop.sites', '', false)")
    assert program.execute(asked).fetchall() == []
    for forbidden in ("SET ROLE postgres", "DROP TABLE fieldwork_shift"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            program.execute(forbidden)


@pytest.mark.only_postgresql
def test_a_commit_that_is_none_takes_nothing_back(transactional_db: None) -> None:
    """After an error that somebody swallowed PostgreSQL answers COMMIT with a rollback."""

    def holds() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('stoop.person', true)")
            return str(cursor.fetchone()[0])

    holds()  # outside
    with within(SYSTEM):
        with transaction.atomic():
            assert holds() == "*"
            with connection.cursor() as cursor, suppress(DatabaseError):
                cursor.execute("SELECT 1/0")
        assert holds() == "*"


@pytest.mark.only_postgresql
class TestTheConnection:
    """Django's connection says what `walls` says, whatever transactions do meanwhile."""

    @pytest.fixture(autouse=True)
    def _rows(self, personas: SimpleNamespace, as_program: None) -> None:
        self.shift = apps.get_model("fieldwork", "Shift")
        with within(SYSTEM):
            self.hers, self.his = (
                row_at(self.shift, personas.site).pk,
                row_at(self.shift, personas.other).pk,
            )
        self.alice, self.bob = actor_of(personas.alice), actor_of(personas.bob)

    def seen(self) -> set[int]:
        return set(self.shift.objects.values_list("pk", flat=True))

    def test_it_follows_the_block(self) -> None:
        assert self.seen() == set()
        with within(self.alice):
            assert self.seen() == {self.hers}
            with within(self.bob):
                assert self.seen() == {self.his}
            assert self.seen() == {self.hers}
        assert self.seen() == set()

    def test_a_rollback_takes_nothing_back(self) -> None:
        """PostgreSQL takes a setting back with its transaction; then it is said again."""
        with within(SYSTEM):
            self.seen()
        with within(self.bob):
            with transaction.atomic():
                assert self.seen() == {self.his}
                transaction.set_rollback(True)
            assert self.seen() == {self.his}
        with transaction.atomic():
            with within(self.alice):
                assert self.seen() == {self.hers}
            transaction.set_rollback(True)
        assert self.seen() == set()

    def test_a_failed_statement_is_cleared_away(self) -> None:
        with within(self.bob):
            with (
                pytest.raises(Exception, match="division by zero"),
                transaction.atomic(),
                within(self.alice),
                connection.cursor() as cursor,
            ):
                cursor.execute("SELECT 1/0")
            assert self.seen() == {self.his}

    def test_the_orm_cannot_write_elsewhere(self, personas: SimpleNamespace) -> None:
        with (
            within(self.bob),
            pytest.raises(Exception, match=REFUSED),
            transaction.atomic(),
        ):
            row_at(self.shift, personas.site)

    def test_a_request_sees_what_its_actor_may(self, personas: SimpleNamespace) -> None:
        seen: list[set[int]] = []

        def view(request: Any) -> HttpResponse:
            seen.append(self.seen())
            assert isinstance(request.actor.ref, str)
            seen.append(self.seen())
            return HttpResponse()

        for person in (personas.alice, personas.bob, personas.eve, AnonymousUser()):
            request = RequestFactory().get("/")
            request.user = person
            with within(SYSTEM):  # whatever held before the request counts for nothing in it
                actors(view)(request)
        assert seen == [set(), {self.hers}, set(), {self.his}, set(), set(), set(), set()]


def test_every_role_is_inside_or_outside_by_its_permissions() -> None:
    """No role sees a walled row without a permission about responses, rota or alerts."""
    for role in ROLES.values():
        site = 7 if role.at_site else None
        actor = Actor("person:x", None, frozenset((each, site) for each in role.permissions))
        has_work = any(
            each.partition(".")[0] in ("responses", "rota", "alerts") for each in role.permissions
        )
        assert bool(inside(actor).sites) is has_work

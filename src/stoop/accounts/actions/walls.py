"""The second wall, below the ORM: PostgreSQL asks again, for every row, who may touch it.

The rule is the one of `permissions.visible`, read from the same place: a model's `site_path` leads
from a row to its site. `person_path`, where a model has one, names the field that holds the person
whose own row it is, or a list of people who are told of it. Policies and grants are given together
and only here, after the tables were changed: a new table is closed to the program until its wall
stands. On SQLite there is nothing to do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from stoop.accounts.permissions import Actor, Permission, require
from stoop.kernel import walls
from stoop.kernel.errors import Refusal
from stoop.ledger import actions as ledger

# The role of the program: it owns no table, so that no rule passes it by.
ROLE = "stoop_app"
_POLICIES = ("stoop_site", "stoop_self")

_SITES = f"(SELECT current_setting('{walls.SITES}', true))"
# NULLIF: a session that was told nothing, or was told so by an earlier loan, has '' or NULL here.
_LIST = f"(SELECT string_to_array(NULLIF(NULLIF({_SITES}, ''), '*'), ',')::bigint[])"
_PERSON = f"(SELECT current_setting('{walls.PERSON}', true))"
_ME = f"(SELECT NULLIF(NULLIF({_PERSON}, ''), '*')::bigint)"
# Events are added, never changed or removed: not even the right to try.
_ADD_ONLY = ("ledger_event",)
_READ_ONLY = ("django_migrations", "django_content_type")


def walled() -> list[type[Any]]:
    """The models whose rows belong to a site or to one person, in order of name."""
    found = [
        model
        for model in apps.get_models()
        if getattr(model, "site_path", "") or getattr(model, "person_path", "")
    ]
    return sorted(found, key=lambda model: str(model._meta.db_table))


@dataclass(frozen=True)
class Standing:
    """How the wall stands: whether it `holds` for whoever is connected, and `why` not."""

    holds: bool
    why: tuple[str, ...]


@transaction.atomic
def raise_walls(*, by: Actor, role: str = ROLE) -> int:
    """Put a policy on every walled table and give the program's role what it needs; how many.

    Run as the owner of the tables, after each change of them; again does no harm. A role that is
    missing is made where the owner may make roles.
    """
    require(by, Permission.SITES_EDIT)
    if connection.vendor != "postgresql":
        return 0
    models = walled()
    with connection.cursor() as cursor:
        _make_role(cursor, role)
        for model in models:
            for statement in _statements(model):
                cursor.execute(statement)
        for statement in _grants(_quoted(role)):
            cursor.execute(statement)
    ledger.record(
        kind="walls.raised", subject=f"role:{role}", by=by.ref, data={"tables": len(models)}
    )
    return len(models)


def standing() -> Standing:
    """Ask PostgreSQL whether the walls hold for the role that this program connects as."""
    if connection.vendor != "postgresql":
        return Standing(True, ("SQLite has no second wall; the permissions are the only one.",))
    with connection.cursor() as cursor:
        why = (*_who_passes(cursor), *_gaps(cursor))
    return Standing(not why, why)


def lacking() -> list[str]:
    """Walled tables without their wall, such as those that a restore made; none on SQLite."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        return [table for table, walled_off, _own in _tables(cursor) if not walled_off]


def _who_passes(cursor: Any) -> Iterator[str]:
    cursor.execute(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    name, superuser, passes = cursor.fetchone()
    if superuser or passes:
        what = "a superuser" if superuser else "allowed to pass every wall"
        yield f"The program is connected as {name}, who is {what}; connect as a member of {ROLE}."


def _gaps(cursor: Any) -> Iterator[str]:
    owned = False
    for table, walled_off, own in _tables(cursor):
        owned = owned or own
        if not walled_off:
            yield f"{table} has no wall; run stoop walls as the owner of the tables."
    if owned:
        yield f"The program is connected as the owner of the tables; connect as a member of {ROLE}."


def _tables(cursor: Any) -> list[tuple[str, bool, bool]]:
    """Of each walled table: its name, whether its wall stands, whether it is ours."""
    cursor.execute(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity "
        "AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid), "
        "pg_has_role(current_user, c.relowner, 'USAGE') "
        "FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    )
    found = {table: (stands, own) for table, stands, own in cursor.fetchall()}
    names = [model._meta.db_table for model in walled()]
    return [(name, *found.get(name, (False, False))) for name in names]


def _make_role(cursor: Any, role: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if cursor.fetchone():
        return
    cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if not cursor.fetchone()[0]:
        raise Refusal(
            f"There is no role {role}, and this one may not make it; as a superuser say: "
            f"CREATE ROLE {role} NOLOGIN; then run stoop walls again."
        )
    cursor.execute(
        f"DO $$ BEGIN CREATE ROLE {_quoted(role)} NOLOGIN NOSUPERUSER NOBYPASSRLS; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _statements(model: type[Any]) -> Iterator[str]:
    """What puts the wall on one table."""
    table = _quoted(model._meta.db_table)
    for policy in _POLICIES:
        yield f"DROP POLICY IF EXISTS {policy} ON {table}"
    if getattr(model, "site_path", "") and getattr(model, "person_path", ""):
        yield f"CREATE POLICY stoop_self ON {table} FOR SELECT USING ({_mine(model, table)})"
    rule = _rule(model, table)
    yield f"CREATE POLICY stoop_site ON {table} USING ({rule}) WITH CHECK ({rule})"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"


def _rule(model: type[Any], here: str) -> str:
    """Which rows of the model, called `here` in the statement, may be read and written."""
    path, personal = getattr(model, "site_path", ""), getattr(model, "person_path", "")
    if not path:
        return _mine(model, here)
    first, _, rest = path.partition("__")
    field = model._meta.get_field(first)
    column = f"{here}.{_quoted(field.column)}"
    if rest:
        parent, name = field.related_model, f"w{len(here)}"
        if parent.site_path != rest:
            raise TypeError(
                f"{model.__name__}.site_path goes on otherwise than {parent.__name__}'s"
            )
        key, table = _quoted(parent._meta.pk.column), _quoted(parent._meta.db_table)
        same = f"{name}.{key} = {column} AND {_rule(parent, name)}"
        there = f"EXISTS (SELECT 1 FROM {table} {name} WHERE {same})"  # noqa: S608
        return f"({_SITES} = '*' OR {there})"  # who sees every site pays for no look-up
    rule = f"{_SITES} = '*' OR {column} = ANY ({_LIST}::bigint[])"
    # Rows of no site, such as somebody's own calendar.
    own = f" OR ({column} IS NULL AND {_mine(model, here)})" if personal else ""
    return f"({rule}{own})"


def _mine(model: type[Any], here: str) -> str:
    """Which rows are the acting person's own: by a key, or by a JSON field that lists people."""
    field = model._meta.get_field(model.person_path)
    column = f"{here}.{_quoted(field.column)}"
    if field.get_internal_type() == "JSONField":
        me = f"jsonb_build_object('me', {_ME})"
        is_me = f"jsonb_path_exists({column}, '$.** ? (@ == $me)', {me})"
        return f"({_PERSON} = '*' OR ({_ME} IS NOT NULL AND {is_me}))"
    return f"({_PERSON} = '*' OR {column} = {_ME})"


def _grants(role: str) -> Iterator[str]:
    """What the program's role may do with the tables: no more than the program does."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"
    for table in sorted({*tables, *_READ_ONLY}):
        rights = "SELECT, INSERT, UPDATE, DELETE"
        if table in _ADD_ONLY:
            rights = "SELECT, INSERT"
        elif table in _READ_ONLY:
            rights = "SELECT"
        yield f"REVOKE ALL ON {_quoted(table)} FROM {role}"
        yield f"GRANT {rights} ON {_quoted(table)} TO {role}"

"""The tables: are they as this program wants them, and make them so."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from stoop.kernel.errors import Refusal

_LOCK = 7_266_002  # advisory lock of PostgreSQL: one process changes the tables at a time


def pending() -> list[str]:
    """Names of the migrations that this program has and the database has not."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def migrate() -> int:
    """Bring the tables up to date; how many migrations that took. Safe from several machines."""
    if not pending():
        return 0
    if connection.vendor != "postgresql":
        return _migrate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            return _migrate()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _migrate() -> int:
    todo = len(pending())
    call_command("migrate", interactive=False, verbosity=0)
    return todo


def require_current() -> None:
    """Refusal while migrations are pending: half a program on half a table loses things."""
    todo = pending()
    if todo:
        raise Refusal(
            f"The database is {len(todo)} migrations behind this program "
            f"(first: {todo[0]}); run: stoop setup"
        )

"""The database itself refuses to change or remove an event.

Whoever changes the table later: SQLite makes the table anew and drops these triggers with the old
one, so that migration ends with `fix` again (a test asks whether the triggers are there).
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER ledger_event_no_{0} BEFORE {0} ON ledger_event
BEGIN SELECT RAISE(ABORT, 'events are added, never changed or removed'); END
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'events are added, never changed or removed'; END $$
"""
POSTGRESQL = """
CREATE TRIGGER ledger_event_no_{0} BEFORE {0} ON ledger_event
FOR EACH STATEMENT EXECUTE FUNCTION ledger_event_refuse()
"""


def fix(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    if on_postgresql:
        schema_editor.execute(FUNCTION)
    for change in ("UPDATE", "DELETE"):
        schema_editor.execute((POSTGRESQL if on_postgresql else SQLITE).format(change))


def loosen(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for change in ("UPDATE", "DELETE"):
        table = " ON ledger_event" if on_postgresql else ""
        schema_editor.execute(f"DROP TRIGGER ledger_event_no_{change}{table}")
    if on_postgresql:
        schema_editor.execute("DROP FUNCTION ledger_event_refuse")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(fix, loosen)]

"""Rows in every table there is, with values that are hard to carry from one engine to another."""

import datetime as dt
import decimal
import sys
import uuid
from pathlib import Path
from typing import Any

TEXT = "Ünïcødé \u202eright\u202c שלום 🕯 'quoted' \"twice\" back\\slash\ttab\nline %s {x}"
ROWS = 3
JSON = {"z": [1, 2.5, -0.1, None, True, "é"], "a": {"deep": {"er": []}}, "": 0, "big": 2**53}


def value(field: Any, number: int, place: int = 0) -> Any:
    """Something for a field: the same for the same number, different for different ones.

    `place` is the field's among its table's: what is named later ends later.
    """
    later = dt.timedelta(days=place)
    kind = field.get_internal_type()
    length = getattr(field, "max_length", None) or 10_000
    simple: dict[str, Any] = {
        "BooleanField": number % 2 == 0,
        "BinaryField": bytes(range(256)) + bytes([number]),
        "DateField": dt.date(1900 + number, 2, 28) + later,
        "DateTimeField": dt.datetime(1999 + number, 12, 31, 23, 59, 59, 999_999, dt.UTC) + later,
        "TimeField": dt.time(23, 59, number, 1),
        "DurationField": dt.timedelta(days=number, microseconds=1),
        "DecimalField": decimal.Decimal(number),
        "FloatField": 0.1 + number,
        "UUIDField": uuid.UUID(int=2**120 + number),
        "GenericIPAddressField": f"2001:db8::{number}",
        "JSONField": JSON | {"n": number},
    }
    if kind in simple:
        return simple[kind]
    if "Integer" in kind or kind.endswith("AutoField"):
        start = 9_007_199_254_740_993 if "Big" in kind else 0
        return (10_000 if field.primary_key else start) + number
    return f"{number} {TEXT}"[:length].strip()


def fill() -> None:
    """ROWS rows in every table but the ledger's, which is filled by its own door."""
    from django.db import connection, transaction

    from stoop.accounts.tests import factories
    from stoop.config.actions import backup
    from stoop.ledger import actions as ledger

    factories.personas()
    with transaction.atomic(), connection.constraint_checks_disabled():
        for model in backup.models():
            if model._meta.label == "ledger.Event":
                continue
            made = []
            for number in range(1, ROWS + 1):
                row = model()
                for place, field in enumerate(backup.fields(model)):
                    wanted = 10_000 + number if field.is_relation else value(field, number, place)
                    if field.is_relation and field.target_field.get_internal_type() not in (
                        "AutoField", "BigAutoField", "BigIntegerField", "IntegerField"
                    ):  # fmt: skip
                        wanted = value(field.target_field, number)
                    setattr(row, field.attname, wanted)
                made.append(row)
            _insert(model, made)
    for number in range(5):
        ledger.record(kind="thing.filled", subject=f"thing:{number}", by="system", data=JSON)


def _insert(model: Any, rows: list[Any]) -> None:
    model._base_manager._insert(rows, fields=model._meta.concrete_fields, raw=True, using="default")


def main(what: str, *words: str) -> None:
    """`fill BACKUP`, or `carry FROM TO AGAIN`: restore, keep, restore over it, keep."""
    import django

    django.setup()
    from stoop.accounts.models import Organization
    from stoop.accounts.permissions import SYSTEM, within
    from stoop.config.actions import backup, restore
    from stoop.config.cli import serve
    from stoop.kernel.errors import Refusal
    from stoop.ledger import actions as ledger
    from stoop.ledger import queries

    files = [Path(word) for word in words]
    with within(SYSTEM):
        if what == "fill":
            serve.prepare()
            fill()
            backup.backup(out=files[0])
            return
        restore.restore(file=files[0])
        backup.backup(out=files[1])
        # Sequences go on behind what was brought, and the ledger takes up where it was.
        assert Organization.objects.create(code="new", name="New", kind="city").pk > 10_000
        ledger.record(kind="thing.added", subject="thing:9", by="system")
        assert queries.verify().ok
        try:
            restore.restore(file=files[1])
        except Refusal as refusal:
            if "--replace" not in str(refusal):
                raise
        else:
            raise AssertionError("restored over people without a word")
        restore.restore(file=files[1], replace=True)
        assert queries.verify().ok
        backup.backup(out=files[2])


if __name__ == "__main__":
    main(*sys.argv[1:])

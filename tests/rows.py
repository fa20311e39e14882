"""A row for any table, made from what its fields ask for: for tests that go over all tables."""

import datetime
from itertools import count
from typing import Any

from django.db import models

from stoop.kernel import clock, ids

_numbers = count(1)

# Fields of one kind that a table's own rules want otherwise: (model, field) -> value.
CHOSEN: dict[tuple[str, str], Any] = {}


def row(model: type[models.Model], **given: Any) -> models.Model:
    """A saved row; `given` fields are as they are, keys that must be there lead to new rows."""
    values = dict(given)
    for field in model._meta.concrete_fields:
        if field.name in values or field.auto_created or field.has_default():
            continue
        if field.null or getattr(field, "auto_now_add", False):
            continue
        label = (model._meta.label, field.name)
        values[field.name] = CHOSEN[label] if label in CHOSEN else _value(field)
    made = model(**values)
    made.save(force_insert=True)
    return made


def row_at(model: type[models.Model], site: models.Model, **given: Any) -> models.Model:
    """A row that belongs to the site, by way of `site_path`."""
    first, _, rest = model.site_path.partition("__")
    if not rest:
        return row(model, **{first: site}, **given)
    parent = model._meta.get_field(first).related_model
    return row(model, **{first: row_at(parent, site)}, **given)


def _value(field: models.Field) -> Any:
    number = next(_numbers)
    if field.is_relation:
        return row(field.related_model)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.EmailField):
        return f"row{number}@example.org"
    if isinstance(field, models.CharField | models.TextField):
        return f"r{number}"[: field.max_length]
    simple = {
        models.BooleanField: False,
        models.IntegerField: number,
        models.FloatField: 0.5,
        models.DateTimeField: clock.now(),
        models.DateField: clock.now().date(),
        models.TimeField: datetime.time(12),
        models.UUIDField: ids.new(),
        models.JSONField: {},
        models.BinaryField: b"row",
    }
    for kind, value in simple.items():
        if isinstance(field, kind):
            return value
    raise TypeError(f"tests/rows.py knows no value for {field}; add one")

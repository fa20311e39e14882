"""Rules that ask Django itself: addresses declare a permission, fields a privacy class.

A model says how private each of its fields is in a class attribute:

    privacy = {"code": "public", "outreach_line": "site"}
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.architecture.tree import floors

PRIVACY = {"public", "internal", "site", "sealed"}


def _addresses(patterns: Sequence[Any], prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _addresses(pattern.url_patterns, route)
        else:
            yield route, pattern.name or "", pattern.callback


def permissions(patterns: Sequence[Any], public: Iterable[str]) -> list[str]:
    """Default deny: a view carries `permission`, or its address is named on the public list."""
    public = set(public)
    complaints = []
    known = set()
    for route, name, view in _addresses(patterns):
        known.add(name)
        if not name:
            complaints.append(f"/{route} has no name")
        elif not getattr(view, "permission", None) and name not in public:
            complaints.append(f"/{route} ({name}) declares no permission and is not in PUBLIC")
        elif getattr(view, "permission", None) and name in public:
            complaints.append(f"/{route} ({name}) has a permission and is in PUBLIC: which?")
    return complaints + [f"PUBLIC names {name}, which is no address" for name in public - known]


def privacy(models: Iterable[Any]) -> list[str]:
    """Every field says how private it is; one that is silent could be printed anywhere."""
    complaints = []
    for model in models:
        label = model._meta.label
        classes = model.__dict__.get("privacy", {})
        fields = {field.name for field in model._meta.local_fields if not field.auto_created}
        fields |= {field.name for field in model._meta.local_many_to_many}
        complaints += [f"{label}.{name} has no privacy class" for name in fields - set(classes)]
        complaints += [f"{label}.{name} is no field" for name in set(classes) - fields]
        complaints += [
            f"{label}.{name} is {kind!r}; a privacy class is one of {', '.join(sorted(PRIVACY))}"
            for name, kind in classes.items()
            if kind not in PRIVACY
        ]
    return sorted(complaints)


def foreign_keys(models: Iterable[Any]) -> list[str]:
    """A key points down, and the lower table does not learn who points at it."""
    height = floors()
    complaints = []
    for model in models:
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            if not field.is_relation or field.related_model is None:
                continue
            here, there = model._meta.app_label, field.related_model._meta.app_label
            name = f"{model._meta.label}.{field.name}"
            if here == there or there not in height:
                continue
            if height[there] >= height[here]:
                complaints.append(f"{name} points up, at {there}")
            elif field.remote_field.related_name != "+":
                complaints.append(f'{name} leaves a name in {there}; write related_name="+"')
    return complaints

"""Rules that ask Django itself: addresses declare a permission, fields a privacy class.

A model says how private each of its fields is in a class attribute, and whose its rows are:

    privacy = {"code": "public", "outreach_line": "site"}
    site_path = "response__site"
    person_path = "person"
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.architecture.tree import floors

PRIVACY = {"public", "internal", "site", "sealed"}
# Tables with a site or a person that no wall goes around, each with its reason.
UNWALLED = {
    "accounts.Program": "where a team works, and when, is public",
    "accounts.Membership": "says who may see what: it is read before anybody is known",
}


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


def walls(models: Iterable[Any], unwalled: Iterable[str] = tuple(UNWALLED)) -> list[str]:
    """What belongs to a site says so in `site_path`, what is a person's own in `person_path`.

    Queries filter by these paths and PostgreSQL's policies are made from them: a table that is
    silent would be open to every site.
    """
    models = list(models)
    complaints = []
    for model in models:
        label = model._meta.label
        if label in unwalled:
            continue
        path, own = getattr(model, "site_path", ""), getattr(model, "person_path", "")
        keys = [field for field in model._meta.local_fields if field.is_relation]
        to_site = [
            key.name for key in keys if _is(key, "accounts.Site") and key.name != "covered_by"
        ]
        inner = [key.name for key in keys if getattr(key.related_model, "site_path", "")]
        to_person = [key.name for key in keys if _is(key, "accounts.Person") and not key.null]
        if path:
            complaints += _site_path(model, path)
        elif to_site or inner:
            complaints.append(f"{label}.{(to_site + inner)[0]} leads to a site; write site_path")
        elif to_person and not own:
            complaints.append(f"{label}.{to_person[0]} says whose it is; write person_path")
        if own and own not in {field.name for field in model._meta.local_fields}:
            complaints.append(f"{label}.person_path names {own}, which is no field")
    labels = {model._meta.label for model in models}
    return complaints + [
        f"UNWALLED names {name}, no model" for name in sorted(set(unwalled) - labels)
    ]


def _is(key: Any, label: str) -> bool:
    related = key.related_model
    return (related if isinstance(related, str) else related._meta.label) == label


def _site_path(model: Any, path: str) -> list[str]:
    """The path goes from key to key to a site, and on from each model as that model says."""
    label, first, rest = model._meta.label, *path.partition("__")[::2]
    key = {field.name: field for field in model._meta.local_fields}.get(first)
    if key is None or not key.is_relation:
        return [f"{label}.site_path begins with {first}, which is no key"]
    if not rest:
        return [] if _is(key, "accounts.Site") else [f"{label}.site_path ends at no site"]
    if getattr(key.related_model, "site_path", "") != rest:
        return [f"{label}.site_path goes on otherwise than {key.related_model._meta.label}'s"]
    if key.null:
        return [f"{label}.{first} may be empty, and then the row is nobody's"]
    return []

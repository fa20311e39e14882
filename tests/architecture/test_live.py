"""Addresses and models as Django sees them: kept by the house, and caught when broken."""

from itertools import count

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps
from django.urls import include, path

from stoop.config import urls
from tests.architecture import live


def _house_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("stoop.")]


def _open(request): ...


def _guarded(request): ...


_guarded.permission = "incidents.view"


def test_every_address_declares_its_permission() -> None:
    assert live.permissions(urls.urlpatterns, urls.PUBLIC) == []


def test_every_field_has_a_privacy_class() -> None:
    assert live.privacy(_house_models()) == []


def test_every_key_points_down() -> None:
    assert live.foreign_keys(_house_models()) == []


def test_what_is_a_sites_or_a_persons_own_says_so() -> None:
    assert live.walls(_house_models()) == []


@pytest.mark.parametrize(
    ("patterns", "public"),
    [
        ([path("areas/", _open, name="areas")], set()),
        ([path("v1/", include([path("areas/", _open, name="areas")]))], set()),
        ([path("areas/", _open)], {""}),
        ([path("areas/", _guarded, name="areas")], {"areas"}),
        ([path("areas/", _guarded, name="areas")], {"gone"}),
    ],
    ids=["undeclared", "nested", "unnamed", "both", "gone"],
)
def test_an_open_address_is_seen(patterns, public) -> None:
    assert len(live.permissions(patterns, public)) == 1


@pytest.mark.parametrize(
    ("patterns", "public"),
    [
        ([path("areas/", _open, name="areas")], {"areas"}),
        ([path("areas/", _guarded, name="areas")], set()),
    ],
    ids=["public", "guarded"],
)
def test_a_declared_address_passes(patterns, public) -> None:
    assert live.permissions(patterns, public) == []


def _model(
    app: str, privacy: dict[str, str], /, called: str = "Thing", **fields: models.Field
) -> type[models.Model]:
    meta = type("Meta", (), {"app_label": app})
    body = {"__module__": f"stoop.{app}.models", "Meta": meta, "privacy": privacy, **fields}
    return type(f"{app.title()}{called}", (models.Model,), body)


@isolate_apps()
def test_a_field_without_a_privacy_class_is_seen() -> None:
    silent = _model("places", {}, name=models.TextField())
    gone = _model("incidents", {"name": "public", "old": "site"}, name=models.TextField())
    odd = _model("precision", {"name": "secret"}, name=models.TextField())
    kept = _model("fieldwork", {"name": "sealed"}, name=models.TextField())
    assert [len(live.privacy([each])) for each in (silent, gone, odd, kept)] == [1, 1, 1, 0]


@isolate_apps()
def test_a_key_that_points_up_or_leaves_a_name_is_seen() -> None:
    def key(model, **choices):
        return models.ForeignKey(model, on_delete=models.CASCADE, **choices)

    place = _model("places", {})
    loud = _model("incidents", {}, place=key(place))
    quiet = _model("fieldwork", {}, place=key(place, related_name="+"))
    wrong = _model("ledger", {}, place=key(place, related_name="+"))
    assert live.foreign_keys([loud]) == [
        'incidents.IncidentsThing.place leaves a name in places; write related_name="+"'
    ]
    assert live.foreign_keys([quiet]) == []
    assert live.foreign_keys([wrong]) == ["ledger.LedgerThing.place points up, at places"]


_numbers = count(1)


def _walled(app: str, site_path: str = "", person_path: str = "", **keys: object):
    """A little model with keys; `name=("accounts.Site", True)` may be empty."""
    fields = {
        name: models.ForeignKey(
            key if isinstance(key, type) else key[0],
            null=not isinstance(key, type) and key[1],
            on_delete=models.CASCADE,
            related_name="+",
        )
        for name, key in keys.items()
    }
    model = _model(app, {}, called=f"Thing{next(_numbers)}", **fields)
    if site_path:
        model.site_path = site_path
    if person_path:
        model.person_path = person_path
    return model


@isolate_apps()
def test_a_table_that_forgets_its_wall_is_seen() -> None:
    parent = _walled("fieldwork", "site", site=("accounts.Site", False))
    cases = [
        (_walled("casework", site=("accounts.Site", False)), "leads to a site"),
        (_walled("casework", site=("accounts.Site", True)), "leads to a site"),
        (_walled("casework", parent=parent), "leads to a site"),
        (_walled("casework", person=("accounts.Person", False)), "whose it is"),
        (_walled("casework", "parent", parent=parent), "ends at no site"),
        (_walled("casework", "parent__team", parent=parent), "goes on otherwise"),
        (_walled("casework", "parent__site", parent=(parent, True)), "nobody's"),
        (_walled("casework", "place", site=("accounts.Site", False)), "no key"),
        (_walled("casework", person_path="owner", person=("accounts.Person", False)), "no field"),
    ]
    for model, said in cases:
        (complaint,) = live.walls([model], ())
        assert said in complaint
    assert live.walls([], ["casework.Gone"]) == ["UNWALLED names casework.Gone, no model"]


@isolate_apps()
def test_a_table_with_its_wall_passes() -> None:
    parent = _walled("fieldwork", "site", site=("accounts.Site", False))
    kept = [
        parent,
        _walled("casework", "parent__site", parent=parent),
        _walled("community", person_path="person", person=("accounts.Person", False)),
        _walled("providers", by=("accounts.Person", True)),
    ]
    assert live.walls(kept, ()) == []
    listed = _walled("evaluation", site=("accounts.Site", False))
    assert live.walls([listed], [listed._meta.label]) == []

"""Addresses of the API, version 1. Each view carries the permission of its operations."""

import json
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from stoop import __version__
from stoop.api.views import incidents, problems, reports

PREFIX = "api/v1/"

api = NinjaAPI(
    title="Stoop",
    version=__version__,
    description="Report shootings, and read them as precisely as your role may.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="stoop-api",
)
problems.handle(api)
api.add_router("", reports.router)
api.add_router("", incidents.router)


def _guarded(pattern: URLPattern) -> URLPattern:
    """The pattern with bodies checked first and the permission of its operations on its view."""
    view = pattern.callback
    methods = {
        method: operation.view_func.permission
        for operation in _operations(pattern)
        for method in operation.methods
    }

    @csrf_exempt  # a key is no cookie; and with a session nothing is changed here
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        allowed = {*methods, "OPTIONS"}
        if request.method not in allowed:
            refused = problems.problem(405, "That address does not do that; see its document.")
            refused["Allow"] = ", ".join(sorted(methods))
            return refused
        return problems.unfit(request) or view(request, *args, **kwargs)

    guarded.permissions = methods
    guarded.permission = next(iter(methods.values()))
    return path(str(pattern.pattern), guarded, name=pattern.name)


def _operations(pattern: URLPattern) -> list[Any]:
    """The operations at an address, found by its name."""
    views = [*reports.router.path_operations.values(), *incidents.router.path_operations.values()]
    every = [each for view in views for each in view.operations]
    return [each for each in every if getattr(each, "url_name", "") == pattern.name]


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document of this API. It tells nothing but what may be asked."""
    document = json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"/{PREFIX}"), default=str))
    for path_ in document["paths"].values():
        for operation in path_.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {problems.TYPE: answer["content"]["application/json"]}
    return JsonResponse(document)


urlpatterns = [path(f"{PREFIX}openapi.json", openapi, name="api-openapi")] + [
    path(f"{PREFIX}{each.pattern}", each.callback, name=each.name)
    for each in (_guarded(pattern) for pattern in api.urls[0] if pattern.name != "api-root")
]

"""Errors as application/problem+json: one clear sentence, nothing of what was sent."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from stoop.kernel.errors import Refusal

MOST_BYTES = 64_000
TYPE = "application/problem+json"


def problem(status: int, detail: str, errors: list[str] | None = None) -> HttpResponse:
    """The error as a response."""
    said = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }
    response = JsonResponse(said, status=status, content_type=TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="stoop"'
    return response


def unfit(request: HttpRequest) -> HttpResponse | None:
    """Why a body cannot be read at all; None if it can."""
    if request.method not in ("POST", "PUT", "PATCH"):
        return None
    kind = request.content_type.lower()
    if kind != "application/json" or request.content_params.get("charset", "utf-8").lower() not in (
        "utf-8",
        "utf8",
    ):
        return problem(415, "Send the body as application/json in UTF-8.")
    length = request.headers.get("Content-Length", "")
    too_long = length.isdigit() and (len(length) > 9 or int(length) > MOST_BYTES)
    try:
        too_long = too_long or len(request.body) > MOST_BYTES
    except RequestDataTooBig:
        too_long = True
    if too_long:
        return problem(
            413, f"The body is longer than {MOST_BYTES} bytes; send one report at a time."
        )
    if not request.body.strip():
        return problem(400, "The body is empty; send one JSON object.")
    return None


def handle(api: NinjaAPI) -> None:
    """Teach the API to say every error so."""
    api.add_exception_handler(
        Http404, lambda _request, _error: problem(404, "There is no such thing.")
    )
    api.add_exception_handler(Refusal, lambda _request, refusal: problem(422, str(refusal)))
    api.add_exception_handler(
        PermissionDenied, lambda _request, _error: problem(403, "That is not allowed.")
    )
    api.add_exception_handler(
        AuthenticationError,
        lambda _request, _error: problem(401, "Give a key: Authorization: Bearer <your key>."),
    )
    api.add_exception_handler(HttpError, _other)
    api.add_exception_handler(ValidationError, _wrong)


def _other(_request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 400:
        return problem(400, "The body is no JSON that can be read; check its quotes and brackets.")
    return problem(error.status_code, HTTPStatus(error.status_code).phrase)


def _wrong(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Which fields are wrong and how; never what stood in them, nor an unknown field's name."""
    errors = [_in_words(each) for each in error.errors[:20]]
    detail = "; ".join(errors[:3]) or "The request is not understood"
    return problem(422, f"{detail}.", errors)


def _in_words(each: dict[str, Any]) -> str:
    place = [str(part) for part in each["loc"] if part not in ("body", "query", "path", "said")]
    if each["type"] == "extra_forbidden":
        return "a field is not known; the OpenAPI document lists those that are"
    name = place[0] if place else "the body"
    return f"{name}: {each['msg'].lower()}" if _plain(each["type"]) else f"{name} is not understood"


def _plain(kind: str) -> bool:
    """Kinds of errors whose message holds a limit, never what was sent."""
    return kind in {
        "missing",
        "int_type",
        "float_type",
        "bool_type",
        "string_type",
        "string_too_long",
        "string_too_short",
        "greater_than_equal",
        "less_than_equal",
        "finite_number",
        "literal_error",
    }

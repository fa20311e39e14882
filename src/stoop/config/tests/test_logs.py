"""Logs and answers: lines of JSON, and nothing in them that a person wrote."""

import json
import logging
from typing import Any

import pytest
from django.template import engines
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from stoop.config import urls
from stoop.config.middleware import requests
from stoop.config.views import errors
from stoop.kernel.logs import LOGGER, Lines, log, log_error

MARKER = "Xylophone"
WHERE = f"/{MARKER}-street/?q={MARKER}&email={MARKER}@example.org"


@pytest.fixture
def lines() -> Any:
    """What is logged, as it would be written; every logger is heard."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    kept = Kept()
    kept.setFormatter(Lines())
    heard = [logging.getLogger(name) for name in ("", LOGGER, "django", "django.request")]
    before = [(each, each.level) for each in heard]
    for each in heard:
        each.addHandler(kept)
        each.setLevel(logging.DEBUG)
    yield written
    for each, level in before:
        each.removeHandler(kept)
        each.setLevel(level)


def broken(request: Any, word: str) -> Any:
    secret = f"{MARKER} in a local variable"
    raise ValueError(f"{MARKER} in a message, {secret}")


urlpatterns = [*urls.urlpatterns, path("broken/<str:word>", broken, name="broken")]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def browser(db: None) -> Any:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(SERVER_NAME="localhost", raise_request_exception=False)


def test_no_word_of_a_person_is_logged(browser: Client, lines: list[str], personas: Any) -> None:
    """Addresses, queries, forms, files, headers, cookies, bodies that are no JSON, errors."""
    browser.get(WHERE)
    browser.get(f"/broken/{MARKER}?{MARKER}")
    for at in ("/sign-in/", "/accounts/login/", "/report/", "/incidents/report/"):
        browser.post(at, {"login": f"{MARKER}@example.org", "password": MARKER, "block": MARKER})
    browser.post("/api/v1/reports", data=f"{{{MARKER}", content_type="application/json")
    browser.get("/", headers={"host": f"{MARKER}.example", "user-agent": MARKER})
    browser.get("/", headers={"cookie": f"sessionid={MARKER}"})
    browser.force_login(personas.carol)
    browser.post("/report/", {"block": MARKER, "occurred_at": MARKER, "lon": MARKER})
    browser.get("/incidents/", {"q": MARKER})
    assert len(lines) > 8
    assert [line for line in lines if MARKER.lower() in line.lower()] == []


def test_each_answer_leaves_one_line(browser: Client, lines: list[str], personas: Any) -> None:
    answer = browser.get(WHERE)
    (line,) = [json.loads(each) for each in lines if '"request"' in each]
    assert line["view"] == "none"
    assert line["status"] == 404
    assert line["id"] == answer["X-Request-ID"]
    assert set(line) == {"at", "level", "event", "id", "view", "method", "status", "ms", "by"}
    lines.clear()
    browser.force_login(personas.carol)
    browser.get("/brief/")
    (line,) = [json.loads(each) for each in lines if '"request"' in each]
    assert (line["view"], line["by"]) == ("brief", personas.carol.ref)


def test_an_error_is_told_by_kind_and_place(browser: Client, lines: list[str]) -> None:
    answer = browser.get(f"/broken/{MARKER}")
    assert answer.status_code == 500
    told = next(json.loads(each) for each in lines if "request.failed" in each)
    assert told["error"] == "ValueError"
    assert told["where"][-1].startswith("stoop/config/tests/test_logs.py:")
    assert told["id"] == answer["X-Request-ID"]
    assert MARKER not in answer.content.decode()
    assert told["id"] in answer.content.decode(), "the number to tell somebody"


def test_a_chain_of_errors_tells_its_kinds(lines: list[str]) -> None:
    try:
        try:
            raise KeyError(MARKER)
        except KeyError as inner:
            raise RuntimeError(MARKER) from inner
    except RuntimeError as error:
        log_error("failed", error, loop="tests")
    told = json.loads(lines[-1])
    assert told["error"] == "RuntimeError from KeyError"
    assert told["loop"] == "tests"


def test_another_library_cannot_say_what_it_heard(lines: list[str]) -> None:
    logging.getLogger("axes").warning("failed login by %s", MARKER)
    told = json.loads(lines[-1])
    assert told["logger"] == "axes"
    assert told["place"].startswith("stoop/config/tests/test_logs.py:")
    assert MARKER not in lines[-1]


def test_a_line_is_one_line(lines: list[str]) -> None:
    log("odd", code="a\nb\u2028c")
    assert "\n" not in lines[-1]
    assert json.loads(lines[-1])["code"] == "a\nb\u2028c"


def test_a_template_that_lacks_something_says_so_in_tests() -> None:
    """What the tests of pages look for; to people it shows nothing there."""
    page = engines["django"].from_string("<b>{{ nothing_of_that_name }}</b>").render()
    assert page == "<b>!! missing in template: nothing_of_that_name !!</b>"


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (errors.bad_request, 400),
        (errors.no_permission, 403),
        (errors.stale_form, 403),
        (errors.not_found, 404),
        (errors.too_large, 413),
        (errors.broken, 500),
    ],
)
def test_pages_of_errors_ask_nothing_and_load_nothing_foreign(view: Any, status: int) -> None:
    """No database, no session, no actor: they are shown when those are gone."""
    request = RequestFactory().get(WHERE)
    answer = view(request)
    text = answer.content.decode()
    assert answer.status_code == status
    assert "missing in template" not in text
    assert MARKER not in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert "<script>" not in text


def test_an_api_is_told_in_its_own_language() -> None:
    answer = errors.not_found(RequestFactory().get("/api/v1/nothing"))
    assert json.loads(answer.content)["error"].startswith("There is nothing here")


def test_a_large_form_is_told_so(browser: Client) -> None:
    body = "block=" + "x" * 1_100_000
    answer = browser.post("/sign-in/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (404, 413)


def test_methods_that_nobody_knows_make_no_new_counter() -> None:
    request = RequestFactory().generic("XYZZY", "/")
    assert requests._method(request) == "other"

"""Static files: marked, kept for a year, compressed, whole."""

import gzip

import pytest
from django.templatetags.static import static

pytestmark = pytest.mark.django_db  # the end of an answer looks at connections, if there are any


def body(client, path, **headers):
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return answer, answer.content


def test_an_address_carries_a_mark_and_the_file_is_kept(client):
    path = static("ui/app.css")
    assert "/static/ui/app.css?v=" in path
    answer, _ = body(client, path)
    assert "immutable" in answer["Cache-Control"]
    assert "immutable" not in body(client, "/static/ui/app.css")[0]["Cache-Control"]


def test_texts_are_compressed_for_those_who_take_it(client):
    plain, text = body(client, "/static/ui/app.css")
    small, packed = body(client, "/static/ui/app.css", **{"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed) == text
    assert len(packed) < len(text) / 2
    assert small["Content-Length"] == str(len(packed))
    assert plain["Content-Length"] == str(len(text))
    assert "Accept-Encoding" in small["Vary"]


def test_pictures_are_as_they_are(client):
    answer, _ = body(client, "/static/ui/icon-192.png", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer


def test_a_file_that_is_known_is_not_sent_again(client):
    first, _ = body(client, "/static/ui/app.css")
    again = client.get("/static/ui/app.css", headers={"If-Modified-Since": first["Last-Modified"]})
    assert again.status_code == 304


def test_the_head_alone_is_sent_when_asked(client):
    answer = client.head("/static/ui/app.css")
    assert answer.status_code == 200
    assert int(answer["Content-Length"]) > 1000
    assert answer.content == b""


def test_a_file_that_is_not_there(client):
    assert client.get("/static/ui/no.css").status_code in (302, 404)
    assert static("ui/no.css") == "/static/ui/no.css"

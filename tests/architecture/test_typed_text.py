"""What people typed stands apart from the sentence around it, whichever way either is read.

A block's name in Latin letters inside an Arabic sentence, or the other way round, would otherwise
pull the punctuation beside it to the wrong end. `<bdi>` keeps each in its own direction.
"""

import re

import pytest

from tests.architecture.tree import SRC

MODULES = ("accounts", "evaluation", "fieldwork", "incidents", "notifications", "portal")
# Fields that somebody typed, by the last part of their name.
_FIELDS = (
    r"(?:name|block|place|why|where|neighborhood|question|(?<!headings\.)answer|failure|doing"
    r"|publisher)"
)
_TYPED = re.compile(rf"\{{\{{ (?:\w+\.)*{_FIELDS}(?:\|[^}}]*)? \}}\}}")
_SENTENCE = re.compile(r"\{% blocktranslate ([^%]*)%\}(.*?)\{% endblocktranslate %\}", re.DOTALL)
_GIVEN = re.compile(rf"(\w+)=(?:\w+\.)*{_FIELDS}(?![\w.])")
# Where no element may stand, or the whole is one: a title, an attribute, an option of a list.
_APART = re.compile(
    r"\{% block title %\}.*?\{% endblock %\}|<option.*?</option>|=\"[^\"]*\"|='[^']*'"
    r"|<bdi>.*?</bdi>|<(\w+) dir=\"auto\">.*?</\1>",
    re.DOTALL,
)


def loose(text: str) -> list[str]:
    """Typed text of a template that stands in no element of its own direction."""
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
    found = []
    for given, sentence in _SENTENCE.findall(_APART.sub("", text)):
        names = _GIVEN.findall(given)
        found += [name for name in names if f"{{{{ {name} }}}}" in sentence]
    return found + _TYPED.findall(_APART.sub("", _SENTENCE.sub("", text)))


def test_typed_text_keeps_its_direction() -> None:
    pages = [p for m in MODULES for p in (SRC / "stoop" / m / "templates").rglob("*.html")]
    assert len(pages) > 60
    own = [page for page in pages if "library" not in page.parts]
    complaints = [
        f"{page.relative_to(SRC)}: {each}" for page in own for each in loose(page.read_text())
    ]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "text",
    [
        "<p>{{ person.name }}, {{ moment }}</p>",
        "<p>{{ line.where|default:line.area }}</p>",
        "{% blocktranslate with site=shift.site.name %}for {{ site }}{% endblocktranslate %}",
    ],
)
def test_a_loose_one_is_found(text: str) -> None:
    assert loose(text)


@pytest.mark.parametrize(
    "text",
    [
        "<p><bdi>{{ person.name }}</bdi>, {{ moment }}</p>",
        '<option value="1">{{ person.name }}</option><input value="{{ line.block }}">',
        "{% block title %}{{ source.name }}{% endblock %}",
        "{% blocktranslate with n=a.name %}for <bdi>{{ n }}</bdi>{% endblocktranslate %}",
    ],
)
def test_what_stands_apart_passes(text: str) -> None:
    assert not loose(text)

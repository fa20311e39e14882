"""The few words that are a chart's own, in the language of the page."""

from django.utils.translation import gettext


def _(text: str) -> str:
    return str(gettext(text))

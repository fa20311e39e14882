"""The module as Django knows it."""

from typing import Any

from django import forms
from django.apps import AppConfig
from django.core import validators
from django.utils.translation import gettext_lazy as _

# What is wrong with a field, in our words instead of Django's, whoever wrote the form.
WORDS: dict[Any, dict[str, Any]] = {
    forms.Field: {"required": _("Fill this in.")},
    forms.ChoiceField: {
        "required": _("Choose one."),
        "invalid_choice": _("Choose one of the list."),
    },
    forms.MultipleChoiceField: {"required": _("Choose at least one.")},
    forms.ModelChoiceField: {
        "required": _("Choose one."),
        "invalid_choice": _("Choose one of the list."),
    },
    forms.BooleanField: {"required": _("Tick this if it is so.")},
}
LIMITS = {
    validators.MinValueValidator: _("It must be at least %(limit_value)s."),
    validators.MaxValueValidator: _("It must be at most %(limit_value)s."),
    validators.MinLengthValidator: _("Too short: write at least %(limit_value)d letters."),
    validators.MaxLengthValidator: _(
        "Too long: at most %(limit_value)d letters fit, and these are %(show_value)d."
    ),
}


class UiConfig(AppConfig):
    name = "stoop.ui"
    label = "ui"

    def ready(self) -> None:
        for field, words in WORDS.items():
            field.default_error_messages = {**field.default_error_messages, **words}
        for limit, word in LIMITS.items():
            limit.message = word

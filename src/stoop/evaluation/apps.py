"""The Django app of this module."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Studies of programs: what changed, against what, and how far to trust it."""

    name = "stoop.evaluation"
    label = "evaluation"

"""A plan as a form: lines that can be filled, changed and emptied."""

import math
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, ngettext

from stoop.fieldwork.models import Plan, shipped

UNITS = (
    ("h", gettext_lazy("hours")),
    ("m", gettext_lazy("minutes")),
    ("d", gettext_lazy("days")),
)
IN_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}
WHERE = (
    ("", gettext_lazy("no place")),
    ("block", gettext_lazy("block")),
    ("building", gettext_lazy("building")),
    ("organization", gettext_lazy("organization")),
)
SPARE = 3  # empty lines at the end, for new ones


class PlanForm(forms.Form):
    """What the plan is called."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=80)
    sentence = forms.CharField(label=gettext_lazy("In one sentence"), max_length=300)
    by_hand = forms.BooleanField(
        label=gettext_lazy("A site may open it by hand, without a reported shooting"),
        required=False,
    )


class ClockLine(forms.Form):
    """Something wanted by a time. Without a label the line goes away."""

    code = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    label = forms.CharField(label=gettext_lazy("Clock"), required=False, max_length=80)
    length = forms.FloatField(label=gettext_lazy("After"), required=False, min_value=0)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=UNITS, required=False)

    @property
    def length_said(self) -> str:
        """Its time in words, for the folded line; empty where there is none."""
        try:
            length = float(self["length"].value() or "")
        except ValueError:
            return ""
        if not math.isfinite(length):
            return ""
        return length_in_words(length * IN_HOURS.get(self["unit"].value() or "h", 1.0))


class TaskLine(ClockLine):
    """A piece of work, with or without a time."""

    label = forms.CharField(label=gettext_lazy("Task"), required=False, max_length=80)
    at_start = forms.BooleanField(label=gettext_lazy("from the start"), required=False)


class CountLine(forms.Form):
    """Something to count."""

    code = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    label = forms.CharField(label=gettext_lazy("Count"), required=False, max_length=80)
    part = forms.CharField(label=gettext_lazy("Part of it"), required=False, max_length=40)
    where = forms.ChoiceField(label=gettext_lazy("By"), choices=WHERE, required=False)
    hour = forms.BooleanField(label=gettext_lazy("with the hour"), required=False)
    kinds = forms.CharField(
        label=gettext_lazy("Kinds, with commas"), required=False, max_length=600
    )


Clocks = forms.formset_factory(ClockLine, extra=SPARE, max_num=24)
Tasks = forms.formset_factory(TaskLine, extra=SPARE, max_num=34)
Counts = forms.formset_factory(CountLine, extra=SPARE, max_num=24)


def initial(plan: Plan | None) -> dict[str, Any]:
    """What the four parts of the form begin with."""
    if plan is None:
        debrief = {"code": "debrief", "label": "Staff debrief", "length": 48, "unit": "h"}
        return {
            "plan": {"seen": 0, "by_hand": True},
            "clocks": [debrief],
            "tasks": [],
            "counts": [],
        }
    return {
        "plan": {
            "seen": plan.version,
            "title": plan.title,
            "sentence": plan.sentence,
            "by_hand": plan.by_hand,
        },
        "clocks": [{**each, **_length(each["hours"])} for each in plan.clocks],
        "tasks": [{**each, **_length(each["hours"])} for each in plan.tasks],
        "counts": [
            {**each, "kinds": ", ".join(kind["label"] for kind in each["kinds"])}
            for each in plan.counts
        ],
    }


def wanted(
    plan: dict[str, Any],
    clocks: list[dict[str, Any]],
    tasks: list[dict[str, Any]],
    counts: list[dict[str, Any]],
    held: Plan | None,
) -> dict[str, Any]:
    """The plan that the form says, as `actions.change_plan` takes it."""
    kinds = {each["code"]: each["kinds"] for each in held.counts} if held else {}
    return {
        "title": plan["title"],
        "sentence": plan["sentence"],
        "by_hand": plan["by_hand"],
        "clocks": [_timed(each) for each in clocks if each.get("label")],
        "tasks": [
            {**_timed(each), "at_start": each["at_start"]} for each in tasks if each.get("label")
        ],
        "counts": [
            _counted(each, kinds.get(each["code"], [])) for each in counts if each.get("label")
        ],
    }


def _length(hours: float | None) -> dict[str, Any]:
    if hours is None:
        return {"length": None, "unit": "h"}
    if hours >= 48 and hours % 24 == 0:
        return {"length": _plain(hours / 24), "unit": "d"}
    if hours < 1:
        return {"length": _plain(round(hours * 60, 1)), "unit": "m"}
    return {"length": _plain(hours), "unit": "h"}


def said(plan: Any) -> dict[str, Any]:
    """A plan for reading, its lengths in words; of a Plan or of what `checked_plan` gives."""
    held = plan if isinstance(plan, dict) else vars(plan)
    timed = {
        name: [
            {**line, "label": shipped.said(line["label"]), "said": length_in_words(line["hours"])}
            for line in held[name]
        ]
        for name in ("clocks", "tasks")
    }
    return {
        "title": shipped.said(held["title"]),
        "sentence": shipped.said(held["sentence"]),
        "counts": [shipped.in_words(line) for line in held["counts"]],
        **timed,
    }


def length_in_words(hours: float | None) -> str:
    """30 minutes, 24 hours, 7 days."""
    if hours is None:
        return ""
    length = _length(hours)
    count, unit = length["length"], length["unit"]
    many = 1 if count == 1 else 2
    words = {
        "m": ngettext("%(n)s minute", "%(n)s minutes", many),
        "h": ngettext("%(n)s hour", "%(n)s hours", many),
        "d": ngettext("%(n)s day", "%(n)s days", many),
    }
    return words[unit] % {"n": count}


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def code_of(label: str) -> str:
    """A code out of a label; one that begins with a letter."""
    code = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:40]
    return code if code[:1].isalpha() else f"x_{code}"[:40].rstrip("_")


def _timed(line: dict[str, Any]) -> dict[str, Any]:
    length = line.get("length")
    hours = None if length is None else length * IN_HOURS[line.get("unit") or "h"]
    return {"code": line["code"] or code_of(line["label"]), "label": line["label"], "hours": hours}


def _counted(line: dict[str, Any], held: list[dict[str, str]]) -> dict[str, Any]:
    known = {each["label"]: each["code"] for each in held}
    labels = [label for part in line["kinds"].split(",") if (label := part.strip())]
    return {
        "code": line["code"] or code_of(line["label"]),
        "label": line["label"],
        "part": line["part"],
        "where": line["where"],
        "hour": line["hour"],
        "kinds": [{"code": known.get(each) or code_of(each), "label": each} for each in labels],
    }

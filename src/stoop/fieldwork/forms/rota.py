"""Forms of the rota."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stoop.kernel import clock

WEEKDAYS = (
    ("0", gettext_lazy("Mon")),
    ("1", gettext_lazy("Tue")),
    ("2", gettext_lazy("Wed")),
    ("3", gettext_lazy("Thu")),
    ("4", gettext_lazy("Fri")),
    ("5", gettext_lazy("Sat")),
    ("6", gettext_lazy("Sun")),
)
RANKS = (("1", gettext_lazy("First")), ("2", gettext_lazy("Second, when nobody answers")))
MOMENT = "%Y-%m-%dT%H:%M"


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)


class PatternForm(forms.Form):
    """On call on some days of the week, for some weeks."""

    person = forms.ChoiceField(label=gettext_lazy("Who"))
    rank = forms.ChoiceField(label=gettext_lazy("Is told"), choices=RANKS, initial="1")
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("On which days"), choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple
    )
    begins = forms.TimeField(
        label=gettext_lazy("From"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    ends = forms.TimeField(
        label=gettext_lazy("Until"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("The same hour or an earlier one is on the next day."),
    )
    first = forms.DateField(
        label=gettext_lazy("From the day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    weeks = forms.IntegerField(
        label=gettext_lazy("For how many weeks"), min_value=1, max_value=26, initial=4
    )

    def __init__(self, people: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = choices(people)


class CoverForm(forms.Form):
    """Who stands in, for which part of a shift."""

    person = forms.ChoiceField(label=gettext_lazy("Who stands in"))
    starts = forms.DateTimeField(label=gettext_lazy("From"), widget=_moment())
    ends = forms.DateTimeField(label=gettext_lazy("Until"), widget=_moment())

    def __init__(self, people: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = choices(people)


class PersonForm(forms.Form):
    """One person of the site."""

    person = forms.ChoiceField(label=gettext_lazy("To whom"))

    def __init__(self, people: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = choices(people)


class RestForm(PersonForm):
    """A rest that the supervisor gives."""

    hours = forms.ChoiceField(
        label=gettext_lazy("For"),
        choices=[
            ("8", gettext_lazy("8 hours")),
            ("12", gettext_lazy("12 hours")),
            ("24", gettext_lazy("1 day")),
            ("48", gettext_lazy("2 days")),
        ],
        initial="12",
    )


def choices(people: list[Any]) -> list[tuple[str, str]]:
    """People to choose from, nobody beforehand."""
    return [("", _("Choose…")), *((str(each.pk), each.name) for each in people)]


def whole_minutes(moment: Any) -> Any:
    """A moment as a form shows it, by the city's clock."""
    return timezone.localtime(moment).strftime(MOMENT)


def next_monday() -> Any:
    """The day on which a new pattern usually begins: today, if it is a Monday."""
    today = timezone.localdate(clock.now())
    return today + timedelta(days=-today.weekday() % 7)

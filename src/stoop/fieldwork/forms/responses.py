"""Forms of a response."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stoop.fieldwork.models import Clock, Plan, Response, Task
from stoop.fieldwork.models.shipped import said
from stoop.kernel import clock

LEVELS = (
    ("0", gettext_lazy("0 · No sign of it")),
    ("1", gettext_lazy("1 · Talk, tension on the block")),
    ("2", gettext_lazy("2 · Threats, people getting ready")),
    ("3", gettext_lazy("3 · Expected within hours")),
)
HOLDS = (
    ("24", gettext_lazy("1 day")),
    ("72", gettext_lazy("3 days")),
    ("168", gettext_lazy("7 days")),
)
REASONS = [
    (code, label)
    for code, label in Clock.Reason.choices
    if code not in (Clock.Reason.NEEDED, Clock.Reason.RETRACTED)
]
HOURS = [(str(hour), f"{hour:02d}:00 – {(hour + 1) % 24:02d}:00") for hour in range(24)]


class OpenForm(forms.Form):
    """Open a response by hand: by which plan, where, since when."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    site = forms.ChoiceField(label=gettext_lazy("Site"))
    plan = forms.ChoiceField(label=gettext_lazy("What it is"), widget=forms.RadioSelect)
    place = forms.CharField(
        label=gettext_lazy("Where"),
        max_length=200,
        help_text=gettext_lazy("A block or a building, like “Elm St, 3rd to 4th” or “Building 4”."),
    )
    began_at = forms.DateTimeField(
        label=gettext_lazy("Since when"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Its clocks count from here."),
    )

    def __init__(self, sites: list[Any], plans: list[Plan], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = [(site.code, site.name) for site in sites]
        self.fields["plan"].choices = [(plan.code, plan.said) for plan in plans]
        self.fields["place"].widget.attrs["autocomplete"] = "off"


class CountForm(forms.Form):
    """One count by a line of the plan: numbers and choices."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    what = forms.CharField(widget=forms.HiddenInput, max_length=40)
    kind = forms.ChoiceField(label=gettext_lazy("Which"))
    organization = forms.ChoiceField(label=gettext_lazy("Organization"), required=False)
    block = forms.CharField(label=gettext_lazy("Block"), max_length=200)
    number = forms.IntegerField(min_value=0, max_value=9999)
    part = forms.IntegerField(min_value=0, max_value=9999, required=False)
    day = forms.ChoiceField(label=gettext_lazy("Day"))
    hour = forms.ChoiceField(label=gettext_lazy("Hour"), choices=HOURS)

    def __init__(
        self, line: dict[str, Any], organizations: list[Any], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields = self.fields
        fields["number"].label = line["label"]
        fields["number"].widget.attrs["inputmode"] = "numeric"
        fields["part"].label = _("Of these: %(part)s") % {"part": line["part"]}
        fields["part"].help_text = _("Leave it empty when nobody counted.")
        fields["part"].widget.attrs["inputmode"] = "numeric"
        fields["kind"].choices = [(each["code"], each["label"]) for each in line["kinds"]]
        fields["organization"].choices = [("", _("None from the list")), *_by_kind(organizations)]
        fields["block"].label = _("Building") if line["where"] == "building" else _("Block")
        fields["block"].widget.attrs.update(autocomplete="off", list="blocks")
        today = timezone.localdate(clock.now())
        fields["day"].choices = [
            ((today - timedelta(days=n)).isoformat(), _day_name(n, today - timedelta(days=n)))
            for n in range(8)
        ]
        wanted = {
            "kind": bool(line["kinds"]),
            "organization": line["where"] == "organization" and bool(organizations),
            "block": line["where"] in ("block", "building"),
            "part": bool(line["part"]),
            "hour": line["hour"],
        }
        for name, is_wanted in wanted.items():
            if not is_wanted:
                del fields[name]

    def clean(self) -> dict[str, Any]:
        """After midnight the doors of the last evening are soon written down for the next one."""
        said: dict[str, Any] = super().clean() or {}
        now = timezone.localtime(clock.now())
        if said.get("day") == now.date().isoformat() and int(said.get("hour", 0)) > now.hour:
            self.add_error("hour", _("It is still to come today. Was it the day before?"))
        return said


def _by_kind(organizations: list[Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Organizations to choose from, in a group for each kind, in the order given."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in organizations:
        found.setdefault(each.get_kind_display(), []).append((str(each.pk), each.name))
    return list(found.items())


def count_begins(line: dict[str, Any]) -> dict[str, Any]:
    """What a form of a count begins with: now, by the city's clock."""
    now = timezone.localtime(clock.now())
    return {"what": line["code"], "day": now.date().isoformat(), "hour": str(now.hour)}


def _day_name(ago: int, day: Any) -> str:
    if ago < 2:
        return str(_("Today") if ago == 0 else _("Yesterday"))
    return f"{day:%a} {day.day} {day:%b}"


class RetaliationForm(forms.Form):
    """The team's reading of the situation, and for how long it holds."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    level = forms.ChoiceField(
        label=gettext_lazy("The situation"), choices=LEVELS, widget=forms.RadioSelect
    )
    hours = forms.ChoiceField(label=gettext_lazy("Holds for"), choices=HOLDS, initial="72")


class ClockForm(forms.Form):
    """Why a clock is not needed, or who answers for it."""

    reason = forms.ChoiceField(label=gettext_lazy("Why not"), choices=REASONS)


class TaskForm(forms.Form):
    """Who does a task, and how it ended."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    owner = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    outcome = forms.ChoiceField(
        label=gettext_lazy("How it ended"),
        required=False,
        choices=[("", gettext_lazy("Not ended")), *Task.Outcome.choices],
    )

    def __init__(self, people: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = owners(people)


class NewTaskForm(forms.Form):
    """A task from the plan's list."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    code = forms.ChoiceField(label=gettext_lazy("Task"))
    owner = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    hours = forms.ChoiceField(
        label=gettext_lazy("By when"),
        required=False,
        choices=[
            ("", gettext_lazy("No time set")),
            ("4", gettext_lazy("In 4 hours")),
            ("24", gettext_lazy("In 1 day")),
            ("72", gettext_lazy("In 3 days")),
            ("168", gettext_lazy("In 7 days")),
        ],
    )

    def __init__(self, plan: Plan, people: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [(each["code"], said(each["label"])) for each in plan.tasks]
        self.fields["owner"].choices = owners(people)


class CloseForm(forms.Form):
    """How a response ended."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=gettext_lazy("How it ended"),
        choices=[
            (code, label)
            for code, label in Response.Outcome.choices
            if code != Response.Outcome.STOOD_DOWN
        ],
    )


def owners(people: list[Any]) -> list[tuple[str, str]]:
    """People to choose from; nobody means the lead."""
    return [("", _("The lead")), *((str(each.pk), each.name) for each in people)]

"""What an evaluator types: the choices of a study, which become its STUDY.toml."""

import json
import re
from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from stoop.evaluation.actions.inputs import INCIDENTS, OUTLINES, SITES
from stoop.evaluation.readers.design import ESTIMATORS
from stoop.places import queries as places

MEASURES = (
    ("victims", _("Persons hit")),
    ("incidents", _("Shootings")),
    ("fatal", _("Shootings in which somebody died")),
)
AREAS = (
    ("recorded", _("The area that the record gives")),
    ("mapped", _("The area of today's map in which the point lies")),
)
LENGTHS = (("year", _("Years")), ("quarter", _("Quarters")), ("month", _("Months")))
# Statuses as the platform's list of programs writes them.
CLOSED = "closed"
AT_WORK = (
    ("operational", _("Programs that are fully at work")),
    ("start_up", _("Those in start-up too")),
)
NAMES = {
    "poisson": _("Poisson regression, the primary answer"),
    "event_study": _("Event study, with the test before the start"),
    "imputation": _("Imputation"),
    "callaway_santanna": _("Callaway and Sant'Anna"),
    "sun_abraham": _("Sun and Abraham"),
    "stacked": _("Stacked"),
    "matched": _("Matched comparison"),
    "before_after": _("Before and after, the number that everybody quotes"),
    "synthetic": _("Synthetic control"),
    "spillover": _("Spillover into the neighbours"),
}
_SAMPLE = re.compile(r"([^:]+):(?:\s*from\s+(\S+))?(?:\s*to\s+(\S+))?(?:\s*until\s+(\S+))?\s*")


def _line(label: Any, most: int, help_text: Any = "", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=most, help_text=help_text, widget=widget, **more)


def _lines(label: Any, most: int, help_text: Any = "", rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})
    return forms.CharField(
        label=label, max_length=most, help_text=help_text, widget=widget, required=False
    )


class DesignForm(forms.Form):
    """The choices of a study, made before its outcome is looked at."""

    question = _line(
        _("Question"), 300, _("In one sentence, as the council asks it. No names of people.")
    )
    measure = forms.ChoiceField(label=_("Counted"), choices=MEASURES, widget=forms.RadioSelect)
    area = forms.ChoiceField(label=_("Where"), choices=AREAS, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("Compared are"))
    length = forms.ChoiceField(label=_("Counted by"), choices=LENGTHS)
    first = _line(_("First one"), 10, _("2018, 2018-Q1 or 2018-01"))
    last = _line(_("Last one"), 10, _("2025, 2025-Q4 or 2025-12: a whole one that has ended"))
    at_work = forms.ChoiceField(
        label=_("At work are"),
        choices=AT_WORK,
        widget=forms.RadioSelect,
        help_text=_(
            "A closed program counts until its last day. Planned ones, and sites that another one "
            "covers, count as none."
        ),
    )
    comparison = _line(
        _("Areas to compare with"),
        2000,
        _("Codes with commas. Empty: all in which no program worked."),
        required=False,
    )
    exclusions = _lines(
        _("Areas left out"), 4000, _("One a line, with the reason. E8: its program closed in 2023")
    )
    rings = _line(
        _("Rings around programs"),
        60,
        _("How far each goes, in metres, with commas: 250, 500. Empty: none are looked at."),
        required=False,
    )
    samples = _lines(
        _("The same again for a part"),
        2000,
        _("One a line. Early starts: to 2020-Q4 · Late ones: from 2021-Q1 · Before: until 2019-Q4"),
    )
    estimators = forms.MultipleChoiceField(
        label=_("Methods"),
        choices=tuple(NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=[each for each in ESTIMATORS if each != "synthetic"],
        help_text=_(
            "Poisson and the event study are always asked: the answer in one sentence is theirs. "
            "Synthetic control has no number here, for it needs residents, which the platform does "
            "not know: ask it with the command."
        ),
    )
    seed = forms.IntegerField(
        label=_("Seed of chance"), min_value=1, max_value=2**31 - 1, initial=1
    )
    permutations = forms.IntegerField(
        label=_("Times that the starts are dealt out anew"),
        min_value=99,
        max_value=9_999,
        initial=999,
    )

    def __init__(self, data: Any = None):
        super().__init__(data, label_suffix="")
        kinds = places.kinds()
        self.fields["kind"].choices = [(kind, kind) for kind in kinds]
        main = places.main_kind()
        self.initial |= {"measure": "victims", "area": "recorded", "length": "quarter"}
        self.initial["at_work"] = "operational"
        self.initial["kind"] = main if main in kinds else next(iter(kinds), "")

    def clean_exclusions(self) -> list[tuple[str, str]]:
        """(area, reason) of each line."""
        found = []
        for line in str(self.cleaned_data["exclusions"]).splitlines():
            code, _colon, reason = (part.strip() for part in line.partition(":"))
            if code and not reason:
                raise forms.ValidationError(
                    now_("Write a colon and the reason after each area: E8: it closed in 2023")
                )
            if code:
                found.append((code, reason))
        return found

    def clean_rings(self) -> list[str]:
        """The end of each ring."""
        found = [part.strip() for part in str(self.cleaned_data["rings"]).split(",")]
        found = [part for part in found if part]
        if not all(re.fullmatch(r"[1-9]\d{0,4}", part, re.ASCII) for part in found):
            raise forms.ValidationError(now_("Write whole metres with commas: 250, 500"))
        return found

    def clean_samples(self) -> list[dict[str, str]]:
        """The keys of each [[sample]]."""
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["samples"].splitlines())):
            said = _SAMPLE.fullmatch(line)
            if not said or not any(said.groups()[1:]):
                raise forms.ValidationError(
                    now_("Write each part as a name, a colon, and from, to or until with a period.")
                )
            keys = ("name", "starts_from", "starts_to", "last")
            pairs = zip(keys, said.groups(), strict=True)
            found.append({key: text.strip() for key, text in pairs if text})
        return found

    def text(self) -> str:
        """The STUDY.toml that these choices are."""
        said = self.cleaned_data
        whole = [
            f"question = {_quoted(said['question'])}",
            f"estimators = [{', '.join(map(_quoted, said['estimators']))}]",
            f"seed = {said['seed']}",
            f"permutations = {said['permutations']}",
            "\n[outcome]",
            f"files = [{_quoted(INCIDENTS)}]",
            f"measure = {_quoted(said['measure'])}",
            f"area = {_quoted(said['area'])}",
            "\n[unit]",
            f"kind = {_quoted(said['kind'])}",
            f"outlines = {_quoted(OUTLINES)}",
            'field = "code"',
            "\n[period]",
            f"length = {_quoted(said['length'])}",
            f"first = {_quoted(said['first'])}",
            f"last = {_quoted(said['last'])}",
            "\n[treatment]",
            f"sites = {_quoted(SITES)}",
            'area = "area"',
            'start = "start"',
            'end = "end"',
            'status = "status"',
            f"at_work = [{', '.join(map(_quoted, self._at_work()))}]",
            f"closed = [{_quoted(CLOSED)}]",
        ]
        if said["rings"]:
            whole += ["\n[spillover]", f"rings_m = [{', '.join(said['rings'])}]"]
        codes = [code.strip() for code in said["comparison"].split(",") if code.strip()]
        if codes:
            whole += ["\n[comparison]", f"units = [{', '.join(map(_quoted, codes))}]"]
        for code, reason in said["exclusions"]:
            whole += ["\n[[exclude]]", f"unit = {_quoted(code)}", f"reason = {_quoted(reason)}"]
        for sample in said["samples"]:
            whole += ["\n[[sample]]", *(f"{key} = {_quoted(sample[key])}" for key in sample)]
        return "\n".join(whole) + "\n"

    def _at_work(self) -> list[str]:
        """The statuses that count: all choices up to the one made."""
        every = [status for status, _label in AT_WORK]
        return every[: every.index(self.cleaned_data["at_work"]) + 1]


def _quoted(text: str) -> str:
    """A text as TOML writes it, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")


class TextForm(forms.Form):
    """The STUDY.toml itself; `seen` marks the text that the writer began with."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    text = forms.CharField(
        label=_("STUDY.toml"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None):
        super().__init__(data, initial=initial, label_suffix="")


class AmendForm(TextForm):
    """Another version of it, and why."""

    reason = _line(
        _("Why"), 500, _("Everybody who reads the study will see it. No names of people.")
    )
    field_order = ("seen", "reason", "text")


class UploadForm(forms.Form):
    """A STUDY.toml from one's own machine."""

    file = forms.FileField(label=_("A STUDY.toml of yours"), max_length=200)

    def __init__(self, data: Any = None, files: Any = None):
        super().__init__(data, files, label_suffix="")

    def clean_file(self) -> str:
        """Its text."""
        told = self.cleaned_data["file"]
        try:
            if told.size > 100_000:
                raise forms.ValidationError(now_("That file is too long to be a design."))
            return str(told.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                now_("That is no text in UTF-8; save it as one and send it again.")
            ) from error


class WithdrawForm(forms.Form):
    """Why a finding is taken back."""

    why = _line(_("Why"), 500, _("It stands where the finding stood. No names of people."))

    def __init__(self, data: Any = None):
        super().__init__(data, label_suffix="")

"""What an evaluator types: the choices of a study, which become its STUDY.toml."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from stoop.evaluation.actions.inputs import INCIDENTS, OUTLINES, SITES, earlier_name
from stoop.evaluation.models import MONTHS, label, period
from stoop.evaluation.models.costs import NEEDED, PARTED, WHOLE
from stoop.evaluation.readers.design import ESTIMATORS
from stoop.kernel import clock
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
PER = (
    ("year", _("A year of the program in one area")),
    ("total", _("All areas together, over the whole time")),
)
# Each number of [costs], which is a line "low, central, high: source".
COSTS = {
    "program": (
        _("The program costs"),
        _(
            "Each number as its low end, what you hold it for, its high end, and where it is from: "
            "600000, 800000, 1200000: the budget of 2024"
        ),
    ),
    "outcome": (
        _("One of what is counted costs"),
        _("Or leave it empty, and fill in the next three."),
    ),
    "fatal": (_("One killed costs"), ""),
    "nonfatal": (_("One wounded costs"), ""),
    "fatal_share": (_("Share of those hit who are killed"), _("0.16, 0.19, 0.22: the record")),
    "share": (
        _("Share of the change that is the program's"),
        _("0.5, 1, 1: other work began in the same year"),
    ),
    "discount": (_("Rate of interest a year"), _("0, 0.03, 0.07: the city's guidance")),
}
# What few ask stands folded: title and fields.
FOLDS = (
    (_("Against the record of another day"), ("known_on",)),
    (_("What it costs, and what it is worth"), ("currency", "program", "per", *list(COSTS)[1:])),
)
_NUMBER = r"((?:0|[1-9]\d{0,14})(?:\.\d{1,9})?)"
_ASSUMED = re.compile(rf"{_NUMBER}\s*,\s*{_NUMBER}\s*,\s*{_NUMBER}\s*:\s*(\S.*)", re.ASCII)
_SAMPLE = re.compile(r"([^:]+):(?:\s*from\s+(\S+))?(?:\s*to\s+(\S+))?(?:\s*until\s+(\S+))?\s*")


def one_line(label: Any, most: int, help_text: Any = "", **more: Any) -> forms.CharField:
    """A text of one line that no browser remembers."""
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=most, help_text=help_text, widget=widget, **more)


def _lines(label: Any, most: int, help_text: Any = "", rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})
    return forms.CharField(
        label=label, max_length=most, help_text=help_text, widget=widget, required=False
    )


class DesignForm(forms.Form):
    """The choices of a study, made before its outcome is looked at."""

    question = one_line(
        _("Question"), 300, _("In one sentence, as the council asks it. No names of people.")
    )
    measure = forms.ChoiceField(label=_("Counted"), choices=MEASURES, widget=forms.RadioSelect)
    area = forms.ChoiceField(label=_("Where"), choices=AREAS, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("Compared are"))
    length = forms.ChoiceField(label=_("Counted by"), choices=LENGTHS)
    first = one_line(_("First one"), 10, _("2018, 2018-Q1 or 2018-01"))
    last = one_line(_("Last one"), 10, _("2025, 2025-Q4 or 2025-12: a whole one that has ended"))
    at_work = forms.ChoiceField(
        label=_("At work are"),
        choices=AT_WORK,
        widget=forms.RadioSelect,
        help_text=_(
            "A closed program counts until its last day. Planned ones, and sites that another one "
            "covers, count as none."
        ),
    )
    comparison = one_line(
        _("Areas to compare with"),
        2000,
        _("Codes with commas. Empty: all in which no program worked."),
        required=False,
    )
    exclusions = _lines(
        _("Areas left out"), 4000, _("One a line, with the reason. E8: its program closed in 2023")
    )
    rings = one_line(
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

    known_on = forms.DateField(
        label=_("As the record stood at the end of"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_(
            "The study is made again with what was known by then, over the periods that were over. "
            "Empty: it is not asked."
        ),
    )
    currency = one_line(_("Currency"), 10, _("USD"), required=False)
    per = forms.ChoiceField(
        label=_("What the program costs is for"),
        choices=PER,
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, data: Any = None):
        super().__init__(data, label_suffix="")
        for name, (label_, help_text) in COSTS.items():
            self.fields[name] = one_line(label_, 400, help_text, required=False)
        kinds = places.kinds()
        self.fields["kind"].choices = [(kind, kind) for kind in kinds]
        main = places.main_kind()
        self.initial |= {"measure": "victims", "area": "recorded", "length": "quarter"}
        self.initial |= {"at_work": "operational", "per": "year"}
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

    def asked(self) -> list[forms.BoundField]:
        """The fields that stand open."""
        folded = {name for _title, names in FOLDS for name in names}
        return [self[name] for name in self.fields if name not in folded]

    def folds(self) -> Iterator[tuple[Any, list[forms.BoundField], bool]]:
        """Title and fields of each part that is folded, and whether somebody wrote into it."""
        for title, names in FOLDS:
            fields = [self[name] for name in names]
            used = any(each.errors or (each.name != "per" and each.value()) for each in fields)
            yield title, fields, used

    def clean_known_on(self) -> date | None:
        """A day that is over."""
        day: date | None = self.cleaned_data["known_on"]
        if day is not None and day >= timezone.localdate(clock.now()):
            raise forms.ValidationError(now_("Choose a day that is over."))
        return day

    def clean(self) -> None:
        """What hangs together: the day of another release and the periods, and all of the costs."""
        said = self.cleaned_data
        if said.get("known_on"):
            with suppress(ValueError, KeyError):  # that a period is none is told by another
                if self._over() - period(said["first"], said["length"]) < 2:
                    self.add_error(
                        "known_on",
                        now_("Choose a later day: by then fewer than three periods were over."),
                    )
        if any(said.get(name) for name in ("currency", *COSTS)):
            self._clean_costs()

    def _clean_costs(self) -> None:
        """Given whole or not at all; each number becomes (low, central, high, source)."""
        said = self.cleaned_data
        parted = any(said.get(name) for name in PARTED)
        if parted and said.get("outcome"):
            self.add_error("outcome", now_("Give this one or the next three, not both."))
        for name in ("currency", *NEEDED, *(PARTED if parted else WHOLE)):
            if not said.get(name) and name not in self.errors:
                self.add_error(name, now_("Costs need this too; or leave them all empty."))
        for name in COSTS:
            found = _ASSUMED.fullmatch(said.get(name) or "")
            if found:
                said[name] = found.groups()
            elif said.get(name):
                self.add_error(
                    name,
                    now_(
                        "Write the low end, what you hold it for and the high end with commas "
                        "between and none inside, a colon, and the source."
                    ),
                )

    def _over(self) -> int:
        """The last period of the study that was over at the end of the other release's day."""
        said = self.cleaned_data
        after = said["known_on"] + timedelta(days=1)
        months = (after.year - 1970) * 12 + after.month - 1
        over: int = months // MONTHS[said["length"]] - 1
        return min(over, period(said["last"], said["length"]))

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
        whole += self._release()
        if said["rings"]:
            whole += ["\n[spillover]", f"rings_m = [{', '.join(said['rings'])}]"]
        codes = [code.strip() for code in said["comparison"].split(",") if code.strip()]
        if codes:
            whole += ["\n[comparison]", f"units = [{', '.join(map(_quoted, codes))}]"]
        for code, reason in said["exclusions"]:
            whole += ["\n[[exclude]]", f"unit = {_quoted(code)}", f"reason = {_quoted(reason)}"]
        for sample in said["samples"]:
            whole += ["\n[[sample]]", *(f"{key} = {_quoted(sample[key])}" for key in sample)]
        whole += self._costs()
        return "\n".join(whole) + "\n"

    def _at_work(self) -> list[str]:
        """The statuses that count: all choices up to the one made."""
        every = [status for status, _label in AT_WORK]
        return every[: every.index(self.cleaned_data["at_work"]) + 1]

    def _release(self) -> list[str]:
        """[vintage]: the record of another day, up to the last period that was over by then."""
        said = self.cleaned_data
        if said["known_on"] is None:
            return []
        lines = ["\n[vintage]", f"files = [{_quoted(earlier_name(said['known_on']))}]"]
        with suppress(ValueError):  # a period that is none is told by whoever reads the file
            lines.append(f"last = {_quoted(label(said['length'], self._over()))}")
        return lines

    def _costs(self) -> list[str]:
        said = self.cleaned_data
        if not said["currency"]:
            return []
        lines = ["\n[costs]", f"currency = {_quoted(said['currency'])}"]
        lines.append(f"per = {_quoted(said['per'] or 'year')}")
        for name in COSTS:
            if said[name]:
                low, central, high, source = said[name]
                numbers = f"low = {low}, central = {central}, high = {high}"
                lines.append(f"{name} = {{ {numbers}, source = {_quoted(source)} }}")
        return lines


def _quoted(text: str) -> str:
    """A text as TOML writes it, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")

"""What an evaluator types of a study that is there: its text, the reason of a change."""

from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from stoop.evaluation.forms.designs import one_line


class TextForm(forms.Form):
    """The STUDY.toml itself; `seen` marks the text that the writer began with."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    text = forms.CharField(
        label=_("STUDY.toml"),
        max_length=100_000,
        widget=forms.Textarea(
            attrs={"rows": 24, "spellcheck": "false", "autocomplete": "off", "dir": "ltr"}
        ),
    )

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None):
        super().__init__(data, initial=initial, label_suffix="")


class AmendForm(TextForm):
    """Another version of it, and why."""

    reason = one_line(
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
    """Why a finding is taken back; `run` marks the one that was read."""

    run = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36)
    why = one_line(_("Why"), 500, _("It stands where the finding stood. No names of people."))

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None):
        super().__init__(data, initial=initial, label_suffix="")

"""Which shootings a list shows."""

from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from stoop.incidents.forms import fields

STATUSES = (
    ("", _("All that stand")),
    ("reported", _("Waiting")),
    ("confirmed", _("Confirmed")),
    ("retracted", _("Retracted")),
    ("merged", _("Merged")),
)


class FilterForm(forms.Form):
    """A stretch of days, a kind, a state, an area, a street."""

    since = fields.day(_("From"))
    until = fields.day(_("To"))
    kind = forms.ChoiceField(label=_("What"), required=False)
    status = forms.ChoiceField(label=_("State"), required=False, choices=STATUSES)
    area = forms.CharField(label=_("Area"), required=False, max_length=60)
    street = forms.CharField(label=_("Street"), required=False, max_length=100)

    def __init__(self, data: Any, *, precise: bool):
        super().__init__(data, label_suffix="")
        self.fields["kind"].choices = [("", _("All")), *fields.KINDS]
        if not precise:
            del self.fields["status"], self.fields["street"]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        since, until = said.get("since"), said.get("until")
        if since and until and since > until:
            self.add_error("until", now_("The last day lies before the first; exchange them."))
        return said

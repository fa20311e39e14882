"""What is typed about sites and their programs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stoop.accounts import queries
from stoop.accounts.models import Organization, Program, Site
from stoop.places import queries as places


def _day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    picker = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=picker)


class OrganizationForm(forms.Form):
    """Somebody that people work for, or that sites ask for help."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Organization.Kind.choices)


class NewSiteForm(forms.Form):
    """A site that no list names. The provider is chosen, or a new one is written."""

    name = forms.CharField(label=_("Name of the site"), max_length=200)
    organization = forms.ModelChoiceField(
        label=_("Provider"),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("Choose…"),
    )
    new_provider = forms.CharField(label=_("Or a new provider"), max_length=200, required=False)
    neighborhood = forms.CharField(label=_("Neighborhood"), max_length=200, required=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["organization"].queryset = queries.organizations()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("organization")) == bool(said.get("new_provider", "").strip()):
            self.add_error("organization", _("Choose a provider, or write a new one below."))
        return said


class SiteForm(forms.Form):
    """A site as it is; `version` is the one that was looked at."""

    name = forms.CharField(label=_("Name of the site"), max_length=200)
    organization = forms.ModelChoiceField(
        label=_("Provider"), queryset=Organization.objects.none(), empty_label=_("Choose…")
    )
    neighborhood = forms.CharField(label=_("Neighborhood"), max_length=200, required=False)
    covered_by = forms.ModelChoiceField(
        label=_("Covered by"),
        queryset=Site.objects.none(),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("While another site does this one's work, alerts for its ground go there."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *given: Any, site: Site, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["organization"].queryset = queries.organizations()
        others = Site.objects.filter(covered_by=None).exclude(pk=site.pk).order_by("name")
        self.fields["covered_by"].queryset = others


class ProgramForm(forms.Form):
    """A stretch of time in which a site works in an area."""

    area_kind = forms.ChoiceField(label=_("Kind of area"))
    area_code = forms.CharField(label=_("Number or code of the area"), max_length=60)
    status = forms.ChoiceField(label=_("Status"), choices=Program.Status.choices)
    starts = _day(_("First day"))
    planned_start = _day(_("Planned first day"), help_text=_("While it has no first day yet."))
    ends = _day(_("Last day"), help_text=_("Empty while it runs."))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        kinds = [kind for kind in places.kinds() if kind != "catchment"] or ["area"]
        self.fields["area_kind"].choices = [(kind, kind) for kind in kinds]


class CloseForm(forms.Form):
    """The last day of a program."""

    ends = _day(_("Last day"), required=True)

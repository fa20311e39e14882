"""What is typed about other people: an invitation, another role."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from stoop.accounts import queries
from stoop.accounts.forms.own import LANGUAGES
from stoop.accounts.models import Organization, Site
from stoop.accounts.permissions import ROLES, Actor, Permission


class _Place(forms.Form):
    """A role with its place: a site, or an organization for the whole city."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    site = forms.ModelChoiceField(
        label=_("Site"),
        queryset=Site.objects.none(),
        required=False,
        empty_label=_("None: the whole city"),
        help_text=_("For a role at a site."),
    )
    organization = forms.ModelChoiceField(
        label=_("Works for"),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("Choose…"),
        help_text=_("For a role in the whole city; at a site it is the site's provider."),
    )

    def __init__(self, *given: Any, actor: Actor, **named: Any) -> None:
        super().__init__(*given, **named)
        roles = queries.roles_to_give(actor)
        self.fields["role"].choices = [
            (role.code, format_html("<span><b>{}</b> {}</span>", role.label, role.sentence))
            for role in roles
        ]
        sites = queries.sites(actor, Permission.PEOPLE_EDIT)
        self.fields["site"].queryset = sites
        if None in actor.sites(Permission.PEOPLE_EDIT):
            self.fields["organization"].queryset = queries.organizations()
        else:
            del self.fields["organization"]
            only = list(sites[:2])
            self.fields["site"].initial = only[0] if len(only) == 1 else None
            self.fields["site"].required = True

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        role, site = ROLES.get(said.get("role", "")), said.get("site")
        if role is None:
            return said
        if role.at_site and site is None and "site" not in self.errors:
            self.add_error("site", ValidationError(_("Choose the site for this role.")))
        if not role.at_site and site is not None:
            self.add_error("site", ValidationError(_("Leave this empty for this role.")))
        if role.at_site and site is not None:
            said["organization"] = site.organization
        elif not role.at_site and not said.get("organization"):
            self.add_error("organization", ValidationError(_("Say whom this person works for.")))
        return said


class InviteForm(_Place):
    """Who is invited, to what."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, help_text=_("The invitation goes there.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    field_order = ("name", "email", "role", "site", "organization", "language")


class RoleForm(_Place):
    """Another role for somebody who is here already."""

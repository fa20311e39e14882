"""What people type about people, sites and themselves."""

from stoop.accounts.forms.own import MeForm, NewPasswordForm
from stoop.accounts.forms.people import InviteForm, RoleForm
from stoop.accounts.forms.sites import (
    CloseForm,
    NewSiteForm,
    OrganizationForm,
    ProgramForm,
    SiteForm,
)

__all__ = [
    "CloseForm",
    "InviteForm",
    "MeForm",
    "NewPasswordForm",
    "NewSiteForm",
    "OrganizationForm",
    "ProgramForm",
    "RoleForm",
    "SiteForm",
]

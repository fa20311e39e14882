"""Addresses of this module, the sign-in library's among them: only those that are used, by the
names under which it looks for them."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from django.urls import path

from stoop.accounts.permissions import Permission, page
from stoop.accounts.views import invitations, own, people, single_sign_on, sites

own_only = page(Permission.SELF)

# Before one is in: named in config.urls.PUBLIC.
entrance = [
    path("sign-in", account.login, name="account_login"),
    path("sign-out", account.logout, name="account_logout"),
    path("sign-in/closed", account.account_inactive, name="account_inactive"),
    path("sign-in/second", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/password", account.password_reset, name="account_reset_password"),
    path(
        "sign-in/password/code",
        account.confirm_password_reset_code,
        name="account_confirm_password_reset_code",
    ),
    path(
        "sign-in/password/new",
        account.complete_password_reset,
        name="account_complete_password_reset",
    ),
    path(
        "sign-in/password/done",
        account.password_reset_from_key_done,
        name="account_password_reset_completed",
    ),
    path("sign-in/with/<slug:provider_id>", single_sign_on.begin, name="openid_connect_login"),
    path(
        "sign-in/with/<slug:provider_id>/back",
        single_sign_on.come_back,
        name="openid_connect_callback",
    ),
    path("sign-in/called-off", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/failed", social.login_error, name="socialaccount_login_error"),
    path(
        "invitation/<uuid:key>/<str:token>",
        invitations.open_invitation,
        name="accept-invitation",
    ),
    path("invitation", invitations.invitation, name="invitation"),
]
own_account = [
    path("me", own.me, name="me"),
    path("me/sessions", own.sessions, name="sessions"),
    path("me/password", own_only(account.password_change), name="account_change_password"),
    path("me/password/first", own_only(account.password_set), name="account_set_password"),
    path("me/sure", own_only(account.reauthenticate), name="account_reauthenticate"),
    path("me/sure/code", own_only(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "me/sure/passkey",
        own_only(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("me/second-factor", own_only(mfa.index), name="mfa_index"),
    path("me/app", own_only(totp.activate_totp), name="mfa_activate_totp"),
    path("me/app/off", own_only(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("me/codes", own_only(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "me/codes/new", own_only(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path(
        "me/codes/file", own_only(codes.download_recovery_codes), name="mfa_download_recovery_codes"
    ),
    path("me/passkeys", own_only(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("me/passkeys/add", own_only(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("me/passkeys/<int:pk>", own_only(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "me/passkeys/<int:pk>/off", own_only(passkeys.remove_webauthn), name="mfa_remove_webauthn"
    ),
]
urlpatterns = [
    *entrance,
    *own_account,
    path("people", people.people, name="people"),
    path("people/invite", people.invite, name="invite"),
    path("people/<uuid:key>", people.person, name="person"),
    path("people/<uuid:key>/role", people.add_role, name="person-role"),
    path("people/<uuid:key>/role/end", people.end_role, name="person-role-end"),
    path("people/<uuid:key>/invite", people.invite_again, name="person-invite"),
    path("people/<uuid:key>/close", people.deactivate, name="person-close"),
    path("people/<uuid:key>/open", people.reactivate, name="person-open"),
    path("people/<uuid:key>/second-factor", people.drop_second_factor, name="person-factor"),
    path("organizations", sites.organizations, name="organizations"),
    path("sites", sites.sites, name="sites"),
    path("new-site", sites.add_site, name="site-add"),
    path("sites/<slug:code>", sites.site, name="site"),
    path("sites/<slug:code>/edit", sites.edit_site, name="site-edit"),
    path("sites/<slug:code>/programs", sites.add_program, name="program-add"),
    path("sites/<slug:code>/programs/<int:pk>/close", sites.close_program, name="program-close"),
]

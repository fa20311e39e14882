"""All addresses of the site. Default deny: each view carries a permission or is named in PUBLIC."""

from django.urls import include, path

from stoop.config.views import duties, health, pictures

# Names of the addresses that anybody may open.
PUBLIC: frozenset[str] = frozenset(
    {
        *("calendar", "favicon", "health", "metrics", "worker-js"),
        # Before one is in; each says to the stranger as little as it can.
        *("account_login", "account_logout", "account_inactive"),
        *("mfa_authenticate", "mfa_login_webauthn"),
        *("account_reset_password", "account_confirm_password_reset_code"),
        *("account_complete_password_reset", "account_password_reset_completed"),
        *("openid_connect_login", "openid_connect_callback"),
        *("socialaccount_login_cancelled", "socialaccount_login_error"),
        *("accept-invitation", "invitation"),
        # What the city publishes.
        *("findings", "finding", "finding-file"),
        # What may be asked of the API; whoever asks needs a key or a session.
        "api-openapi",
    }
)

handler400 = "stoop.config.views.errors.bad_request"
handler403 = "stoop.config.views.errors.no_permission"
handler404 = "stoop.config.views.errors.not_found"
handler500 = "stoop.config.views.errors.broken"

urlpatterns = [
    path("health", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
    path("undone/", duties.undone, name="undone"),
    path("undone/again", duties.again, name="undone-again"),
    path("favicon.ico", pictures.favicon, name="favicon"),
    path("", include("stoop.accounts.urls")),
    path("", include("stoop.notifications.urls")),
    path("", include("stoop.incidents.urls")),
    path("", include("stoop.precision.urls")),
    path("", include("stoop.fieldwork.urls")),
    path("", include("stoop.evaluation.urls")),
    path("", include("stoop.portal.urls")),
    path("", include("stoop.api.urls")),
]

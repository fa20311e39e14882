"""Django settings, one file. Every variable from the environment is named STOOP_*."""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PACKAGE = Path(__file__).resolve().parent.parent

# Folder of the platform: its database, its key, the files that people bring.
STOOP_HOME = Path(os.environ.get("STOOP_HOME", "stoop-home")).absolute()
# Where the platform is reached from outside; links in messages begin with it.
STOOP_URL = os.environ.get("STOOP_URL", "http://127.0.0.1:8000").rstrip("/")
# Names under which it is asked, with commas; this machine's own are always among them.
STOOP_HOSTS = [name for name in os.environ.get("STOOP_HOSTS", "").split(",") if name]
# The city's time zone.
TIME_ZONE = os.environ.get("STOOP_TIMEZONE", "UTC")


def _secret_key() -> str:
    """From the environment, else the file that `stoop serve` made, else one for this process."""
    kept = STOOP_HOME / "secret-key"
    given = os.environ.get("STOOP_SECRET_KEY", "")
    return given or (kept.read_text().strip() if kept.is_file() else secrets.token_urlsafe(48))


def _database(url: str) -> dict[str, object]:
    """`sqlite:///file` or `postgresql://user:password@host:port/name?option=value`."""
    parts = urlsplit(url)
    if parts.scheme in ("postgresql", "postgres"):
        options = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "stoop.kernel.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": {**options, "pool": {"min_size": 0, "max_size": 20}},
        }
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path)[1:] or str(STOOP_HOME / "stoop.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
                "PRAGMA foreign_keys=ON;",
            },
        }
    sys.exit(
        f"stoop: STOOP_DATABASE_URL begins with {parts.scheme or 'nothing'}; write "
        "sqlite:////folder/stoop.sqlite3 or postgresql://user:password@host/name"
    )


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *STOOP_HOSTS]
# sqlite:////folder/file or postgresql://user:password@host/name.
STOOP_DATABASE_URL = os.environ.get("STOOP_DATABASE_URL", "sqlite:///")
DATABASES = {"default": _database(STOOP_DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# What follows from an event: code of a flow, the function that does it, the kinds it waits for.
STOOP_FLOWS: dict[str, tuple[str, frozenset[str]]] = {
    "shooting": (
        "stoop.flows.shooting.follow",
        frozenset(
            {
                "incident.confirmed",
                "incident.corrected",
                "incident.retracted",
                "incident.merged",
                "alert.taken",
            }
        ),
    ),
}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "stoop.ui",
    "stoop.ledger",
    "stoop.places",
    "stoop.accounts",
    "stoop.notifications",
    "stoop.incidents",
    "stoop.precision",
    "stoop.fieldwork",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "stoop.config.middleware.actors",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "stoop.config.urls"
ASGI_APPLICATION = "stoop.config.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "string_if_invalid": "!! missing in template: %s !!",
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stoop.config.navigation.of_the_page",
            ],
        },
    }
]
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Sign-in
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]

# What a browser may load: this site's own files, nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = STOOP_URL.startswith("https:")
CSRF_TRUSTED_ORIGINS = [STOOP_URL]
# A shooting this near to a catchment, in metres, is told to its site too.
STOOP_NEIGHBOUR_M = int(os.environ.get("STOOP_NEIGHBOUR_M", "400"))
# After so many minutes without an answer the next people are told.
STOOP_STEP_MINUTES = int(os.environ.get("STOOP_STEP_MINUTES", "5"))

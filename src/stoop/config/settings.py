"""Django settings, one file. Every variable from the environment is named STOOP_*."""

import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PACKAGE = Path(__file__).resolve().parent.parent

# Folder of the platform: its database, its key, the files that people bring.
STOOP_HOME = Path(os.environ.get("STOOP_HOME", "stoop-home")).absolute()
# Where the platform is reached from outside; links in messages begin with it.
STOOP_URL = os.environ.get("STOOP_URL", "http://127.0.0.1:8000").rstrip("/")
# More names under which it is asked, with commas, besides that of STOOP_URL and this machine's own.
STOOP_HOSTS = [name for name in os.environ.get("STOOP_HOSTS", "").split(",") if name]
# The city's time zone.
TIME_ZONE = os.environ.get("STOOP_TIMEZONE", "UTC")

# A sentence on top of every page: "Training: nothing here is real." Empty: none. Lines after the
# first stand on the sign-in page alone.
STOOP_NOTICE = os.environ.get("STOOP_NOTICE", "")
# The kind of area that boards and filters speak of; without it the first kind that was loaded.
STOOP_AREA_KIND = os.environ.get("STOOP_AREA_KIND", "")
# A function text -> list[places.queries.Found], as a dotted path, asked where the city's own list
# of addresses knows no answer.
STOOP_GEOCODER = os.environ.get("STOOP_GEOCODER", "")
# Hosts inside a private network that feeds may ask all the same, with commas.
STOOP_FEED_HOSTS = [name for name in os.environ.get("STOOP_FEED_HOSTS", "").split(",") if name]


# What signs sessions and links; empty: the file secret-key in STOOP_HOME, made on the first run.
STOOP_SECRET_KEY = os.environ.get("STOOP_SECRET_KEY", "")


def _secret_key() -> str:
    """From the environment, else the file that `stoop serve` made, else one for this process."""
    kept = STOOP_HOME / "secret-key"
    return STOOP_SECRET_KEY or (
        kept.read_text().strip() if kept.is_file() else secrets.token_urlsafe(48)
    )


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
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,  # one that broke meanwhile is made anew
            "OPTIONS": options,
        }
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "stoop.kernel.sqlite",
            "NAME": unquote(parts.path)[1:] or str(STOOP_HOME / "stoop.sqlite3"),
            "CONN_MAX_AGE": None,
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
_here = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [*_here, urlsplit(STOOP_URL).hostname or _here[0], *STOOP_HOSTS]
# sqlite:////folder/file or postgresql://user:password@host/name.
STOOP_DATABASE_URL = os.environ.get("STOOP_DATABASE_URL", "sqlite:///")
DATABASES = {"default": _database(STOOP_DATABASE_URL)}
# Limits and used-up codes of the sign-in hold for all processes, over restarts and machines.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "config_remembered",
        "KEY_FUNCTION": "stoop.config.queries.remembered.key",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # above that a crowd of addresses pushes others out
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_changes = frozenset(
    {"incident.confirmed", "incident.corrected", "incident.retracted", "incident.merged"}
)
_shifts = frozenset({"shift.covered", "shift.handed_over", "shift.removed", "shift.put_back"})
# What follows from an event: code of a flow, the function that does it, the kinds it waits for.
STOOP_FLOWS: dict[str, tuple[str, frozenset[str]]] = {
    "alert": ("stoop.flows.shooting.alert", _changes),
    "shooting": ("stoop.flows.shooting.respond", _changes | {"alert.taken", "alert.given_back"}),
    "intake": ("stoop.flows.intake.follow", frozenset({"source.over_limit", "source.astray"})),
    "rota": ("stoop.flows.rota.follow", _shifts),
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
    "stoop.evaluation",
    "stoop.portal",
    "stoop.config",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "stoop.accounts.apps.SessionListConfig",
    "axes",
]
MIDDLEWARE = [
    "stoop.config.middleware.requests.told",
    "django.middleware.security.SecurityMiddleware",
    "stoop.config.middleware.static.whole",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages are compressed with a padding of random length, and tokens in them differ each time, so
    # their size tells nothing (BREACH).
    "django.middleware.gzip.GZipMiddleware",
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
    "stoop.config.middleware.actors",
    "stoop.config.middleware.second_factor.second_factor",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "stoop.config.urls"
ASGI_APPLICATION = "stoop.config.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Our own pages instead of the sign-in library's.
        "DIRS": [PACKAGE / "accounts" / "templates" / "accounts" / "library"],
        "APP_DIRS": True,
        "OPTIONS": {
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
# What a stranger's browser may ask for: the languages that the pages are written in.
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "stoop.config.middleware.static.Marked"},
}
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# A feed takes up the tasks of each queue beside those of the others: a study may take minutes.
TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "studies"],
    }
}

# Sign-in. People come by invitation alone; accounts/views/adapters.py says the rest.

# Whether staff must have a second factor before anything else: required, or offered (for a demo).
STOOP_SECOND_FACTOR = os.environ.get("STOOP_SECOND_FACTOR", "required")
if STOOP_SECOND_FACTOR not in ("required", "offered"):
    sys.exit("stoop: STOOP_SECOND_FACTOR is required or offered; write one of the two")
# Where the first five signs of a new password's hash are asked for among breaches; empty: nowhere.
STOOP_BREACHED_PASSWORDS = os.environ.get(
    "STOOP_BREACHED_PASSWORDS", "https://api.pwnedpasswords.com/range/"
)
# How many proxies of yours stand before Stoop: a visitor's address is what the first of them saw.
STOOP_PROXIES = int(os.environ.get("STOOP_PROXIES", "0"))
# Single sign-on: the address of the city's OpenID Connect provider; empty: there is none.
STOOP_OIDC_URL = os.environ.get("STOOP_OIDC_URL", "")
# What the provider knows Stoop by.
STOOP_OIDC_CLIENT = os.environ.get("STOOP_OIDC_CLIENT", "")
# The secret that the provider gave for it.
STOOP_OIDC_SECRET = os.environ.get("STOOP_OIDC_SECRET", "")
# What people call the provider, on the button.
STOOP_OIDC_NAME = os.environ.get("STOOP_OIDC_NAME", "City account")
# Mail domains, with commas, whose addresses the provider vouches for though it does not say so.
STOOP_OIDC_DOMAINS = [name for name in os.environ.get("STOOP_OIDC_DOMAINS", "").split(",") if name]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    *(
        [
            {
                "NAME": "stoop.accounts.forms.passwords.not_breached",
                "OPTIONS": {"address": STOOP_BREACHED_PASSWORDS},
            }
        ]
        if STOOP_BREACHED_PASSWORDS
        else []
    ),
]
# Seconds for each step of asking; without an answer nobody is kept from setting a password.
PWNED_PASSWORDS = {"API_TIMEOUT": 3.0}
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # of invitations; a forgotten password is mended by a code
ACCOUNT_ADAPTER = "stoop.accounts.views.adapters.Accounts"
ACCOUNT_FORMS = {
    "login": "stoop.accounts.forms.sign_in.SignInForm",
    "reauthenticate": "stoop.accounts.forms.sign_in.SureForm",
    "reset_password": "stoop.accounts.forms.sign_in.ForgottenForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the invitation verifies the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_SESSION_REMEMBER = True
# Never by person: a limit that anybody can reach in a colleague's name locks the colleague out.
# "login_failed" counts wrong codes of a second factor, after the password was right.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "reset_password": "5/m/ip,30/h/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = STOOP_PROXIES
SOCIALACCOUNT_ADAPTER = "stoop.accounts.views.adapters.SingleSignOn"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # who was invited is known by her verified address
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form that ends at another site would break form-action
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "city",
                "name": STOOP_OIDC_NAME,
                "client_id": STOOP_OIDC_CLIENT,
                "secret": STOOP_OIDC_SECRET,
                "settings": {"server_url": STOOP_OIDC_URL, "verified_email": STOOP_OIDC_DOMAINS},
            }
        ]
        if STOOP_OIDC_URL
        else [],
    }
}
MFA_ADAPTER = "stoop.accounts.views.adapters.SecondFactors"
MFA_FORMS = {
    "authenticate": "stoop.accounts.forms.sign_in.SecondForm",
    "reauthenticate": "stoop.accounts.forms.sign_in.SureCodeForm",
    "activate_totp": "stoop.accounts.forms.sign_in.AppForm",
    "add_webauthn": "stoop.accounts.forms.sign_in.PasskeyForm",
    "edit_webauthn": "stoop.accounts.forms.sign_in.PasskeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Stoop"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody can make an account with somebody else's address
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not STOOP_URL.startswith("https:")
# Six wrong passwords for one person from one address shut that pair out for a quarter of an hour,
# so that nobody can shut out a colleague from elsewhere. What was typed is not kept.
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "email"
AXES_USERNAME_CALLABLE = "stoop.accounts.views.lockout.who"
AXES_CLIENT_IP_CALLABLE = "stoop.accounts.views.lockout.where"
AXES_CLIENT_STR_CALLABLE = "stoop.accounts.views.lockout.unnamed"
AXES_LOCKOUT_CALLABLE = "stoop.accounts.views.lockout.page"
AXES_SENSITIVE_PARAMETERS = ["login", "email", "username", "ip_address", "code", "credential"]
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# Seconds after which an open stream asks again whether its session and its roles still hold.
STOOP_STREAM_CHECK_S = float(os.environ.get("STOOP_STREAM_CHECK_S", "30"))
# A background for the map, as https://host/{z}/{x}/{y}.png; without one the map has outlines alone.
STOOP_TILES = os.environ.get("STOOP_TILES", "")
# Whom to credit for that background.
STOOP_TILES_CREDIT = os.environ.get("STOOP_TILES_CREDIT", "")
_tiles = ["/".join(STOOP_TILES.split("/")[:3]).replace("{s}", "*")] if STOOP_TILES else []

# What a browser may load: this site's own files, nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *_tiles],
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
_https = STOOP_URL.startswith("https:")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
if _https:  # then no other site under the same name can set them
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SESSION_ENGINE = "stoop.accounts.actions.sessions"  # the tables hold no key to come in with
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "stoop.config.views.errors.stale_form"
# Once a browser has seen the platform by https it asks no other way, for a year.
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
if STOOP_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Forms are small; larger bodies are refused (asgi.py says how much may come at all).
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 5
CSRF_TRUSTED_ORIGINS = [STOOP_URL]
# A shooting this near to a catchment, in metres, is told to its site too.
STOOP_NEIGHBOUR_M = int(os.environ.get("STOOP_NEIGHBOUR_M", "400"))
# After so many minutes without an answer the next people are told.
STOOP_STEP_MINUTES = int(os.environ.get("STOOP_STEP_MINUTES", "5"))
# Hours for which a worker who was on the scene, or took a response by night, is called last.
STOOP_REST_HOURS = float(os.environ.get("STOOP_REST_HOURS", "12"))

# Whoever shows it in the header "Authorization: Bearer ..." may read /metrics; empty: nobody may.
STOOP_METRICS_TOKEN = os.environ.get("STOOP_METRICS_TOKEN", "")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "stoop.kernel.logs.Lines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "stoop": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # Each answer has a line of ours already, with its status.
        "django.request": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}

# How people are told.

# The server for e-mail: smtp://user:password@host:587?tls=1 (or ?ssl=1), or console: to print it.
STOOP_EMAIL_URL = os.environ.get("STOOP_EMAIL_URL", "console:")
# Whom e-mail comes from.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("STOOP_EMAIL_FROM", "Stoop <stoop@localhost>")
# The gateway for text messages, asked as docs/reference/text-messages.md says, or console:.
STOOP_SMS_URL = os.environ.get("STOOP_SMS_URL", "")
# The token that the gateway knows Stoop by.
STOOP_SMS_TOKEN = os.environ.get("STOOP_SMS_TOKEN", "")
# The country of phone numbers that are written without one.
STOOP_PHONE_COUNTRY = os.environ.get("STOOP_PHONE_COUNTRY", "1")
# The key shown to push services: 32 bytes in base64url; without it STOOP_HOME/vapid-key is made.
STOOP_VAPID_KEY = os.environ.get("STOOP_VAPID_KEY", "")
# Push services besides those of the known browsers: names of hosts, with commas.
STOOP_PUSH_HOSTS = [name for name in os.environ.get("STOOP_PUSH_HOSTS", "").split(",") if name]
# A push service on this machine may be used; for tests.
STOOP_PUSH_LOOPBACK = os.environ.get("STOOP_PUSH_LOOPBACK", "") == "1"
# Seconds after which another worker sends what one took and did not finish.
STOOP_DELIVERY_LEASE_S = int(os.environ.get("STOOP_DELIVERY_LEASE_S", "30"))


def _email(url: str) -> dict[str, object]:
    """What Django calls the parts of STOOP_EMAIL_URL."""
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    options = dict(parse_qsl(parts.query))
    if parts.scheme != "smtp" or not parts.hostname or not set(options) <= {"tls", "ssl"}:
        sys.exit(
            "stoop: STOOP_EMAIL_URL cannot be read; write smtp://user:password@host:587?tls=1 "
            "or console:"
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": options.get("tls") == "1",
        "EMAIL_USE_SSL": options.get("ssl") == "1",
        "EMAIL_TIMEOUT": 10,
    }


globals().update(_email(STOOP_EMAIL_URL))

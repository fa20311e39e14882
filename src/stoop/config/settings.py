"""Django settings, one file. Every variable from the environment is named STOOP_*."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("STOOP_SECRET_KEY", "only-for-pages-without-sessions")
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
# Refuses a Host header that is not in the list: a page of another site cannot ask in its own name.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
APPEND_SLASH = False
ROOT_URLCONF = "stoop.config.urls"
ASGI_APPLICATION = "stoop.config.asgi.application"
INSTALLED_APPS = ["stoop.ui", "stoop.precision"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"string_if_invalid": "!! missing in template: %s !!"},
    }
]
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DATABASES: dict[str, dict[str, str]] = {}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Folder that `stoop serve` and `stoop demo` show.
STOOP_HOME = Path(os.environ.get("STOOP_HOME", "."))

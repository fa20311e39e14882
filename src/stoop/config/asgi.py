"""The ASGI application: `uvicorn stoop.config.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")
application = get_asgi_application()

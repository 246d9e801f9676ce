"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.office.project.settings")
application = get_wsgi_application()

from tocsin.office.warnings_desk.read_ahead import read_ahead  # noqa: E402 (models need the line above)

read_ahead()

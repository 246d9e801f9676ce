"""Settings, all from the environment; the defaults run one county on one PC.

``TOCSIN_DATA``      the data folder (default ``./var``): database and secret key
``DATABASE_URL``     ``postgresql://user:password@host:port/name`` for the larger size
``TOCSIN_SECRET``    the secret key; without it one is made once and kept in the data folder
``TOCSIN_HOSTS``     host names served, separated by commas (default: this machine only)
``TOCSIN_LANGUAGE``  the language of pages without one in their address: ``en``, ``zh-Hans``
``TOCSIN_HTTPS``     ``1`` behind a TLS proxy: secure cookies, HSTS
``TOCSIN_SIGNING_KEY``, ``TOCSIN_SIGNING_CERTIFICATES``  PEM files; with them messages are signed
``TOCSIN_DEBUG``     ``1`` for a developer
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from tocsin.office.secret_files import made_once

OFFICE = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TOCSIN_DATA", "var")).resolve()
DEBUG = os.environ.get("TOCSIN_DEBUG") == "1"
HTTPS = os.environ.get("TOCSIN_HTTPS") == "1"


SIGNING_KEY = os.environ.get("TOCSIN_SIGNING_KEY", "")
SIGNING_CERTIFICATES = os.environ.get("TOCSIN_SIGNING_CERTIFICATES", "")


def _secret() -> str:
    """Return the secret key: from the environment, else from the data folder, made once."""
    if given := os.environ.get("TOCSIN_SECRET"):
        return given
    return made_once(DATA / "secret-key", lambda: secrets.token_urlsafe(50).encode()).decode()


def _database() -> dict[str, Any]:
    """Return the database: PostgreSQL by address, else SQLite in the data folder."""
    if address := os.environ.get("DATABASE_URL"):
        parts = urlsplit(address)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "OPTIONS": dict(parse_qsl(parts.query)),  # sslmode=require and the like
        }
    DATA.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "tocsin.sqlite3",
        # Opening it costs more than most questions, and the last one to close it copies the WAL.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            # IMMEDIATE: a writer waits for the lock at its start and never fails half-way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


SECRET_KEY = _secret()
ALLOWED_HOSTS = [
    host.strip() for host in os.environ.get("TOCSIN_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
]
INSTALLED_APPS = [
    "tocsin.office.audit",
    "tocsin.office.people",
    "tocsin.office.places",
    "tocsin.office.watch",
    "tocsin.office.warnings_desk",
    "tocsin.office.received",
    "tocsin.office.subscribers",
    "tocsin.office.delivery",
    "tocsin.office.atlas",
    "treebeard",
    "django_htmx",
    "axes",
    "csp",
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
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
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tocsin.office.atlas.context.region",
            ],
        },
    }
]
ROOT_URLCONF = "tocsin.office.project.urls"
WSGI_APPLICATION = "tocsin.office.project.wsgi.application"
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "people:sign-in"
LOGIN_REDIRECT_URL = "desk:now"
LOGOUT_REDIRECT_URL = "atlas:home"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]

LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LANGUAGE_CODE = os.environ.get("TOCSIN_LANGUAGE", "en").lower()
if LANGUAGE_CODE not in dict(LANGUAGES):
    raise ImproperlyConfigured(
        f"TOCSIN_LANGUAGE is {LANGUAGE_CODE!r}; pages are in {', '.join(dict(LANGUAGES))}."
    )
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [OFFICE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # an office has no build step: files are served as installed
WHITENOISE_MAX_AGE = 3600

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "style-src": [SELF, "'unsafe-inline'"],  # MapLibre and uPlot set element styles
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

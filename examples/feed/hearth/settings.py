"""Settings of the site.

`FEED_DATABASE` names the database: a path (SQLite, the default) or a `postgresql://` URL. `FEED_NOW` is the instant at
which the site's clock stands still, so that "3 hours ago" is the same in every run; set it to `real` for a clock that goes.
"""

import datetime
import os
import pathlib
from typing import Any
from urllib.parse import unquote, urlsplit

BASE_DIR = pathlib.Path(__file__).resolve().parent.parent
SECRET_KEY = "only-an-example-and-never-a-secret-of-any-real-site"
DEBUG = os.environ.get("FEED_DEBUG") == "1"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "hearth.urls"
WSGI_APPLICATION = "hearth.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "feed",
]
MIDDLEWARE = [
    "feed.middleware.ServerTiming",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "feed.middleware.Viewer",
    "feed.middleware.Experiments",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "feed.context.chrome",
            ]
        },
    }
]


def database(where: str) -> dict[str, Any]:
    """Django's description of the database that a path or a URL names."""
    if where.startswith(("postgresql://", "postgres://")):
        url = urlsplit(where)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": str(url.port or ""),
            "CONN_MAX_AGE": None,
        }
    # Workers write next to each other: a write-ahead log, and transactions that take the lock when they begin.
    options = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": where, "OPTIONS": options, "CONN_MAX_AGE": None}


DATABASES = {"default": database(os.environ.get("FEED_DATABASE", str(BASE_DIR / "feed.sqlite3")))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": None}}
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "explore"
STATIC_URL = "static/"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
REST_FRAMEWORK = {
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 30,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler", "level": "ERROR"}},
    "root": {"handlers": ["console"]},
}

_now = os.environ.get("FEED_NOW", "2026-09-01T12:00:00+00:00")
#: The instant at which the site's clock stands, or None for a clock that goes.
FEED_NOW: datetime.datetime | None = None if _now == "real" else datetime.datetime.fromisoformat(_now)
#: Entries of a page of the feed.
FEED_PAGE = 30

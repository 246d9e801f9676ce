"""Addresses. Pages carry their language in the path; files and feeds have one stable address."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = [
    path("", include("tocsin.office.atlas.file_urls")),
    *i18n_patterns(
        path("account/", include("tocsin.office.people.urls")),
        path("desk/", include("tocsin.office.atlas.desk_urls")),
        path("desk/watch/", include("tocsin.office.watch.urls")),
        path("", include("tocsin.office.atlas.urls")),
        prefix_default_language=False,
    ),
]

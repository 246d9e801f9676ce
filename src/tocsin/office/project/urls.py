"""Addresses. Pages carry their language in the path; files and feeds have one stable address."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = [
    path("", include("tocsin.office.atlas.file_urls")),
    path("push/", include("tocsin.office.watch.push_urls")),
    *i18n_patterns(
        path("account/", include("tocsin.office.people.urls")),
        path("desk/", include("tocsin.office.atlas.desk_urls")),
        path("desk/watch/", include("tocsin.office.watch.urls")),
        path("desk/watch/occurrences/", include("tocsin.office.atlas.occurrence_urls")),
        path("desk/drafts/", include("tocsin.office.warnings_desk.urls")),
        path("desk/delivery/", include("tocsin.office.delivery.urls")),
        path("desk/subscribers/", include("tocsin.office.subscribers.urls")),
        path("desk/received/", include("tocsin.office.received.urls")),
        path("desk/timing/", include("tocsin.office.atlas.timing_urls")),
        path("acknowledge/", include("tocsin.office.delivery.public_urls")),
        path("subscribe/", include("tocsin.office.subscribers.public_urls")),
        path("", include("tocsin.office.atlas.urls")),
        prefix_default_language=False,
    ),
]

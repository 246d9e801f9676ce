"""Files and feeds: one stable address each, in no language."""

from django.urls import path

from . import files

urlpatterns = [
    path("cap/<str:identifier>.xml", files.cap, name="cap"),
    path("feeds/warnings.atom", files.feed, name="feed"),
    path("feeds/warnings.<str:language>.atom", files.feed, name="feed-in"),
    path("areas.geojson", files.areas, name="areas"),
    path("places.geojson", files.places, name="places"),
    path("healthz", files.healthz, name="healthz"),
]

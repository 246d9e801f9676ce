"""Files and feeds: one stable address each, in no language."""

from django.urls import path

from . import feeds, files

urlpatterns = [
    path("cap/<str:identifier>.xml", files.cap, name="cap"),
    path("feeds/warnings.atom", feeds.feed, name="feed"),
    path("feeds/warnings.<str:language>.atom", feeds.feed, name="feed-in"),
    path("feeds/warnings.rss", feeds.feed, {"format": "rss"}, name="feed-rss"),
    path("feeds/warnings.<str:language>.rss", feeds.feed, {"format": "rss"}, name="feed-rss-in"),
    path("feeds/warnings.json", feeds.feed, {"format": "json"}, name="feed-json"),
    path("feeds/warnings.<str:language>.json", feeds.feed, {"format": "json"}, name="feed-json-in"),
    path("received/<int:pk>.xml", files.received, name="received-file"),
    path("areas.geojson", files.areas, name="areas"),
    path("places.geojson", files.places, name="places"),
    path("healthz", files.healthz, name="healthz"),
]

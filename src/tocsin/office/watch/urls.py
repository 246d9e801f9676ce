"""Series and feeds, after sign-in."""

from django.urls import path

from . import event_views, views

app_name = "watch"

urlpatterns = [
    path("series/", views.series, name="series"),
    path("series/points.json", views.points, name="points"),
    path("series/values.csv", views.values_csv, name="values-csv"),
    path("feeds/", views.feeds, name="feeds"),
    path("feeds/held/", views.decide_held, name="decide-held"),
    path("events/", event_views.events, name="events"),
    path("events/import/", event_views.import_file, name="import-events"),
    path("events/<int:pk>/withdraw/", event_views.withdraw, name="withdraw-event"),
]

"""Earthquakes and hotspots after sign-in. They stand here because they lead to warnings."""

from django.urls import path

from . import occurrence_views

app_name = "occurrences"

urlpatterns = [
    path("", occurrence_views.occurrences, name="list"),
    path("<int:key>/", occurrence_views.occurrence, name="one"),
    path("<int:key>/draft/", occurrence_views.draft, name="draft"),
    path("<int:key>/record/", occurrence_views.record, name="record"),
]

"""Subscribers at the desk, after sign-in."""

from django.urls import path

from . import views

app_name = "subscribers"

urlpatterns = [
    path("", views.subscribers, name="list"),
    path("new/", views.new, name="new"),
    path("import/", views.import_file, name="import"),
    path("<int:key>/<slug:verb>/", views.act, name="act"),
]

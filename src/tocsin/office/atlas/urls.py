"""The public pages."""

from django.urls import path

from . import exports, views

app_name = "atlas"

urlpatterns = [
    path("", views.home, name="home"),
    path("warnings/", views.past_warnings, name="warnings"),
    path("warnings.csv", exports.warnings_csv, name="warnings-csv"),
    path("warnings/<slug:slug>/", views.warning, name="warning"),
    path("warnings/<slug:slug>/values.csv", exports.values_csv, name="values-csv"),
    path("how-we-warn/", views.method, name="method"),
]

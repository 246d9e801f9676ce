"""The public pages."""

from django.urls import path

from . import exports, received_page, views

app_name = "atlas"

urlpatterns = [
    path("", views.home, name="home"),
    path("warnings/", views.past_warnings, name="warnings"),
    path("warnings.csv", exports.warnings_csv, name="warnings-csv"),
    path("warnings/<slug:slug>/", views.warning, name="warning"),
    path("warnings/<slug:slug>/values.csv", exports.values_csv, name="values-csv"),
    path("received/<int:pk>/", received_page.received, name="received"),
    path("how-we-warn/", views.method, name="method"),
    path("how-we-warn/<slug:rule>/<int:version>/", views.rule_version, name="rule-version"),
]

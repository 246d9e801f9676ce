"""Timing as evidence, after sign-in."""

from django.urls import path

from . import timing_views

app_name = "timing"

urlpatterns = [
    path("", timing_views.period, name="period"),
    path("<slug:slug>/", timing_views.warning, name="warning"),
]

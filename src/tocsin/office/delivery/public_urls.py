"""Acknowledging a warning: pages for its recipients."""

from django.urls import path

from . import views

app_name = "acknowledge"

urlpatterns = [path("<str:token>/", views.acknowledge, name="page")]

"""Files and feeds: one stable address each, in no language."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

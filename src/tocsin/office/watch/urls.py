"""Series, rules and feeds, after sign-in."""

from django.urls import URLPattern

app_name = "watch"

urlpatterns: list[URLPattern] = []

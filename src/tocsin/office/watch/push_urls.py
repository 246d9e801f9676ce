"""The address of pushed observations: one that no language and no sign-in changes."""

from django.urls import path

from .push_views import push

urlpatterns = [path("<slug:feed>", push, name="push")]

"""Subscribing, confirming, changing, unsubscribing: pages for everybody."""

from django.urls import path

from . import public_views as views

app_name = "subscriptions"

urlpatterns = [
    path("", views.ask, name="ask"),
    path("asked/", views.asked, name="asked"),
    path("browser/", views.browser, name="browser"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("choices/<str:token>/", views.manage, name="manage"),
    path("end/<str:token>/", views.unsubscribe, name="unsubscribe"),
]

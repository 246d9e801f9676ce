"""Other authorities' warnings, as they came."""

from django.urls import path

from . import views

app_name = "received"

urlpatterns = [
    path("", views.messages_list, name="list"),
    path("sources/", views.sources, name="sources"),
    path("sources/<int:pk>/polling/", views.toggle, name="toggle"),
    path("<int:pk>/", views.message, name="message"),
    path("<int:pk>/as-it-came.xml", views.raw, name="raw"),
]

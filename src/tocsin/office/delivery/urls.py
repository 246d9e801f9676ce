"""Who has been reached and who has not, after sign-in."""

from django.urls import path

from . import views

app_name = "delivery"

urlpatterns = [
    path("", views.messages_sent, name="list"),
    path("reach/", views.reach, name="reach"),
    path("notices/<int:key>/note/", views.note, name="note"),
    path("<int:key>/", views.message, name="message"),
    path("<int:key>/resend/", views.resend, name="resend"),
    path("<int:key>/receipts.csv", views.receipts_csv, name="receipts"),
]

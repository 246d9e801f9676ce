"""Drafting, approving and issuing, after sign-in."""

from django.urls import path

from . import views, views_compose, views_review

app_name = "warnings_desk"

urlpatterns = [
    path("", views.draft_list, name="list"),
    path("new/", views.new, name="new"),
    path("new/by-hand/", views.start_by_hand, name="by-hand"),
    path("new/from-trigger/<int:key>/", views.start_from_trigger, name="from-trigger"),
    path("new/from-warning/<slug:slug>/<slug:kind>/", views.start_from_warning, name="go-on"),
    path("<int:key>/", views_compose.compose, name="compose"),
    path("<int:key>/preview/", views_compose.preview, name="preview"),
    path("<int:key>/presence/", views_compose.presence, name="presence"),
    path("<int:key>/merge/", views_compose.merge, name="merge"),
    path("<int:key>/copy/", views.copy, name="copy"),
    path("<int:key>/review/", views_review.review, name="review"),
    path("<int:key>/issue/", views_review.confirm, name="confirm"),
    path("<int:key>/do/<slug:verb>/", views_review.act, name="act"),
    path("<int:key>/history/", views_review.history, name="history"),
]

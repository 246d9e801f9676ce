"""The desk after sign-in: the overview, warnings, rules with what they raised, the audit trail.

Series and feeds are the watch's own pages; rules stand here because they show warnings, which the
watch knows nothing of.
"""

from django.urls import path

from . import desk_right, desk_rule_views, desk_try, desk_views

app_name = "desk"

urlpatterns = [
    path("", desk_views.now, name="now"),
    path("clock/", desk_views.clock, name="clock"),
    path("warnings/", desk_views.warnings, name="warnings"),
    path("right/", desk_right.right, name="right"),
    path("audit/", desk_views.audit, name="audit"),
    path("watch/rules/", desk_rule_views.rules, name="rules"),
    path("watch/rules/<slug:rule>/", desk_rule_views.rule, name="rule"),
    path("watch/rules/<slug:rule>/try/", desk_try.try_rule, name="try"),
]

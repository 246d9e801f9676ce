"""The desk after sign-in: the overview, warnings, rules with what they raised, the audit trail.

Series and feeds are the watch's own pages; rules stand here because they show warnings, which the
watch knows nothing of.
"""

from django.urls import path

from . import (
    desk_proposals,
    desk_right,
    desk_rule_edit,
    desk_rule_views,
    desk_skill,
    desk_try,
    desk_views,
)

app_name = "desk"

urlpatterns = [
    path("", desk_views.now, name="now"),
    path("clock/", desk_views.clock, name="clock"),
    path("warnings/", desk_views.warnings, name="warnings"),
    path("right/", desk_right.right, name="right"),
    path("right/forecasts/", desk_skill.skill, name="skill"),
    path("audit/", desk_views.audit, name="audit"),
    path("watch/rules/", desk_rule_views.rules, name="rules"),
    path("watch/rules/<slug:rule>/", desk_rule_views.rule, name="rule"),
    path("watch/rules/<slug:rule>/try/", desk_try.try_rule, name="try"),
    path("watch/rules/<slug:rule>/change/", desk_rule_edit.change, name="change-rule"),
    path("watch/rules/<slug:rule>/copy/", desk_rule_edit.copy, name="copy-rule"),
    path("watch/rules/<slug:rule>/<int:version>/", desk_rule_views.version, name="version"),
    path(
        "watch/rules/<slug:rule>/<int:version>/rule.toml",
        desk_rule_views.version_toml,
        name="version-toml",
    ),
    path(
        "watch/rules/<slug:rule>/<int:version>/again/", desk_proposals.again, name="propose-again"
    ),
    path("watch/proposals/", desk_proposals.proposals, name="proposals"),
    path("watch/proposals/<int:key>/", desk_proposals.proposal, name="proposal"),
    path("watch/proposals/<int:key>/edit/", desk_rule_edit.edit, name="edit-proposal"),
    path("watch/proposals/<int:key>/try/", desk_try.try_proposal, name="try-proposal"),
    path("watch/proposals/<int:key>/do/<slug:verb>/", desk_proposals.act, name="act-on-proposal"),
]

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what when: one line for each change."""

    name = "tocsin.office.audit"
    label = "audit"

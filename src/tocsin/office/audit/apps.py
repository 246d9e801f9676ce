from django.apps import AppConfig

from .append_only import AUDIT_TRAIL, keep_in_place


class AuditConfig(AppConfig):
    """Who did what when: one line for each change."""

    name = "tocsin.office.audit"
    label = "audit"

    def ready(self) -> None:
        """Let the database itself keep the trail as it was written."""
        keep_in_place(self, [AUDIT_TRAIL])

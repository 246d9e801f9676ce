from django.apps import AppConfig

from tocsin.office.audit.append_only import keep_in_place

from .guard import GUARDS


class WarningsDeskConfig(AppConfig):
    """Warnings and the ledger of every message issued."""

    name = "tocsin.office.warnings_desk"
    label = "warnings_desk"

    def ready(self) -> None:
        """Let the database itself keep the ledger as it was written."""
        keep_in_place(self, GUARDS)

from django.apps import AppConfig


class WarningsDeskConfig(AppConfig):
    """Warnings and the ledger of every message issued."""

    name = "tocsin.office.warnings_desk"
    label = "warnings_desk"

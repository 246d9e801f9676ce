"""Who asked for warnings: contacts, encrypted and confirmed, and what they asked for."""

from django.apps import AppConfig


class SubscribersConfig(AppConfig):
    name = "tocsin.office.subscribers"
    verbose_name = "Subscribers"

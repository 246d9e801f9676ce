from django.apps import AppConfig


class WatchConfig(AppConfig):
    """Series, rules and what they have raised."""

    name = "tocsin.office.watch"
    label = "watch"

from django.apps import AppConfig


class AtlasConfig(AppConfig):
    """The public pages and the desk's overview: they read every desk and write none."""

    name = "tocsin.office.atlas"
    label = "atlas"

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """The region: its clock, areas, stations, facilities and settlements."""

    name = "tocsin.office.places"
    label = "places"

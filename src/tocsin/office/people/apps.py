from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Staff accounts and the posts they hold."""

    name = "tocsin.office.people"
    label = "people"

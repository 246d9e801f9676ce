"""The outbox and the channels: what was issued reaches people."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "tocsin.office.delivery"
    verbose_name = "Delivery"

    def ready(self) -> None:
        """Listen to the desk, and offer subscribers the channels that work here."""
        from . import offering, receivers  # models are ready only now

        receivers.connect()
        offering.offer_channels()

"""States of recursive indicators, kept from one live cycle to the next."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("places", "0003_area_shares"),
        ("watch", "0007_holds_and_gateways"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndicatorState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "function",
                    models.CharField(help_text="tocsin.indicators.fire.fwi:fwi", max_length=120),
                ),
                ("after", models.DateTimeField(help_text="label of the last hour it rests on")),
                (
                    "state",
                    models.JSONField(
                        help_text="its numbers, in the order of the function's own state"
                    ),
                ),
                (
                    "rests_on",
                    models.CharField(
                        help_text="SHA-256 of latitude, zone, units, options and program version",
                        max_length=64,
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="places.station",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("function", "after", "station"), name="one_indicator_state"
                    )
                ],
            },
        ),
    ]

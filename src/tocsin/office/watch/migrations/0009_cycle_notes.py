"""Notes of a cycle are codes with their facts from here on; what stands there stays."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("watch", "0008_indicator_states")]

    operations = [
        migrations.AlterField(
            model_name="cycle",
            name="notes",
            field=models.JSONField(
                default=list, help_text="what the desk has to know; older ones are sentences"
            ),
        ),
    ]

"""Areas know which share of their surface each station stands for; filled in by the next load."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("places", "0002_approval_and_signing")]

    operations = [
        migrations.AddField(
            model_name="area",
            name="shares",
            field=models.JSONField(
                default=dict,
                help_text='which share of its surface each station stands for: {"EWR": 0.31, ...}',
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Remembered",
            fields=[
                (
                    "cache_key",
                    models.CharField(
                        help_text="a digest", max_length=255, primary_key=True, serialize=False
                    ),
                ),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Beat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="part, machine, process number", max_length=120, unique=True
                    ),
                ),
                ("part", models.CharField(help_text="web, work or feed", max_length=20)),
                ("version", models.CharField(help_text="of Stoop", max_length=40)),
                ("began_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                (
                    "failures",
                    models.IntegerField(
                        default=0, help_text="rounds that failed since the last beat"
                    ),
                ),
            ],
        ),
    ]

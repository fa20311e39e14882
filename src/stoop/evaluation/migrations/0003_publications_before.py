from django.db import migrations


def carry_over(apps, schema_editor):
    """What stood in public, or had been withdrawn, before each time had a row of its own."""
    publication = apps.get_model("evaluation", "Publication")
    for study in apps.get_model("evaluation", "Study").objects.exclude(published=None):
        publication.objects.get_or_create(
            run_id=study.published_id,
            defaults={
                "study": study,
                "published_at": study.published_at,
                "publisher": study.publisher,
                "withdrawn_at": study.withdrawn_at,
                "withdrawn_why": study.withdrawn_why,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0002_publications")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]

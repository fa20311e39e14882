"""Telling people became a flow of its own: what still waits of a shooting gets both its duties."""

from django.db import migrations


def part(apps, schema_editor):
    duties = apps.get_model("ledger", "Duty").objects
    events = apps.get_model("ledger", "Event").objects
    waiting = list(duties.filter(flow="shooting"))
    taken = set(
        events.filter(pk__in=[duty.event for duty in waiting], kind="alert.taken").values_list(
            "pk", flat=True
        )
    )
    for duty in waiting:
        if duty.event not in taken:
            duties.get_or_create(
                event=duty.event, flow="alert", defaults={"not_before": duty.not_before}
            )


def join(apps, schema_editor):
    apps.get_model("ledger", "Duty").objects.filter(flow="alert").delete()


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]
    operations = [migrations.RunPython(part, join)]

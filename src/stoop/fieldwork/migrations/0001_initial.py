import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import stoop.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("incidents", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=60)),
                ("version", models.IntegerField(default=1)),
                ("title", models.CharField(max_length=120)),
                ("sentence", models.CharField(blank=True, max_length=300)),
                ("clocks", models.JSONField(default=list, help_text="code, label, hours")),
                ("tasks", models.JSONField(default=list, help_text="code, label, hours, at_start")),
                (
                    "counts",
                    models.JSONField(
                        default=list, help_text="code, label, part, where, hour, kinds"
                    ),
                ),
                (
                    "by_hand",
                    models.BooleanField(
                        default=False, help_text="a site may open one without an incident"
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                ("made_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.CharField(blank=True, help_text="person:<key> or system", max_length=80),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "version"), name="plan_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("active", True)),
                        fields=("code",),
                        name="plan_active_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Response",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(default=stoop.kernel.ids.new, editable=False, unique=True),
                ),
                ("plan_code", models.SlugField(max_length=60)),
                (
                    "title",
                    models.CharField(
                        help_text="the plan's title when it was opened", max_length=120
                    ),
                ),
                (
                    "place",
                    models.CharField(blank=True, help_text="block or building", max_length=60),
                ),
                ("opened_at", models.DateTimeField()),
                (
                    "began_at",
                    models.DateTimeField(
                        help_text="when what it answers was known: the clocks' zero"
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "Done"),
                            ("stood_down", "Stood down"),
                            ("handed_over", "Handed over to another site"),
                        ],
                        max_length=12,
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                (
                    "once",
                    models.CharField(
                        blank=True,
                        help_text="key of the form that opened it by hand",
                        max_length=36,
                    ),
                ),
                (
                    "notice",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nothing changed"),
                            ("corrected", "The report was corrected"),
                            ("merged", "The report was joined with another"),
                            ("retracted", "The report was withdrawn"),
                        ],
                        max_length=12,
                    ),
                ),
                ("notice_at", models.DateTimeField(null=True)),
                (
                    "notice_version",
                    models.IntegerField(help_text="version of the incident it tells of", null=True),
                ),
                (
                    "retaliation",
                    models.IntegerField(help_text="of the situation, 0 to 3", null=True),
                ),
                ("retaliation_until", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.incident",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="fieldwork.plan"
                    ),
                ),
                (
                    "retaliation_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.site",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Count",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(default=stoop.kernel.ids.new, editable=False, unique=True),
                ),
                ("what", models.SlugField(max_length=40)),
                ("kind", models.SlugField(blank=True, max_length=40)),
                ("number", models.IntegerField()),
                ("part", models.IntegerField(null=True)),
                (
                    "block",
                    models.CharField(blank=True, help_text="block or building", max_length=60),
                ),
                ("day", models.DateField()),
                ("hour", models.IntegerField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "once",
                    models.CharField(
                        blank=True,
                        help_text="key of the form: sent twice, counted once",
                        max_length=36,
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counts",
                        to="fieldwork.response",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40)),
                ("label", models.CharField(max_length=80)),
                ("due_at", models.DateTimeField()),
                ("met_at", models.DateTimeField(null=True)),
                (
                    "not_needed",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Needed"),
                            ("another", "Another team does it"),
                            ("nobody_hurt", "Nobody was hurt"),
                            ("unsafe", "It is not safe"),
                            ("refused", "It was not wanted"),
                            ("unreached", "Nobody could be reached"),
                            ("waived", "The lead decided so"),
                            ("retracted", "The report was withdrawn"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "met_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clocks",
                        to="fieldwork.response",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="fieldwork.response",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.site",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(default=stoop.kernel.ids.new, editable=False, unique=True),
                ),
                ("starts", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                (
                    "rank",
                    models.IntegerField(
                        default=1, help_text="1 is told first, 2 when nobody answers"
                    ),
                ),
                ("series", models.UUIDField(null=True)),
                ("changed_at", models.DateTimeField(null=True)),
                (
                    "covers",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.site",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(default=stoop.kernel.ids.new, editable=False, unique=True),
                ),
                ("code", models.SlugField(max_length=40)),
                ("label", models.CharField(max_length=80)),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "Done"),
                            ("part", "Done in part"),
                            ("not_done", "Not done"),
                            ("not_needed", "Not needed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "once",
                    models.CharField(
                        blank=True, help_text="key of the form that added it", max_length=36
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "response",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="fieldwork.response",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Calendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token",
                    models.CharField(help_text="SHA-256 of the token", max_length=64, unique=True),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.site",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("site", None)),
                        fields=("person",),
                        name="calendar_of_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person", None)),
                        fields=("site",),
                        name="calendar_of_site",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                fields=["site", "closed_at", "-opened_at"], name="fieldwork_r_site_id_32d727_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(fields=["incident"], name="fieldwork_r_inciden_168996_idx"),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(fields=["-opened_at"], name="fieldwork_r_opened__767e91_idx"),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                fields=("site", "incident", "plan_code"), name="one_response_a_site_and_incident"
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                condition=models.Q(("once", ""), _negated=True),
                fields=("site", "once"),
                name="response_once",
            ),
        ),
        migrations.AddIndex(
            model_name="count",
            index=models.Index(fields=["response", "day"], name="fieldwork_c_respons_920a2d_idx"),
        ),
        migrations.AddConstraint(
            model_name="count",
            constraint=models.UniqueConstraint(
                condition=models.Q(("once", ""), _negated=True),
                fields=("response", "once"),
                name="count_once",
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("met_at", None)), fields=["due_at"], name="clock_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(
                fields=("response", "code"), name="clock_once_a_response"
            ),
        ),
        migrations.AddIndex(
            model_name="rest",
            index=models.Index(fields=["person", "until"], name="fieldwork_r_person__b1623f_idx"),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(
                fields=["site", "starts", "ends"], name="fieldwork_s_site_id_7a73b7_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["person", "starts"], name="fieldwork_s_person__dfc194_idx"),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.UniqueConstraint(
                fields=("site", "person", "starts"), name="shift_once_a_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gt", models.F("starts"))), name="shift_ends"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["outcome", "due_at"], name="fieldwork_t_outcome_80d50c_idx"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("once", ""), _negated=True),
                fields=("response", "once"),
                name="task_once",
            ),
        ),
    ]

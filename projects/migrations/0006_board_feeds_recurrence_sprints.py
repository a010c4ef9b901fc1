import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('projects', '0005_keep_the_origin_of_a_plan'),
    ]

    operations = [
        migrations.CreateModel(
            name='Board',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='board', to='projects.project')),
            ],
        ),
        migrations.CreateModel(
            name='BoardColumn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=20)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('position', models.PositiveSmallIntegerField()),
                ('wip_limit', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(999)], verbose_name='limit')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='board_columns', to='projects.project')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('project', 'key'), name='board_column_key_unique'), models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('project', 'position'), name='board_column_position_unique'), models.CheckConstraint(condition=models.Q(('wip_limit', None), ('wip_limit__range', (1, 999)), _connector='OR'), name='board_column_limit_1_999'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='board_column_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('uses', models.PositiveIntegerField(default=0)),
                ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feeds', to='projects.project')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feeds', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('user', 'project'), name='calendar_feed_one_in_use', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Card',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveIntegerField(null=True)),
                ('priority', models.PositiveSmallIntegerField(choices=[(1, 'High'), (2, 'Normal'), (3, 'Low')], default=2, verbose_name='priority')),
                ('open_percent', models.PositiveSmallIntegerField(default=0)),
                ('column', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='cards', to='projects.boardcolumn')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cards', to='projects.project')),
                ('task', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='card', to='projects.task')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('priority__range', (1, 3))), name='card_priority_1_3'), models.CheckConstraint(condition=models.Q(('open_percent__range', (0, 99))), name='card_open_percent_0_99')],
            },
        ),
        migrations.CreateModel(
            name='Recurrence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=250, verbose_name='name')),
                ('duration', models.PositiveIntegerField(default=480, verbose_name='duration')),
                ('every', models.CharField(choices=[('day', 'Day'), ('week', 'Week'), ('month', 'Month'), ('year', 'Year')], default='week', max_length=5, verbose_name='every')),
                ('interval', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(99)], verbose_name='interval')),
                ('weekdays', models.JSONField(blank=True, default=list, verbose_name='weekdays')),
                ('nth', models.SmallIntegerField(blank=True, null=True, verbose_name='which')),
                ('month_day', models.SmallIntegerField(blank=True, null=True, verbose_name='day of the month')),
                ('month', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='month')),
                ('start', models.DateField(verbose_name='from')),
                ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                ('count', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='times')),
                ('holidays', models.CharField(choices=[('shift', 'move to the next working day'), ('skip', 'leave it out'), ('keep', 'keep the day')], default='shift', max_length=5, verbose_name='on a day off')),
                ('ahead', models.PositiveSmallIntegerField(default=4, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='made ahead')),
                ('ended_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recurrences', to='projects.project')),
                ('summary', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='recurrences', to='projects.task')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('interval__range', (1, 99))), name='recurrence_interval_1_99'), models.CheckConstraint(condition=models.Q(('ahead__range', (1, 60))), name='recurrence_ahead_1_60'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('start')), _connector='OR'), name='recurrence_until_after_start'), models.CheckConstraint(condition=models.Q(('until', None), ('count', None), _connector='OR'), name='recurrence_until_or_count'), models.CheckConstraint(condition=models.Q(('count', None), ('count__gte', 1), _connector='OR'), name='recurrence_count_positive'), models.CheckConstraint(condition=models.Q(('nth', None), ('nth__in', (1, 2, 3, 4, -1)), _connector='OR'), name='recurrence_nth_known'), models.CheckConstraint(condition=models.Q(('month_day', None), ('month_day__in', (-1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31)), _connector='OR'), name='recurrence_month_day_known'), models.CheckConstraint(condition=models.Q(('month', None), ('month__range', (1, 12)), _connector='OR'), name='recurrence_month_1_12')],
            },
        ),
        migrations.CreateModel(
            name='Occurrence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('planned', models.DateField(null=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='occurrences', to='projects.project')),
                ('task', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='occurrence', to='projects.task')),
                ('recurrence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='occurrences', to='projects.recurrence')),
            ],
            options={
                'ordering': ['day'],
                'constraints': [models.UniqueConstraint(fields=('recurrence', 'day'), name='occurrence_once'), models.UniqueConstraint(fields=('recurrence', 'planned'), name='occurrence_one_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Sprint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('goal', models.TextField(help_text='What can people do when it is over?', verbose_name='goal')),
                ('start', models.DateField(verbose_name='first day')),
                ('finish', models.DateField(verbose_name='last day')),
                ('capacity', models.PositiveIntegerField(blank=True, null=True, verbose_name='capacity')),
                ('started_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sprints', to='projects.project')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['start'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='sprint_number_unique'), models.CheckConstraint(condition=models.Q(('finish__gte', models.F('start'))), name='sprint_finish_after_start'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('project', '='), (models.Func(models.F('start'), models.F('finish'), models.Value('[]'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='sprint_no_overlap'), models.UniqueConstraint(condition=models.Q(('closed_at', None), ('started_at__isnull', False)), fields=('project',), name='sprint_one_under_way'), models.CheckConstraint(condition=models.Q(models.Q(('started_at', None), ('started_by', None)), models.Q(('started_at__isnull', False), ('started_by__isnull', False)), _connector='OR'), name='sprint_started_at_and_by_together'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('started_at__isnull', False)), _connector='OR'), name='sprint_closed_at_and_by_together')],
            },
        ),
        migrations.CreateModel(
            name='SprintTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('removed_at', models.DateTimeField(null=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sprint_tasks', to='projects.project')),
                ('sprint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='projects.sprint')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sprint_entries', to='projects.task')),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['sprint', 'removed_at'], name='sprint_task_now')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('task',), name='sprint_task_in_one_sprint'), models.CheckConstraint(condition=models.Q(('removed_at', None), ('removed_at__gte', models.F('added_at')), _connector='OR'), name='sprint_task_removed_after_added')],
            },
        ),
    ]

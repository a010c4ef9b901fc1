import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_skills'),
        ('delivery', '0007_duplicates_and_known_errors'),
    ]

    operations = [
        migrations.CreateModel(
            name='MajorIncident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('headline', models.CharField(help_text='What does not work, in their words. No names, no guesses.', max_length=250, verbose_name='what clients read')),
                ('is_for_all', models.BooleanField(default=True, verbose_name='told to all clients of the product')),
                ('state', models.CharField(choices=[('active', 'Active'), ('mitigated', 'Mitigated'), ('resolved', 'Resolved'), ('stood_down', 'Stood down')], default='active', max_length=10, verbose_name='state')),
                ('cadence', models.PositiveSmallIntegerField(default=30, verbose_name='minutes between updates')),
                ('next_update_due', models.DateTimeField(blank=True, null=True, verbose_name='next update due')),
                ('detected_at', models.DateTimeField(verbose_name='detected')),
                ('declared_at', models.DateTimeField(verbose_name='declared')),
                ('mitigated_at', models.DateTimeField(blank=True, null=True, verbose_name='mitigated')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='resolved')),
                ('stood_down_at', models.DateTimeField(blank=True, null=True, verbose_name='stood down')),
                ('commander', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='incident commander')),
                ('communications', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='communications')),
                ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='major_incidents', to='delivery.issue', verbose_name='issue')),
                ('operations', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='operations lead')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='major_incidents', to='delivery.product')),
            ],
            options={
                'verbose_name': 'major incident',
                'verbose_name_plural': 'major incidents',
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('product', 'number'), name='major_incident_number_unique'), models.UniqueConstraint(condition=models.Q(('state', 'stood_down'), _negated=True), fields=('issue',), name='major_incident_one_open_per_issue'), models.CheckConstraint(condition=models.Q(('cadence__range', (5, 1440))), name='major_incident_cadence'), models.CheckConstraint(condition=models.Q(('declared_at__gte', models.F('detected_at')), models.Q(('mitigated_at', None), ('mitigated_at__gte', models.F('detected_at')), _connector='OR'), models.Q(('resolved_at', None), models.Q(('mitigated_at__isnull', False), ('resolved_at__gte', models.F('mitigated_at'))), _connector='OR'), models.Q(('stood_down_at', None), ('stood_down_at__gte', django.db.models.functions.comparison.Coalesce('resolved_at', 'declared_at')), _connector='OR')), name='major_incident_times_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('mitigated_at', None), ('resolved_at', None), ('state', 'active'), ('stood_down_at', None)), models.Q(('mitigated_at__isnull', False), ('resolved_at', None), ('state', 'mitigated'), ('stood_down_at', None)), models.Q(('resolved_at__isnull', False), ('state', 'resolved'), ('stood_down_at', None)), models.Q(('state', 'stood_down'), ('stood_down_at__isnull', False)), _connector='OR'), name='major_incident_times_with_state')],
            },
        ),
        migrations.CreateModel(
            name='IncidentReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('done', 'Agreed')], default='draft', max_length=5, verbose_name='state')),
                ('summary', models.TextField(blank=True, verbose_name='what happened')),
                ('causes', models.TextField(blank=True, help_text='What made it possible, one a line; systems, not people.', verbose_name='causes')),
                ('went_well', models.TextField(blank=True, verbose_name='what went well')),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incident_reviews', to='delivery.product')),
                ('requirements', models.ManyToManyField(blank=True, related_name='+', to='delivery.requirement', verbose_name='affected requirements')),
                ('incident', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review', to='delivery.majorincident')),
            ],
            options={
                'verbose_name': 'post-incident review',
                'verbose_name_plural': 'post-incident reviews',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agreed_at', None), ('agreed_by', None), ('state', 'draft')), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False), ('state', 'done')), _connector='OR'), name='incident_review_agreed_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='IncidentEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('declared', 'Declared'), ('update', 'Update'), ('note', 'Note'), ('duty', 'Duty'), ('overdue', 'Update overdue'), ('mitigated', 'Mitigated'), ('resolved', 'Resolved'), ('relapsed', 'Came back'), ('stood_down', 'Stood down'), ('correction', 'Correction')], max_length=10, verbose_name='kind')),
                ('text', models.TextField(verbose_name='text')),
                ('is_public', models.BooleanField(default=False, verbose_name='clients read it')),
                ('at', models.DateTimeField(verbose_name='when it happened')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written down')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corrects', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='delivery.incidententry')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incident_entries', to='delivery.product')),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='delivery.majorincident')),
            ],
            options={
                'verbose_name': 'entry of the timeline',
                'verbose_name_plural': 'entries of the timeline',
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(fields=['incident', 'at'], name='incident_entry_at')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('corrects__isnull', False), ('kind', 'correction')), models.Q(models.Q(('kind', 'correction'), _negated=True), ('corrects', None)), _connector='OR'), name='incident_entry_correction_of_something'), models.CheckConstraint(condition=models.Q(('is_public', False), models.Q(('kind__in', ('note', 'duty', 'overdue', 'stood_down')), _negated=True), _connector='OR'), name='incident_entry_private_kinds')],
            },
        ),
        migrations.CreateModel(
            name='ReviewAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', models.CharField(max_length=500, verbose_name='what is done')),
                ('due', models.DateField(verbose_name='due')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('dropped_at', models.DateTimeField(blank=True, null=True, verbose_name='dropped')),
                ('outcome', models.TextField(blank=True, verbose_name='what came of it')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='review_actions', to='delivery.product')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='actions', to='delivery.incidentreview')),
            ],
            options={
                'verbose_name': 'action of a review',
                'verbose_name_plural': 'actions of reviews',
                'ordering': ['due', 'pk'],
                'indexes': [models.Index(condition=models.Q(('done_at', None), ('dropped_at', None)), fields=['due'], name='review_action_open'), models.Index(condition=models.Q(('done_at', None), ('dropped_at', None)), fields=['owner'], name='review_action_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('done_at', None), ('dropped_at', None), _connector='OR'), name='review_action_done_or_dropped'), models.CheckConstraint(condition=models.Q(models.Q(('closed_by', None), ('done_at', None), ('dropped_at', None)), models.Q(models.Q(('done_at__isnull', False), ('dropped_at__isnull', False), _connector='OR'), ('closed_by__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='review_action_closed_with_outcome')],
            },
        ),
        migrations.CreateModel(
            name='UpdateDue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.PositiveSmallIntegerField()),
                ('due_at', models.DateTimeField()),
                ('met_at', models.DateTimeField(blank=True, null=True)),
                ('fired_at', models.DateTimeField(blank=True, null=True)),
                ('told', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='updates_due', to='delivery.majorincident')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
            ],
            options={
                'ordering': ['due_at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('fired_at', None), ('met_at', None)), fields=['due_at'], name='update_due_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('fired_at', None), ('met_at', None)), fields=('incident', 'step'), name='update_due_one_waiting'), models.CheckConstraint(condition=models.Q(('fired_at', None), ('met_at', None), _connector='OR'), name='update_due_fired_or_met'), models.CheckConstraint(condition=models.Q(('fired_at', None), ('fired_at__gte', models.F('due_at')), _connector='OR'), name='update_due_fired_when_due'), models.CheckConstraint(condition=models.Q(('step__in', (1, 2))), name='update_due_two_steps')],
            },
        ),
    ]

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_squashed_0002_skills'),
        ('accounts', '__first__'),
        ('delivery', '0015_releases'),
    ]

    operations = [
        migrations.CreateModel(
            name='ControlTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(choices=[('works', 'Works'), ('partly', 'Works in part'), ('fails', 'Does not work')], max_length=6, verbose_name='result')),
                ('evidence', models.TextField(verbose_name='what was tried, what came of it')),
                ('on', models.DateField(verbose_name='tested')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='control_tests', to='delivery.product')),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='control_tests', to='delivery.risk')),
            ],
            options={
                'verbose_name': 'test of a control',
                'verbose_name_plural': 'tests of controls',
                'ordering': ['-on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Roadblock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=250, verbose_name='what stands in the way')),
                ('description', models.TextField(blank=True, verbose_name='what it keeps us from')),
                ('state', models.CharField(choices=[('raised', 'Raised'), ('owned', 'Owned'), ('escalated', 'Escalated'), ('removed', 'Removed')], default='raised', max_length=9, verbose_name='state')),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='raised')),
                ('due', models.DateField(blank=True, null=True, verbose_name='to be removed by')),
                ('escalated_at', models.DateTimeField(blank=True, null=True, verbose_name='escalated')),
                ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='removed')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department', verbose_name='who could remove it')),
                ('escalated_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='escalated to')),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='roadblocks', to='delivery.issue', verbose_name='blocks')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roadblocks', to='delivery.product')),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='raised by')),
            ],
            options={
                'verbose_name': 'roadblock',
                'verbose_name_plural': 'roadblocks',
                'ordering': ['-number'],
                'indexes': [models.Index(fields=['product', 'raised_at'], name='roadblock_raised')],
                'constraints': [models.UniqueConstraint(fields=('product', 'number'), name='roadblock_number_unique'), models.CheckConstraint(condition=models.Q(models.Q(('removed_at__gte', models.F('raised_at')), ('state', 'removed')), models.Q(models.Q(('state', 'removed'), _negated=True), ('removed_at', None)), _connector='OR'), name='roadblock_removed_after_raised'), models.CheckConstraint(condition=models.Q(('state__in', ('raised', 'removed')), ('owner__isnull', False), _connector='OR'), name='roadblock_owned_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'escalated'), _negated=True), models.Q(('escalated_at__isnull', False), ('escalated_to__isnull', False)), _connector='OR'), name='roadblock_escalated_to_somebody')],
            },
        ),
        migrations.CreateModel(
            name='RoadblockStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('raised', 'Raised'), ('owned', 'Owned by'), ('escalated', 'Escalated to'), ('removed', 'Removed')], max_length=9, verbose_name='kind')),
                ('text', models.TextField(verbose_name='text')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('roadblock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='delivery.roadblock')),
            ],
            options={
                'verbose_name': 'step of a roadblock',
                'verbose_name_plural': 'steps of roadblocks',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DepartmentRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('direction', models.CharField(choices=[('to', 'To the department'), ('from', 'From the department')], default='to', max_length=4, verbose_name='direction')),
                ('title', models.CharField(max_length=250, verbose_name='what is asked')),
                ('description', models.TextField(blank=True, verbose_name='why, and what for')),
                ('due', models.DateField(verbose_name='due')),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('done', 'Done'), ('withdrawn', 'Withdrawn')], default='asked', max_length=9, verbose_name='state')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('answer', models.TextField(blank=True, verbose_name='answer')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('outcome', models.TextField(blank=True, verbose_name='what came of it')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department', verbose_name='department')),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='department_requests', to='delivery.issue', verbose_name='issue')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who does it')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='department_requests', to='delivery.product')),
            ],
            options={
                'verbose_name': 'request between departments',
                'verbose_name_plural': 'requests between departments',
                'ordering': ['due', 'pk'],
                'indexes': [models.Index(condition=models.Q(('state__in', ('asked', 'accepted'))), fields=['due'], name='department_request_open')],
                'constraints': [models.UniqueConstraint(fields=('product', 'number'), name='department_request_number_unique'), models.CheckConstraint(condition=models.Q(('state__in', ('asked', 'withdrawn')), models.Q(('answered_by__isnull', False), ('state', 'declined'), models.Q(('answer', ''), _negated=True)), models.Q(('answered_by__isnull', False), ('owner__isnull', False), ('state__in', ('accepted', 'done'))), _connector='OR'), name='department_request_answered'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('state', 'done'), models.Q(('outcome', ''), _negated=True)), models.Q(models.Q(('state', 'done'), _negated=True), ('done_at', None)), _connector='OR'), name='department_request_done_with_outcome')],
            },
        ),
        migrations.CreateModel(
            name='RiskIncident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='risk_links', to='delivery.incident', verbose_name='incident')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incident_links', to='delivery.risk')),
            ],
            options={
                'verbose_name': 'incident of a risk',
                'verbose_name_plural': 'incidents of risks',
                'ordering': ['-incident__started_at'],
                'constraints': [models.UniqueConstraint(fields=('risk', 'incident'), name='risk_incident_once')],
            },
        ),
    ]

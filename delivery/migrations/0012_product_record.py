import delivery.products.agreements.models
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_squashed_0002_skills'),
        ('accounts', '__first__'),
        ('delivery', '0011_complaints'),
        ('files', '0001_squashed_0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('kind', models.CharField(choices=[('warranty', 'Warranty'), ('support', 'Support and maintenance'), ('licence', 'Licence'), ('hosting', 'Hosting'), ('service', 'Service'), ('other', 'Other')], default='support', max_length=10, verbose_name='kind')),
                ('side', models.CharField(choices=[('supplier', 'Supplier: we receive'), ('client', 'Client: we owe')], default='supplier', max_length=10, verbose_name='with')),
                ('party', models.CharField(max_length=200, verbose_name='other party')),
                ('reference', models.CharField(blank=True, max_length=100, verbose_name='their number')),
                ('contact', models.CharField(blank=True, max_length=300, verbose_name='contact')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='to')),
                ('notice_on', models.DateField(blank=True, null=True, verbose_name='last day for notice')),
                ('value', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='value')),
                ('currency', models.CharField(blank=True, max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'A currency has three capital letters, such as EUR or USD.')], verbose_name='currency')),
                ('alert_days', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)]), blank=True, default=delivery.products.agreements.models.alert_days, verbose_name='alerts, days before')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('terminated_on', models.DateField(blank=True, null=True, verbose_name='ended early on')),
                ('end_reason', models.TextField(blank=True, verbose_name='why it was ended')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who answers for it')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agreements', to='delivery.product')),
            ],
            options={
                'verbose_name': 'contract',
                'verbose_name_plural': 'contracts',
                'ordering': ['ends_on', 'title', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='agreement_ends_after_start'), models.CheckConstraint(condition=models.Q(('notice_on', None), models.Q(('notice_on__gte', models.F('starts_on')), models.Q(('ends_on', None), ('notice_on__lte', models.F('ends_on')), _connector='OR')), _connector='OR'), name='agreement_notice_while_it_runs'), models.CheckConstraint(condition=models.Q(models.Q(('currency', ''), ('value', None)), models.Q(('value__gte', 0), ('value__isnull', False), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='agreement_value_has_currency'), models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('terminated_on', None)), models.Q(('terminated_on__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='agreement_ended_with_reason')],
            },
        ),
        migrations.CreateModel(
            name='Component',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('kind', models.CharField(choices=[('application', 'Application'), ('service', 'Service'), ('database', 'Database'), ('job', 'Job'), ('host', 'Host'), ('network', 'Network'), ('external', 'Service of others')], default='service', max_length=12, verbose_name='kind')),
                ('description', models.TextField(blank=True, verbose_name='what it does')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who knows it')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='components', to='delivery.product')),
            ],
            options={
                'verbose_name': 'component',
                'verbose_name_plural': 'components',
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'name'), name='component_name_unique')],
            },
        ),
        migrations.CreateModel(
            name='Decommission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('called_off', 'Called off')], default='running', max_length=10, verbose_name='state')),
                ('reason', models.TextField(verbose_name='why it is taken out of service')),
                ('planned_on', models.DateField(verbose_name='planned last day')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.TextField(blank=True, verbose_name='why it was called off')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decommissions', to='delivery.product')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'decommissioning',
                'verbose_name_plural': 'decommissionings',
                'ordering': ['-started_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'called_off'), _negated=True), fields=('product',), name='decommission_one_a_product'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='decommission_ended_at_with_state')],
            },
        ),
        migrations.CreateModel(
            name='DecommissionStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('notice', 'Notice to customers'), ('data', 'Data kept, moved or deleted'), ('contracts', 'Contracts ended'), ('access', 'Access removed'), ('sign_off', 'Sign-off')], max_length=10, verbose_name='step')),
                ('evidence', models.TextField(blank=True, verbose_name='what shows that it is done')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('decommission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='delivery.decommission')),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='done by')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who does it')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
            ],
            options={
                'verbose_name': 'step of decommissioning',
                'verbose_name_plural': 'steps of decommissioning',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('decommission', 'kind'), name='decommission_step_once'), models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', None)), models.Q(('done_at__isnull', False), ('done_by__isnull', False), models.Q(('evidence', ''), _negated=True)), _connector='OR'), name='decommission_step_done_with_evidence')],
            },
        ),
        migrations.CreateModel(
            name='Dependency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_hard', models.BooleanField(default=True, verbose_name='stands still without it')),
                ('needs', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='needed_by', to='delivery.component', verbose_name='needs')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('who', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dependencies', to='delivery.component', verbose_name='component')),
            ],
            options={
                'verbose_name': 'dependency',
                'verbose_name_plural': 'dependencies',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('who', 'needs'), name='dependency_once'), models.CheckConstraint(condition=models.Q(('who', models.F('needs')), _negated=True), name='dependency_not_on_itself')],
            },
        ),
        migrations.CreateModel(
            name='DueAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(choices=[('end_of_life', 'End of life'), ('contract', 'Contract')], max_length=11)),
                ('day', models.DateField()),
                ('days_before', models.PositiveSmallIntegerField()),
                ('due_at', models.DateTimeField()),
                ('fired_at', models.DateTimeField(blank=True, null=True)),
                ('told', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list)),
                ('agreement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='due_alerts', to='delivery.agreement')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='due_alerts', to='delivery.product')),
            ],
            options={
                'ordering': ['due_at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('fired_at', None)), fields=['due_at'], name='due_alert_waiting')],
                'constraints': [models.UniqueConstraint(fields=('product', 'about', 'agreement', 'day', 'days_before'), name='due_alert_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('about', 'contract'), ('agreement__isnull', False)), models.Q(('about', 'end_of_life'), ('agreement', None)), _connector='OR'), name='due_alert_about_one_thing')],
            },
        ),
        migrations.CreateModel(
            name='Environment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('kind', models.CharField(choices=[('production', 'Production'), ('acceptance', 'Acceptance'), ('test', 'Test'), ('development', 'Development'), ('training', 'Training')], default='production', max_length=12, verbose_name='kind')),
                ('address', models.CharField(blank=True, max_length=300, verbose_name='address')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='switched off on')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='whose people work on it')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='environments', to='delivery.product')),
            ],
            options={
                'verbose_name': 'environment',
                'verbose_name_plural': 'environments',
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'name'), name='environment_name_unique')],
            },
        ),
        migrations.CreateModel(
            name='Deployment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('is_rollback', models.BooleanField(default=False, verbose_name='rolled back to it')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deployments', to='delivery.product')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='delivery.release', verbose_name='version')),
                ('environment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deployments', to='delivery.environment', verbose_name='environment')),
            ],
            options={
                'verbose_name': 'deployment',
                'verbose_name_plural': 'deployments',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['environment', '-at'], name='deployment_latest')],
            },
        ),
        migrations.CreateModel(
            name='OnCallTurn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveSmallIntegerField(choices=[(1, 'First line'), (2, 'Second line')], default=1, verbose_name='line')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='to')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='on_call_turns', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='on_call_turns', to='delivery.product')),
            ],
            options={
                'verbose_name': 'on-call turn',
                'verbose_name_plural': 'on-call turns',
                'ordering': ['starts_at', 'line', 'pk'],
                'indexes': [models.Index(fields=['product', 'ends_at'], name='on_call_of_product')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='on_call_ends_after_start'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('product', '='), ('line', '='), (models.Func('starts_at', 'ends_at', django.contrib.postgres.fields.ranges.RangeBoundary(), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='on_call_no_overlap')],
            },
        ),
        migrations.CreateModel(
            name='OnCallChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('now', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='is now')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='on_call_changes', to='delivery.product')),
                ('was', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='was')),
                ('turn', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='delivery.oncallturn', verbose_name='turn')),
            ],
            options={
                'verbose_name': 'change of an on-call turn',
                'verbose_name_plural': 'changes of on-call turns',
                'ordering': ['-at', '-pk'],
            },
        ),
    ]

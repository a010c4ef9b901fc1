import django.db.models.deletion
import django.utils.timezone
import projects.scope.deliverables.moves
import projects.scope.testing.moves
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('files', '0001_initial'),
        ('projects', '0010_gate_evidence_and_conditions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('submitted', 'Submitted'), ('accepted', 'Accepted'), ('rejected', 'Rejected')], default='planned', max_length=9, verbose_name='state')),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('note', models.TextField(blank=True, verbose_name='note to whoever accepts')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='projects.project')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ['-number'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'planned'), ('submitted_at', None), ('submitted_by', None)), models.Q(models.Q(('state', 'planned'), _negated=True), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='delivery_submitted_with_state'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state__in', ('planned', 'submitted'))), models.Q(('decided_at__gte', models.F('submitted_at')), ('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ('accepted', 'rejected'))), _connector='OR'), name='delivery_decided_with_state'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='delivery_rejection_says_why'), models.UniqueConstraint(fields=('project', 'number'), name='delivery_number_unique')],
            },
            bases=(projects.scope.deliverables.moves.DeliveryMoves, models.Model),
        ),
        migrations.CreateModel(
            name='Deliverable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('submitted', 'Submitted'), ('accepted', 'Accepted'), ('rejected', 'Rejected')], default='planned', max_length=9, verbose_name='state')),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('due', models.DateField(blank=True, null=True, verbose_name='due')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliverables', to='projects.project')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('task', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliverables', to='projects.task', verbose_name='task')),
                ('delivery', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliverables', to='projects.delivery')),
            ],
            options={
                'ordering': ['number'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'planned'), ('submitted_at', None), ('submitted_by', None)), models.Q(models.Q(('state', 'planned'), _negated=True), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='deliverable_submitted_with_state'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state__in', ('planned', 'submitted'))), models.Q(('decided_at__gte', models.F('submitted_at')), ('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ('accepted', 'rejected'))), _connector='OR'), name='deliverable_decided_with_state'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='deliverable_rejection_says_why'), models.UniqueConstraint(fields=('project', 'number'), name='deliverable_number_unique')],
            },
            bases=(projects.scope.deliverables.moves.DeliverableMoves, models.Model),
        ),
        migrations.CreateModel(
            name='TestCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('preconditions', models.TextField(blank=True, verbose_name='before')),
                ('steps', models.TextField(blank=True, verbose_name='steps')),
                ('expected', models.TextField(blank=True, verbose_name='expected result')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='test_cases', to='projects.project')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='test_case_number_unique')],
            },
        ),
        migrations.CreateModel(
            name='TestSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('planned_on', models.DateField(blank=True, null=True, verbose_name='planned on')),
                ('environment', models.CharField(blank=True, max_length=250, verbose_name='environment')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='test_sessions', to='projects.project')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='test_session_number_unique'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='test_session_closed_at_and_by_together')],
            },
            bases=(projects.scope.testing.moves.SessionMoves, models.Model),
        ),
        migrations.CreateModel(
            name='TestRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(choices=[('not_run', 'Not run'), ('pass', 'Pass'), ('fail', 'Fail'), ('blocked', 'Blocked')], default='not_run', max_length=7, verbose_name='result')),
                ('note', models.TextField(blank=True, verbose_name='what happened')),
                ('at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='projects.testcase')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='test_runs', to='projects.issue')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='test_runs', to='projects.project')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='projects.testsession')),
            ],
            options={
                'ordering': ['case__number'],
                'constraints': [models.UniqueConstraint(fields=('session', 'case'), name='test_run_once_a_session'), models.CheckConstraint(condition=models.Q(models.Q(('result', 'fail'), _negated=True), ('issue__isnull', False), _connector='OR'), name='test_run_failed_names_issue'), models.CheckConstraint(condition=models.Q(models.Q(('at', None), ('by', None), ('result', 'not_run')), models.Q(models.Q(('result', 'not_run'), _negated=True), ('at__isnull', False), ('by__isnull', False)), _connector='OR'), name='test_run_by_and_at_with_result')],
            },
            bases=(projects.scope.testing.moves.RunMoves, models.Model),
        ),
        migrations.CreateModel(
            name='TraceLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trace_links', to='projects.testcase')),
                ('deliverable', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trace_links', to='projects.deliverable')),
                ('issue', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trace_links', to='projects.issue')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trace_links', to='projects.project')),
                ('requirement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trace_links', to='projects.requirement')),
                ('risk', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trace_links', to='projects.risk')),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trace_links', to='projects.task')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', True), ('deliverable__isnull', False), ('issue__isnull', True), ('risk__isnull', True), ('task__isnull', True)), models.Q(('case__isnull', True), ('deliverable__isnull', True), ('issue__isnull', True), ('risk__isnull', True), ('task__isnull', False)), models.Q(('case__isnull', False), ('deliverable__isnull', True), ('issue__isnull', True), ('risk__isnull', True), ('task__isnull', True)), models.Q(('case__isnull', True), ('deliverable__isnull', True), ('issue__isnull', True), ('risk__isnull', False), ('task__isnull', True)), models.Q(('case__isnull', True), ('deliverable__isnull', True), ('issue__isnull', False), ('risk__isnull', True), ('task__isnull', True)), _connector='OR'), name='trace_link_to_one_thing'), models.UniqueConstraint(fields=('requirement', 'deliverable'), name='trace_link_deliverable_once'), models.UniqueConstraint(fields=('requirement', 'task'), name='trace_link_task_once'), models.UniqueConstraint(fields=('requirement', 'case'), name='trace_link_case_once'), models.UniqueConstraint(fields=('requirement', 'risk'), name='trace_link_risk_once'), models.UniqueConstraint(fields=('requirement', 'issue'), name='trace_link_issue_once')],
            },
        ),
    ]

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pmdm.accounts.roles
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('registers', '0000_extensions'),
        ('worktime', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('kind', models.CharField(choices=[('alertmanager', 'Prometheus Alertmanager'), ('uptime_kuma', 'Uptime Kuma')], max_length=20, verbose_name='tool')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('fingerprint', models.CharField(blank=True, max_length=64)),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('description', models.TextField(blank=True)),
                ('is_outage', models.BooleanField(default=True, verbose_name='counts as downtime')),
                ('started_at', models.DateTimeField(verbose_name='started')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('last_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('cause', models.TextField(blank=True, verbose_name='what it was')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='incidents', to='delivery.alertsource')),
            ],
            options={
                'ordering': ['-started_at'],
            },
        ),
        migrations.CreateModel(
            name='Issue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('type', models.CharField(choices=[('bug', 'Bug'), ('complaint', 'Complaint'), ('performance', 'Performance'), ('request', 'Request')], default='bug', max_length=12, verbose_name='type')),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='what happens, what was expected')),
                ('severity', models.PositiveSmallIntegerField(choices=[(1, 'Critical'), (2, 'High'), (3, 'Medium'), (4, 'Low')], default=3, verbose_name='severity')),
                ('state', models.CharField(choices=[('new', 'New'), ('in_progress', 'In progress'), ('waiting', 'Waiting for customer'), ('resolved', 'Resolved'), ('closed', 'Closed')], default='new', max_length=12, verbose_name='state')),
                ('source', models.CharField(choices=[('portal', 'Portal'), ('staff', 'Entered by staff'), ('alert', 'Alert'), ('import', 'Import'), ('handover', 'Handover')], default='staff', max_length=10, verbose_name='source')),
                ('external_ref', models.CharField(blank=True, max_length=100, verbose_name='number elsewhere')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('responded_at', models.DateTimeField(blank=True, null=True, verbose_name='first response')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='resolved')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('reopened', models.PositiveSmallIntegerField(default=0)),
                ('response_due', models.DateTimeField(blank=True, null=True)),
                ('resolution_due', models.DateTimeField(blank=True, null=True)),
                ('pauses', models.JSONField(blank=True, default=list)),
                ('imported', models.JSONField(blank=True, default=dict, editable=False)),
                ('data_problem', models.CharField(blank=True, editable=False, max_length=200, verbose_name='data problem')),
                ('resolution', models.TextField(blank=True, verbose_name='resolution')),
                ('root_cause', models.TextField(blank=True, verbose_name='root cause')),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assignee')),
                ('incident', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='issues', to='delivery.incident', verbose_name='incident')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='client')),
                ('reported_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reported by')),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('code', models.CharField(max_length=24, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*\\Z', 'A code has capital letters, digits and single hyphens, and starts with a letter: NCP or PRJ-42.')], verbose_name='code')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('description', models.TextField(blank=True, verbose_name='what it does, for whom')),
                ('stage', models.CharField(choices=[('early_life', 'Early-life support'), ('live', 'Live'), ('sunset', 'Sunset'), ('retired', 'Retired')], default='early_life', max_length=10, verbose_name='stage')),
                ('live_on', models.DateField(blank=True, null=True, verbose_name='live since')),
                ('retire_on', models.DateField(blank=True, null=True, verbose_name='end of life')),
                ('availability_target', models.DecimalField(decimal_places=3, default='99.500', help_text='Percent of all time.', max_digits=6, validators=[django.core.validators.MinValueValidator(0.001), django.core.validators.MaxValueValidator(100)], verbose_name='availability target')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('calendar', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='worktime.calendar', verbose_name='service hours')),
                ('clients', models.ManyToManyField(blank=True, related_name='+', to='accounts.organisation', verbose_name='clients')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('availability_target__gt', 0), ('availability_target__lte', 100)), name='product_availability_target_in_percent'), models.CheckConstraint(condition=models.Q(('retire_on', None), ('live_on', None), ('retire_on__gte', models.F('live_on')), _connector='OR'), name='product_retires_after_going_live')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('delivery_manager', 'Delivery manager'), ('support', 'Support'), ('member', 'Team member'), ('stakeholder', 'Stakeholder'), ('client', 'Client')], max_length=20, verbose_name='role')),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='product_memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='delivery.product')),
            ],
            options={
                'ordering': ['role', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'user', 'role'), name='product_membership_unique'), models.UniqueConstraint(condition=models.Q(('role', pmdm.accounts.roles.Role['DELIVERY_MANAGER'])), fields=('product',), name='product_one_delivery_manager')],
            },
        ),
        migrations.CreateModel(
            name='IssueNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='note')),
                ('is_internal', models.BooleanField(default=False, verbose_name='internal')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='delivery.issue')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='issue_notes', to='delivery.product')),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.AddField(
            model_name='issue',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='issues', to='delivery.product'),
        ),
        migrations.AddField(
            model_name='incident',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incidents', to='delivery.product'),
        ),
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('service', models.CharField(max_length=100, verbose_name='service')),
                ('at', models.DateTimeField()),
                ('is_up', models.BooleanField()),
                ('status_code', models.PositiveSmallIntegerField(null=True)),
                ('response_ms', models.PositiveIntegerField(null=True)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='delivery.product')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['product', 'at'], name='check_at')],
                'constraints': [models.UniqueConstraint(fields=('product', 'service', 'at'), name='check_once')],
            },
        ),
        migrations.AddField(
            model_name='alertsource',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alert_sources', to='delivery.product'),
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=50, verbose_name='version')),
                ('released_on', models.DateField(blank=True, null=True, verbose_name='released on')),
                ('notes', models.TextField(blank=True, verbose_name='release notes')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='releases', to='delivery.product')),
            ],
            options={
                'ordering': ['-released_on', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'name'), name='release_name_unique')],
            },
        ),
        migrations.AddField(
            model_name='issue',
            name='fixed_in',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='fixes', to='delivery.release', verbose_name='fixed in'),
        ),
        migrations.CreateModel(
            name='Requirement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('text', models.TextField(blank=True, verbose_name='requirement')),
                ('priority', models.CharField(default='must', max_length=6, verbose_name='priority')),
                ('is_accepted', models.BooleanField(default=True, verbose_name='accepted')),
                ('conformance', models.CharField(choices=[('unknown', 'Not checked yet'), ('met', 'Met'), ('degraded', 'Degraded'), ('failed', 'Failed')], default='unknown', max_length=8, verbose_name='conformance')),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requirements', to='delivery.product')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('product', 'number'), name='product_requirement_number_unique')],
            },
        ),
        migrations.CreateModel(
            name='KnownGap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('workaround', models.TextField(blank=True, verbose_name='workaround')),
                ('accepted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='known_gaps', to='delivery.product')),
                ('requirement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='known_gaps', to='delivery.requirement')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('product', 'number'), name='known_gap_number_unique')],
            },
        ),
        migrations.AddField(
            model_name='issue',
            name='requirement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='issues', to='delivery.requirement', verbose_name='breaks requirement'),
        ),
        migrations.CreateModel(
            name='ConformanceCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(choices=[('met', 'Met'), ('degraded', 'Degraded'), ('failed', 'Failed')], max_length=8, verbose_name='result')),
                ('evidence', models.CharField(blank=True, max_length=500, verbose_name='evidence')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='conformance_checks', to='delivery.issue')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conformance_checks', to='delivery.product')),
                ('requirement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='delivery.requirement')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['requirement', '-at'], name='conformance_check_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('result', 'unknown'), _negated=True), name='conformance_check_has_a_result')],
            },
        ),
        migrations.CreateModel(
            name='Risk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='cause, event and effect')),
                ('category', models.CharField(blank=True, max_length=100, verbose_name='category')),
                ('is_opportunity', models.BooleanField(default=False, verbose_name='opportunity')),
                ('probability', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='probability')),
                ('impact', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='impact')),
                ('inherent_probability', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)])),
                ('inherent_impact', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)])),
                ('response', models.CharField(blank=True, choices=[('avoid', 'Avoid'), ('mitigate', 'Mitigate'), ('transfer', 'Transfer'), ('accept', 'Accept'), ('exploit', 'Exploit'), ('enhance', 'Enhance')], max_length=10, verbose_name='response')),
                ('response_plan', models.TextField(blank=True, verbose_name='response plan')),
                ('exposure', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='cost if it happens')),
                ('review_on', models.DateField(blank=True, null=True, verbose_name='next review')),
                ('state', models.CharField(choices=[('open', 'Open'), ('occurred', 'Occurred'), ('closed', 'Closed')], default='open', max_length=10, verbose_name='state')),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('close_reason', models.TextField(blank=True, verbose_name='reason')),
                ('control', models.TextField(blank=True, verbose_name='control')),
                ('control_tested_on', models.DateField(blank=True, null=True, verbose_name='control last tested')),
                ('control_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='control owner')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='risks', to='delivery.product')),
            ],
            options={
                'ordering': ['number'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('probability', None), ('probability__range', (1, 5)), _connector='OR'), name='delivery_risk_probability_1_5'), models.CheckConstraint(condition=models.Q(('impact', None), ('impact__range', (1, 5)), _connector='OR'), name='delivery_risk_impact_1_5'), models.CheckConstraint(condition=models.Q(('exposure', None), ('exposure__gte', 0), _connector='OR'), name='delivery_risk_exposure_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='delivery_risk_closed_at_with_state'), models.UniqueConstraint(fields=('product', 'number'), name='product_risk_number_unique')],
            },
        ),
        migrations.CreateModel(
            name='ServiceLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('severity', models.PositiveSmallIntegerField(choices=[(1, 'Critical'), (2, 'High'), (3, 'Medium'), (4, 'Low')], verbose_name='severity')),
                ('response', models.PositiveIntegerField(verbose_name='response target')),
                ('resolution', models.PositiveIntegerField(verbose_name='resolution target')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='service_levels', to='delivery.product')),
            ],
            options={
                'ordering': ['severity'],
                'constraints': [models.UniqueConstraint(fields=('product', 'severity'), name='service_level_unique'), models.CheckConstraint(condition=models.Q(('response__gt', 0), ('resolution__gte', models.F('response'))), name='service_level_resolution_after_response')],
            },
        ),
        migrations.CreateModel(
            name='StageChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_stage', models.CharField(blank=True, choices=[('early_life', 'Early-life support'), ('live', 'Live'), ('sunset', 'Sunset'), ('retired', 'Retired')], max_length=10)),
                ('to_stage', models.CharField(choices=[('early_life', 'Early-life support'), ('live', 'Live'), ('sunset', 'Sunset'), ('retired', 'Retired')], max_length=10)),
                ('reason', models.TextField(verbose_name='reason')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stage_changes', to='delivery.product')),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='Survey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('question', models.CharField(default='How satisfied are you with the product overall?', max_length=300, verbose_name='satisfaction question')),
                ('opens_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='opens')),
                ('closes_at', models.DateTimeField(blank=True, null=True, verbose_name='closes')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='surveys', to='delivery.product')),
            ],
            options={
                'ordering': ['-opens_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('closes_at', None), ('closes_at__gt', models.F('opens_at')), _connector='OR'), name='survey_closes_after_opening')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('nonce', models.CharField(editable=False, max_length=32)),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='survey_invitations', to='delivery.product')),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='delivery.survey')),
            ],
            options={
                'ordering': ['email'],
                'constraints': [models.UniqueConstraint(fields=('survey', 'email'), name='invitation_once_per_survey')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('satisfaction', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='satisfaction')),
                ('recommendation', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='recommendation')),
                ('comment', models.TextField(blank=True, verbose_name='comment')),
                ('answered_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('external_ref', models.CharField(blank=True, max_length=100)),
                ('invitation', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answer', to='delivery.invitation')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='survey_answers', to='delivery.product')),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='delivery.survey')),
            ],
            options={
                'ordering': ['-answered_at'],
                'indexes': [models.Index(fields=['product', '-answered_at'], name='answer_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('satisfaction', None), ('satisfaction__range', (1, 5)), _connector='OR'), name='answer_satisfaction_1_5'), models.CheckConstraint(condition=models.Q(('recommendation', None), ('recommendation__range', (0, 10)), _connector='OR'), name='answer_recommendation_0_10'), models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('survey', 'external_ref'), name='answer_imported_once')],
            },
        ),
        migrations.CreateModel(
            name='AlertDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.TextField()),
                ('body_hash', models.CharField(max_length=64)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('times', models.PositiveIntegerField(default=1)),
                ('signals', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('stored', 'Stored'), ('done', 'Processed'), ('refused', 'Refused')], default='stored', max_length=8)),
                ('error', models.TextField(blank=True)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='delivery.alertsource')),
            ],
            options={
                'verbose_name_plural': 'alert deliveries',
                'ordering': ['-received_at'],
                'indexes': [models.Index(fields=['source', '-received_at'], name='alert_delivery_latest')],
                'constraints': [models.UniqueConstraint(fields=('source', 'body_hash'), name='alert_delivery_once')],
            },
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['product', '-started_at'], name='incident_latest'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='incident_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), models.Q(('fingerprint', ''), _negated=True)), fields=('product', 'fingerprint'), name='incident_one_open_per_fingerprint'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(fields=['product', 'state', 'severity'], name='product_issue_queue'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(fields=['product', '-created_at'], name='product_issue_created'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(condition=models.Q(('state__in', ('new', 'in_progress', 'waiting'))), fields=['product', 'resolution_due'], name='product_issue_due'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), name='gin_trgm_ops'), name='product_issue_title_words'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.UniqueConstraint(fields=('product', 'number'), name='product_issue_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('resolved_at__isnull', False), ('state__in', ('resolved', 'closed'))), models.Q(models.Q(('state__in', ('resolved', 'closed')), _negated=True), ('resolved_at', None)), _connector='OR'), name='product_issue_resolved_at_with_state'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.UniqueConstraint(condition=models.Q(('external_ref', ''), _negated=True), fields=('product', 'external_ref'), name='product_issue_external_ref_unique'),
        ),
    ]

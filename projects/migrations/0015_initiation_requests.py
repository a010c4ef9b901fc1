import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import projects.requests.verbs
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_skills'),
        ('accounts', '__first__'),
        ('projects', '0014_orders_and_reserves'),
    ]

    operations = [
        migrations.CreateModel(
            name='InitiationRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'In review'), ('returned', 'Returned'), ('approved', 'Approved')], default='draft', max_length=10, verbose_name='state')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('reason', models.TextField(blank=True, help_text='What happens if nothing is done?', verbose_name='why now')),
                ('goal', models.TextField(blank=True, help_text='What will be different when this is done?', verbose_name='goal')),
                ('results', models.TextField(blank=True, verbose_name='what is delivered')),
                ('excluded', models.TextField(blank=True, verbose_name='what is left out')),
                ('objective', models.CharField(blank=True, help_text='What will be better, for whom.', max_length=300, verbose_name='objective')),
                ('measure', models.CharField(blank=True, help_text='How it is measured.', max_length=200, verbose_name='measure')),
                ('unit', models.CharField(blank=True, max_length=30, verbose_name='unit')),
                ('baseline_value', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='value before')),
                ('target_value', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='target')),
                ('target_start', models.DateField(blank=True, null=True, verbose_name='target start')),
                ('target_finish', models.DateField(blank=True, null=True, verbose_name='target finish')),
                ('budget', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='estimated cost')),
                ('currency', models.CharField(default='EUR', max_length=3, verbose_name='currency')),
                ('risks', models.TextField(blank=True, help_text='One on each line; each becomes a risk of the project.', verbose_name='known risks')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiation_requests', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='client')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department', verbose_name='department')),
                ('manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed project manager')),
                ('project', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='request', to='projects.project')),
                ('reviewer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewer')),
                ('sponsor', models.ForeignKey(blank=True, help_text='Who pays for it and decides at the gates.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sponsor')),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('project__isnull', False), ('state', 'approved')), models.Q(models.Q(('state', 'approved'), _negated=True), ('project', None)), _connector='OR'), name='request_approved_means_project'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'submitted'), _negated=True), ('reviewer__isnull', False), _connector='OR'), name='request_submitted_has_reviewer'), models.CheckConstraint(condition=models.Q(('reviewer', None), models.Q(('reviewer', models.F('asked_by')), _negated=True), _connector='OR'), name='request_reviewer_is_somebody_else'), models.CheckConstraint(condition=models.Q(('target_start', None), ('target_finish', None), ('target_finish__gte', models.F('target_start')), _connector='OR'), name='request_finish_after_start'), models.CheckConstraint(condition=models.Q(('budget', None), ('budget__gte', 0), _connector='OR'), name='request_budget_not_negative')],
            },
            bases=(projects.requests.verbs.Judged, models.Model),
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('submitted_at', models.DateTimeField()),
                ('paper', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('decision', models.CharField(blank=True, choices=[('returned', 'Returned'), ('approved', 'Approved')], max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='submissions', to='projects.initiationrequest')),
                ('submitted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('request', 'number'), name='submission_number_unique'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='submission_decision_whole'), models.CheckConstraint(condition=models.Q(models.Q(('decision', 'returned'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='submission_return_has_reason')],
            },
        ),
    ]

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('delivery', '0004_when_a_control_is_tested_next'),
        ('files', '0001_initial'),
        ('handover', '0003_rounds_criteria_and_open_items'),
        ('projects', '0021_end_reports_and_salvage'),
    ]

    operations = [
        migrations.CreateModel(
            name='Hypercare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('running', 'Running'), ('ended', 'Ended')], default='planned', max_length=8)),
                ('days', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='period in days')),
                ('tightening', models.PositiveSmallIntegerField(default=50, help_text='50: response and resolution targets are half as long while it runs.', validators=[django.core.validators.MinValueValidator(10), django.core.validators.MaxValueValidator(100)], verbose_name='service levels in percent of the usual')),
                ('critical_free_days', models.PositiveSmallIntegerField(blank=True, default=10, null=True, verbose_name='days without an open critical issue')),
                ('issues_per_day', models.DecimalField(blank=True, decimal_places=2, default=2, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='at most so many new issues a day')),
                ('window_days', models.PositiveSmallIntegerField(default=7, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='counted over the last days')),
                ('satisfaction', models.DecimalField(blank=True, decimal_places=2, help_text='Percent of satisfied answers since the start.', max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='satisfaction at least')),
                ('availability', models.DecimalField(blank=True, decimal_places=3, default='99.500', help_text='Percent of all time since the start.', max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='availability at least')),
                ('relapse_days', models.PositiveSmallIntegerField(default=14, help_text='A threshold that breaks so soon after the exit opens hypercare again.', validators=[django.core.validators.MaxValueValidator(180)], verbose_name='begins again within days')),
                ('started_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('ended_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('usual_levels', models.JSONField(blank=True, default=dict, editable=False)),
                ('tight_levels', models.JSONField(blank=True, default=dict, editable=False)),
                ('handover', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='hypercare', to='handover.handover')),
                ('product', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='hypercares', to='delivery.product')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'verbose_name_plural': 'hypercares',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('product',), name='hypercare_one_runs'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('product', None), ('started_at', None), ('state', 'planned')), models.Q(('ended_at', None), ('product__isnull', False), ('started_at__isnull', False), ('state', 'running'), ('until__isnull', False)), models.Q(('ended_at__isnull', False), ('product__isnull', False), ('started_at__isnull', False), ('state', 'ended')), _connector='OR'), name='hypercare_times_with_state')],
            },
        ),
        migrations.CreateModel(
            name='HypercareEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('started', 'Started'), ('extended', 'Extended'), ('changed', 'Thresholds changed'), ('ended', 'Ended'), ('relapsed', 'Began again')], max_length=8)),
                ('at', models.DateTimeField()),
                ('reason', models.TextField(blank=True)),
                ('until', models.DateTimeField(null=True)),
                ('meters', models.JSONField(default=list)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hypercare', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='handover.hypercare')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='IssueClass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('defect', 'Release defect'), ('gap', 'Known gap'), ('training', 'Training'), ('pre_existing', 'Was there before'), ('request', 'New request')], max_length=12, verbose_name='class')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hypercare', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='classes', to='handover.hypercare')),
                ('issue', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='early_class', to='delivery.issue')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
            ],
            options={
                'verbose_name_plural': 'issue classes',
            },
        ),
        migrations.CreateModel(
            name='Pack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sums_sha256', models.CharField(max_length=64)),
                ('files', models.JSONField(default=list)),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='packs', to='handover.handover')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pdf', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('zip', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('handover', 'number'), name='pack_number_unique')],
            },
        ),
        migrations.CreateModel(
            name='QualityScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('value', models.PositiveSmallIntegerField()),
                ('inputs', models.JSONField()),
                ('handover', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='quality_score', to='handover.handover')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('value__lte', 100)), name='quality_score_up_to_100')],
            },
        ),
    ]

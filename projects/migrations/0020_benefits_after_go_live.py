import django.db.models.deletion
import django.utils.timezone
import projects.benefits.moves
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('files', '0001_initial'),
        ('projects', '0019_currencies_and_accruals'),
    ]

    operations = [
        migrations.CreateModel(
            name='Benefit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('source', models.CharField(blank=True, help_text='A report, a query, a survey: so that each review measures the same.', max_length=300, verbose_name='where the value comes from')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('objective', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='benefit', to='projects.objective', verbose_name='objective')),
                ('owner', models.ForeignKey(help_text='Answers for it after the project has ended.', on_delete=django.db.models.deletion.PROTECT, related_name='benefits', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='benefits', to='projects.project')),
            ],
            options={
                'ordering': ['project', 'objective__number'],
            },
            bases=(projects.benefits.moves.BenefitMoves, models.Model),
        ),
        migrations.CreateModel(
            name='BenefitReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due', models.DateField(verbose_name='due')),
                ('benefit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='projects.benefit', verbose_name='benefit')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='benefit_reviews', to='projects.project')),
            ],
            options={
                'ordering': ['due'],
                'indexes': [models.Index(fields=['due'], name='benefit_review_due')],
                'constraints': [models.UniqueConstraint(fields=('benefit', 'due'), name='benefit_review_day_once')],
            },
        ),
        migrations.CreateModel(
            name='BenefitMeasurement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='value')),
                ('measured_on', models.DateField(verbose_name='measured on')),
                ('before_value', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('target_value', models.DecimalField(decimal_places=2, max_digits=14)),
                ('comment', models.TextField(blank=True, verbose_name='comment')),
                ('evidence', models.CharField(blank=True, max_length=500, verbose_name='evidence')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('benefit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measurements', to='projects.benefit', verbose_name='benefit')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='benefit_measurements', to='projects.project')),
                ('review', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='measurements', to='projects.benefitreview')),
            ],
            options={
                'ordering': ['measured_on', 'at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('evidence', ''), _negated=True), ('file__isnull', False), _connector='OR'), name='benefit_measurement_has_evidence')],
            },
        ),
    ]

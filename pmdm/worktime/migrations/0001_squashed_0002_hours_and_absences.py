import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
import pmdm.worktime.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('worktime', '0001_initial'), ('worktime', '0002_hours_and_absences')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('registers', '0000_extensions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Calendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('week', models.JSONField(default=dict, verbose_name='working hours')),
                ('exceptions', models.JSONField(blank=True, default=list, verbose_name='exceptions')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country of public holidays')),
                ('time_zone', models.CharField(default='UTC', max_length=64, verbose_name='time zone')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('vacation', 'Vacation'), ('sick', 'Sick'), ('training', 'Training'), ('parental', 'Parental leave'), ('other', 'Other')], default='vacation', max_length=10, verbose_name='kind')),
                ('first', models.DateField(verbose_name='first day')),
                ('last', models.DateField(verbose_name='last day')),
                ('part', models.CharField(choices=[('day', 'Whole days'), ('morning', 'Morning only'), ('afternoon', 'Afternoon only')], default='day', max_length=10, verbose_name='part of the day')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['first', 'pk'],
                'indexes': [models.Index(fields=['user', 'last'], name='absence_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='absence_last_after_first'), models.CheckConstraint(condition=models.Q(('part', 'day'), ('last', models.F('first')), _connector='OR'), name='absence_half_of_one_day'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('user', '='), (pmdm.worktime.models.HalfDays('first', 'last', 'part'), '&&')], name='absence_no_overlap')],
            },
        ),
        migrations.CreateModel(
            name='WorkingHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='from')),
                ('percent', models.PositiveSmallIntegerField(default=100, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='share of the hours')),
                ('calendar', models.ForeignKey(blank=True, help_text='Empty: Monday to Friday, eight hours.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='worktime.calendar', verbose_name='calendar')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='working_hours', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'working hours',
                'verbose_name_plural': 'working hours',
                'ordering': ['user', 'valid_from'],
                'constraints': [models.UniqueConstraint(fields=('user', 'valid_from'), name='working_hours_one_from_a_day'), models.CheckConstraint(condition=models.Q(('percent__range', (0, 100))), name='working_hours_percent_0_100')],
            },
        ),
    ]

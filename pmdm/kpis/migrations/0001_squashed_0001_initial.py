from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('kpis', '0001_initial')]

    initial = True

    dependencies = [
        ('registers', '0000_extensions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Computation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=20, unique=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Dirty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=20)),
                ('subject_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'dirty',
            },
        ),
        migrations.CreateModel(
            name='Threshold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kpi', models.CharField(max_length=40, unique=True)),
                ('target', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True, verbose_name='target')),
                ('watch', models.DecimalField(decimal_places=6, max_digits=18, verbose_name='amber limit')),
                ('act', models.DecimalField(decimal_places=6, max_digits=18, verbose_name='red limit')),
            ],
        ),
        migrations.CreateModel(
            name='Snapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=20)),
                ('subject_id', models.BigIntegerField()),
                ('kpi', models.CharField(max_length=40)),
                ('value', models.DecimalField(null=True)),
                ('unit', models.CharField(max_length=12)),
                ('target', models.DecimalField(null=True)),
                ('status', models.CharField(choices=[('ok', 'On track'), ('watch', 'Watch'), ('act', 'Act'), ('na', 'Not available')], max_length=5)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('inputs', models.JSONField(default=dict)),
                ('day', models.DateField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject_type', 'subject_id', 'kpi', 'day'), name='kpi_snapshot_unique')],
            },
        ),
        migrations.CreateModel(
            name='Value',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=20)),
                ('subject_id', models.BigIntegerField()),
                ('kpi', models.CharField(max_length=40)),
                ('value', models.DecimalField(null=True)),
                ('unit', models.CharField(max_length=12)),
                ('target', models.DecimalField(null=True)),
                ('status', models.CharField(choices=[('ok', 'On track'), ('watch', 'Watch'), ('act', 'Act'), ('na', 'Not available')], max_length=5)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('inputs', models.JSONField(default=dict)),
                ('as_of', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject_type', 'subject_id', 'kpi'), name='kpi_value_unique'), models.CheckConstraint(condition=models.Q(('value__isnull', False), models.Q(('status', 'na'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='kpi_value_or_reason')],
            },
        ),
    ]

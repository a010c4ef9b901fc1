import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('activity', '0001_initial'), ('activity', '0002_change_since')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('registers', '0000_extensions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('subject_type', models.CharField(max_length=20)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('table', models.CharField(max_length=63)),
                ('row_id', models.BigIntegerField()),
                ('operation', models.CharField(max_length=1)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('actor', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['subject_type', 'subject_id', '-id'], name='change_of_subject'), models.Index(fields=['table', 'row_id', '-id'], name='change_of_row'), models.Index(fields=['subject_type', 'subject_id', 'table', 'at'], include=('row_id',), name='change_since')],
            },
        ),
    ]

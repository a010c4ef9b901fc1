from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('registers', '0001_initial')]

    initial = True

    dependencies = [
        ('registers', '0000_extensions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=40)),
                ('prefix', models.CharField(max_length=10)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject', 'prefix'), name='counter_unique')],
            },
        ),
    ]

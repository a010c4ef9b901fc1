import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('delivery', '0018_mail'),
    ]

    operations = [
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='articles', to='delivery.product')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('text', models.TextField(help_text='Markdown.', verbose_name='text')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('internal', 'Internal'), ('public', 'Public')], default='draft', max_length=8, verbose_name='state')),
                ('review_by', models.DateField(blank=True, null=True, verbose_name='review by')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who keeps it right')),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='articles', to='delivery.issue', verbose_name='from issue')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'ordering': ['title', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'number'), name='article_number_unique'), models.CheckConstraint(condition=models.Q(('state', 'draft'), ('review_by__isnull', False), _connector='OR'), name='article_published_has_review_day')],
            },
        ),
        migrations.CreateModel(
            name='Runbook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runbooks', to='delivery.product')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('summary', models.TextField(blank=True, verbose_name='when it is used')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who keeps it right')),
            ],
            options={
                'verbose_name': 'runbook',
                'verbose_name_plural': 'runbooks',
                'ordering': ['title', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'title'), name='runbook_title_unique')],
            },
        ),
        migrations.CreateModel(
            name='RunbookVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('runbook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='delivery.runbook', verbose_name='runbook')),
                ('number', models.PositiveIntegerField(verbose_name='version')),
                ('note', models.TextField(verbose_name='what is different')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'version of a runbook',
                'verbose_name_plural': 'versions of runbooks',
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('runbook', 'number'), name='runbook_version_unique')],
            },
        ),
        migrations.CreateModel(
            name='RunbookStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('book_version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='delivery.runbookversion')),
                ('position', models.PositiveSmallIntegerField(verbose_name='step')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('instruction', models.TextField(blank=True, verbose_name='instruction')),
            ],
            options={
                'verbose_name': 'step of a runbook',
                'verbose_name_plural': 'steps of runbooks',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('book_version', 'position'), name='runbook_step_unique')],
            },
        ),
        migrations.CreateModel(
            name='RunbookRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runbook_runs', to='delivery.product')),
                ('runbook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='delivery.runbook', verbose_name='runbook')),
                ('book_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='delivery.runbookversion')),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('aborted', 'Aborted')], default='running', max_length=7, verbose_name='state')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why')),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='runbook_runs', to='delivery.issue', verbose_name='issue')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='started')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'run of a runbook',
                'verbose_name_plural': 'runs of runbooks',
                'ordering': ['-started_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='runbook_run_ended_at_with_state')],
            },
        ),
        migrations.CreateModel(
            name='RunEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='delivery.runbookrun', verbose_name='run')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='delivery.runbookstep', verbose_name='step')),
                ('result', models.CharField(choices=[('done', 'Done'), ('failed', 'Failed'), ('skipped', 'Left out'), ('aborted', 'Aborted here')], max_length=7, verbose_name='result')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'entry of a run',
                'verbose_name_plural': 'entries of runs',
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('result__in', ('done', 'skipped'))), fields=('run', 'step'), name='run_entry_settles_a_step_once'), models.CheckConstraint(condition=models.Q(('result', 'done'), models.Q(('note', ''), _negated=True), _connector='OR'), name='run_entry_says_what_happened')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='duealert',
            name='due_alert_once',
        ),
        migrations.RemoveConstraint(
            model_name='duealert',
            name='due_alert_about_one_thing',
        ),
        migrations.AlterField(
            model_name='duealert',
            name='about',
            field=models.CharField(choices=[('end_of_life', 'End of life'), ('contract', 'Contract'), ('article', 'Article to review')], max_length=11),
        ),
        migrations.AddField(
            model_name='duealert',
            name='article',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='due_alerts', to='delivery.article'),
        ),
        migrations.AddConstraint(
            model_name='duealert',
            constraint=models.UniqueConstraint(fields=('product', 'about', 'agreement', 'article', 'day', 'days_before'), name='due_alert_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='duealert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('about', 'contract'), ('agreement__isnull', False), ('article', None)), models.Q(('about', 'article'), ('agreement', None), ('article__isnull', False)), models.Q(('about', 'end_of_life'), ('agreement', None), ('article', None)), _connector='OR'), name='due_alert_about_one_thing'),
        ),
    ]

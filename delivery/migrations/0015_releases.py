import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('delivery', '0014_issue_imports'),
    ]

    operations = [
        migrations.AddField(
            model_name='release',
            name='asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='release',
            name='components',
            field=models.ManyToManyField(blank=True, related_name='releases', to='delivery.component', verbose_name='components it changes'),
        ),
        migrations.AddField(
            model_name='release',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='release',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='planned to'),
        ),
        migrations.AddField(
            model_name='release',
            name='internal_notes',
            field=models.TextField(blank=True, help_text='Only our own people read them.', verbose_name='internal notes'),
        ),
        migrations.AddField(
            model_name='release',
            name='rollback_note',
            field=models.TextField(blank=True, help_text='How it is undone if it fails; needed before anybody approves.', verbose_name='way back'),
        ),
        migrations.AddField(
            model_name='release',
            name='starts_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='planned from'),
        ),
        migrations.AddField(
            model_name='release',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('requested', 'Waits for approval'), ('approved', 'Approved'), ('released', 'Released'), ('verified', 'Verified'), ('rolled_back', 'Rolled back'), ('cancelled', 'Cancelled')], default='draft', max_length=11, verbose_name='state'),
        ),
        migrations.AddField(
            model_name='release',
            name='targets',
            field=models.ManyToManyField(blank=True, related_name='releases', to='delivery.environment', verbose_name='environments'),
        ),
        migrations.AlterField(
            model_name='release',
            name='notes',
            field=models.TextField(blank=True, help_text='Clients read them. Markdown.', verbose_name='release notes'),
        ),
        migrations.AddIndex(
            model_name='release',
            index=models.Index(fields=['starts_at'], name='release_calendar'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends_at', None), ('starts_at', None)), models.Q(('ends_at__gt', models.F('starts_at')), ('ends_at__isnull', False), ('starts_at__isnull', False)), _connector='OR'), name='release_window_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), ('asked_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='release_approved_by_another'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('released', 'verified', 'rolled_back')), _negated=True), ('released_on__isnull', False), _connector='OR'), name='release_launched_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('requested', 'approved')), _negated=True), models.Q(('asked_by__isnull', False), ('starts_at__isnull', False), models.Q(('rollback_note', ''), _negated=True)), _connector='OR'), name='release_requested_with_way_back'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), ('decided_by__isnull', False), _connector='OR'), name='release_approved_by_somebody'),
        ),
        migrations.RunSQL(
            sql="UPDATE delivery_release SET state = 'released' WHERE released_on IS NOT NULL",
            reverse_sql='',
        ),
        migrations.CreateModel(
            name='FreezeWindow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='freezes', to='delivery.product', verbose_name='product')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='to')),
                ('reason', models.TextField(verbose_name='reason')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'freeze',
                'verbose_name_plural': 'freezes',
                'ordering': ['starts_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='freeze_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='delivery.release', verbose_name='release')),
                ('what', models.CharField(choices=[('asked', 'Asked for approval'), ('approved', 'Approved'), ('refused', 'Refused'), ('taken_back', 'Planned anew'), ('cancelled', 'Cancelled'), ('launched', 'Launched'), ('verified', 'Verified'), ('rolled_back', 'Rolled back')], max_length=11, verbose_name='step')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'step of a release',
                'verbose_name_plural': 'steps of releases',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ReleaseItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='delivery.release', verbose_name='release')),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='release_items', to='delivery.issue', verbose_name='issue')),
                ('requirement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='release_items', to='delivery.requirement', verbose_name='requirement')),
                ('change', models.CharField(blank=True, max_length=300, verbose_name='change')),
                ('public_text', models.CharField(blank=True, help_text='What clients read. Empty: nothing.', max_length=300, verbose_name='in the release notes')),
            ],
            options={
                'verbose_name': 'content of a release',
                'verbose_name_plural': 'contents of releases',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('change', ''), ('issue__isnull', False), ('requirement', None)), models.Q(('change', ''), ('issue', None), ('requirement__isnull', False)), models.Q(('issue', None), ('requirement', None), models.Q(('change', ''), _negated=True)), _connector='OR'), name='release_item_is_one_thing'), models.UniqueConstraint(condition=models.Q(('issue__isnull', False)), fields=('release', 'issue'), name='release_item_issue_once'), models.UniqueConstraint(condition=models.Q(('requirement__isnull', False)), fields=('release', 'requirement'), name='release_item_requirement_once')],
            },
        ),
        migrations.CreateModel(
            name='ReleaseCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='delivery.release', verbose_name='release')),
                ('text', models.CharField(max_length=300, verbose_name='what is checked')),
                ('result', models.CharField(choices=[('open', 'Not looked at'), ('passed', 'Passed'), ('failed', 'Failed')], default='open', max_length=6, verbose_name='result')),
                ('evidence', models.TextField(blank=True, verbose_name='what was seen')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'check of a release',
                'verbose_name_plural': 'checks of releases',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('at', None), ('by', None), ('result', 'open')), models.Q(models.Q(('result', 'open'), _negated=True), ('at__isnull', False), ('by__isnull', False), models.Q(('evidence', ''), _negated=True)), _connector='OR'), name='release_check_done_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='FreezeOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='delivery.release', verbose_name='release')),
                ('freeze', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='delivery.freezewindow', verbose_name='freeze')),
                ('reason', models.TextField(verbose_name='reason')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'override of a freeze',
                'verbose_name_plural': 'overrides of freezes',
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('release', 'freeze'), name='freeze_overridden_once')],
            },
        ),
    ]

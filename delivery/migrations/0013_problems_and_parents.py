import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_squashed_0002_skills'),
        ('accounts', '__first__'),
        ('delivery', '0012_product_record'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProblemNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='note')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='issue',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='delivery.issue', verbose_name='parent'),
        ),
        migrations.AlterField(
            model_name='knowngap',
            name='issue',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='known_errors', to='delivery.issue', verbose_name='issue'),
        ),
        migrations.CreateModel(
            name='Problem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=250, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='what is seen, since when')),
                ('root_cause', models.TextField(blank=True, verbose_name='root cause')),
                ('workaround', models.TextField(blank=True, verbose_name='workaround')),
                ('resolution', models.TextField(blank=True, verbose_name='resolution')),
                ('state', models.CharField(choices=[('new', 'New'), ('investigating', 'Under investigation'), ('known_error', 'Known error'), ('resolved', 'Resolved'), ('closed', 'Closed')], default='new', max_length=15, verbose_name='state')),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='raised')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='resolved')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('fixed_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='problems', to='delivery.release', verbose_name='fixed in')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='delivery.product')),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='raised by')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('product', 'number'), name='problem_number_unique'), models.CheckConstraint(condition=models.Q(models.Q(('resolved_at__isnull', False), ('state__in', ('resolved', 'closed'))), models.Q(models.Q(('state__in', ('resolved', 'closed')), _negated=True), ('resolved_at', None)), _connector='OR'), name='problem_resolved_at_with_state'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None)), _connector='OR'), name='problem_closed_at_with_state'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'known_error'), _negated=True), models.Q(models.Q(('root_cause', ''), _negated=True), models.Q(('workaround', ''), _negated=True)), _connector='OR'), name='problem_known_error_says_cause_and_workaround')],
            },
        ),
        migrations.AddField(
            model_name='issue',
            name='problem',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='issues', to='delivery.problem', verbose_name='problem'),
        ),
        migrations.AddField(
            model_name='knowngap',
            name='problem',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='known_errors', to='delivery.problem', verbose_name='problem'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('parent', None), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='product_issue_parent_is_another'),
        ),
        migrations.AddField(
            model_name='problemnote',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='problemnote',
            name='problem',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='delivery.problem'),
        ),
        migrations.AddField(
            model_name='problemnote',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.product'),
        ),
    ]

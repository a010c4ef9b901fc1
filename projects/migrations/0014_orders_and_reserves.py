import datetime
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('files', '0001_initial'),
        ('projects', '0013_people_hours_move_tasks'),
    ]

    operations = [
        migrations.AddField(
            model_name='expense',
            name='receipt',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file'),
        ),
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('contingency', 'Contingency'), ('reserve', 'Management reserve')], max_length=11)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, validators=[django.core.validators.MinValueValidator(0)], verbose_name='amount')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='allowances', to='projects.project')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'kind'), name='allowance_of_a_kind_unique'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='allowance_not_negative'), models.CheckConstraint(condition=models.Q(('kind__in', ['contingency', 'reserve'])), name='allowance_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount')),
                ('reason', models.TextField(max_length=2000, verbose_name='reason')),
                ('state', models.CharField(choices=[('requested', 'Requested'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn')], default='requested', max_length=9)),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(null=True)),
                ('note', models.TextField(blank=True)),
                ('allowance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='draws', to='projects.allowance', verbose_name='from')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='draws', to='projects.budgetline', verbose_name='for the line')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='draws', to='projects.project')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-requested_at', '-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='draw_number_unique'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='draw_amount_positive'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='draw_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'requested')), models.Q(('state__in', ['approved', 'rejected']), models.Q(('decided_by', models.F('requested_by')), _negated=True), ('decided_at__isnull', False)), models.Q(('decided_at__isnull', False), ('decided_by', models.F('requested_by')), ('state', 'withdrawn')), _connector='OR'), name='draw_decided_by_another'), models.CheckConstraint(condition=models.Q(('state', 'requested'), ('decided_by__isnull', False), _connector='OR'), name='draw_decided_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='draw_rejected_with_reason')],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('supplier', models.CharField(max_length=200, verbose_name='supplier')),
                ('description', models.CharField(max_length=300, verbose_name='what is ordered')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, verbose_name='amount')),
                ('ordered_on', models.DateField(default=datetime.date.today, verbose_name='ordered on')),
                ('expected_on', models.DateField(blank=True, null=True, verbose_name='expected on')),
                ('state', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='open', max_length=9, verbose_name='state')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('placed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='projects.budgetline', verbose_name='budget line')),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='orders', to='projects.project')),
            ],
            options={
                'ordering': ['-ordered_on', '-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='order_number_unique'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='order_amount_positive'), models.CheckConstraint(condition=models.Q(('expected_on', None), ('expected_on__gte', models.F('ordered_on')), _connector='OR'), name='order_expected_after_ordered'), models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_at', None), ('ended_by', None), ('state', 'open')), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('state__in', ['closed', 'cancelled']), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='order_end_with_state')],
            },
        ),
        migrations.AddField(
            model_name='expense',
            name='order',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='expenses', to='projects.order', verbose_name='order'),
        ),
    ]

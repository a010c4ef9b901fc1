import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('delivery', '0001_initial'),
        ('projects', '0001_initial'),
        ('registers', '0000_extensions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('product_code', models.CharField(blank=True, max_length=24, verbose_name='product code')),
                ('product_name', models.CharField(blank=True, max_length=200, verbose_name='product name')),
                ('scope', models.TextField(blank=True, verbose_name='what is handed over')),
                ('target_date', models.DateField(blank=True, null=True, verbose_name='target date')),
                ('go_live', models.DateField(blank=True, null=True, verbose_name='live since')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('returned', 'Returned'), ('accepted', 'Accepted'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10, verbose_name='state')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('return_reason', models.TextField(blank=True, verbose_name='reason for returning it')),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('giver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers_given', to=settings.AUTH_USER_MODEL, verbose_name='project manager')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='delivery.product', verbose_name='product')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='projects.project')),
                ('receiver', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handovers_received', to=settings.AUTH_USER_MODEL, verbose_name='delivery manager')),
            ],
            options={
                'ordering': ['-created_at'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='handover_number_unique'), models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'submitted', 'returned'))), fields=('project',), name='handover_one_open_per_project'), models.CheckConstraint(condition=models.Q(('receiver', None), models.Q(('receiver', models.F('giver')), _negated=True), _connector='OR'), name='handover_receiver_is_not_giver'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', False), ('product__isnull', False), ('receiver__isnull', False), ('state', 'accepted')), models.Q(models.Q(('state', 'accepted'), _negated=True), ('accepted_at', None)), _connector='OR'), name='handover_accepted_with_time_product_and_receiver'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'returned'), _negated=True), models.Q(('returned_at__isnull', False), models.Q(('return_reason', ''), _negated=True)), _connector='OR'), name='handover_returned_with_reason')],
            },
        ),
        migrations.CreateModel(
            name='ChecklistItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('category', models.CharField(blank=True, max_length=60, verbose_name='category')),
                ('text', models.CharField(max_length=300, verbose_name='criterion')),
                ('required', models.BooleanField(default=True, verbose_name='required')),
                ('evidence', models.CharField(blank=True, max_length=500, verbose_name='evidence')),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checklist', to='handover.handover')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', None)), models.Q(('done_at__isnull', False), ('done_by__isnull', False), models.Q(('evidence', ''), _negated=True)), _connector='OR'), name='handover_checklist_done_with_evidence')],
            },
        ),
        migrations.CreateModel(
            name='OpenItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.CharField(blank=True, choices=[('close', 'Close'), ('carry', 'Carry over'), ('known_gap', 'Accept as known gap')], max_length=10, verbose_name='decision')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('became_gap', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handover_item', to='delivery.knowngap')),
                ('became_issue', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handover_item', to='delivery.issue')),
                ('became_risk', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handover_item', to='delivery.risk')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='open_items', to='handover.handover')),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='handover_items', to='projects.issue')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('requirement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='handover_items', to='projects.requirement')),
                ('risk', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='handover_items', to='projects.risk')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('issue', None), ('requirement', None), ('risk__isnull', False)), models.Q(('issue__isnull', False), ('requirement', None), ('risk', None)), models.Q(('issue', None), ('requirement__isnull', False), ('risk', None)), _connector='OR'), name='open_item_is_one_thing'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='open_item_decided_by_and_at_together'), models.UniqueConstraint(fields=('handover', 'risk'), name='open_item_risk_once'), models.UniqueConstraint(fields=('handover', 'issue'), name='open_item_issue_once'), models.UniqueConstraint(fields=('handover', 'requirement'), name='open_item_requirement_once')],
            },
        ),
        migrations.CreateModel(
            name='RequirementLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requirement_links', to='handover.handover')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='product_link', to='projects.requirement')),
                ('target', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='project_link', to='delivery.requirement')),
            ],
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('giver', 'Project manager'), ('receiver', 'Delivery manager')], max_length=8)),
                ('signed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('content_hash', models.CharField(max_length=64)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='handover.handover')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['signed_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('voided_at', None)), fields=('handover', 'side'), name='signature_one_valid_per_side')],
            },
        ),
    ]

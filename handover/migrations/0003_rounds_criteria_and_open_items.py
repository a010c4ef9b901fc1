import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('delivery', '0004_when_a_control_is_tested_next'),
        ('files', '0001_initial'),
        ('handover', '0002_knowledge_signoff_cutover'),
        ('projects', '0015_initiation_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300, verbose_name='condition')),
                ('due', models.DateField(verbose_name='due')),
                ('evidence', models.CharField(blank=True, max_length=500, verbose_name='evidence')),
                ('met_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['due', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('supplier', models.CharField(max_length=200, verbose_name='supplier')),
                ('description', models.CharField(max_length=300, verbose_name='what is ordered')),
                ('expected_on', models.DateField(blank=True, null=True, verbose_name='expected on')),
                ('taken_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['supplier', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('category', models.CharField(choices=[('utility', 'Utility'), ('warranty', 'Warranty'), ('security', 'Security'), ('support', 'Support'), ('monitoring', 'Monitoring'), ('documentation', 'Documentation'), ('training', 'Training'), ('legal', 'Legal')], max_length=13, verbose_name='category')),
                ('text', models.CharField(max_length=300, verbose_name='criterion')),
                ('guidance', models.TextField(blank=True, verbose_name='what shows it')),
                ('is_required', models.BooleanField(default=True, verbose_name='required')),
                ('evidence', models.CharField(blank=True, max_length=500, verbose_name='evidence')),
                ('provided_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('open', 'Open'), ('met', 'Met'), ('not_met', 'Not met'), ('waived', 'Waived')], default='open', max_length=7, verbose_name='state')),
                ('verdict', models.CharField(blank=True, max_length=500, verbose_name="verifier's word")),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('waiver_reason', models.TextField(blank=True, verbose_name='reason for the waiver')),
                ('waiver_expires', models.DateField(blank=True, null=True, verbose_name='waived until')),
                ('waived_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'criteria',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CriterionComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='comment')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='LibraryCriterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('key', models.SlugField(blank=True, max_length=60, null=True, unique=True)),
                ('category', models.CharField(choices=[('utility', 'Utility'), ('warranty', 'Warranty'), ('security', 'Security'), ('support', 'Support'), ('monitoring', 'Monitoring'), ('documentation', 'Documentation'), ('training', 'Training'), ('legal', 'Legal')], max_length=13, verbose_name='category')),
                ('text', models.CharField(max_length=300, verbose_name='criterion')),
                ('guidance', models.TextField(blank=True, verbose_name='what shows it')),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=14), verbose_name='kinds of product')),
                ('is_required', models.BooleanField(default=True, verbose_name='required')),
                ('provided_by', models.CharField(choices=[('giver', 'Project manager'), ('receiver', 'Delivery manager')], default='giver', max_length=8, verbose_name='evidence from')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='retired')),
            ],
            options={
                'ordering': ['category', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='library_criterion_is_named'), models.CheckConstraint(condition=models.Q(('kinds__len__gt', 0)), name='library_criterion_has_a_kind')],
            },
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.CharField(max_length=320, verbose_name='line')),
                ('text', models.TextField(verbose_name='what is missing')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True, verbose_name='answer')),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(choices=[('target', 'Target date of the handover'), ('condition', 'Condition'), ('waiver', 'Waiver')], max_length=9)),
                ('moment', models.CharField(choices=[('before', 'Before'), ('due', 'On the day'), ('late', 'Escalation')], max_length=6)),
                ('due_at', models.DateTimeField()),
                ('fired_at', models.DateTimeField(blank=True, null=True)),
                ('sent_to', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['due_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('submitted_at', models.DateTimeField()),
                ('content', models.JSONField()),
                ('content_hash', models.CharField(max_length=64)),
                ('review_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('returned', 'Returned'), ('accepted', 'Accepted'), ('conditions', 'Accepted with conditions'), ('withdrawn', 'Withdrawn')], max_length=10, verbose_name='outcome')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='ScopeLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(blank=True, choices=[('accepted', 'Accepted'), ('rejected', 'Rejected')], max_length=8, verbose_name="client's decision")),
                ('comment', models.TextField(blank=True, verbose_name='comment')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('protocol', models.CharField(blank=True, max_length=500, verbose_name='signed protocol')),
            ],
            options={
                'ordering': ['requirement__number'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='checklistitem',
            name='handover_checklist_done_with_evidence',
        ),
        migrations.RemoveConstraint(
            model_name='handover',
            name='handover_one_open_per_project',
        ),
        migrations.RemoveConstraint(
            model_name='handover',
            name='handover_accepted_with_time_product_and_receiver',
        ),
        migrations.RemoveConstraint(
            model_name='openitem',
            name='open_item_is_one_thing',
        ),
        migrations.RemoveConstraint(
            model_name='openitem',
            name='open_item_decided_by_and_at_together',
        ),
        migrations.AddField(
            model_name='handover',
            name='client_asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='handover',
            name='is_final',
            field=models.BooleanField(default=True, verbose_name="ends the project's responsibility"),
        ),
        migrations.AddField(
            model_name='handover',
            name='kind_of_product',
            field=models.CharField(choices=[('software', 'Software'), ('infrastructure', 'Infrastructure'), ('service', 'Service'), ('equipment', 'Equipment')], default='software', max_length=14, verbose_name='kind of product'),
        ),
        migrations.AddField(
            model_name='handover',
            name='title',
            field=models.CharField(blank=True, max_length=120, verbose_name='title'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='consented_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='openitem',
            name='control',
            field=models.TextField(blank=True, verbose_name='control'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='control_test_on',
            field=models.DateField(blank=True, null=True, verbose_name='next test of the control'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='follow_on',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.project', verbose_name='follow-on project'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='followed_issue',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='came_from_item', to='projects.issue'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='followed_requirement',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='came_from_item', to='projects.requirement'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='followed_risk',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='came_from_item', to='projects.risk'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='kind',
            field=models.CharField(choices=[('risk', 'Risk'), ('issue', 'Issue'), ('defect', 'Defect'), ('requirement', 'Unmet requirement'), ('task', 'Task'), ('order', 'Contract')], default='risk', max_length=11, verbose_name='kind'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='openitem',
            name='new_owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='new owner'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='order',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='handover_items', to='projects.order'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='score_history',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='openitem',
            name='task',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='handover_items', to='projects.task'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='version',
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name='openitem',
            name='workaround',
            field=models.TextField(blank=True, verbose_name='workaround'),
        ),
        migrations.AlterField(
            model_name='handover',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('in_review', 'In review'), ('returned', 'Returned'), ('accepted', 'Accepted'), ('conditions', 'Accepted with conditions'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='openitem',
            name='decision',
            field=models.CharField(blank=True, choices=[('carry', 'Carry over'), ('op_risk', 'Accept as operational risk'), ('known_gap', 'Accept as known gap'), ('follow_on', 'Send to a follow-on project'), ('close', 'Close'), ('keep', 'Stays with the project')], max_length=10, verbose_name='decision'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'submitted', 'in_review', 'returned'))), fields=('project',), name='handover_one_open_per_project'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', False), ('product__isnull', False), ('receiver__isnull', False), ('state__in', ('accepted', 'conditions'))), models.Q(models.Q(('state__in', ('accepted', 'conditions')), _negated=True), ('accepted_at', None)), _connector='OR'), name='handover_accepted_with_time_product_and_receiver'),
        ),
        migrations.AddField(
            model_name='condition',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='condition',
            name='handover',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='handover.handover'),
        ),
        migrations.AddField(
            model_name='condition',
            name='met_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='condition',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
        ),
        migrations.AddField(
            model_name='condition',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project'),
        ),
        migrations.AddField(
            model_name='contract',
            name='handover',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='handover.handover'),
        ),
        migrations.AddField(
            model_name='contract',
            name='order',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='contract', to='projects.order'),
        ),
        migrations.AddField(
            model_name='contract',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
        ),
        migrations.AddField(
            model_name='contract',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contracts', to='delivery.product'),
        ),
        migrations.AddField(
            model_name='openitem',
            name='became_contract',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handover_item', to='handover.contract'),
        ),
        migrations.RunSQL(
            sql="\n            SET CONSTRAINTS ALL IMMEDIATE;\n            UPDATE handover_openitem AS item SET\n                kind = CASE WHEN risk_id IS NOT NULL THEN 'risk' WHEN issue_id IS NOT NULL THEN 'issue'\n                    ELSE 'requirement' END,\n                new_owner_id = CASE WHEN decision = 'carry' THEN coalesce(record.receiver_id, record.giver_id) END,\n                consented_at = CASE WHEN decision = 'carry' THEN record.accepted_at END,\n                reason = CASE WHEN decision NOT IN ('', 'carry') AND reason = '' THEN '-' ELSE reason END\n            FROM handover_handover AS record WHERE record.id = item.handover_id;\n            UPDATE handover_openitem AS item SET\n                control = coalesce(nullif(risk.response_plan, ''), 'None named: handed over before controls were asked for.'),\n                control_test_on = coalesce(risk.review_on, item.decided_at::date)\n            FROM projects_risk AS risk WHERE risk.id = item.risk_id AND item.decision = 'carry';\n            SET CONSTRAINTS ALL DEFERRED;\n            ",
            reverse_sql='',
        ),
        migrations.AddIndex(
            model_name='openitem',
            index=models.Index(fields=['handover', 'decision'], name='open_item_of_handover'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.CheckConstraint(condition=models.Q(('pk__in', []), models.Q(('issue__isnull', True), ('kind__in', ['risk']), ('order__isnull', True), ('requirement__isnull', True), ('risk__isnull', False), ('task__isnull', True)), models.Q(('issue__isnull', False), ('kind__in', ['issue', 'defect']), ('order__isnull', True), ('requirement__isnull', True), ('risk__isnull', True), ('task__isnull', True)), models.Q(('issue__isnull', True), ('kind__in', ['requirement']), ('order__isnull', True), ('requirement__isnull', False), ('risk__isnull', True), ('task__isnull', True)), models.Q(('issue__isnull', True), ('kind__in', ['task']), ('order__isnull', True), ('requirement__isnull', True), ('risk__isnull', True), ('task__isnull', False)), models.Q(('issue__isnull', True), ('kind__in', ['order']), ('order__isnull', False), ('requirement__isnull', True), ('risk__isnull', True), ('task__isnull', True)), _connector='OR'), name='open_item_is_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('consented_at', None), ('decided_at', None), ('decided_by', None), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='open_item_decided_by_and_at_together'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.CheckConstraint(condition=models.Q(('decision__in', ('', 'carry')), models.Q(('reason', ''), _negated=True), _connector='OR'), name='open_item_reason_unless_carried'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision__in', ('carry', 'op_risk')), _negated=True), ('new_owner__isnull', False), _connector='OR'), name='open_item_goes_to_a_new_owner'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision', 'follow_on'), ('follow_on__isnull', False)), models.Q(models.Q(('decision', 'follow_on'), _negated=True), ('follow_on', None)), _connector='OR'), name='open_item_names_its_follow_on_project'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision', 'op_risk'), models.Q(('decision', 'carry'), ('kind', 'risk')), _connector='OR', _negated=True), models.Q(models.Q(('control', ''), _negated=True), ('control_test_on__isnull', False)), _connector='OR'), name='open_item_risk_has_a_control'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.UniqueConstraint(fields=('handover', 'task'), name='open_item_task_once'),
        ),
        migrations.AddConstraint(
            model_name='openitem',
            constraint=models.UniqueConstraint(fields=('handover', 'order'), name='open_item_order_once'),
        ),
        migrations.AddField(
            model_name='criterion',
            name='file',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file'),
        ),
        migrations.AddField(
            model_name='criterion',
            name='handover',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='handover.handover'),
        ),
        migrations.AddField(
            model_name='criterion',
            name='owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
        ),
        migrations.AddField(
            model_name='criterion',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project'),
        ),
        migrations.AddField(
            model_name='criterion',
            name='provided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='criterion',
            name='verified_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='criterion',
            name='verifier',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='verifier'),
        ),
        migrations.AddField(
            model_name='criterion',
            name='waiver_approver',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approver of the waiver'),
        ),
        migrations.AddField(
            model_name='criterion',
            name='waiver_asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='criterion',
            name='waiver_issue',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='waived_criterion', to='delivery.issue'),
        ),
        migrations.AddField(
            model_name='criterioncomment',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='criterioncomment',
            name='criterion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='handover.criterion'),
        ),
        migrations.AddField(
            model_name='criterioncomment',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project'),
        ),
        migrations.AddField(
            model_name='criterion',
            name='source',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='copies', to='handover.librarycriterion'),
        ),
        migrations.AddField(
            model_name='remark',
            name='answered_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='remark',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='remark',
            name='criterion',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='remarks', to='handover.criterion'),
        ),
        migrations.AddField(
            model_name='remark',
            name='handover',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remarks', to='handover.handover'),
        ),
        migrations.AddField(
            model_name='remark',
            name='item',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='remarks', to='handover.openitem'),
        ),
        migrations.AddField(
            model_name='remark',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='condition',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='handover.condition'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='criterion',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='handover.criterion'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='handover',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='handover.handover'),
        ),
        migrations.AddField(
            model_name='reminder',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project'),
        ),
        migrations.AddField(
            model_name='round',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='round',
            name='handover',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rounds', to='handover.handover'),
        ),
        migrations.AddField(
            model_name='round',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project'),
        ),
        migrations.AddField(
            model_name='round',
            name='submitted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='remark',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remarks', to='handover.round'),
        ),
        migrations.AddField(
            model_name='scopeline',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='scopeline',
            name='handover',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scope_lines', to='handover.handover'),
        ),
        migrations.AddField(
            model_name='scopeline',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project'),
        ),
        migrations.AddField(
            model_name='scopeline',
            name='requirement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='handover_lines', to='projects.requirement'),
        ),
        migrations.RunSQL(
            sql="\n            SET CONSTRAINTS ALL IMMEDIATE;\n            INSERT INTO handover_criterion (version, project_id, handover_id, position, category, text, guidance,\n                is_required, evidence, state, verdict, waiver_reason, verifier_id, verified_by_id, verified_at)\n            SELECT 1, project_id, handover_id, position,\n                CASE lower(category) WHEN 'acceptance' THEN 'utility' WHEN 'documentation' THEN 'documentation'\n                    WHEN 'support' THEN 'support' WHEN 'monitoring' THEN 'monitoring' WHEN 'security' THEN 'security'\n                    WHEN 'training' THEN 'training' WHEN 'legal' THEN 'legal' ELSE 'warranty' END,\n                text, '', required, evidence, CASE WHEN done_at IS NULL THEN 'open' ELSE 'met' END, '', '',\n                done_by_id, done_by_id, done_at\n            FROM handover_checklistitem;\n            INSERT INTO handover_scopeline (project_id, handover_id, requirement_id, result, comment, protocol)\n            SELECT project_id, handover_id, source_id, '', '', '' FROM handover_requirementlink;\n            INSERT INTO handover_round (project_id, handover_id, number, submitted_at, submitted_by_id, content,\n                content_hash, outcome, decided_at, decided_by_id, reason)\n            SELECT record.project_id, record.id, 1, record.submitted_at, record.giver_id, '{}'::jsonb,\n                coalesce((SELECT content_hash FROM handover_signature WHERE handover_id = record.id AND side = 'giver'\n                    ORDER BY signed_at DESC LIMIT 1), ''),\n                CASE WHEN record.state IN ('returned', 'accepted', 'withdrawn') THEN record.state ELSE '' END,\n                CASE record.state WHEN 'returned' THEN record.returned_at WHEN 'accepted' THEN record.accepted_at\n                    WHEN 'withdrawn' THEN record.submitted_at END,\n                CASE record.state WHEN 'returned' THEN record.receiver_id WHEN 'accepted' THEN record.receiver_id\n                    WHEN 'withdrawn' THEN record.giver_id END,\n                CASE record.state WHEN 'returned' THEN record.return_reason ELSE '' END\n            FROM handover_handover AS record WHERE record.submitted_at IS NOT NULL;\n            SET CONSTRAINTS ALL DEFERRED;\n            ",
            reverse_sql='',
        ),
        migrations.RemoveField(
            model_name='checklistitem',
            name='done_by',
        ),
        migrations.RemoveField(
            model_name='checklistitem',
            name='handover',
        ),
        migrations.RemoveField(
            model_name='checklistitem',
            name='project',
        ),
        migrations.AddConstraint(
            model_name='condition',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='handover_condition_is_named'),
        ),
        migrations.AddConstraint(
            model_name='condition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('met_at', None), ('met_by', None)), models.Q(('met_at__isnull', False), ('met_by__isnull', False), models.Q(('evidence', ''), _negated=True)), _connector='OR'), name='handover_condition_met_with_evidence'),
        ),
        migrations.AddConstraint(
            model_name='condition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('met_at__isnull', False)), _connector='OR'), name='handover_condition_confirmed_after_met'),
        ),
        migrations.AddConstraint(
            model_name='criterioncomment',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='criterion_comment_says_something'),
        ),
        migrations.AddIndex(
            model_name='criterion',
            index=models.Index(condition=models.Q(('state', 'waived'), ('waiver_issue', None)), fields=['waiver_expires'], name='handover_waiver_to_expire'),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(('owner', None), ('verifier', None), models.Q(('owner', models.F('verifier')), _negated=True), _connector='OR'), name='handover_criterion_verifier_is_not_owner'),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('met', 'not_met')), ('verified_at__isnull', False), ('verified_by__isnull', False)), models.Q(models.Q(('state__in', ('met', 'not_met')), _negated=True), ('verified_at', None), ('verified_by', None)), _connector='OR'), name='handover_criterion_verified_with_state'),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(('verified_by', None), ('owner', None), models.Q(('verified_by', models.F('owner')), _negated=True), _connector='OR'), name='handover_criterion_not_verified_by_its_owner'),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'met'), _negated=True), models.Q(('evidence', ''), _negated=True), ('file__isnull', False), _connector='OR'), name='handover_criterion_met_with_evidence'),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'waived'), _negated=True), models.Q(('waived_at__isnull', False), ('waiver_approver__isnull', False), ('waiver_expires__isnull', False), models.Q(('waiver_reason', ''), _negated=True)), _connector='OR'), name='handover_criterion_waived_by_whom_until_when'),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(('waiver_approver', None), ('owner', None), models.Q(('waiver_approver', models.F('owner')), _negated=True), _connector='OR'), name='handover_criterion_not_waived_by_its_owner'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('fired_at', None)), fields=['due_at'], name='handover_reminder_due'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('handover', 'about', 'condition', 'criterion', 'moment', 'due_at'), name='handover_reminder_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('about', 'target'), ('condition', None), ('criterion', None)), models.Q(('about', 'condition'), ('condition__isnull', False), ('criterion', None)), models.Q(('about', 'waiver'), ('condition', None), ('criterion__isnull', False)), _connector='OR'), name='handover_reminder_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.UniqueConstraint(fields=('handover', 'number'), name='handover_round_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('handover',), name='handover_round_one_open'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='handover_round_decided_with_outcome'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'returned'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='handover_round_returned_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='remark',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='handover_remark_says_what'),
        ),
        migrations.AddConstraint(
            model_name='remark',
            constraint=models.CheckConstraint(condition=models.Q(('criterion', None), ('item', None), _connector='OR'), name='handover_remark_on_one_line'),
        ),
        migrations.AddConstraint(
            model_name='remark',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None)), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('sent_at__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='handover_remark_answered_after_it_was_sent'),
        ),
        migrations.AddConstraint(
            model_name='scopeline',
            constraint=models.UniqueConstraint(fields=('handover', 'requirement'), name='handover_scope_line_once'),
        ),
        migrations.AddConstraint(
            model_name='scopeline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('result', '')), models.Q(models.Q(('result', ''), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='handover_scope_line_decided_by_and_at'),
        ),
        migrations.AddConstraint(
            model_name='scopeline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('result', 'rejected'), _negated=True), models.Q(('comment', ''), _negated=True), _connector='OR'), name='handover_scope_line_rejection_says_why'),
        ),
        migrations.DeleteModel(
            name='ChecklistItem',
        ),
    ]

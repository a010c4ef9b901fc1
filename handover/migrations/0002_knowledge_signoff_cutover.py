import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('files', '0001_initial'),
        ('handover', '0001_initial'),
        ('projects', '0015_initiation_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='CutoverRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('kind', models.CharField(choices=[('live', 'Live'), ('rehearsal', 'Rehearsal')], default='live', max_length=9, verbose_name='kind')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('completed', 'Completed'), ('rolled_back', 'Rolled back'), ('aborted', 'Broken off')], max_length=11)),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cutover_runs', to='handover.handover')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='cutover_run_number_unique'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('handover',), name='cutover_one_run_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('outcome', '')), models.Q(('ended_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='cutover_run_ended_with_outcome')],
            },
        ),
        migrations.CreateModel(
            name='CutoverStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('task', 'Step'), ('decision', 'Go / no-go point'), ('rollback', 'Step of the rollback')], default='task', max_length=8, verbose_name='kind')),
                ('title', models.CharField(max_length=200, verbose_name='step')),
                ('instructions', models.TextField(blank=True, verbose_name='what exactly is done')),
                ('planned_start', models.DateTimeField(blank=True, null=True, verbose_name='planned start')),
                ('minutes', models.PositiveIntegerField(default=15, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(20160)], verbose_name='duration')),
                ('rollback_trigger', models.CharField(blank=True, help_text='What must not happen here: “more than 1% of records differ”.', max_length=300, verbose_name='roll back if')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cutover_steps', to='handover.handover')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'ordering': [models.OrderBy(models.F('planned_start'), nulls_last=True), 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'rollback'), ('planned_start', None)), models.Q(models.Q(('kind', 'rollback'), _negated=True), ('planned_start__isnull', False)), _connector='OR'), name='cutover_step_has_its_time')],
            },
        ),
        migrations.CreateModel(
            name='CutoverEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(choices=[('start', 'started'), ('done', 'done'), ('problem', 'problem'), ('skip', 'skipped'), ('go', 'go'), ('no_go', 'no-go'), ('rollback', 'rollback decided'), ('end', 'run ended'), ('note', 'note')], max_length=8)),
                ('at', models.DateTimeField()),
                ('note', models.TextField(blank=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='handover.cutoverrun')),
                ('step', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='handover.cutoverstep')),
            ],
            options={
                'verbose_name_plural': 'cutover entries',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['run', 'id'], name='cutover_log')],
            },
        ),
        migrations.CreateModel(
            name='Learner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='learners', to='handover.handover')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'ordering': ['user__name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('handover', 'user'), name='learner_once_per_handover')],
            },
        ),
        migrations.CreateModel(
            name='Signer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('capacity', models.CharField(help_text='Such as: security officer, owner of the budget.', max_length=100, verbose_name='signs as')),
                ('step', models.PositiveSmallIntegerField(default=1, help_text='People of one step sign in any order; step 2 signs after all of step 1.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='step')),
                ('away_from', models.DateField(blank=True, null=True, verbose_name='absent from')),
                ('away_until', models.DateField(blank=True, null=True, verbose_name='absent until')),
                ('delegate', models.ForeignKey(blank=True, help_text='Signs for you on days on which you are absent.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='delegate')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signers', to='handover.handover')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'ordering': ['step', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('handover', 'user'), name='signer_once_per_handover'), models.CheckConstraint(condition=models.Q(('step__gte', 1)), name='signer_step_from_one'), models.CheckConstraint(condition=models.Q(('delegate', None), models.Q(('delegate', models.F('user')), _negated=True), _connector='OR'), name='signer_delegates_to_another'), models.CheckConstraint(condition=models.Q(models.Q(('away_from', None), ('away_until', None)), ('away_until__gte', models.F('away_from')), _connector='OR'), name='signer_away_from_until')],
            },
        ),
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signed_at', models.DateTimeField()),
                ('content_hash', models.CharField(max_length=64)),
                ('submitted_at', models.DateTimeField()),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_offs', to='handover.handover')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='handover.signer')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['signed_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('signer', 'submitted_at', 'content_hash'), name='sign_off_once_per_content')],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=200, verbose_name='topic')),
                ('description', models.TextField(blank=True, verbose_name='what one has to know or be able to do')),
                ('is_critical', models.BooleanField(default=False, help_text="The service can't be run without it: uncovered, it blocks acceptance.", verbose_name='critical')),
                ('needed', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)], verbose_name='people who must know it')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topics', to='handover.handover')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'ordering': ['-is_critical', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('handover', 'title'), name='topic_once_per_handover'), models.CheckConstraint(condition=models.Q(('needed__gte', 1)), name='topic_needs_somebody')],
            },
        ),
        migrations.CreateModel(
            name='Proof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('teach_back', 'Teach-back'), ('quiz', 'Quiz'), ('reverse', 'Reverse shadowing')], default='teach_back', max_length=10, verbose_name='how')),
                ('passed', models.BooleanField(verbose_name='passed')),
                ('score', models.PositiveSmallIntegerField(blank=True, help_text='Percent, of a quiz.', null=True, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='score')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('note', models.TextField(blank=True, verbose_name='what was shown')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proofs', to='handover.handover')),
                ('judged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='judged by')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proofs', to='handover.topic')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('person', models.F('judged_by')), _negated=True), models.Q(('person', models.F('recorded_by')), _negated=True)), name='proof_is_judged_by_another'), models.CheckConstraint(condition=models.Q(('score', None), ('score__lte', 100), _connector='OR'), name='proof_score_in_percent')],
            },
        ),
        migrations.CreateModel(
            name='Material',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('runbook', 'Runbook'), ('manual', 'Manual'), ('configuration', 'Configuration'), ('licence', 'Licence'), ('contact', 'Contact'), ('recording', 'Slides or recording'), ('other', 'Other')], default='runbook', max_length=14, verbose_name='kind')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('link', models.URLField(blank=True, max_length=500, verbose_name='link')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='materials', to='handover.handover')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='materials', to='handover.topic', verbose_name='topic')),
            ],
            options={
                'ordering': ['kind', 'title', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('link', ''), _negated=True), models.Q(('note', ''), _negated=True), ('file__isnull', False), _connector='OR'), name='material_holds_something')],
            },
        ),
        migrations.CreateModel(
            name='TrainingSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('session', 'Session'), ('shadow', 'Shadowing'), ('reverse', 'Reverse shadowing')], default='session', help_text='Shadowing: they watch the work. Reverse shadowing: they do the work and are watched.', max_length=8, verbose_name='kind')),
                ('held_on', models.DateField(verbose_name='date')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('attendees', models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who was there')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='training_sessions', to='handover.handover')),
                ('leader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='led by')),
                ('materials', models.ManyToManyField(blank=True, related_name='sessions', to='handover.material', verbose_name='materials')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('topics', models.ManyToManyField(related_name='sessions', to='handover.topic', verbose_name='topics')),
            ],
            options={
                'ordering': ['-held_on', '-pk'],
            },
        ),
    ]

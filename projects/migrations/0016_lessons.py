import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
import projects.lessons.moves
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('projects', '0015_initiation_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='Lesson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(help_text='In one sentence, as you would tell a colleague.', max_length=200, verbose_name='lesson')),
                ('happened', models.TextField(max_length=4000, verbose_name='what happened')),
                ('cause', models.TextField(blank=True, help_text='Why did it happen?', max_length=4000, verbose_name='cause')),
                ('effect', models.TextField(blank=True, help_text='What did it do to the project?', max_length=4000, verbose_name='effect')),
                ('recommendation', models.TextField(help_text='What should the next project do?', max_length=4000, verbose_name='recommendation')),
                ('kind', models.CharField(choices=[('keep', 'Keep'), ('avoid', 'Avoid'), ('try', 'Try')], default='avoid', max_length=5, verbose_name='type')),
                ('phase', models.CharField(choices=[('initiation', 'Initiation'), ('planning', 'Planning'), ('execution', 'Execution'), ('monitoring', 'Monitoring'), ('closing', 'Closing')], default='execution', max_length=12, verbose_name='phase')),
                ('impact', models.PositiveSmallIntegerField(choices=[(1, 'High'), (2, 'Medium'), (3, 'Low')], default=2, verbose_name='impact')),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=12, verbose_name='tags')),
                ('written_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='date')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published')], default='draft', max_length=9, verbose_name='state')),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('search', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector('title', config='english', weight='A'), '||', django.contrib.postgres.search.SearchVector('recommendation', config='english', weight='B'), django.contrib.postgres.search.SearchConfig('english')), '||', django.contrib.postgres.search.SearchVector('happened', 'cause', 'effect', config='english', weight='C'), django.contrib.postgres.search.SearchConfig('english')), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lessons', to='projects.project')),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['number'],
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search'], name='lesson_search'), django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='lesson_tags')],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='lesson_number_unique'), models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None), ('state', 'draft')), models.Q(('published_at__isnull', False), ('published_by__isnull', False), ('state', 'published')), _connector='OR'), name='lesson_published_by_and_at_with_state')],
            },
            bases=(projects.lessons.moves.LessonMoves, models.Model),
        ),
        migrations.CreateModel(
            name='LessonUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('useful', 'Useful'), ('no', 'Not applicable'), ('risk', 'Made a risk'), ('task', 'Made a task')], max_length=6, verbose_name='verdict')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lesson', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='projects.lesson', verbose_name='lesson')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lesson_uses', to='projects.project')),
                ('risk', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='from_lessons', to='projects.risk')),
                ('task', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='from_lessons', to='projects.task')),
            ],
            options={
                'verbose_name': 'word on a lesson',
                'verbose_name_plural': 'words on lessons',
                'ordering': ['-at'],
                'constraints': [models.UniqueConstraint(fields=('project', 'lesson'), name='lesson_use_once'), models.CheckConstraint(condition=models.Q(('risk', None), ('verdict', 'risk'), _connector='OR'), name='lesson_use_risk_with_verdict'), models.CheckConstraint(condition=models.Q(('task', None), ('verdict', 'task'), _connector='OR'), name='lesson_use_task_with_verdict')],
            },
        ),
    ]

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('delivery', '0009_alert_bodies'),
    ]

    operations = [
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('members', models.ManyToManyField(blank=True, related_name='issue_teams', to=settings.AUTH_USER_MODEL, verbose_name='people')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='teams', to='delivery.product')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('product', 'name'), name='issue_team_name_unique')],
            },
        ),
        migrations.CreateModel(
            name='HandOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(verbose_name='reason')),
                ('state', models.CharField(choices=[('offered', 'Offered'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], default='offered', max_length=10, verbose_name='state')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True, verbose_name='why it was declined')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hand_offs', to='delivery.issue')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hand_offs', to='delivery.product')),
                ('giver', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='delivery.team', verbose_name='from')),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='offers', to='delivery.team', verbose_name='to')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'offered')), fields=['to'], name='hand_off_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'offered')), fields=('issue',), name='hand_off_one_offer_an_issue'), models.CheckConstraint(condition=models.Q(('giver', None), models.Q(('giver', models.F('to')), _negated=True), _connector='OR'), name='hand_off_to_another_team'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'offered')), models.Q(models.Q(('state', 'offered'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='hand_off_decided_at_with_state'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='hand_off_declined_says_why')],
            },
        ),
        migrations.AddField(
            model_name='issue',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='issues', to='delivery.team', verbose_name='team'),
        ),
        migrations.CreateModel(
            name='TeamStay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('minutes', models.PositiveIntegerField(blank=True, null=True)),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='team_stays', to='delivery.issue')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='team_stays', to='delivery.product')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='stays', to='delivery.team')),
            ],
            options={
                'ordering': ['since', 'pk'],
                'indexes': [models.Index(fields=['product', 'until'], name='team_stay_until')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('issue',), name='team_stay_one_at_a_time'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='team_stay_forwards'), models.CheckConstraint(condition=models.Q(models.Q(('minutes', None), ('until', None)), models.Q(('minutes__isnull', False), ('until__isnull', False)), _connector='OR'), name='team_stay_minutes_when_over')],
            },
        ),
    ]

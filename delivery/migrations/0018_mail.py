import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('delivery', '0017_states_and_fields_of_types'),
        ('files', '0001_squashed_0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='issue',
            name='source',
            field=models.CharField(choices=[('portal', 'Portal'), ('staff', 'Entered by staff'), ('alert', 'Alert'), ('mail', 'Mail'), ('import', 'Import'), ('handover', 'Handover')], default='staff', max_length=10, verbose_name='source'),
        ),
        migrations.CreateModel(
            name='InboundMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('raw', models.BinaryField()),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='received')),
                ('state', models.CharField(choices=[('stored', 'Waiting to be read'), ('filed', 'Filed'), ('quarantined', 'Quarantined'), ('automatic', 'Sent by a machine'), ('dropped', 'Dropped')], default='stored', max_length=12, verbose_name='state')),
                ('reason', models.CharField(blank=True, max_length=250, verbose_name='reason')),
                ('message_id', models.CharField(blank=True, max_length=255)),
                ('sender', models.EmailField(blank=True, max_length=254, verbose_name='from')),
                ('sender_name', models.CharField(blank=True, max_length=150)),
                ('subject', models.CharField(blank=True, max_length=250, verbose_name='subject')),
                ('text', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mails', to='delivery.issue')),
                ('note', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mail', to='delivery.issuenote')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inbound_mails', to='delivery.product')),
            ],
            options={
                'ordering': ['-received_at'],
                'indexes': [models.Index(fields=['product', 'state', '-received_at'], name='inbound_mail_log'), models.Index(fields=['sender', '-received_at'], name='inbound_mail_sender'), models.Index(fields=['message_id'], name='inbound_mail_message_id')],
                'constraints': [models.UniqueConstraint(fields=('product', 'digest'), name='inbound_mail_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'quarantined'), _negated=True), ('issue', None), ('note', None), _connector='OR'), name='inbound_mail_waits_or_is_filed')],
            },
        ),
        migrations.CreateModel(
            name='MailAttachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('refused', models.CharField(blank=True, max_length=300)),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('mail', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='delivery.inboundmail')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('file', None), ('refused', ''), _connector='XOR'), name='mail_attachment_kept_or_refused')],
            },
        ),
        migrations.CreateModel(
            name='Mailbox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254, unique=True, validators=[django.core.validators.RegexValidator('^[^+]+$', 'An address without a plus: what follows it is ours to use.')], verbose_name='address')),
                ('name', models.CharField(max_length=100, verbose_name='name of the sender')),
                ('unknown', models.CharField(choices=[('quarantine', 'Keep it until somebody looks at it'), ('answer', 'Answer that we do not know the sender, and keep it')], default='quarantine', max_length=12, verbose_name='mail of unknown senders')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='mailbox', to='delivery.product')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('address', django.db.models.functions.text.Lower('address'))), name='mailbox_lower_case')],
            },
        ),
        migrations.CreateModel(
            name='OutboundMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=255, unique=True)),
                ('to', models.EmailField(max_length=254, verbose_name='to')),
                ('subject', models.CharField(max_length=250)),
                ('text', models.TextField()),
                ('in_reply_to', models.CharField(blank=True, max_length=255)),
                ('references', models.JSONField(default=list)),
                ('is_automatic', models.BooleanField(default=False)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('bounced_at', models.DateTimeField(blank=True, null=True)),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='delivery.issue')),
                ('note', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='delivery.issuenote')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outbound_mails', to='delivery.product')),
            ],
            options={
                'ordering': ['-asked_at'],
                'indexes': [models.Index(fields=['to', '-asked_at'], name='outbound_mail_to')],
            },
        ),
    ]

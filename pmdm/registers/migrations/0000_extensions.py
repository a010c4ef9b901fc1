from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Both are contrib modules that every PostgreSQL distribution ships; they are 'trusted', the owner may create them."""

    initial = True
    dependencies = []
    operations = [BtreeGistExtension(), TrigramExtension()]

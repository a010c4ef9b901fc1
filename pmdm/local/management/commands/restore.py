"""`manage.py restore`: an archive of `backup` takes the place of what is there."""

import fcntl
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.management.base import BaseCommand
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from pmdm.local.backup import restore
from pmdm.local.places import SetUpError, home


class Command(BaseCommand):
    help = "Replace database and uploaded files by those of an archive, after comparing every checksum."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path, help="file that backup made")

    def handle(self, *, archive: Path, **options: Any) -> None:
        refuse_while_up()
        for each in connections.all():
            each.close()
            if isinstance(each, DatabaseWrapper):
                each.close_pool()
        manifest = restore(
            database_url=settings.DATABASE_URL, files=Path(settings.MEDIA_ROOT), archive=archive.absolute()
        )
        cache.clear()  # What it holds is about the replaced data.
        tables, files = len(manifest["tables"]), len(manifest["sums"]) - 1
        self.stdout.write(f"Restored the state of {manifest['made']}: {tables} tables, {files} files, all sums equal.")


def refuse_while_up() -> None:
    """SetUpError while the supervisor of this folder runs: its web server would write into what is replaced."""
    path = home().run / "up.lock"
    if not path.exists():
        return
    lock = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SetUpError("`make run` is running here. Stop it with Ctrl-C, then restore.") from None
    finally:
        os.close(lock)

"""`manage.py backup`: one archive of database and files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from pmdm.local.backup import back_up
from pmdm.local.places import home


class Command(BaseCommand):
    help = "Save database and uploaded files into one archive with checksums; people may go on working."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", nargs="?", type=Path, help="file to write (default: backups/ beside the data)")

    def handle(self, *, archive: Path | None, **options: Any) -> None:
        archive = archive or home().root / "backups" / f"pmdm-{timezone.now():%Y%m%d-%H%M%S}.tar"
        manifest = back_up(
            database_url=settings.DATABASE_URL, files=Path(settings.MEDIA_ROOT), archive=archive.absolute()
        )
        tables, files = len(manifest["tables"]), len(manifest["sums"]) - 1
        self.stdout.write(f"{archive}: {tables} tables, {files} files, {archive.stat().st_size:,} bytes")

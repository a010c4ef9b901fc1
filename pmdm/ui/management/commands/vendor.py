from django.core.management.base import BaseCommand

from pmdm.ui import vendoring


class Command(BaseCommand):
    help = "Fetch the third-party browser files named in static/vendor/vendor.toml (maintainers; needs npm)."
    requires_system_checks = []

    def handle(self, **options):
        for path in vendoring.fetch_all():
            self.stdout.write(f"{path.relative_to(vendoring.ROOT)}  {path.stat().st_size:,} bytes")

"""``manage.py demo``: a believable company, made from events; ``--scale N`` makes load to measure with."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from handover.demo import build as demo
from handover.demo import scale
from pmdm.kpis import recompute
from pmdm.local.database import bring_up_to_date, missing_migrations
from projects.models import Project


class Command(BaseCommand):
    help = "Make the demo company (once), or with --scale N, N projects of load."

    def add_arguments(self, parser):
        parser.add_argument(
            "--scale", type=int, metavar="N", help="N projects of 200 tasks, N/3 products of 200 issues"
        )
        parser.add_argument("--seed", type=int, default=demo.SEED, help="the same seed gives the same story")

    def handle(self, *, scale: int | None, seed: int, verbosity: int, **options):
        started = time.monotonic()
        if missing_migrations():  # The first command on this machine: nobody has said `make run` yet.
            bring_up_to_date(demo=False)

        def say(text: str) -> None:
            if verbosity:
                self.stdout.write(f"  {text}")

        if scale is not None:
            self._scale(scale, say)
        else:
            self._story(seed, say)
        self.stdout.write(self.style.SUCCESS(f"Done in {time.monotonic() - started:.0f} s."))

    def _story(self, seed, say):
        if Project.objects.filter(code="NCP").exists():
            raise CommandError("The demo is there already. An empty database is needed to make it again.")
        self.stdout.write("Making the demo company: two years of work, event by event.")
        count = demo.build(now=timezone.now(), seed=seed, say=say)
        self.stdout.write(f"{count} events.")

    def _scale(self, count, say):
        if not 1 <= count <= 5000:
            raise CommandError("--scale takes a number of projects from 1 to 5000.")
        if Project.objects.filter(code="L1").exists():
            raise CommandError("There is load already.")
        self.stdout.write(f"Making {count} projects of load.")
        scale.build(count, now=timezone.now(), say=say)
        recompute.recompute_all()

"""Measure speed beside the floor it could reach: the modules of ``tests/bench``."""

import importlib.util

from django.core.management.base import BaseCommand, CommandError

from pmdm.local.places import ROOT

RUNNER = ROOT / "tests" / "bench" / "run.py"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("words", nargs="*", help="only modules whose name has one of these")

    def handle(self, *, words, **options):
        if not RUNNER.is_file():
            raise CommandError(f"{RUNNER} is missing: measuring needs the source folder with its tests.")
        spec = importlib.util.spec_from_file_location("bench_runner", RUNNER)
        runner = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(runner)
        if runner.main(words):
            raise CommandError("Not everything was measured.")

"""`manage.py up`: the whole product on this machine."""

import os
import sys
import time
from argparse import ArgumentParser
from io import TextIOWrapper
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from pmdm.local.database import bring_up_to_date, demo_accounts, let_go
from pmdm.local.places import SetUpError
from pmdm.local.supervisor import Supervisor, say


class Command(BaseCommand):
    help = "Run the whole product on this machine: database, Redis, web server, worker. Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="port of the web server (default: PORT, else 8000)")
        parser.add_argument("--no-demo", action="store_true", help="no demo data and no one-click sign-in")
        parser.add_argument("--parent", type=int, help="stop when this process (such as make) has ended")

    def handle(self, **options: Any) -> None:
        if settings.PRODUCTION:
            raise SetUpError("`up` is for one machine; production is run as docker-compose.yml shows.")
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # Into a file, too, progress is seen as it comes.
        began = time.monotonic()
        demo = not options["no_demo"]
        people: list[str] = []

        def prepare() -> None:
            bring_up_to_date(demo=demo)
            if demo:
                people.extend(demo_accounts())
            let_go()

        def greet(address: str) -> None:
            say(f"\n  PMDM runs at {address}   (ready after {time.monotonic() - began:.1f} s; Ctrl-C stops it)\n")
            if people:
                say(f"  One click signs you in as any of the demo's people: {address}{reverse('accounts:demo')}")
                for line in people:
                    say(f"    {line}")
                say("")

        supervisor = Supervisor(
            port=options["port"] if options["port"] is not None else port_of_environment(),
            env={"PMDM_DEMO": "1" if demo else "0"},
            prepare=prepare,
            parent=options["parent"],
        )
        supervisor.run(greet=greet)


def port_of_environment() -> int:
    port = os.environ.get("PORT") or "8000"
    if not port.isdigit():
        raise SetUpError(f"PORT is {port!r}; it must be a number such as 8000.")
    return int(port)

#!/usr/bin/env python
"""Django's commands, on engines that run; where none runs, they are started for the command's own time."""

import os
import sys
from contextlib import nullcontext

from pmdm.local.engines import ensure_running
from pmdm.local.places import SetUpError

# `up` is the supervisor and starts them itself; the others never ask a database.
WITHOUT_ENGINES = {
    "up",
    "help",
    "version",
    "collectstatic",
    "compilemessages",
    "makemessages",
    "check",
    "diffsettings",
}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmdm.settings")
    os.environ.setdefault("PMDM_ENV", "local")
    try:
        with ensure_running() if needs_engines(arguments) else nullcontext():
            execute(arguments)
    except SetUpError as error:
        sys.exit(f"pmdm: {error}")


def execute(arguments: list[str]) -> None:
    """Django's own, but a database that was never made is told in one line."""
    from django.core.management import execute_from_command_line
    from django.db import ProgrammingError

    try:
        execute_from_command_line(arguments)
    except ProgrammingError as error:
        from pmdm.local.database import missing_migrations

        if not (missing := missing_migrations()):
            raise
        raise SetUpError(
            f"The database lacks {missing} migrations. Bring it up to date: `manage.py migrate`, or `make run`."
        ) from error


def needs_engines(arguments: list[str]) -> bool:
    command = arguments[1] if len(arguments) > 1 else "help"
    if command.startswith("-") or command in WITHOUT_ENGINES:
        return command == "check" and "--database" in arguments
    return not {"-h", "--help"} & set(arguments)


if __name__ == "__main__":
    main(sys.argv)

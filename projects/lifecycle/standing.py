"""A project that is over takes no changes: its verbs ask under its lock, all of them here.

A view asks too, to refuse early and draw no controls; but what it read may be old by the time its verb writes. Here the
project's row is locked first, so that no change that waited slips in behind an end report.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from pmdm.registers.editing import FIRST

if TYPE_CHECKING:
    from projects.lifecycle.models import Project


class Over(ValidationError):
    """The project takes no changes. Where no form shows it, the answer is that of a view that asks: 403."""

    def __init__(self, reason: str):
        super().__init__(reason, code=FIRST)


# Every verb that is guarded, for the test that walks over them.
GUARDED: list[Callable] = []


def while_open[**P, R](verb: Callable[P, R]) -> Callable[P, R]:
    """A verb of an open project: one transaction under the row lock of the project that its first argument is or
    belongs to. ``Over`` where that takes no changes.
    """

    @wraps(verb)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            hold_open(_project_of(args))
            return verb(*args, **kwargs)

    GUARDED.append(guarded)
    return guarded


def hold_open(project_id: int) -> None:
    """Lock the project for a change. ``Over`` where it takes none."""
    _locked(project_id, "UPDATE").refuse_when_locked()


def stay_open(project_id: int) -> None:
    """The same for changes that many people make at once, and in several projects (hours): they don't wait for each
    other, only for who ends the project. Not before ``hold_open`` in one transaction: two would wait on each other.
    """
    _locked(project_id, "SHARE").refuse_when_locked()


def _locked(project_id: int, strength: str) -> "Project":
    """The project as it is once nobody else holds it; only what says whether it takes changes."""
    Project: Any = apps.get_model("projects", "Project")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, state, awaits_closure FROM projects_project WHERE id = %s FOR {strength}",  # noqa: S608 - ours
            [project_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Project.DoesNotExist
    return Project(pk=row[0], state=row[1], awaits_closure=row[2])


def _project_of(args: tuple[Any, ...]) -> int:
    Project: Any = apps.get_model("projects", "Project")
    for arg in args:
        if isinstance(arg, Project):
            return arg.pk
        if not isinstance(arg, type) and (pk := getattr(arg, "project_id", None)):
            return pk
    raise TypeError("The first argument of a verb is a project or something of it.")

"""Which columns a board has, and how they are changed. Until somebody changes something a board has the usual four."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.registers.models import StaleVersion
from projects.board.models import Board, BoardColumn, Card
from projects.lifecycle.models import Project
from projects.lifecycle.standing import while_open

USUAL = [
    ("todo", gettext_lazy("To do")),
    ("doing", gettext_lazy("In progress")),
    ("review", gettext_lazy("Review")),
    ("done", gettext_lazy("Done")),
]
FEWEST, MOST = 3, 12


@dataclass(frozen=True)
class Wanted:
    """A column as somebody wants it; ``key`` is empty for a new one."""

    name: str
    wip_limit: int | None = None
    key: str = ""


def columns_of(project) -> list[BoardColumn]:
    """The columns from left to right; those of a board that nobody touched yet are not stored."""
    stored = list(project.board_columns.all())
    if stored:
        return stored
    return [
        BoardColumn(project=project, key=key, name=str(name), position=position)
        for position, (key, name) in enumerate(USUAL, 1)
    ]


def stored_columns(project) -> list[BoardColumn]:
    """The same, stored; under the project's lock."""
    columns = columns_of(project)
    if columns[0].pk is None:
        Board.objects.get_or_create(project=project)
        BoardColumn.objects.bulk_create(columns)
    return columns


def version_of(project) -> int:
    """What a form of the columns is opened with; 0 before anything is stored."""
    return Board.objects.filter(project=project).values_list("version", flat=True).first() or 0


@while_open
def arrange(project, *, by, columns: list[Wanted], version: int) -> list[BoardColumn]:
    """Replace the columns: order, names, limits. Cards of a column that goes lie in the first of those between.

    StaleVersion when somebody arranged them since ``version``.
    """
    Project.objects.select_for_update(of=("self",)).only("pk").get(pk=project.pk)
    if version_of(project) != version:
        raise StaleVersion(Board.objects.filter(project=project).first())
    there = {column.key: column for column in stored_columns(project)}
    _check(columns, there)
    Board.objects.get(project=project).save_changes([])
    kept = {wanted.key for wanted in columns if wanted.key}
    gone = [column for key, column in there.items() if key not in kept]
    Card.objects.filter(column__in=gone).update(column=None, rank=None)
    BoardColumn.objects.filter(pk__in=[column.pk for column in gone]).delete()
    taken = [int(key[1:]) for key in there if key[:1] == "c" and key[1:].isdigit()]
    number = max(taken, default=0)
    arranged = []
    for position, wanted in enumerate(columns, 1):
        column = there.get(wanted.key)
        if column is None:
            number += 1
            column = BoardColumn(project=project, key=f"c{number}")
        column.name, column.wip_limit, column.position = wanted.name, wanted.wip_limit, position
        arranged.append(column)
    BoardColumn.objects.bulk_update([column for column in arranged if column.pk], ["name", "wip_limit", "position"])
    BoardColumn.objects.bulk_create([column for column in arranged if not column.pk])
    return arranged


def _check(columns: list[Wanted], there: dict[str, BoardColumn]) -> None:
    if not FEWEST <= len(columns) <= MOST:
        raise ValidationError(
            _("A board has %(few)s to %(most)s columns: not begun, done, and at least one between.")
            % {"few": FEWEST, "most": MOST}
        )
    names = [column.name.casefold() for column in columns]
    if twice := next((column.name for column in columns if names.count(column.name.casefold()) > 1), ""):
        raise ValidationError(_("Two columns are named “%(name)s”.") % {"name": twice})
    if unknown := {column.key for column in columns if column.key} - set(there):
        raise ValidationError(_("There is no column %(key)s any more.") % {"key": ", ".join(sorted(unknown))})

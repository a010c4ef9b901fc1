"""What people do to cards: move them, order them, say what matters more. Progress follows, by the plan's verbs."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.activity.models import Change
from projects.board.columns import stored_columns
from projects.board.models import BoardColumn, Card
from projects.lifecycle.models import Project
from projects.lifecycle.standing import while_open
from projects.schedule import edits
from projects.schedule.models import Task
from projects.schedule.plan import Moved

LIMIT, PROGRESS = "limit", "progress"


class Elsewhere(Exception):
    """The card does not lie where the person saw it: somebody was first."""

    def __init__(self, column: BoardColumn | None, who: str, when: datetime.datetime | None):
        super().__init__(f"The card lies in {column}")
        self.column, self.who, self.when = column, who, when


class Sure(Exception):
    """This wants a yes: the column is full, or progress would be taken back. ``code`` is LIMIT or PROGRESS."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


class Place(NamedTuple):
    """As much of a card as its place needs."""

    pk: int
    uid: int
    number: int
    percent: int
    begun: bool
    finished: datetime.datetime | None
    column_id: int | None
    rank: int | None


@dataclass(frozen=True)
class Dropped:
    """Where a card lies now, and what that did to the plan; None where only its place changed."""

    task: Task
    column: BoardColumn
    moved: Moved | None


def cards_of(project):
    """The tasks that are cards: those with work of their own. Summaries and milestones have a chart of theirs."""
    return Task.objects.filter(project=project, is_summary=False, is_milestone=False, is_active=True)


def column_of(columns: list[BoardColumn], percent: int, begun: bool, column_id: int | None) -> BoardColumn:
    """Where a card lies: by progress at both ends, between them where it was put."""
    if percent == 100:
        return columns[-1]
    if not percent and not begun:
        return columns[0]
    between = columns[1:-1]
    return next((column for column in between if column.pk and column.pk == column_id), between[0])


@while_open
def move_card(
    task: Task,
    *,
    by,
    to: str,
    was: str,
    before: int | None = None,
    place: str = "",
    sure: Iterable[str] = (),
    at: datetime.datetime | None = None,
) -> Dropped:
    """Put a card into a column, above the card of task ``before`` (a uid), or to the 'top', 'up', 'down', or its end.

    ``was`` is the column in which the person saw it: Elsewhere, if it has left it since. Moving to the last column
    completes the task now, to the first takes its progress back, to one between begins it. ``Sure`` asks first, unless
    its code is in ``sure``.
    """
    at = at or timezone.now()
    project = Project.objects.select_for_update(of=("self",)).get(pk=task.project_id)
    columns = stored_columns(project)
    by_key = {column.key: column for column in columns}
    row = cards_of(project).select_related("card").filter(pk=task.pk).first()
    if row is None:
        raise Elsewhere(None, *_last_change(task))
    row.project = task.project
    card = getattr(row, "card", None) or Card(project=project, task=row)
    here = _column(columns, row)
    if here.key != was or to not in by_key:
        raise Elsewhere(here, *_last_change(row))
    target = by_key[to]
    moved = None
    if target != here:
        _ask(project, columns, row, target, set(sure))
        if target == columns[-1]:
            card.open_percent = min(row.percent, 99)
        fields = _progress(row, columns, here, target, card, at)
        if fields:
            moved = edits.change_task(row, by=by, at=at, **fields)
    card.column = target
    _put(project, columns, card, target, before, place if target == here else "")
    return Dropped(row, target, moved)


@while_open
def set_priority(task: Task, *, by, priority: int) -> Card:
    """Say how much a card matters; the lanes by priority follow."""
    if priority not in Card.Priority.values:
        raise ValidationError(_("A priority is high, normal or low."))
    Project.objects.select_for_update(of=("self",)).only("pk").get(pk=task.project_id)
    card, _created = Card.objects.get_or_create(task=task, defaults={"project_id": task.project_id})
    if card.priority != priority:
        card.priority = priority
        card.save(update_fields=["priority"])
    return card


def ordered(rows: list[Place], columns: list[BoardColumn], column: BoardColumn) -> list[Place]:
    """The rows that lie in this column, from the top.

    What was put in order comes first, as it was put; then the plan's order, in the last column the latest first.
    """
    last = column.key == columns[-1].key
    inside = []
    for row in rows:
        if column_of(columns, row.percent, row.begun, row.column_id).key != column.key:
            continue
        ranked = not last and row.rank is not None and row.column_id == column.pk
        rest = -row.finished.timestamp() if last and row.finished else row.number
        inside.append(((0, row.rank, 0) if ranked else (1, 0, rest), row))
    return [row for _key, row in sorted(inside, key=lambda pair: pair[0])]


def rows_of(cards) -> list[Place]:
    """What ``ordered`` takes, for a queryset of tasks."""
    values = cards.values_list(
        "pk", "uid", "number", "percent", "actual_start", "actual_finish", "card__column_id", "card__rank"
    )
    return [Place(pk, uid, n, done, begun is not None, *rest) for pk, uid, n, done, begun, *rest in values]


def _column(columns, row: Task) -> BoardColumn:
    card = getattr(row, "card", None)
    return column_of(columns, row.percent, row.actual_start is not None, card.column_id if card else None)


def _ask(project, columns, row: Task, target: BoardColumn, sure: set[str]) -> None:
    if target.wip_limit and LIMIT not in sure:
        count = len(ordered(rows_of(cards_of(project)), columns, target))
        if count >= target.wip_limit:
            raise Sure(
                LIMIT,
                _("“%(column)s” holds %(n)s cards, its limit is %(limit)s. Finish one there first, or move it anyway.")
                % {"column": target.name, "n": count, "limit": target.wip_limit},
            )
    if target == columns[0] and row.percent and PROGRESS not in sure:
        raise Sure(
            PROGRESS,
            _("“%(name)s” is %(percent)s %% complete; in “%(column)s” nothing of it counts as begun. Take it back?")
            % {"name": row.name, "percent": row.percent, "column": target.name},
        )


def _progress(row: Task, columns, here, target, card: Card, at) -> dict:
    """What the move says about progress."""
    if target == columns[-1]:
        return {"percent": 100, "actual_finish": max(at, row.actual_start or at)}
    if target == columns[0]:
        return {"percent": 0, "actual_start": None, "actual_finish": None}
    if here == columns[-1]:
        return {"percent": card.open_percent, "actual_start": row.actual_start or at, "actual_finish": None}
    if here == columns[0]:
        return {"actual_start": at}
    return {}


def _put(project, columns, card: Card, column: BoardColumn, before: int | None, place: str) -> None:
    """Give the card its place, and ranks to those above it; those below keep theirs, moved down by one.

    The last column is in order of completion and keeps no ranks.
    """
    if column == columns[-1]:
        card.rank = None
        card.save()
        return
    card.save()
    rows = ordered(rows_of(cards_of(project)), columns, column)
    was = next((n for n, row in enumerate(rows) if row.pk == card.task_id), len(rows))
    inside = [row for row in rows if row.pk != card.task_id]
    at = len(inside)
    if before is not None:
        at = next((n for n, row in enumerate(inside) if row.uid == before), at)
    elif place:
        at = {"top": 0, "up": max(0, was - 1), "down": min(at, was + 1)}.get(place, at)
    ranked = sum(1 for row in inside if row.rank is not None and row.column_id == column.pk)
    order = [row.pk for row in inside]
    order.insert(at, card.task_id)
    # All that lie above it need a place too, else they would follow the plan's order to below it.
    order = order[: max(ranked, at) + 1]
    Card.objects.bulk_create(
        [Card(project=project, task_id=pk, column=column, rank=n) for n, pk in enumerate(order, 1)],
        update_conflicts=True,
        unique_fields=["task"],
        update_fields=["column", "rank"],
    )


def _last_change(task: Task) -> tuple[str, datetime.datetime | None]:
    """Who touched the task or its card last, and when."""
    card = Card.objects.filter(task_id=task.pk).values_list("pk", flat=True).first()
    changes = [
        Change.objects.filter(table=table, row_id=pk).select_related("actor").order_by("-id").first()
        for table, pk in ((Task._meta.db_table, task.pk), (Card._meta.db_table, card))
        if pk
    ]
    last = max((change for change in changes if change), key=lambda change: change.pk, default=None)
    return (last.actor.name if last and last.actor else "", last.at if last else None)

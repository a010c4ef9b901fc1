"""The board as somebody asked to see it: columns, lanes, the cards shown. A constant number of queries."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.board.cards import Place, cards_of, ordered, rows_of
from projects.board.columns import columns_of
from projects.board.forms import BoardFilter
from projects.board.models import BoardColumn, Card
from projects.schedule.lateness import late_word
from projects.schedule.models import Assignment, Task

SHOWN, SHOWN_DONE = 50, 12  # cards of a column before it asks whether to show all


@dataclass
class Cell:
    """A column within a lane."""

    column: BoardColumn
    cards: list["Shown"] = field(default_factory=list)


@dataclass
class Shown:
    """One card."""

    task: Task
    card: Card | None
    people: list[SimpleNamespace]
    late: str

    @property
    def priority(self) -> int:
        return self.card.priority if self.card else Card.Priority.NORMAL


@dataclass
class Lane:
    key: str
    title: str
    cells: list[Cell]

    @property
    def count(self) -> int:
        return sum(len(cell.cards) for cell in self.cells)


@dataclass
class Head:
    """The top of a column: how many cards lie in it, of all and of those that match."""

    column: BoardColumn
    count: int
    matching: int
    shown: int
    more_url: str

    @property
    def over(self) -> bool:
        return bool(self.column.wip_limit and self.count > self.column.wip_limit)

    @property
    def full(self) -> bool:
        return bool(self.column.wip_limit and self.count == self.column.wip_limit)

    @property
    def hidden(self) -> int:
        return self.matching - self.shown


class BoardPage:
    id = "board"

    def __init__(self, project, user, params, *, path: str, with_people: bool, now: datetime.datetime | None = None):
        self.project, self.user, self.params, self.path = project, user, params, path
        self.with_people = with_people  # a client sees what is done when, not by whom
        self.now = now or timezone.now()
        self.form = BoardFilter(params, project=project, with_people=with_people)
        self.asked = self.form.cleaned_data if self.form.is_valid() else {}
        self.sort = self.default_sort = ""

    @cached_property
    def columns(self) -> list[BoardColumn]:
        return columns_of(self.project)

    @property
    def last_key(self) -> str:
        return self.columns[-1].key

    @property
    def state(self) -> str:
        """The query of this page, for forms that come back to it."""
        names = [*self.form.fields, "all"]
        kept = [(name, self.params.get(name, "")) for name in names if self.params.get(name)]
        return "?" + urlencode(kept) if kept else ""

    def more_url(self, key: str) -> str:
        query = [(name, self.params.get(name, "")) for name in self.form.fields if self.params.get(name)]
        return self.path + "?" + urlencode([*query, ("all", key)])

    @cached_property
    def everything(self) -> list[Place]:
        return rows_of(cards_of(self.project))

    @cached_property
    def is_narrowed(self) -> bool:
        return any(self.asked.get(name) for name in ("q", "show", "sprint"))

    @cached_property
    def _matching(self) -> list[Place]:
        if not self.is_narrowed:
            return self.everything
        wanted = set(self.form.filter(cards_of(self.project), self.user, self.now).values_list("pk", flat=True))
        return [row for row in self.everything if row.pk in wanted]

    @cached_property
    def _order(self) -> dict[str, list[int]]:
        """Of each column the tasks shown, from the top."""
        asked_all = self.params.get("all", "")
        order = {}
        for column in self.columns:
            ids = [row.pk for row in ordered(self._matching, self.columns, column)]
            order[column.key] = (
                ids if asked_all == column.key else ids[: SHOWN_DONE if column.key == self.last_key else SHOWN]
            )
        return order

    @cached_property
    def heads(self) -> list[Head]:
        return [
            Head(
                column,
                count=len(ordered(self.everything, self.columns, column)),
                matching=len(ordered(self._matching, self.columns, column)),
                shown=len(self._order[column.key]),
                more_url=self.more_url(column.key),
            )
            for column in self.columns
        ]

    @cached_property
    def _people(self) -> dict[int, list[SimpleNamespace]]:
        if not self.with_people:
            return {}
        rows = Assignment.objects.filter(project=self.project, task_id__in=self._ids).order_by("resource__name")
        found: dict[int, list[SimpleNamespace]] = {}
        for task, resource, user, name in rows.values_list(
            "task_id", "resource_id", "resource__user_id", "resource__name"
        ):
            found.setdefault(task, []).append(SimpleNamespace(pk=user or resource, name=name, resource=resource))
        return found

    @cached_property
    def _ids(self) -> list[int]:
        return [pk for ids in self._order.values() for pk in ids]

    @cached_property
    def cards(self) -> dict[int, Shown]:
        tasks = (
            Task.objects.filter(pk__in=self._ids)
            .select_related("card", "parent")
            .only(
                "uid", "number", "name", "wbs", "percent", "start", "finish", "actual_start", "actual_finish",
                "deadline", "is_critical", "is_summary", "is_active", "parent__name", "parent__number", "version",
                "card",
            )
        )  # fmt: skip
        return {
            task.pk: Shown(task, getattr(task, "card", None), self._people.get(task.pk, []), self._late(task))
            for task in tasks
        }

    @cached_property
    def lanes(self) -> list[Lane]:
        group = self.asked.get("lanes", "")
        lanes: dict = {}
        if not group:
            lanes[()] = Lane("", "", self._cells())
        for column_number, column in enumerate(self.columns):
            for pk in self._order[column.key]:
                if (shown := self.cards.get(pk)) is None:
                    continue
                sort, key, title = self._lane_of(shown, group)
                lane = lanes.get(sort)
                if lane is None:
                    lane = lanes[sort] = Lane(key, title, self._cells())
                lane.cells[column_number].cards.append(shown)
        return [lanes[sort] for sort in sorted(lanes)]

    def _cells(self) -> list[Cell]:
        return [Cell(column) for column in self.columns]

    def _lane_of(self, shown: Shown, group: str) -> tuple[tuple, str, str]:
        match group:
            case "person":
                if not shown.people:
                    return (1, "", 0), "nobody", _("Nobody yet")
                first = shown.people[0]
                return (0, first.name, first.resource), f"p{first.resource}", first.name
            case "summary":
                parent = shown.task.parent
                if parent is None:
                    return (1, 0), "none", _("Not below a summary")
                return (0, parent.number), f"s{parent.number}", parent.name
            case "priority":
                return (shown.priority,), f"r{shown.priority}", str(Card.Priority(shown.priority).label)
        return (), "", ""

    def _late(self, task: Task) -> str:
        if late := late_word(task, self.now, lambda: None):
            return late
        if not task.percent and task.actual_start is None and task.start and task.start < self.now:
            return _("should have begun")
        return ""

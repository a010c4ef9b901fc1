"""One task while a plan is in memory. A model instance per task would cost more than the whole computation."""

import datetime
import json
from operator import attrgetter

from projects.schedule.models import Task

# Columns with their database types, in the order in which they are read and written.
# The engine writes these; ``duration``, ``percent``, the parent and the order are a person's where it is no summary.
COMPUTED = {
    "number": "integer",
    "parent_id": "bigint",
    "wbs": "varchar",
    "outline_level": "smallint",
    "is_summary": "boolean",
    "duration": "integer",
    "percent": "smallint",
    "start": "timestamptz",
    "finish": "timestamptz",
    "early_start": "timestamptz",
    "early_finish": "timestamptz",
    "late_start": "timestamptz",
    "late_finish": "timestamptz",
    "total_float": "integer",
    "free_float": "integer",
    "is_critical": "boolean",
}
# A person writes these.
INPUTS = {
    "id": "bigint",
    "uid": "integer",
    "name": "varchar",
    "is_milestone": "boolean",
    "mode": "varchar",
    "duration_elapsed": "boolean",
    "constraint": "smallint",
    "constraint_date": "timestamptz",
    "deadline": "timestamptz",
    "calendar_id": "bigint",
    "remaining": "integer",
    "actual_start": "timestamptz",
    "actual_finish": "timestamptz",
    "manual_start": "timestamptz",
    "manual_finish": "timestamptz",
    "splits": "jsonb",
    "is_active": "boolean",
    "version": "integer",
}
COLUMNS = {**INPUTS, **COMPUTED}
# Columns that no computation needs; long or secret, they are read for the tasks that somebody changes.
EXTRA = {"notes": "text", "cost": "numeric", "work": "integer"}
# What a step back restores.
OWN = ("duration", "percent", "parent_id")

_values = attrgetter(*COLUMNS)
_splits_at = list(COLUMNS).index("splits")


class Row:
    """A task's columns as attributes. ``stored`` holds them as the database does; None for a task that is new."""

    __slots__ = (*COLUMNS, "stored", "extra")

    id: int
    uid: int
    name: str
    is_milestone: bool
    mode: str
    duration_elapsed: bool
    constraint: int
    constraint_date: datetime.datetime | None
    deadline: datetime.datetime | None
    calendar_id: int | None
    remaining: int | None
    actual_start: datetime.datetime | None
    actual_finish: datetime.datetime | None
    manual_start: datetime.datetime | None
    manual_finish: datetime.datetime | None
    splits: list
    is_active: bool
    version: int
    number: int
    parent_id: int | None
    wbs: str
    outline_level: int
    is_summary: bool
    duration: int
    percent: int
    start: datetime.datetime | None
    finish: datetime.datetime | None
    early_start: datetime.datetime | None
    early_finish: datetime.datetime | None
    late_start: datetime.datetime | None
    late_finish: datetime.datetime | None
    total_float: int | None
    free_float: int | None
    is_critical: bool
    stored: tuple | None
    extra: dict | None

    def __init__(self, values: tuple) -> None:
        # Written out: a loop over names takes longer than the engine needs for the task.
        (
            self.id, self.uid, self.name, self.is_milestone, self.mode, self.duration_elapsed, self.constraint,
            self.constraint_date, self.deadline, self.calendar_id, self.remaining, self.actual_start,
            self.actual_finish, self.manual_start, self.manual_finish, self.splits, self.is_active, self.version,
            self.number, self.parent_id, self.wbs, self.outline_level, self.is_summary, self.duration, self.percent,
            self.start, self.finish, self.early_start, self.early_finish, self.late_start, self.late_finish,
            self.total_float, self.free_float, self.is_critical,
        ) = values  # fmt: skip
        self.stored = values
        self.extra = None

    @classmethod
    def read(cls, values: tuple) -> "Row":
        """From the database, which gives splits as JSON text or, where there are none, NULL."""
        splits = values[_splits_at]
        listed = json.loads(splits) if splits else []
        return cls((*values[:_splits_at], listed, *values[_splits_at + 1 :]))

    @classmethod
    def new(cls, row_id: int, uid: int, **fields) -> "Row":
        """A task that is not stored yet, with the defaults of the model."""
        values = {**_DEFAULTS, **fields, "id": row_id, "uid": uid}
        row = cls(tuple([values[name] for name in COLUMNS]))
        row.splits = list(row.splits)
        row.stored = None
        return row

    @property
    def values(self) -> tuple:
        """All columns, in the order of ``COLUMNS``."""
        return _values(self)

    @property
    def is_new(self) -> bool:
        return self.stored is None

    def was(self, name: str):
        """The stored value of a column; None for a new task."""
        return None if self.stored is None else self.stored[POSITION[name]]


POSITION = {name: at for at, name in enumerate(COLUMNS)}
_DEFAULTS = {
    "name": "",
    "is_milestone": False,
    "mode": Task.Mode.AUTO.value,
    "duration_elapsed": False,
    "constraint": Task.Constraint.ASAP.value,
    "splits": [],
    "is_active": True,
    "version": 1,
    "number": 0,
    "wbs": "",
    "outline_level": 1,
    "is_summary": False,
    "duration": 480,
    "percent": 0,
    "is_critical": False,
}
_DEFAULTS = {name: _DEFAULTS.get(name) for name in COLUMNS}

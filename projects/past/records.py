"""One row of a register with all its fields as of a past day, beside what they are today."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from django.db import models

from pmdm.accounts.roles import Permission
from pmdm.activity.words import Names, kind_of_table, value_in_words
from pmdm.ui import format as fmt
from projects.past.moments import at


@dataclass(frozen=True)
class Line:
    """A field in words, then and today; None where the row was not there."""

    label: str
    then: str | None
    now: str | None

    @property
    def differs(self) -> bool:
        return self.then is not None and self.now is not None and self.then != self.now


@dataclass(frozen=True)
class Record:
    name: str
    lines: list[Line]
    was_there: bool
    is_there: bool


def told(
    project,
    rows,
    day: datetime.date | None,
    *,
    held: Collection[Permission],
    even: Collection[type[models.Model]] = (),
) -> Record | None:
    """The row of a queryset of one, with the fields that the activity would tell whoever holds these permissions.

    None where there was no such row then and is none now. Without a day: as of no day, today's alone.
    """
    now = rows.first()
    then = at(project, day, even)(rows).first() if day else None
    newest = now or then
    if newest is None:
        return None
    kind = kind_of_table(newest._meta.db_table)
    assert kind is not None
    fields = {**kind.fields(held), **kind.computed()}.values()
    names = Names(held)
    for row in (then, now):
        for field in fields:
            if row is not None:
                names.want(field, getattr(row, field.attname))
    names.fetch()
    lines = [
        Line(kind.label_of(field), *(row and _whole(field, getattr(row, field.attname), names) for row in (then, now)))
        for field in fields
    ]
    return Record(str(newest), lines, was_there=then is not None, is_there=now is not None)


def _whole(field: models.Field, value, names: Names) -> str:
    """In words as the activity says it, but a text is not cut."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or fmt.DASH
    if isinstance(value, str) and not field.flatchoices:
        return value or fmt.DASH
    return value_in_words(field, value, names)

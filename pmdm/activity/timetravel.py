"""A queryset as it would have answered at the end of a past day: every audited table in it is read from the trail.

``travel(queryset, subject="project", subject_id=7, known=moment)`` gives the same queryset, with its filters, sorts,
joins and subqueries, over the rows of that subject as they were (see ``past.rows_as_of``). Tables without a trail under
that subject (people, departments) are read as they are now, and so are those whose model says ``ALWAYS_NOW``: who may
see what is decided by today's roles. Where such a table is itself what is told, ``even`` names its model. A queryset
that was travelled is for reading only.

It works on what Django makes of a queryset: the entry of each table in its FROM clause. That entry is the only thing
replaced; the rest of the query, and so what each register's filter means, is the same as today.
"""

import copy
import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.query import Query

from pmdm.activity.past import rows_as_of


@dataclass(frozen=True)
class Moment:
    """What is read as of when: the rows of these subjects, each as known at its moment."""

    subject: str
    known: Mapping[int, datetime.datetime]
    even: frozenset[str] = frozenset()  # tables that are turned although their model says ``ALWAYS_NOW``
    own: str = ""  # the subjects' own table, where they are themselves what is told


def travel(
    queryset, *, subject: str, subject_id: int, known: datetime.datetime, even: Collection[type[models.Model]] = ()
):
    """The queryset over the rows of one subject as they were."""
    return travel_all(queryset, subject=subject, known={subject_id: known}, even=even)


def travel_all(
    queryset,
    *,
    subject: str,
    known: Mapping[int, datetime.datetime],
    even: Collection[type[models.Model]] = (),
    own: type[models.Model] | None = None,
):
    """The same over several subjects, each as of its own moment (one day ends when the clocks of its zone say so).

    Rows of subjects that ``known`` doesn't name are not there. ``own``: the subjects' own model, where the queryset is
    of them; else they are read as they are now.
    """
    found = queryset._chain()
    tables = frozenset(model._meta.db_table for model in even)
    _turn(found.query, Moment(subject, known, tables, own._meta.db_table if own else ""))
    return found


def end_of(day: datetime.date, zone: datetime.tzinfo) -> datetime.datetime:
    """The last moment of a day on the clocks of a zone."""
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(), zone)
    return midnight - datetime.timedelta(microseconds=1)


class _PastTable(BaseTable):
    def as_sql(self, compiler, connection):
        past = _source(self.table_name, compiler.query.past)
        if past is None:
            return super().as_sql(compiler, connection)
        return f"({past[0]}) {compiler.quote_name(self.table_alias)}", past[1]


class _PastJoin(Join):
    def as_sql(self, compiler, connection):
        sql, params = super().as_sql(compiler, connection)
        past = _source(self.table_name, compiler.query.past)
        if past is None:
            return sql, params
        name, alias = compiler.quote_name(self.table_name), compiler.quote_name(self.table_alias)
        head = f"{self.join_type} {name}" + ("" if alias == name else f" {alias}")
        if not sql.startswith(head):  # pragma: no cover - a Django that writes joins in another way
            raise NotImplementedError(f"This join cannot be read as of a past day: {sql[:80]}")
        return f"{self.join_type} ({past[0]}) {alias}{sql[len(head) :]}", [*past[1], *params]


class _PastQuery(Query):
    base_table_class = _PastTable
    join_class = _PastJoin
    past: Moment

    def get_compiler(self, *args, **kwargs):
        compiler = super().get_compiler(*args, **kwargs)
        # PostgreSQL knows that a table's key decides its columns; of a subquery in its place it does not.
        compiler.collapse_group_by = lambda expressions, having: expressions
        return compiler


def _turn(query: Query, moment: Moment) -> None:
    """Make this query, and those inside it, read the past."""
    if type(query) not in (Query, _PastQuery):
        raise NotImplementedError(f"{type(query).__name__} cannot be read as of a past day.")
    query.__class__ = _PastQuery
    query.past = moment  # type: ignore[attr-defined]
    for alias, table in list(query.alias_map.items()):
        turned = copy.copy(table)
        turned.__class__ = _PastJoin if isinstance(table, Join) else _PastTable
        query.alias_map[alias] = turned
    for name, annotation in list(query.annotations.items()):
        query.annotations[name] = _turned(annotation, moment)
    query.where = _turned(query.where, moment)


def _turned(expression: Any, moment: Moment) -> Any:
    """A copy of an expression whose inner queries read the past."""
    if isinstance(expression, Query):
        inner = expression.clone()
        _turn(inner, moment)
        return inner
    if hasattr(expression, "children"):  # a WHERE node
        node = copy.copy(expression)
        node.children = [_turned(child, moment) for child in expression.children]
        return node
    if not hasattr(expression, "get_source_expressions"):
        return expression
    sources = expression.get_source_expressions()
    if not any(source is not None for source in sources):
        return expression
    changed = copy.copy(expression)
    changed.set_source_expressions([source and _turned(source, moment) for source in sources])
    return changed


def _source(table: str, moment: Moment) -> tuple[str, list] | None:
    """SQL and parameters of the rows of a table as they were; None for a table without a trail under the subject."""
    known = _rows_of(table, moment.subject, table in moment.even, table == moment.own)
    if known is None:
        return None
    sql, defaults = known
    return sql, [list(moment.known), list(moment.known.values()), *defaults]


@cache
def _rows_of(table: str, subject: str, even: bool, own: bool = False) -> tuple[str, list] | None:
    model = next((model for model in apps.get_models() if model._meta.db_table == table), None)
    if model is None or (getattr(model, "ALWAYS_NOW", False) and not even):
        return None
    fields = {str(field.column): field for field in model._meta.concrete_fields}
    column = "id" if own else f"{subject}_id"
    if column not in fields or not any(t.name == "audit_u" for t in getattr(model._meta, "triggers", ())):
        return None
    # A generated column has the type of what it gives; where the trail leaves it out it is NULL then.
    columns = {
        name: str(getattr(field, "output_field", field).db_type(connection))
        for name, field in fields.items()
        if name != "id"
    }
    inner = rows_as_of(table, columns, subject=subject, column=column)
    names, defaults = ['"id"'], []
    for name in columns:
        default = _default_of(fields[name])
        if default is None:
            names.append(f'"{name}"')
        else:
            # A column that is newer than the row of the trail.
            names.append(f'coalesce("{name}", %s) AS "{name}"')
            defaults.append(default)
    cut = "WITH cut (subject_id, known) AS (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]))"
    return f"{cut} SELECT {', '.join(names)} FROM ({inner}) was", defaults  # noqa: S608 - names of ours


def _default_of(field: models.Field) -> bool | int | str | Decimal | None:
    if field.null or callable(field.default) or isinstance(field, models.ForeignKey):
        return None
    default = field.get_default()
    return default if isinstance(default, bool | int | str | Decimal) else None

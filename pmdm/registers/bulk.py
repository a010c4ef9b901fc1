"""Many rows written by one plain statement."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def update_many(rows: Sequence[models.Model], fields: Sequence[str]) -> int:
    """Write these fields of rows of one model: one array for each column. How many rows were there to be written.

    ``bulk_update`` builds an expression for every row and column and PostgreSQL parses them all: for a thousand rows
    some thirty times the time. Fields that are arrays themselves are refused: ``unnest`` would open them too.
    """
    if not rows:
        return 0
    meta: Any = rows[0]._meta  # its fields are plain columns: others fail here
    columns = [meta.pk, *(meta.get_field(name) for name in fields)]
    types = [column.rel_db_type(connection) if column.primary_key else column.db_type(connection) for column in columns]
    if wrong := [column.name for column, kind in zip(columns, types, strict=True) if kind is None or "[" in kind]:
        raise ValueError(f"{', '.join(wrong)} can't be written from an array; columns of one value can.")
    values = [[column.get_db_prep_save(getattr(row, column.attname), connection) for row in rows] for column in columns]
    names = [connection.ops.quote_name(column.column) for column in columns]
    table, key = connection.ops.quote_name(meta.db_table), names[0]
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    assignments = ", ".join(f"{name} = new.{name}" for name in names[1:])
    sql = (
        f"UPDATE {table} AS old SET {assignments}"  # noqa: S608 - names of the model
        f" FROM unnest({arrays}) AS new ({', '.join(names)}) WHERE old.{key} = new.{key}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount

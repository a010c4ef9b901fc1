"""Rows as they were at a past moment, read from the audit trail in one query for any number of subjects.

A row that has not changed since is read where it stands; one that has is the ``after`` of its last change up to then.
So a moment of last week costs little more than the present, and only what changed since is looked up.
"""

from collections.abc import Mapping


def rows_as_of(
    table: str, columns: Mapping[str, str], *, subject: str = "project", column: str | None = None, cut: str = "cut"
) -> str:
    """SQL that yields ``subject_id, id`` and the columns of a table's audited rows as they were.

    ``cut`` names a relation ``(subject_id bigint, known timestamptz)``: one row per subject, ``known`` 'infinity' for
    the present. ``columns`` gives each column's type, which its JSON text is cast to; ``column`` is the one that holds
    the subject's id (by default ``<subject>_id``; ``id`` for the subject itself).
    """
    column = f"{subject}_id" if column is None else column
    now = "".join(f", t.{name}" for name in columns)
    then = "".join(f", {_value_of(name, kind)} AS {name}" for name, kind in columns.items())
    return f"""
        WITH later AS MATERIALIZED (
            SELECT DISTINCT c.subject_id, c.row_id, {cut}.known
            FROM {cut} JOIN activity_change c ON c.subject_type = '{subject}' AND c.subject_id = {cut}.subject_id
                AND c."table" = '{table}' AND c.at > {cut}.known
        )
        SELECT t.{column} AS subject_id, t.id{now}
        FROM {cut} JOIN {table} t ON t.{column} = {cut}.subject_id
        LEFT JOIN later l ON l.row_id = t.id AND l.subject_id = {cut}.subject_id
        WHERE l.row_id IS NULL
        UNION ALL
        SELECT l.subject_id, l.row_id{then}
        FROM later l
        CROSS JOIN LATERAL (
            SELECT c.after, c.operation FROM activity_change c
            WHERE c."table" = '{table}' AND c.row_id = l.row_id AND c.at <= l.known
            ORDER BY c.at DESC, c.id DESC LIMIT 1
        ) c
        WHERE c.operation <> 'D'
    """  # noqa: S608 - names of ours


def _value_of(name: str, kind: str) -> str:
    """A column of the trail's JSON document as a value of its type."""
    if "[" not in kind:  # varchar(40)[] or, of a fixed size, varchar(40)[12]
        return f"(c.after ->> '{name}')::{kind}"
    # An array's JSON is not PostgreSQL's own spelling of it.
    items = f"SELECT jsonb_array_elements_text(c.after -> '{name}')"
    return f"CASE jsonb_typeof(c.after -> '{name}') WHEN 'array' THEN ARRAY ({items})::{kind} END"

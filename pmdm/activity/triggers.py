"""Database triggers for the audit trail; a model says ``triggers = audited("project")`` in its Meta."""

from collections.abc import Sequence

import pgtrigger

_COLUMNS = (
    "INSERT INTO activity_change"
    ' (at, subject_type, subject_id, "table", row_id, operation, actor_id, request_id, before, after)'
)


def _audit(operation: str, subject: str, column: str, without: Sequence[str]) -> str:
    row = {"I": "n", "U": "r", "D": "o"}[operation]
    rows = {"I": "n", "U": "n", "D": "o"}[operation]
    subject_id = f"{rows}.{column}" if column else "NULL::bigint"
    less = "".join(f" - '{name}'" for name in without)
    subject_of_row = "r.subject_id" if operation == "U" else subject_id
    head = (
        # A context with 'at' tells history after the fact (demo data, imports).
        "SELECT coalesce((context->>'at')::timestamptz, clock_timestamp()),"
        f" '{subject}', {subject_of_row}, TG_TABLE_NAME, {row}.id, '{operation}',"
        " (context->>'user')::bigint, coalesce(context->>'request', ''),"
    )
    if operation == "I":
        return f"{_COLUMNS} {head} '{{}}'::jsonb, to_jsonb(n){less} FROM new_rows n; RETURN NULL;"
    if operation == "D":
        return f"{_COLUMNS} {head} to_jsonb(o){less}, '{{}}'::jsonb FROM old_rows o; RETURN NULL;"
    # EXECUTE, so that every statement is planned anew: a session keeps the plan of a plain one, and the nested loop
    # that is right for the first edit of one row takes minutes for a plan of 5,000 that moves.
    head = head.replace("context->>", "$1->>").replace("TG_TABLE_NAME", "$2")
    return f"""
        EXECUTE $audit$
        {_COLUMNS}
        {head} diff.was, r.doc
        FROM (
            SELECT n.id, {subject_id} AS subject_id, to_jsonb(n){less} AS doc, to_jsonb(o){less} AS was
            FROM new_rows n JOIN old_rows o ON o.id = n.id
            WHERE n.* IS DISTINCT FROM o.*
            OFFSET 0
        ) r
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(b.key, b.value) AS was
            FROM jsonb_each(r.was) b WHERE r.doc -> b.key IS DISTINCT FROM b.value
        ) diff
        WHERE diff.was IS NOT NULL
        $audit$ USING context, TG_TABLE_NAME;
        RETURN NULL;
    """  # noqa: S608 - names of ours, nothing from outside


def audited(subject: str, column: str | None = None, *, without: Sequence[str] = ()) -> list[pgtrigger.Trigger]:
    """Three statement triggers that record inserts, updates and deletes under the subject.

    ``subject`` is 'project', 'product' or '' (the site); ``column`` holds the subject's id, by default
    ``<subject>_id``; columns named in ``without`` are never recorded (secrets).
    The table's primary key must be named ``id``.
    """
    column = (f"{subject}_id" if subject else "") if column is None else column
    parts = {
        "I": (pgtrigger.Insert, pgtrigger.Referencing(new="new_rows")),
        "U": (pgtrigger.Update, pgtrigger.Referencing(old="old_rows", new="new_rows")),
        "D": (pgtrigger.Delete, pgtrigger.Referencing(old="old_rows")),
    }
    return [
        pgtrigger.Trigger(
            name=f"audit_{letter.lower()}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            declare=[("context", "jsonb := nullif(current_setting('pghistory.context_metadata', true), '')::jsonb")],
            func=_audit(letter, subject, column, without),
        )
        for letter, (operation, referencing) in parts.items()
    ]


def append_only() -> list[pgtrigger.Trigger]:
    """A row that was written stays as it is: the database refuses changes and removal."""
    return [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

"""A change marks its subject dirty in the same transaction, whoever makes it: page, worker, import or SQL."""

import pgtrigger


def marks_dirty(subject: str, column: str | None = None) -> list[pgtrigger.Trigger]:
    """Statement triggers that queue each touched subject once per statement.

    ``column`` holds the subject's id, by default ``<subject>_id``.
    """
    column = column or f"{subject}_id"
    parts = {
        "i": (pgtrigger.Insert, pgtrigger.Referencing(new="new_rows"), "new_rows"),
        "u": (pgtrigger.Update, pgtrigger.Referencing(old="old_rows", new="new_rows"), "new_rows"),
        "d": (pgtrigger.Delete, pgtrigger.Referencing(old="old_rows"), "old_rows"),
    }
    return [
        pgtrigger.Trigger(
            name=f"dirty_{letter}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            func=f"""
                INSERT INTO kpis_dirty (subject_type, subject_id, at)
                SELECT DISTINCT '{subject}', r.{column}, now() FROM {rows} r WHERE r.{column} IS NOT NULL;
                RETURN NULL;
            """,  # noqa: S608 - subject and column are named in code
        )
        for letter, (operation, referencing, rows) in parts.items()
    ]

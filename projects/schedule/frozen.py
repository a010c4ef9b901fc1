"""Database triggers of baselines: what was approved stays as it was, and a frozen row keeps its name without its task.

A task that comes back (an undone removal, a plan imported anew) has the uid it had: its frozen rows find it again.
"""

import pgtrigger

_REFUSED = "RAISE EXCEPTION 'An approved baseline never changes.' USING ERRCODE = 'check_violation';"


def baseline() -> list[pgtrigger.Trigger]:
    """An approved baseline can only become the active one, or no longer be it."""
    return [
        pgtrigger.Trigger(
            name="approved_stays",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            condition=pgtrigger.Q(old__state="approved"),
            func=f"""
                IF TG_OP = 'UPDATE' THEN
                    IF to_jsonb(OLD) - 'is_active' = to_jsonb(NEW) - 'is_active' THEN
                        RETURN NEW;
                    END IF;
                END IF;
                {_REFUSED}
            """,
        )
    ]


def rows() -> list[pgtrigger.Trigger]:
    """Rows of an approved baseline neither come, change nor go; a row names its task as it was called."""

    def refuse(letter, operation, referencing, found):
        return pgtrigger.Trigger(
            name=f"approved_stays_{letter}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            func=f"IF EXISTS ({found}) THEN {_REFUSED} END IF; RETURN NULL;",
        )

    approved = "projects_baseline b WHERE b.state = 'approved' AND b.id"
    return [
        pgtrigger.Trigger(
            name="as_it_was",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            condition=pgtrigger.Q(new__uid__isnull=True),
            func="""
                SELECT t.uid, t.number, t.wbs, t.name, t.is_summary, t.is_milestone
                INTO NEW.uid, NEW.number, NEW.wbs, NEW.name, NEW.is_summary, NEW.is_milestone
                FROM projects_task t WHERE t.id = NEW.task_id;
                RETURN NEW;
            """,
        ),
        refuse(
            "i",
            pgtrigger.Insert,
            pgtrigger.Referencing(new="new_rows"),
            f"SELECT 1 FROM new_rows n, {approved} = n.baseline_id",  # noqa: S608 - names of ours
        ),
        refuse(
            "u",
            pgtrigger.Update,
            pgtrigger.Referencing(old="old_rows", new="new_rows"),
            f"SELECT 1 FROM old_rows o LEFT JOIN new_rows n ON n.id = o.id, {approved} = o.baseline_id"  # noqa: S608
            " AND to_jsonb(o) - 'task_id' IS DISTINCT FROM to_jsonb(n) - 'task_id'",
        ),
        refuse(
            "d",
            pgtrigger.Delete,
            pgtrigger.Referencing(old="old_rows"),
            f"SELECT 1 FROM old_rows o, {approved} = o.baseline_id",  # noqa: S608
        ),
    ]


def found_again() -> list[pgtrigger.Trigger]:
    """New tasks take over the frozen rows of their uid."""
    return [
        pgtrigger.Trigger(
            name="found_again",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func="""
                UPDATE projects_baselinetask row SET task_id = n.id
                FROM new_rows n, projects_baseline b
                WHERE b.project_id = n.project_id AND row.baseline_id = b.id AND row.uid = n.uid
                    AND row.task_id IS NULL;
                RETURN NULL;
            """,
        )
    ]

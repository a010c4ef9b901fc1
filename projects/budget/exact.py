"""Triggers that hold what a CHECK cannot: sums over rows, checked when the transaction ends."""

import pgtrigger

_REFUSE = "RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', MESSAGE = '{message}';"


def held_at_commit(name: str, *, operation, declare: str, check: str, message: str) -> pgtrigger.Trigger:
    """A deferred constraint trigger: ``check`` is true for what must not be; ``declare`` fetches what it reads."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Row,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        operation=operation,
        func=f"{declare} IF {check} THEN {_REFUSE.format(name=name, message=message)} END IF; RETURN NULL;",
        declare=[("found", "record")],
    )


_LINE = """
    SELECT l.spread, l.planned, sum(m.amount) AS total, count(m.id) AS months INTO found
    FROM projects_budgetline l LEFT JOIN projects_budgetmonth m ON m.line_id = l.id
    WHERE l.id = {line} GROUP BY l.id;
"""
_WRONG = (
    "(found.spread = 'months' AND found.planned IS DISTINCT FROM coalesce(found.total, 0))"
    " OR (found.spread <> 'months' AND found.months > 0)"
)
_MESSAGE = "The months of a budget line sum exactly to what it plans."


def line_phased_exactly() -> list[pgtrigger.Trigger]:
    """On a line: its typed months sum to its plan; a line that is spread another way has none."""
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("planned", "spread")
    return [
        held_at_commit(
            "phased_exactly", operation=operation, declare=_LINE.format(line="NEW.id"), check=_WRONG, message=_MESSAGE
        )
    ]


def months_phased_exactly() -> list[pgtrigger.Trigger]:
    """On its months: the same, from their side."""
    return [
        held_at_commit(
            f"phased_exactly_{letter}",
            operation=operation,
            declare=_LINE.format(line=line),
            check=_WRONG,
            message=_MESSAGE,
        )
        for letter, operation, line in (
            ("w", pgtrigger.Insert | pgtrigger.Update, "NEW.line_id"),
            ("d", pgtrigger.Delete, "OLD.line_id"),
        )
    ]

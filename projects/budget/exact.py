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


# What is booked against an order or an accrual is of its line and in its currency.
_ORDER = """
    SELECT sum(wrong) AS wrong INTO found FROM (
        SELECT count(*) AS wrong FROM projects_expense e JOIN projects_order o ON o.id = e.order_id
        WHERE {expense_of_order} AND (e.line_id <> o.line_id OR e.project_id <> o.project_id
            OR e.currency <> o.currency OR o.state = 'cancelled')
        UNION ALL
        SELECT count(*) FROM projects_accrual e JOIN projects_order o ON o.id = e.order_id
        WHERE {accrual_of_order} AND (e.line_id <> o.line_id OR e.project_id <> o.project_id
            OR e.currency <> o.currency OR o.state = 'cancelled')
        UNION ALL
        SELECT count(*) FROM projects_expense e JOIN projects_accrual a ON a.id = e.accrual_id
        WHERE {expense_of_accrual} AND (e.line_id <> a.line_id OR e.project_id <> a.project_id
            OR e.currency <> a.currency OR a.order_id IS NOT NULL)
    ) AS several;
"""
_ORDER_MESSAGE = (
    "What is booked against an order or an accrual stands on its line, in its currency, and none on a cancelled order."
)


def _booked(expense_of_order="FALSE", accrual_of_order="FALSE", expense_of_accrual="FALSE") -> str:
    return _ORDER.format(
        expense_of_order=expense_of_order, accrual_of_order=accrual_of_order, expense_of_accrual=expense_of_accrual
    )


def expense_fits_its_order() -> list[pgtrigger.Trigger]:
    """On an expense: its order or accrual is of the same line and currency, the order not cancelled."""
    return [
        held_at_commit(
            "fits_its_order",
            operation=pgtrigger.Insert | pgtrigger.UpdateOf("order_id", "accrual_id", "line_id", "currency"),
            declare=_booked(expense_of_order="e.id = NEW.id", expense_of_accrual="e.id = NEW.id"),
            check="found.wrong > 0",
            message=_ORDER_MESSAGE,
        )
    ]


def order_fits_its_expenses() -> list[pgtrigger.Trigger]:
    """On an order: the same, from its side."""
    return [
        held_at_commit(
            "fits_its_expenses",
            operation=pgtrigger.UpdateOf("line_id", "state", "currency"),
            declare=_booked(expense_of_order="o.id = NEW.id", accrual_of_order="o.id = NEW.id"),
            check="found.wrong > 0",
            message=_ORDER_MESSAGE,
        )
    ]


def accrual_fits_its_order() -> list[pgtrigger.Trigger]:
    """On an accrual: it is of its order's line and currency, its invoices of its own."""
    return [
        held_at_commit(
            "fits_its_order",
            operation=pgtrigger.Insert | pgtrigger.UpdateOf("order_id", "line_id", "currency"),
            declare=_booked(accrual_of_order="e.id = NEW.id", expense_of_accrual="a.id = NEW.id"),
            check="found.wrong > 0",
            message=_ORDER_MESSAGE,
        )
    ]


def currency_stays() -> list[pgtrigger.Trigger]:
    """On a project: its money is kept in its currency, so that never changes under it."""
    kept = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE project_id = NEW.id)"  # noqa: S608 - names of ours
        for table in ("projects_budgetline", "projects_expense", "projects_order", "projects_allowance")
    )
    refusal = _REFUSE.format(name="currency_stays", message="Money is kept in this currency.")
    return [
        pgtrigger.Trigger(
            name="currency_stays",
            when=pgtrigger.Before,
            operation=pgtrigger.UpdateOf("currency"),
            condition=pgtrigger.Q(old__currency__df=pgtrigger.F("new__currency")),
            func=f"IF {kept} THEN {refusal} END IF; RETURN NEW;",
        )
    ]


_DRAWN = """
    SELECT a.amount, a.project_id, coalesce(sum(d.amount) FILTER (WHERE d.state = 'approved'), 0) AS drawn,
        bool_or(d.project_id <> a.project_id) AS foreign_rows INTO found
    FROM projects_allowance a LEFT JOIN projects_draw d ON d.allowance_id = a.id
    WHERE a.id = {allowance} GROUP BY a.id;
"""
_OVERDRAWN = "found.drawn > found.amount OR found.foreign_rows"
_OVERDRAWN_MESSAGE = "No more is drawn than was set apart."


def allowance_covers_draws() -> list[pgtrigger.Trigger]:
    """On an allowance: it never falls below what was drawn."""
    return [
        held_at_commit(
            "covers_draws",
            operation=pgtrigger.UpdateOf("amount"),
            declare=_DRAWN.format(allowance="NEW.id"),
            check=_OVERDRAWN,
            message=_OVERDRAWN_MESSAGE,
        )
    ]


def draws_within_allowance() -> list[pgtrigger.Trigger]:
    """On a draw: the approved ones never sum to more than was set apart."""
    return [
        held_at_commit(
            "within_allowance",
            operation=pgtrigger.Insert | pgtrigger.Update,
            declare=_DRAWN.format(allowance="NEW.allowance_id"),
            check=_OVERDRAWN,
            message=_OVERDRAWN_MESSAGE,
        )
    ]


def draw_stays_as_decided() -> list[pgtrigger.Trigger]:
    """What was decided is a record: it neither changes nor goes."""
    return [
        pgtrigger.Trigger(
            name="stays_as_decided",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            condition=~pgtrigger.Q(old__state="requested"),
            func="RAISE EXCEPTION 'A decided draw never changes.' USING ERRCODE = 'check_violation';",
        )
    ]

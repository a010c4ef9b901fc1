"""SQL of what is owed: accruals (received, not invoiced) and commitments (ordered, neither received nor invoiced).

The same rules as ``engine.accrual``, for any number of projects in one statement; every reader uses these texts: the
ledger, the KPIs, earned value now and as of a past day.
"""

import datetime
from collections.abc import Iterable
from decimal import Decimal

from django.db import connection


def accrued_sql(
    *,
    day: str,
    chosen: str = "TRUE",
    subject: str = "project_id",
    accrual: str = "projects_accrual",
    expense: str = "projects_expense",
    cut: str = "",
) -> str:
    """Yields ``project_id, line_id, order_id, id, amount``: what is left of each accrual at the end of ``day``.

    ``chosen`` holds an unqualified ``project_id``; ``cut`` may join a relation that gives each subject its day.
    """
    joined = f"JOIN {cut} ON {cut}.subject_id = x.{subject}" if cut else ""
    return f"""
        SELECT r.project_id, r.line_id, r.order_id, r.id,
            CASE WHEN r.left_over = r.paid THEN r.amount ELSE pmdm_half_even(r.left_over * r.rate) END AS amount
        FROM (
            SELECT a.*, least(greatest(a.so_far - coalesce(i.paid, 0), 0), a.paid) AS left_over
            FROM (
                SELECT c.*, sum(c.paid) OVER (PARTITION BY c.debt ORDER BY c.accrued_on, c.id) AS so_far
                FROM (
                    SELECT x.id, x.{subject} AS project_id, x.line_id, x.order_id, x.amount, x.accrued_on,
                        coalesce(x.original_amount, x.amount) AS paid, coalesce(x.exchange_rate, 1) AS rate,
                        coalesce(x.order_id, -x.id) AS debt
                    FROM {accrual} x {joined}
                    WHERE x.accrued_on <= {day} AND (x.reverses_on IS NULL OR x.reverses_on > {day}) AND {chosen}
                ) c
            ) a
            LEFT JOIN (
                SELECT coalesce(x.order_id, -x.accrual_id) AS debt, sum(coalesce(x.original_amount, x.amount)) AS paid
                FROM {expense} x {joined}
                WHERE x.spent_on <= {day} AND (x.order_id IS NOT NULL OR x.accrual_id IS NOT NULL) AND {chosen}
                GROUP BY 1
            ) i ON i.debt = a.debt
        ) r
    """  # noqa: S608 - names of ours


def committed_sql(
    *,
    day: str,
    still: str = "o.state = 'open'",
    chosen: str = "TRUE",
    subject: str = "project_id",
    order: str = "projects_order",
    accrual: str = "projects_accrual",
    expense: str = "projects_expense",
    cut: str = "",
) -> str:
    """Yields ``project_id, line_id, amount`` for each order that is ``still`` open: what it commits on ``day``."""
    joined = f"JOIN {cut} ON {cut}.subject_id = x.{subject}" if cut else ""
    ordered = f"JOIN {cut} ON {cut}.subject_id = o.{subject}" if cut else ""
    return f"""
        SELECT o.{subject} AS project_id, o.line_id,
            greatest(o.amount - pmdm_half_even(greatest(coalesce(i.paid, 0), coalesce(r.paid, 0))
                * coalesce(o.exchange_rate, 1)), 0) AS amount
        FROM {order} o {ordered}
        LEFT JOIN (
            SELECT x.order_id, sum(coalesce(x.original_amount, x.amount)) AS paid FROM {expense} x {joined}
            WHERE x.order_id IS NOT NULL AND x.spent_on <= {day} AND {chosen} GROUP BY x.order_id
        ) i ON i.order_id = o.id
        LEFT JOIN (
            SELECT x.order_id, sum(coalesce(x.original_amount, x.amount)) AS paid FROM {accrual} x {joined}
            WHERE x.order_id IS NOT NULL AND x.accrued_on <= {day}
                AND (x.reverses_on IS NULL OR x.reverses_on > {day}) AND {chosen}
            GROUP BY x.order_id
        ) r ON r.order_id = o.id
        WHERE ({still}) AND o.ordered_on <= {day} AND {chosen}
    """  # noqa: S608 - names of ours


_LEFT = accrued_sql(day="%(day)s", chosen="project_id = ANY(%(ids)s)")


def accruals_left(projects: Iterable[int], day: datetime.date) -> dict[int, Decimal]:
    """What is left of each accrual by its id; one query."""
    return {pk: amount for _project, _line, _order, pk, amount in _left(projects, day)}


def accrued_by_line(projects: Iterable[int], day: datetime.date) -> dict[int, Decimal]:
    """What is accrued on each budget line; one query."""
    lines: dict[int, Decimal] = {}
    for _project, line, _order, _pk, amount in _left(projects, day):
        lines[line] = lines.get(line, Decimal(0)) + amount
    return lines


def _left(projects: Iterable[int], day: datetime.date) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, {"ids": list(projects), "day": day})
        return cursor.fetchall()

"""The queries of earned value: each begins with the cuts, any number of them, and reads its registers as they were."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from pmdm.activity.past import rows_as_of
from projects.budget.owed import accrued_sql, committed_sql
from projects.schedule.localtime import zone

if TYPE_CHECKING:
    from projects.earned_value.reading import Cut

CUTS = """
    cut AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(known)s::timestamptz[], %(days)s::date[], %(zones)s::text[])
            AS c (subject_id, known, day, zone)
    )
"""


def asked_for(cuts: "Sequence[Cut]") -> dict[str, Any]:
    return {
        "ids": [cut.project.pk for cut in cuts],
        "known": ["infinity" if cut.known is None else cut.known.isoformat() for cut in cuts],
        "days": [cut.day for cut in cuts],
        "zones": [zone(cut.project.time_zone).key for cut in cuts],
    }


def past(table: str, column: str | None = None, **columns: str) -> str:
    return f"({rows_as_of(table, columns, column=column)})"


SUBJECTS = f"""
    WITH {CUTS},
    baseline AS {
    past(
        "projects_baseline",
        is_active="boolean",
        name="text",
        number="integer",
        taken_at="timestamptz",
    )
},
    project AS {past("projects_project", "id", approved_budget="numeric")},
    rule AS {past("projects_earningsettings", rule="text", watch="numeric", act="numeric")}
    SELECT cut.subject_id, p.approved_budget, b.id, b.number, b.name, b.taken_at, r.rule, r.watch, r.act
    FROM cut
    LEFT JOIN project p ON p.subject_id = cut.subject_id
    LEFT JOIN baseline b ON b.subject_id = cut.subject_id AND b.is_active
    LEFT JOIN rule r ON r.subject_id = cut.subject_id
"""  # noqa: S608 - names of ours
_CUT = {"subject": "subject_id", "accrual": "accrual", "expense": "expense", "cut": "cut", "day": "cut.day"}
MONEY = f"""
    WITH {CUTS},
    hour AS {
    past(
        "projects_timeentry",
        task_id="bigint",
        line_id="bigint",
        day="date",
        minutes="integer",
        cost="numeric",
    )
},
    expense AS {
    past(
        "projects_expense",
        line_id="bigint",
        order_id="bigint",
        accrual_id="bigint",
        spent_on="date",
        amount="numeric",
        original_amount="numeric",
    )
},
    purchase AS {
    past(
        "projects_order",
        line_id="bigint",
        amount="numeric",
        exchange_rate="numeric",
        state="text",
        ordered_on="date",
    )
},
    accrual AS {
    past(
        "projects_accrual",
        line_id="bigint",
        order_id="bigint",
        accrued_on="date",
        reverses_on="date",
        amount="numeric",
        original_amount="numeric",
        exchange_rate="numeric",
    )
},
    line AS {past("projects_budgetline", task_id="bigint", planned="numeric", remaining="numeric")}
    SELECT 'time', h.subject_id, h.task_id, h.line_id, sum(h.cost), sum(h.minutes) FILTER (WHERE h.cost IS NULL)
    FROM hour h JOIN cut ON cut.subject_id = h.subject_id WHERE h.day <= cut.day
    GROUP BY h.subject_id, h.task_id, h.line_id
    UNION ALL
    SELECT 'expense', e.subject_id, NULL, e.line_id, sum(e.amount), NULL
    FROM expense e JOIN cut ON cut.subject_id = e.subject_id WHERE e.spent_on <= cut.day
    GROUP BY e.subject_id, e.line_id
    UNION ALL
    SELECT 'accrued', a.project_id, NULL, a.line_id, sum(a.amount), NULL
    FROM ({accrued_sql(**_CUT)}) a WHERE a.amount > 0 GROUP BY a.project_id, a.line_id
    UNION ALL
    SELECT 'order', c.project_id, NULL, c.line_id, sum(c.amount), NULL
    FROM ({committed_sql(order="purchase", **_CUT)}) c GROUP BY c.project_id, c.line_id
    UNION ALL
    SELECT 'line', l.subject_id, l.task_id, l.id, l.planned, l.remaining FROM line l
"""  # noqa: S608 - names of ours
TASKS = f"""
    WITH {CUTS},
    task AS {
    past(
        "projects_task",
        uid="integer",
        percent="smallint",
        actual_start="timestamptz",
        actual_finish="timestamptz",
        cost="numeric",
    )
},
    earning AS {
    past(
        "projects_taskearning",
        task_id="bigint",
        rule="text",
        units_total="numeric",
        units_done="numeric",
    )
},
    step AS {past("projects_earningstep", task_id="bigint", weight="numeric", reached_on="date")},
    steps AS (
        SELECT s.task_id, array_agg(s.weight ORDER BY s.id) AS weights,
            array_agg(coalesce(s.reached_on <= cut.day, false) ORDER BY s.id) AS reached
        FROM step s JOIN cut ON cut.subject_id = s.subject_id
        GROUP BY s.task_id
    )
    SELECT cut.subject_id, row.uid, row.number, row.wbs, row.name, row.is_summary,
        extract(epoch FROM row.start AT TIME ZONE cut.zone)::bigint,
        extract(epoch FROM row.finish AT TIME ZONE cut.zone)::bigint,
        row.duration, row.cost, t.id, t.cost, coalesce(t.percent, 0), t.actual_start IS NOT NULL,
        extract(epoch FROM t.actual_finish AT TIME ZONE cut.zone)::bigint,
        e.rule, e.units_total, e.units_done, s.weights, s.reached
    FROM cut
    JOIN projects_baseline b ON b.project_id = cut.subject_id AND b.id = ANY(%(baselines)s)
    JOIN projects_baselinetask row ON row.baseline_id = b.id
    LEFT JOIN task t ON t.subject_id = cut.subject_id AND t.uid = row.uid
    LEFT JOIN earning e ON e.task_id = t.id
    LEFT JOIN steps s ON s.task_id = t.id
    ORDER BY row.baseline_id, row.number
"""  # noqa: S608 - names of ours


class TaskRow(NamedTuple):
    project: int
    uid: int
    number: int
    wbs: str
    name: str
    is_summary: bool
    start: int | None
    finish: int | None
    duration: int | None
    baseline_cost: Decimal | None
    task: int | None
    cost: Decimal | None
    percent: int
    started: bool
    finished: int | None
    rule: str | None
    units_total: Decimal | None
    units_done: Decimal | None
    weights: list[Decimal] | None
    reached: list[bool] | None

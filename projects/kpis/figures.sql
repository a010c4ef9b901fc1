-- All figures of projects in one pass over each table. See pmdm.kpis.registry for the columns; formulas and sources
-- stand with the definitions in projects/kpis/definitions.py. Keep the keys of the inputs in step with them.
WITH subject AS (
    SELECT p.id, p.state, p.approved_budget, p.currency, p.computed_finish,
        interval '7 days' / nullif(p.minutes_per_week, 0) AS float_minute,
        least(coalesce(p.status_date, %(now)s), %(now)s) AS status_date,
        b.id AS baseline_id, b.number AS baseline_number,
        coalesce(b.finish, (p.target_finish + 1)::timestamp AT TIME ZONE 'UTC') AS due,
        CASE WHEN b.finish IS NOT NULL THEN 'baseline' WHEN p.target_finish IS NOT NULL THEN 'target' END AS due_from,
        coalesce(b.start, p.target_start::timestamp AT TIME ZONE 'UTC', p.schedule_start, p.computed_start, p.created_at)
            AS planned_start,
        sb.number AS scope_number
    FROM projects_project p
    LEFT JOIN projects_baseline b ON b.project_id = p.id AND b.is_active
    LEFT JOIN projects_scopebaseline sb ON sb.project_id = p.id AND sb.is_active
    WHERE [[p.id]]
        AND p.created_at <= %(seen)s
        AND NOT EXISTS (
            SELECT 1 FROM projects_closure c
            WHERE c.project_id = p.id AND p.state = 'closed' AND c.closed_at <= %(seen)s
        )
),
leaf AS (
    SELECT t.project_id, t.duration, t.percent, t.start, t.finish, t.actual_finish, t.total_float,
        bt.id IS NOT NULL AS in_baseline, s.float_minute,
        t.percent = 100 AND coalesce(t.actual_finish <= %(seen)s, TRUE) AS done,
        bt.finish <= s.status_date AS is_due
    FROM projects_task t
    JOIN subject s ON s.id = t.project_id
    LEFT JOIN projects_baselinetask bt ON bt.task_id = t.id AND bt.baseline_id = s.baseline_id
    WHERE NOT t.is_summary AND t.is_active AND [[t.project_id]]
),
-- Done and open tasks apart: whether a task is done is then asked once of each, not in every sum.
part AS (
    SELECT project_id, done, count(*) AS tasks,
        count(*) FILTER (WHERE in_baseline) AS planned,
        count(*) FILTER (WHERE is_due) AS due,
        sum(duration) AS duration, sum(duration::bigint * percent) AS earned,
        max(finish) AS finish, max(coalesce(actual_finish, finish)) FILTER (WHERE done) AS finished,
        -- An unfinished task ends no earlier than now plus the rest of its span; its float takes up what it can.
        max(
            %(now)s - finish + (finish - start) * (1 - percent / 100::float8)
            - coalesce(greatest(total_float, 0) * float_minute, interval '0')
        ) FILTER (WHERE NOT done) AS slip
    FROM leaf GROUP BY project_id, done
),
work AS (
    SELECT project_id, sum(tasks)::bigint AS tasks,
        coalesce(sum(tasks) FILTER (WHERE done), 0)::bigint AS done,
        sum(planned)::bigint AS planned,
        sum(due)::bigint AS due,
        coalesce(sum(planned) FILTER (WHERE done), 0)::bigint AS done_planned,
        coalesce(sum(due) FILTER (WHERE NOT done), 0)::bigint AS overdue,
        coalesce(sum(earned) / nullif(sum(duration), 0),
            coalesce(sum(tasks) FILTER (WHERE done), 0) * 100.0 / sum(tasks)) AS complete,
        max(finished) AS last_done,
        max(finish) FILTER (WHERE NOT done) AS last_open,
        max(slip) AS slip
    FROM part GROUP BY project_id
),
booked AS (
    SELECT project_id, line_id, sum(amount) AS amount, sum(unpriced) AS unpriced, count(*) AS entries
    FROM (
        SELECT project_id, line_id, amount, 0 AS unpriced
        FROM projects_expense WHERE spent_on <= %(today)s AND [[project_id]]
        UNION ALL
        SELECT project_id, line_id, coalesce(cost, 0), CASE WHEN cost IS NULL THEN minutes ELSE 0 END
        FROM projects_timeentry WHERE day <= %(today)s AND [[project_id]]
        UNION ALL
        -- Received and not invoiced: cost that no expense holds yet.
        SELECT a.project_id, a.line_id, a.amount, 0 FROM ({{accrued}}) a WHERE a.amount > 0
    ) entry
    GROUP BY project_id, line_id
),
-- Ordered, neither received nor invoiced yet, of orders that were open then.
committed AS (
    SELECT c.line_id, sum(c.amount) AS amount FROM ({{committed}}) c GROUP BY c.line_id
),
money AS (
    SELECT coalesce(l.project_id, c.project_id) AS project_id,
        sum(c.amount) AS actual, sum(c.unpriced) AS unpriced, sum(c.entries) AS entries,
        nullif(count(l.id), 0) AS lines, sum(l.planned) AS planned,
        -- What the manager still expects, where nothing is said the rest of the line's plan; never less than is ordered.
        sum(greatest(coalesce(l.remaining, greatest(l.planned - coalesce(c.amount, 0), 0)), coalesce(k.amount, 0)))
            FILTER (WHERE l.id IS NOT NULL) AS to_come,
        CASE WHEN count(l.id) > 0 THEN coalesce(sum(greatest(coalesce(l.remaining, 0), coalesce(k.amount, 0))), 0) END
            AS stated
    FROM (SELECT id, project_id, planned, remaining FROM projects_budgetline WHERE [[project_id]]) l
    FULL JOIN booked c ON c.line_id = l.id
    LEFT JOIN committed k ON k.line_id = l.id
    GROUP BY 1
),
-- What was frozen and what came in since, in one pass over both; a frozen item always has its requirement.
scope AS (
    SELECT r.project_id, count(i.id) AS items,
        count(i.id) FILTER (WHERE r.state = 'verified' AND r.verified_at <= %(seen)s) AS verified,
        count(i.id) FILTER (WHERE r.state = 'rejected') AS dropped,
        count(i.id) FILTER (WHERE r.state = 'verified' AND r.verified_at > %(now)s - interval '56 days'
            AND r.verified_at <= %(seen)s) AS recent,
        count(*) FILTER (WHERE i.id IS NULL AND r.state IN ('approved', 'built', 'verified')
            AND r.created_at <= %(seen)s) AS added
    FROM projects_requirement r
    LEFT JOIN (
        SELECT i.id, i.requirement_id
        FROM projects_scopebaselineitem i JOIN projects_scopebaseline b ON b.id = i.baseline_id AND b.is_active
        WHERE [[b.project_id]]
    ) i ON i.requirement_id = r.id
    WHERE [[r.project_id]]
    GROUP BY r.project_id
),
risk AS (
    SELECT r.project_id, count(*) AS all_risks,
        count(*) FILTER (WHERE r.is_open) AS open,
        count(*) FILTER (WHERE r.is_open AND r.score IS NULL) AS unscored,
        count(*) FILTER (WHERE r.is_open AND r.level IN ('high', 'extreme')) AS high,
        count(*) FILTER (WHERE r.is_open AND r.level = 'extreme') AS extreme
    FROM (
        SELECT k.project_id, k.probability * k.impact AS score, m.level,
            coalesce(k.closed_at > %(seen)s, TRUE) AS is_open
        FROM projects_risk k
        LEFT JOIN (VALUES {{matrix}}) AS m(probability, impact, level)
            ON m.probability = k.probability AND m.impact = k.impact
        WHERE NOT k.is_opportunity AND k.raised_at <= %(seen)s AND [[k.project_id]]
    ) r
    GROUP BY r.project_id
),
-- Materialised: written once here, used several times below.
base AS MATERIALIZED (
    SELECT s.*, w.tasks, w.done, w.planned, w.due AS tasks_due, w.done_planned, w.overdue, w.complete,
        w.tasks > w.done AS has_open,
        CASE
            WHEN w.tasks = w.done THEN w.last_done
            ELSE coalesce(greatest(s.computed_finish, w.last_open), w.last_open)
                + greatest(coalesce(w.slip, interval '0'), interval '0')
        END AS forecast,
        greatest(extract(epoch FROM w.slip) / 86400, 0) AS slip_days,
        extract(epoch FROM s.due - s.planned_start) / 86400 AS planned_days,
        extract(epoch FROM s.due - %(now)s) / 604800 AS weeks_left,
        m.actual, coalesce(m.unpriced, 0) AS unpriced, coalesce(m.entries, 0) AS entries,
        m.lines, m.planned AS lines_planned,
        -- Once every task is done, only what somebody says is still to come.
        CASE WHEN w.tasks = w.done THEN m.stated ELSE m.to_come END AS to_come,
        CASE WHEN s.scope_number IS NOT NULL THEN coalesce(sc.items, 0) END AS items,
        sc.verified, sc.dropped, sc.recent,
        CASE WHEN s.scope_number IS NOT NULL THEN coalesce(sc.added, 0) ELSE 0 END AS added,
        r.all_risks, r.open AS open_risks, r.unscored, r.high, r.extreme
    FROM subject s
    LEFT JOIN work w ON w.project_id = s.id
    LEFT JOIN money m ON m.project_id = s.id
    LEFT JOIN scope sc ON sc.project_id = s.id
    LEFT JOIN risk r ON r.project_id = s.id
),
priced AS (
    SELECT *,
        CASE WHEN entries > 0 OR coalesce(complete, 0) = 0 THEN coalesce(actual, 0) * 100 / nullif(approved_budget, 0) END
            AS spent_percent
    FROM base
),
known AS MATERIALIZED (
    SELECT *,
        -- Without tasks nothing says how much should be spent, except that it is not more than everything.
        CASE WHEN complete IS NOT NULL THEN spent_percent - complete WHEN spent_percent > 100 THEN spent_percent - 100 END
            AS ahead_points,
        extract(epoch FROM forecast - due) / 86400 AS late_days,
        coalesce(actual, 0) + to_come AS at_completion,
        verified * 100.0 / nullif(items, 0) AS scope_percent,
        CASE
            WHEN planned > 0 THEN tasks_due * 100.0 / planned
            WHEN due < %(now)s THEN 100
        END AS expected_percent,
        least(100, (verified + recent / 8.0 * greatest(weeks_left, 0)) * 100.0 / nullif(items, 0)) AS scope_ahead
    FROM priced
)
SELECT k.id AS subject_id, f.kpi, f.value, f.judged, NULL::numeric AS target, NULL::text AS status,
    CASE WHEN f.value IS NULL THEN f.missing ELSE f.remark END AS reason, f.inputs
FROM known k
CROSS JOIN LATERAL (VALUES
    (
        'on_time',
        CASE WHEN k.state <> 'cancelled' AND k.tasks_due > 0 THEN k.done_planned / k.tasks_due::numeric END,
        CASE WHEN k.state <> 'cancelled' AND k.tasks_due > 0 THEN k.done_planned / k.tasks_due::numeric END,
        CASE
            WHEN k.state = 'cancelled' THEN 'cancelled'
            WHEN k.baseline_id IS NULL THEN 'no_baseline'
            ELSE 'nothing_due'
        END,
        '',
        jsonb_build_object(
            'status_date', k.status_date::date, 'baseline', k.baseline_number, 'due', coalesce(k.tasks_due, 0),
            'done', coalesce(k.done_planned, 0), 'overdue', coalesce(k.overdue, 0),
            'added', coalesce(k.tasks - k.planned, 0)
        )
    ),
    (
        'on_time_forecast',
        CASE WHEN k.state <> 'cancelled' THEN k.late_days END,
        CASE WHEN k.state <> 'cancelled' THEN greatest(k.late_days, 0) * 100 / greatest(k.planned_days, 1) END,
        CASE
            WHEN k.state = 'cancelled' THEN 'cancelled'
            WHEN k.due IS NULL THEN 'no_due_date'
            WHEN k.tasks IS NULL THEN 'no_tasks'
            ELSE 'no_dates'
        END,
        '',
        jsonb_build_object(
            'forecast', k.forecast::date, 'due', k.due::date - (k.due_from = 'target')::int, 'due_from', k.due_from,
            'computed', k.computed_finish::date, 'slip_days', round(k.slip_days, 2),
            'planned_days', round(k.planned_days, 2), 'finished', NOT k.has_open,
            'late_percent', round(greatest(k.late_days, 0) * 100 / greatest(k.planned_days, 1), 4)
        )
    ),
    (
        'on_budget',
        k.spent_percent,
        k.ahead_points,
        CASE
            WHEN k.approved_budget IS NULL THEN 'no_budget'
            WHEN k.approved_budget = 0 THEN 'zero_budget'
            ELSE 'no_cost'
        END,
        CASE WHEN k.unpriced > 0 THEN 'unpriced' ELSE '' END,
        jsonb_build_object(
            'actual', coalesce(k.actual, 0), 'approved', k.approved_budget, 'currency', k.currency,
            'entries', k.entries, 'unpriced_minutes', k.unpriced, 'complete', round(k.complete, 4),
            'ahead_points', round(k.ahead_points, 4)
        )
    ),
    (
        'on_budget_forecast',
        CASE WHEN k.state <> 'cancelled' THEN (k.at_completion - k.approved_budget) * 100 / nullif(k.approved_budget, 0) END,
        CASE WHEN k.state <> 'cancelled' THEN (k.at_completion - k.approved_budget) * 100 / nullif(k.approved_budget, 0) END,
        CASE
            WHEN k.state = 'cancelled' THEN 'cancelled'
            WHEN k.approved_budget IS NULL THEN 'no_budget'
            WHEN k.approved_budget = 0 THEN 'zero_budget'
            ELSE 'no_lines'
        END,
        CASE WHEN k.unpriced > 0 THEN 'unpriced' ELSE '' END,
        jsonb_build_object(
            'actual', coalesce(k.actual, 0), 'to_come', k.to_come, 'at_completion', k.at_completion,
            'approved', k.approved_budget, 'lines_planned', k.lines_planned, 'currency', k.currency,
            'unpriced_minutes', k.unpriced
        )
    ),
    (
        'scope_delivered',
        k.scope_percent,
        k.expected_percent - k.scope_percent,
        CASE WHEN k.items IS NULL THEN 'no_scope_baseline' ELSE 'empty_scope_baseline' END,
        CASE WHEN k.expected_percent IS NULL THEN 'no_plan' ELSE '' END,
        jsonb_build_object(
            'verified', coalesce(k.verified, 0), 'items', coalesce(k.items, 0), 'baseline', k.scope_number,
            'dropped', coalesce(k.dropped, 0), 'added', k.added, 'expected_percent', round(k.expected_percent, 4),
            'behind_points', round(k.expected_percent - k.scope_percent, 4)
        )
    ),
    (
        'scope_forecast',
        CASE WHEN k.state <> 'cancelled' AND k.due IS NOT NULL AND (k.recent > 0 OR k.verified = k.items OR k.weeks_left <= 0)
            THEN k.scope_ahead END,
        CASE WHEN k.state <> 'cancelled' AND k.due IS NOT NULL AND (k.recent > 0 OR k.verified = k.items OR k.weeks_left <= 0)
            THEN k.scope_ahead END,
        CASE
            WHEN k.state = 'cancelled' THEN 'cancelled'
            WHEN k.items IS NULL THEN 'no_scope_baseline'
            WHEN k.items = 0 THEN 'empty_scope_baseline'
            WHEN k.due IS NULL THEN 'no_due_date'
            ELSE 'no_pace'
        END,
        '',
        jsonb_build_object(
            'verified', coalesce(k.verified, 0), 'items', coalesce(k.items, 0), 'recent', coalesce(k.recent, 0),
            'per_week', round(k.recent / 8.0, 4), 'due', k.due::date - (k.due_from = 'target')::int,
            'weeks_left', round(greatest(k.weeks_left, 0), 2), 'added', k.added
        )
    ),
    (
        'high_risks',
        CASE WHEN k.all_risks > 0 AND (k.open_risks = 0 OR k.open_risks > k.unscored) THEN k.high::numeric END,
        CASE WHEN k.all_risks > 0 AND (k.open_risks = 0 OR k.open_risks > k.unscored) THEN k.high::numeric END,
        CASE WHEN coalesce(k.all_risks, 0) = 0 THEN 'no_risks' ELSE 'unscored' END,
        CASE WHEN k.unscored > 0 THEN 'some_unscored' ELSE '' END,
        jsonb_build_object(
            'open', coalesce(k.open_risks, 0), 'high', coalesce(k.high, 0), 'extreme', coalesce(k.extreme, 0),
            'unscored', coalesce(k.unscored, 0)
        )
    )
) AS f(kpi, value, judged, missing, remark, inputs)
UNION ALL
-- A closed project's figures are those of its closure; they no longer move.
SELECT p.id, r.key, (r.value ->> 'value')::numeric, NULL, (r.value ->> 'target')::numeric, r.value ->> 'status',
    coalesce(nullif(left(r.value ->> 'reason', 200), ''), CASE WHEN r.value ->> 'value' IS NULL THEN 'not_recorded' END),
    coalesce(r.value -> 'inputs', '{}')
FROM projects_project p
JOIN projects_closure c ON c.project_id = p.id AND p.state = 'closed' AND c.closed_at <= %(seen)s
CROSS JOIN LATERAL jsonb_each(c.result) r
WHERE [[p.id]] AND jsonb_typeof(r.value) = 'object' AND r.value ->> 'status' IN ('ok', 'watch', 'act', 'na')

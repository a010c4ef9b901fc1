-- All figures of products in one pass over each table. See pmdm.kpis.registry for the columns; formulas and sources
-- stand with the definitions in delivery/kpis/definitions.py. Keep the keys of the inputs in step with them.
WITH subject AS (
    SELECT p.id, p.stage = 'retired' AS retired, p.availability_target,
        coalesce(p.live_on::timestamp AT TIME ZONE 'UTC', p.created_at) AS live_from
    FROM delivery_product p
    WHERE [[p.id]] AND p.created_at <= %(seen)s
),
answer AS (
    SELECT product_id,
        count(*) FILTER (WHERE satisfaction IS NOT NULL OR recommendation IS NOT NULL) AS n,
        count(satisfaction) AS csat_n,
        count(*) FILTER (WHERE satisfaction >= 4) AS satisfied,
        count(recommendation) AS nps_n,
        count(*) FILTER (WHERE recommendation >= 9) AS promoters,
        count(*) FILTER (WHERE recommendation <= 6) AS detractors
    FROM delivery_answer
    WHERE answered_at > %(now)s - interval '180 days' AND answered_at <= %(seen)s AND [[product_id]]
    GROUP BY product_id
),
invited AS (
    SELECT i.product_id, count(*) AS sent, count(a.id) AS replied
    FROM delivery_invitation i
    LEFT JOIN delivery_answer a ON a.invitation_id = i.id AND a.answered_at <= %(seen)s
    WHERE i.sent_at > %(now)s - interval '180 days' AND i.sent_at <= %(seen)s AND [[i.product_id]]
    GROUP BY i.product_id
),
promise AS (
    SELECT product_id, count(*) AS accepted,
        count(*) FILTER (WHERE conformance = 'met') AS met,
        count(*) FILTER (WHERE conformance = 'degraded') AS degraded,
        count(*) FILTER (WHERE conformance = 'failed') AS failed,
        count(*) FILTER (WHERE conformance = 'unknown') AS unknown
    FROM delivery_requirement
    WHERE is_accepted AND created_at <= %(seen)s AND [[product_id]]
    GROUP BY product_id
),
span AS (
    -- The last 30 days, or since go-live.
    SELECT id, greatest(live_from, %(now)s - interval '30 days') AS since FROM subject WHERE live_from < %(now)s
),
outage AS (
    -- range_agg merges what overlaps: two incidents at once are one outage.
    SELECT i.product_id, count(*) AS incidents, bool_or(i.ended_at IS NULL OR i.ended_at > %(now)s) AS is_down,
        range_agg(tstzrange(
            least(greatest(i.started_at, s.since), %(now)s), least(coalesce(i.ended_at, %(now)s), %(now)s)
        )) AS down
    FROM delivery_incident i
    JOIN span s ON s.id = i.product_id
    -- Clocks differ: what began a moment ahead of ours has begun.
    WHERE i.is_outage AND i.started_at < %(now)s + interval '1 minute' AND coalesce(i.ended_at, %(now)s) > s.since AND [[i.product_id]]
    GROUP BY i.product_id
),
downtime AS (
    SELECT o.product_id, o.incidents, o.is_down, d.outages, d.seconds
    FROM outage o
    CROSS JOIN LATERAL (
        SELECT count(*) AS outages, coalesce(sum(extract(epoch FROM upper(r) - lower(r))), 0) AS seconds
        FROM unnest(o.down) r
    ) d
),
service AS (
    SELECT product_id,
        count(*) FILTER (WHERE decided_at > %(now)s - interval '90 days' AND in_time) AS met,
        count(*) FILTER (WHERE decided_at > %(now)s - interval '90 days' AND NOT in_time) AS breached,
        count(*) FILTER (WHERE decided_at > %(now)s - interval '90 days' AND NOT in_time AND is_open) AS open_breached,
        count(*) FILTER (WHERE decided_at IS NULL) AS undecided
    FROM (
        SELECT product_id, resolution_due >= resolved_at IS TRUE AS in_time, resolved_at IS NULL AS is_open,
            CASE
                -- Met when resolved in time; a breach counts on its own date.
                WHEN resolved_at <= resolution_due THEN resolved_at
                WHEN resolved_at > resolution_due THEN resolution_due
                -- Waiting for the customer stops the clock, unless the time had run out before.
                WHEN state = 'waiting' AND (pauses -> -1 ->> 0)::timestamptz < resolution_due THEN NULL
                WHEN resolution_due < %(now)s THEN resolution_due
            END AS decided_at
        FROM (
            SELECT product_id, resolution_due, state, pauses,
                CASE WHEN resolved_at <= %(seen)s THEN resolved_at END AS resolved_at
            FROM delivery_issue
            WHERE resolution_due IS NOT NULL AND created_at <= %(seen)s AND [[product_id]]
        ) i
    ) c
    GROUP BY product_id
),
base AS (
    SELECT s.*, a.n, a.csat_n, a.satisfied, a.nps_n, a.promoters, a.detractors, i.sent, i.replied,
        -- A part with fewer than five answers does not count; the other then stands alone.
        CASE WHEN a.csat_n >= 5 THEN a.satisfied * 100.0 / a.csat_n END AS csat,
        CASE WHEN a.nps_n >= 5 THEN (a.promoters - a.detractors) * 100.0 / a.nps_n END AS nps,
        r.accepted, r.met, r.degraded, r.failed, r.unknown, r.met + r.degraded + r.failed AS checked,
        extract(epoch FROM %(now)s - w.since) AS span_seconds,
        coalesce(d.seconds, 0) AS down_seconds, coalesce(d.outages, 0) AS outages, coalesce(d.incidents, 0) AS incidents,
        coalesce(d.is_down, FALSE) AS is_down,
        EXISTS (SELECT 1 FROM delivery_alertsource x WHERE x.product_id = s.id AND x.created_at <= %(seen)s)
            OR EXISTS (SELECT 1 FROM delivery_incident x WHERE x.product_id = s.id AND x.started_at <= %(seen)s)
            OR EXISTS (SELECT 1 FROM delivery_check x WHERE x.product_id = s.id AND x.at <= %(seen)s) AS watched,
        v.met AS levels_met, v.breached, v.open_breached, v.undecided
    FROM subject s
    LEFT JOIN answer a ON a.product_id = s.id
    LEFT JOIN invited i ON i.product_id = s.id
    LEFT JOIN promise r ON r.product_id = s.id
    LEFT JOIN span w ON w.id = s.id
    LEFT JOIN downtime d ON d.product_id = s.id
    LEFT JOIN service v ON v.product_id = s.id
),
known AS (
    SELECT *,
        CASE
            WHEN csat IS NOT NULL AND nps IS NOT NULL THEN (csat + (nps + 100) / 2) / 2
            WHEN csat IS NOT NULL THEN csat
            WHEN nps IS NOT NULL THEN (nps + 100) / 2
        END AS satisfaction,
        met * 100.0 / nullif(checked, 0) AS conformance,
        CASE WHEN watched THEN 100 - down_seconds * 100 / nullif(span_seconds, 0) END AS availability,
        -- 100 is the whole error budget; without any budget the first second of downtime overdraws it.
        CASE
            WHEN availability_target < 100
                THEN down_seconds * 100 / nullif(span_seconds * (1 - availability_target / 100), 0)
            WHEN down_seconds > 0 THEN 1000
            ELSE 0
        END AS budget_spent,
        levels_met * 100.0 / nullif(levels_met + breached, 0) AS levels
    FROM base
)
SELECT k.id AS subject_id, f.kpi, CASE WHEN NOT k.retired THEN f.value END AS value, f.judged, f.target,
    NULL::text AS status,
    CASE WHEN k.retired THEN 'retired' WHEN f.value IS NULL THEN f.missing ELSE '' END AS reason, f.inputs
FROM known k
CROSS JOIN LATERAL (VALUES
    (
        'satisfaction', k.satisfaction, k.satisfaction, NULL::numeric,
        CASE WHEN coalesce(k.n, 0) = 0 THEN 'no_answers' ELSE 'few_answers' END,
        jsonb_build_object(
            'answers', coalesce(k.n, 0), 'csat_answers', coalesce(k.csat_n, 0), 'satisfied', coalesce(k.satisfied, 0),
            'csat', round(k.csat, 4), 'nps_answers', coalesce(k.nps_n, 0), 'promoters', coalesce(k.promoters, 0),
            'detractors', coalesce(k.detractors, 0), 'nps', round(k.nps, 4), 'invited', coalesce(k.sent, 0),
            'replied', coalesce(k.replied, 0), 'response_rate', round(k.replied * 100.0 / nullif(k.sent, 0), 4)
        )
    ),
    (
        'conformance', k.conformance, k.conformance, NULL,
        CASE WHEN coalesce(k.accepted, 0) = 0 THEN 'no_requirements' ELSE 'none_checked' END,
        jsonb_build_object(
            'accepted', coalesce(k.accepted, 0), 'met', coalesce(k.met, 0), 'degraded', coalesce(k.degraded, 0),
            'failed', coalesce(k.failed, 0), 'unknown', coalesce(k.unknown, 0)
        )
    ),
    (
        'availability', k.availability, k.budget_spent, k.availability_target,
        CASE WHEN k.span_seconds IS NULL THEN 'not_live' ELSE 'not_watched' END,
        jsonb_build_object(
            'days', round(k.span_seconds / 86400, 2), 'down_minutes', round(k.down_seconds / 60, 2),
            'outages', k.outages, 'incidents', k.incidents, 'is_down', k.is_down,
            'allowed_minutes', round(k.span_seconds / 60 * (1 - k.availability_target / 100), 2),
            'budget_spent', CASE WHEN k.watched THEN round(k.budget_spent, 4) END
        )
    ),
    (
        'service_levels', k.levels, k.levels, NULL,
        'nothing_decided',
        jsonb_build_object(
            'met', coalesce(k.levels_met, 0), 'breached', coalesce(k.breached, 0),
            'open_breached', coalesce(k.open_breached, 0), 'undecided', coalesce(k.undecided, 0)
        )
    )
) AS f(kpi, value, judged, target, missing, inputs)

"""Computes figures: one statement for any set of subjects, written where they changed and nowhere else.

Whoever computes holds a lock of that kind of subject until its transaction ends, so that a later computation always
saw a later state of the data: two workers at once can never put an old value over a new one. Figures that Python
computes (``registry.Computed``) have a lock and a queue of their own: nobody waits behind them.
"""

import datetime
import hashlib
import logging
from collections.abc import Iterable
from contextlib import contextmanager
from functools import cache

from django.db import connection, transaction
from django.utils import timezone

from pmdm.kpis import planned, registry
from pmdm.kpis.models import Computation

logger = logging.getLogger(__name__)

# First key of the advisory locks ("kpis" in a telephone's letters); the second is the kind of subject.
LOCK = 5747
# Subjects that Python computes in one transaction.
AT_ONCE = 200
# All subjects at once: seconds on a large site, so beyond what a page may take.
LONG = "90s"
# Up to so many subjects are computed by a plan that was made before: an edit dirties one.
FEW = 20

_STORE = """
    WITH computed AS (
        {computed}
    ),
    -- The limits of the code, where nobody has set others.
    defined AS (
        SELECT d.kpi, d.unit, d.higher, CASE WHEN t.id IS NULL THEN d.target ELSE t.target END AS target,
            coalesce(t.watch, d.watch) AS watch, coalesce(t.act, d.act) AS act
        FROM unnest(
            %(kpis)s::text[], %(units)s::text[], %(targets)s::numeric[], %(watch)s::numeric[], %(act)s::numeric[],
            %(higher)s::boolean[]
        ) AS d(kpi, unit, target, watch, act, higher)
        LEFT JOIN kpis_threshold t ON t.kpi = d.kpi
    ),
    figure AS (
        SELECT c.subject_id, c.kpi, c.value, d.unit, coalesce(c.target, d.target) AS target,
            CASE
                WHEN c.status IS NOT NULL THEN c.status
                WHEN c.value IS NULL OR c.judged IS NULL THEN 'na'
                WHEN d.higher THEN
                    CASE WHEN c.judged >= d.watch THEN 'ok' WHEN c.judged >= d.act THEN 'watch' ELSE 'act' END
                ELSE CASE WHEN c.judged <= d.watch THEN 'ok' WHEN c.judged <= d.act THEN 'watch' ELSE 'act' END
            END AS status,
            coalesce(c.reason, '') AS reason, c.inputs
        FROM computed c JOIN defined d ON d.kpi = c.kpi
    )
    {write}
"""

# What did not change is not written, not even locked: no dead rows, and as_of says since when it stands.
_VALUES = _STORE.replace(
    "{write}",
    """
    INSERT INTO kpis_value AS v (subject_type, subject_id, kpi, value, unit, target, status, reason, inputs, as_of)
    SELECT %(subject_type)s, f.subject_id, f.kpi, f.value, f.unit, f.target, f.status, f.reason, f.inputs, %(now)s
    FROM figure f
    LEFT JOIN kpis_value o
        ON o.subject_type = %(subject_type)s AND o.subject_id = f.subject_id AND o.kpi = f.kpi
    WHERE o.id IS NULL
        OR (o.value, o.target, o.status, o.reason, o.unit, o.inputs)
            IS DISTINCT FROM (f.value, f.target, f.status, f.reason, f.unit, f.inputs)
    ON CONFLICT (subject_type, subject_id, kpi) DO UPDATE SET
        value = excluded.value, unit = excluded.unit, target = excluded.target, status = excluded.status,
        reason = excluded.reason, inputs = excluded.inputs, as_of = excluded.as_of
    """,
)

_SNAPSHOTS = _STORE.replace(
    "{write}",
    """
    INSERT INTO kpis_snapshot (subject_type, subject_id, kpi, value, unit, target, status, reason, inputs, day)
    SELECT %(subject_type)s, f.subject_id, f.kpi, f.value, f.unit, f.target, f.status, f.reason, f.inputs, %(today)s
    FROM figure f
    ON CONFLICT (subject_type, subject_id, kpi, day) DO NOTHING
    """,
)


def recompute(subject_type: str, ids: Iterable[int] | None = None, *, as_of: datetime.datetime | None = None) -> int:
    """Compute the figures of these subjects and store what changed; the number of values written.

    None: of all subjects, what changes by the clock alone (``recompute_computed`` has the others).
    """
    chosen = None if ids is None else sorted(set(ids))
    if chosen == []:
        return 0
    with transaction.atomic():
        _lock(subject_type)
        # Only now: while this waited for the lock, time went on and records were made.
        now = as_of or timezone.now()
        written = _compute(subject_type, chosen, now, seen=as_of)
        if chosen is None:
            Computation.objects.update_or_create(subject_type=subject_type, defaults={"at": now})
    return written if chosen is None else written + recompute_computed(subject_type, chosen, as_of=as_of)


def recompute_computed(
    subject_type: str, ids: Iterable[int] | None = None, *, as_of: datetime.datetime | None = None
) -> int:
    """Compute the figures that Python computes, of these subjects or of all; the number of values written."""
    statements = registry.statements(subject_type, computed=True)
    chosen = None if ids is None else sorted(set(ids))
    if chosen == [] or not statements:
        return 0
    with transaction.atomic():
        _lock(_slow(subject_type))
        now = as_of or timezone.now()
        with _room_for(chosen):
            return sum(_run(_VALUES, one, subject_type, chosen, now, seen=as_of) for one in statements)


def _slow(subject_type: str) -> str:
    """The name of the queue and of the lock of what Python computes."""
    return f"{subject_type}:slow"


def _compute(subject_type: str, chosen: list[int] | None, now: datetime.datetime, *, seen=None) -> int:
    """The same under the lock, in the caller's transaction."""
    with _room_for(chosen):
        _remove_orphans(subject_type, chosen)
        return sum(
            _run(_VALUES, statement, subject_type, chosen, now, seen=seen)
            for statement in registry.statements(subject_type, computed=False)
        )


def recompute_by_the_clock(*, as_of: datetime.datetime | None = None) -> int:
    """What changes by the clock alone, without any change to a record: forecasts, open incidents, breaches."""
    return sum(recompute(kind.key, as_of=as_of) for kind in registry.subject_types())


def recompute_all(*, as_of: datetime.datetime | None = None) -> int:
    """Every figure of every subject."""
    computed = sum(recompute_computed(kind.key, as_of=as_of) for kind in registry.subject_types())
    return recompute_by_the_clock(as_of=as_of) + computed


def recompute_dirty(*, limit: int = 5000) -> int:
    """Compute what changed since the last time; the number of subjects computed.

    Marks are taken and figures written in one transaction: a worker that dies leaves both as they were. Another
    worker at the same time takes other marks, or none.
    """
    computed, marks = 0, limit
    while marks == limit:  # With fewer there was nothing left; a mark made since wakes a worker of its own.
        subjects, marks = _claim_and_recompute(limit)
        computed += subjects
    return computed


def recompute_dirty_computed(*, at_once: int = AT_ONCE) -> int:
    """The same for what Python computes, behind all others: each changed subject once, however often it changed."""
    done = 0
    for kind in registry.subject_types():
        queue = _slow(kind.key)
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCK, queue])
                if not cursor.fetchone()[0]:
                    return done
                cursor.execute(
                    """
                    WITH chosen AS (
                        SELECT DISTINCT subject_id FROM kpis_dirty WHERE subject_type = %s ORDER BY 1 LIMIT %s
                    )
                    DELETE FROM kpis_dirty d USING chosen c
                    WHERE d.subject_type = %s AND d.subject_id = c.subject_id RETURNING d.subject_id
                    """,
                    [queue, at_once, queue],
                )
                ids = {row[0] for row in cursor.fetchall()}
                recompute_computed(kind.key, ids)
            done += len(ids)
            if len(ids) < at_once:
                break
    return done


def _claim_and_recompute(limit: int) -> tuple[int, int]:
    """How many subjects were computed, and for how many marks."""
    with transaction.atomic(), connection.cursor() as cursor:
        known = {kind.key for kind in registry.subject_types()}
        # Locks before marks: whoever waits here would hold marks that the other could have computed.
        cursor.execute(
            f"SELECT bool_and(pg_try_advisory_xact_lock(%s, hashtext(kind))), {planned.use_general_plans()}"  # noqa: S608
            " FROM unnest(%s::text[]) kind",
            [LOCK, sorted(known)],
        )
        if not cursor.fetchone()[0]:
            return 0, 0  # Somebody computes; the marks stay and the beat asks again within seconds.
        now = timezone.now()
        cursor.execute(
            """
            WITH claimed AS (
                DELETE FROM kpis_dirty
                WHERE id IN (
                    SELECT id FROM kpis_dirty WHERE subject_type NOT LIKE '%%:slow'
                    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
                )
                RETURNING subject_type, subject_id
            )
            SELECT subject_type, array_agg(DISTINCT subject_id), count(*) FROM claimed GROUP BY subject_type
            """,
            [limit],
        )
        claimed = cursor.fetchall()
        for subject_type, ids, _count in claimed:
            if subject_type in known:
                _compute(subject_type, sorted(ids), now)
                if registry.statements(subject_type, computed=True):
                    _hand_on(cursor, subject_type, ids)
    return sum(len(ids) for _type, ids, _count in claimed), sum(count for _type, _ids, count in claimed)


def _hand_on(cursor, subject_type: str, ids: list[int]) -> None:
    """What Python computes of them comes later."""
    cursor.execute(
        "INSERT INTO kpis_dirty (subject_type, subject_id, at) SELECT %s, id, now() FROM unnest(%s::bigint[]) id",
        [_slow(subject_type), ids],
    )


def mark_all_dirty() -> None:
    """Have every figure computed again soon: thresholds changed."""
    with connection.cursor() as cursor:
        for kind in registry.subject_types():
            cursor.execute(
                "INSERT INTO kpis_dirty (subject_type, subject_id, at)"  # noqa: S608 - the table is named in code
                f" SELECT %s, id, now() FROM {connection.ops.quote_name(kind.table)}",
                [kind.key],
            )


def snapshot(day: datetime.date | None = None, *, as_of: datetime.datetime | None = None) -> int:
    """Compute everything, then keep the day's values for good; a second call for a day adds nothing."""
    now = as_of or timezone.now()
    day = day or now.date()
    with transaction.atomic():
        recompute_all(as_of=now)
        with _room_for(None), connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO kpis_snapshot
                    (subject_type, subject_id, kpi, value, unit, target, status, reason, inputs, day)
                SELECT subject_type, subject_id, kpi, value, unit, target, status, reason, inputs, %s FROM kpis_value
                ON CONFLICT (subject_type, subject_id, kpi, day) DO NOTHING
                """,
                [day],
            )
            return cursor.rowcount


def backfill(day: datetime.date, *, ids: dict[str, list[int]] | None = None) -> int:
    """Write the snapshot of a past day from what the records say about its end; current values stay untouched.

    Only for imports and the demo: progress in percent is known as it is now, dated events as they were.
    """
    now = datetime.datetime.combine(day, datetime.time(23, 59, 59), datetime.UTC)
    written = 0
    with transaction.atomic():
        for kind in registry.subject_types():
            chosen = None if ids is None else sorted(set(ids.get(kind.key, ())))
            if chosen == []:
                continue
            with _room_for(chosen):
                for statement in registry.statements(kind.key):
                    written += _run(_SNAPSHOTS, statement, kind.key, chosen, now, seen=now, past=True)
    return written


def _run(
    write: str, statement: registry.Statement, subject_type: str, ids: list[int] | None, now, *, seen, past=False
) -> int:
    """One statement of figures, for these subjects or all, written as ``write`` says."""
    values = {"ids": ids, "now": now, "today": now.date(), "seen": seen or "infinity"}
    computed = isinstance(statement, registry.Computed)
    if write == _VALUES and ids is not None and len(ids) <= FEW and not computed:
        name, sql, fixed = _prepared(statement, subject_type)
        return planned.run(name, sql, TYPES, fixed, values)
    sql = write.replace("{computed}", statement.for_(ids is not None))
    with connection.cursor() as cursor:
        cursor.execute(sql, {**_fixed(statement, subject_type), **values, **statement.parameters(ids, now, past=past)})
        return cursor.rowcount


TYPES = {"ids": "bigint[]", "now": "timestamptz", "today": "date", "seen": "timestamptz"}


@cache
def _prepared(statement: registry.Statement, subject_type: str) -> tuple[str, str, dict]:
    """The statement for few subjects: its name, its text, and what is the same each time."""
    fixed = _fixed(statement, subject_type)
    sql = _VALUES.replace("{computed}", statement.for_(True))
    # By its content: a connection may be older than what was registered, in tests.
    mark = hashlib.sha256(f"{sql}{fixed}".encode()).hexdigest()[:12]
    return f"figures_{statement.name}_{mark}", sql, fixed


def _fixed(statement: registry.Statement, subject_type: str) -> dict:
    kpis = [kpi for kpi in registry.of(subject_type) if kpi.statement == statement]
    return {
        "subject_type": subject_type,
        "kpis": [kpi.code for kpi in kpis],
        "units": [kpi.unit for kpi in kpis],
        "targets": [kpi.target for kpi in kpis],
        "watch": [kpi.watch for kpi in kpis],
        "act": [kpi.act for kpi in kpis],
        "higher": [kpi.higher_is_better for kpi in kpis],
    }


def _remove_orphans(subject_type: str, ids: list[int] | None) -> None:
    """Values of subjects that are gone."""
    table = connection.ops.quote_name(registry.subject_type(subject_type).table)
    sql = f"""
        DELETE FROM kpis_value v WHERE v.subject_type = %(subject_type)s
        AND {"v.subject_id = ANY(%(ids)s)" if ids is not None else "TRUE"}
        AND NOT EXISTS (SELECT 1 FROM {table} s WHERE s.id = v.subject_id)
    """  # noqa: S608 - the table's name comes from code
    kind = {"subject_type": subject_type}
    if ids is not None and len(ids) <= FEW:
        planned.run(f"orphans_{subject_type}", sql, {"ids": TYPES["ids"]}, kind, {"ids": ids})
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, {**kind, "ids": ids})


def _lock(subject_type: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_advisory_xact_lock(%s, hashtext(%s)), {planned.use_general_plans()}",
            [LOCK, subject_type],
        )


# All subjects at once: long enough, hash tables in memory, and no compiling of a plan that runs once an hour.
ROOM = {"statement_timeout": LONG, "work_mem": "96MB", "jit": "off"}


@contextmanager
def _room_for(ids: list[int] | None):
    """Give a statement over all subjects more room than a page's; the transaction's own settings are put back."""
    if ids is not None:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM unnest(%s::text[]) name", [list(ROOM)])
        before = cursor.fetchall()
        _set(cursor, ROOM.items())
        yield
        _set(cursor, before)


def _set(cursor, settings) -> None:
    for name, value in settings:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])

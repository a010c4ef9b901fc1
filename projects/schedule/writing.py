"""The difference between a plan in memory and the database, found and written set by set."""

import json
from typing import TYPE_CHECKING

from django.db import connection

from projects.schedule import journal
from projects.schedule.models import Assignment, Link, Resource, Task
from projects.schedule.rows import COLUMNS, EXTRA, Row

if TYPE_CHECKING:
    from projects.schedule.plan import Outcome, Plan


def differing_links(plan: "Plan") -> dict:
    """(before, after) of each link that came, went or changed."""
    old, new = plan.stored_links, plan.ties
    if old == new:
        return {}
    return {pair: (old.get(pair), new.get(pair)) for pair in {**old, **new} if old.get(pair) != new.get(pair)}


def differing_people(plan: "Plan") -> dict:
    if "people" not in plan.__dict__:  # never asked for, so never changed
        return {}
    gone = {row.id for row in plan.removed}
    old, new = plan.stored_people, plan.people
    return {
        task: (old.get(task, {}), new.get(task, {}))
        for task in {**old, **new}
        if task not in gone and old.get(task, {}) != new.get(task, {})
    }


def write(plan: "Plan", outcome: "Outcome") -> None:
    """Everything in which the outcome differs from the database."""
    if outcome.removed:
        outcome.kept = keepsakes(plan, outcome.removed)
        Task.objects.filter(pk__in=[row.id for row in outcome.removed]).delete()
    if outcome.added:
        _insert(plan, outcome.added)
    if outcome.changed:
        _update([row for row in outcome.changed if row.values != row.stored])
        with_extra = [row for row in outcome.changed if row.extra]
        if with_extra:
            there = stored_extra(with_extra)
            outcome.extra = {
                row.id: {
                    name: there[row.id][name]
                    for name, value in (row.extra or {}).items()
                    if there[row.id][name] != value
                }
                for row in with_extra
            }
            _update_extra([row for row in with_extra if outcome.extra[row.id]])
    if outcome.links:
        _write_links(plan, outcome)
    if outcome.people:
        _write_people(plan, outcome)


def log(plan: "Plan", outcome: "Outcome", *, reload: bool) -> int:
    """The plan's next revision, with what open pages have to fetch."""
    uids = {row.id: row.uid for row in (*plan.rows, *outcome.removed)} if outcome.links or outcome.people else {}
    changed = {row.uid for row in (*outcome.changed, *outcome.added)}
    changed |= {uids[task] for task in outcome.people if task in uids}
    changed |= {uids[pair[1]] for pair in outcome.links if pair[1] in uids}
    if outcome.broken != plan.was_broken:
        before = {tuple(one) for one in plan.was_broken}
        now = {tuple(one) for one in outcome.broken}
        changed |= {one[1] for one in before ^ now}
    gone = [row.uid for row in outcome.removed]
    if reload:  # tasks came past the verbs, by an import: steps of the plan before make no sense any more
        journal.PlanStep.objects.filter(project=plan.project).delete()
    return journal.record(
        plan.project,
        by=plan.by,
        broken=outcome.broken,
        reload=reload,
        sentence=outcome.moved.sentence,
        changed=sorted(changed - set(gone)),
        removed=gone,
        relinked=sorted({uids[pair[1]] for pair in outcome.links if pair[1] in uids} - set(gone)),
        unlinked=[
            [uids[before], uids[after]]
            for (before, after), (_old, new) in outcome.links.items()
            if new is None and before in uids and after in uids
        ],
        reordered=outcome.reordered,
    )


def stored_extra(rows: list[Row]) -> dict[int, dict]:
    """Notes, cost and work of these tasks as the database has them."""
    if not rows:
        return {}
    found = Task.objects.filter(pk__in=[row.id for row in rows]).values_list("pk", *EXTRA)
    return {pk: dict(zip(EXTRA, values, strict=True)) for pk, *values in found}


def keepsakes(plan: "Plan", rows: list[Row]) -> list[dict]:
    """Removed tasks as JSON, with what goes with them and would be missed if they come back."""
    ids = [row.id for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT task.id, to_jsonb(task), hung.baselines, hung.assignments, hung.booked FROM projects_task task,
            LATERAL (SELECT
                (SELECT jsonb_agg(to_jsonb(b)) FROM projects_baselinetask b WHERE b.task_id = task.id) AS baselines,
                (SELECT jsonb_agg(to_jsonb(a)) FROM projects_assignment a WHERE a.task_id = task.id) AS assignments,
                (SELECT jsonb_agg(t.id) FROM projects_timeentry t WHERE t.task_id = task.id) AS booked
            ) hung
            WHERE task.id = ANY(%s) ORDER BY task.number
            """,
            [ids],
        )
        found = cursor.fetchall()
    return [
        {
            "row": {name: value for name, value in _loaded(row).items() if name in COLUMNS},
            "extra": {name: value for name, value in _loaded(row).items() if name in EXTRA},
            "baselines": _loaded(baselines) or [],
            "assignments": _loaded(assignments) or [],
            "booked": _loaded(booked) or [],
        }
        for _id, row, baselines, assignments, booked in found
    ]


def give_back(plan: "Plan", kept: list[dict]) -> None:
    """What hung on removed tasks, once they are back: rows of baselines that still exist, people, booked time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects_baselinetask SELECT old.* FROM"
            " jsonb_populate_recordset(NULL::projects_baselinetask, %s::jsonb) old"
            " JOIN projects_baseline baseline ON baseline.id = old.baseline_id"
            # Where baselines keep the rows of removed tasks, they are there already.
            " WHERE NOT EXISTS (SELECT 1 FROM projects_baselinetask there WHERE there.id = old.id)"
            " ON CONFLICT DO NOTHING",
            [json.dumps([row for one in kept for row in one["baselines"]])],
        )
        cursor.execute(
            "INSERT INTO projects_assignment SELECT old.* FROM"
            " jsonb_populate_recordset(NULL::projects_assignment, %s::jsonb) old"
            " JOIN projects_resource resource ON resource.id = old.resource_id ON CONFLICT DO NOTHING",
            [json.dumps([row for one in kept for row in one["assignments"]])],
        )
        booked = [(entry, one["row"]["id"]) for one in kept for entry in one["booked"]]
        if booked:
            cursor.execute(
                "UPDATE projects_timeentry AS entry SET task_id = old.task FROM unnest(%s::bigint[], %s::bigint[])"
                " AS old (entry, task) WHERE entry.id = old.entry AND entry.task_id IS NULL",
                [list(column) for column in zip(*booked, strict=True)],
            )


def _loaded(value):
    return json.loads(value) if isinstance(value, str) else value


def new_ids(count: int) -> list[int]:
    """Ids for tasks that are about to be inserted, so that parents and links can name them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('projects_task', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def new_resources(plan: "Plan") -> dict[int, int]:
    """Insert the people who became resources of the plan with this change; their ids by the passing ones."""
    fresh = {key: row for key, row in plan.resources.items() if key < 0}
    if not fresh:
        return {}
    Resource.objects.bulk_create(fresh.values())
    for key, row in fresh.items():
        del plan.resources[key]
        plan.resources[row.pk] = row
    return {key: row.pk for key, row in fresh.items()}


def _insert(plan: "Plan", rows: list[Row]) -> None:
    columns = [name for name in COLUMNS if name != "id"]
    Task.objects.bulk_create(
        [
            Task(
                pk=row.id,
                project_id=plan.project.pk,
                **{name: getattr(row, name) for name in columns},
                **(row.extra or {}),
            )
            for row in rows
        ],
        batch_size=1000,
    )


def _update(rows: list[Row]) -> None:
    if not rows:
        return
    # Only columns in which something changed: a plan that slips sends its dates and nothing else.
    before = zip(*[row.stored for row in rows], strict=True)  # type: ignore[arg-type]
    after = zip(*[row.values for row in rows], strict=True)
    sent = {name: list(new) for name, old, new in zip(COLUMNS, before, after, strict=True) if old != new}
    if "splits" in sent:
        sent["splits"] = [json.dumps(splits) for splits in sent["splits"]]
    _update_columns([row.id for row in rows], sent, COLUMNS)


def _update_extra(rows: list[Row]) -> None:
    by_columns: dict[tuple, list[Row]] = {}
    for row in rows:
        by_columns.setdefault(tuple(sorted(row.extra or ())), []).append(row)
    for names, members in by_columns.items():
        sent = {name: [(row.extra or {})[name] for row in members] for name in names}
        _update_columns([row.id for row in members], sent, EXTRA)


def _update_columns(ids: list[int], sent: dict[str, list], types: dict[str, str]) -> None:
    assignments = ", ".join(f'"{name}" = new."{name}"' for name in sent)
    names = ", ".join(f'"{name}"' for name in ("id", *sent))
    arrays = ", ".join(
        f"%s::{kind}[]" for kind in ("bigint", *("text" if name == "splits" else types[name] for name in sent))
    )
    if "splits" in sent:
        assignments = assignments.replace('new."splits"', 'new."splits"::jsonb')
    with connection.cursor() as cursor:
        # Names come from the tables of columns, never from outside.
        cursor.execute(
            f"UPDATE projects_task AS task SET {assignments} FROM unnest({arrays}) AS new ({names})"  # noqa: S608
            " WHERE task.id = new.id",
            [ids, *sent.values()],
        )


def _write_links(plan: "Plan", outcome: "Outcome") -> None:
    gone = {row.id for row in outcome.removed}
    dropped, fresh, changed = [], [], []
    for pair, (old, new) in outcome.links.items():
        if new is None:
            if gone.isdisjoint(pair):
                dropped.append(plan.link_ids[pair])
            continue
        link = Link(
            project_id=plan.project.pk, predecessor_id=pair[0], successor_id=pair[1],
            type=new[0], lag=new[1], lag_unit=new[2],
        )  # fmt: skip
        if old is None:
            fresh.append(link)
        else:
            link.pk = plan.link_ids[pair]
            changed.append(link)
    if dropped:
        Link.objects.filter(pk__in=dropped).delete()
    if fresh:
        Link.objects.bulk_create(fresh, batch_size=2000)
    if changed:
        Link.objects.bulk_update(changed, ["type", "lag", "lag_unit"], batch_size=1000)


def _write_people(plan: "Plan", outcome: "Outcome") -> None:
    dropped, fresh, changed = [], [], []
    for task, (old, new) in outcome.people.items():
        dropped += [(task, key) for key in old if key not in new]
        fresh += [(task, key, units) for key, units in new.items() if key not in old]
        changed += [(task, key, units) for key, units in new.items() if key in old and old[key] != units]
    with connection.cursor() as cursor:
        if dropped:
            cursor.execute(
                "DELETE FROM projects_assignment USING unnest(%s::bigint[], %s::bigint[]) AS gone (task, resource)"
                " WHERE task_id = gone.task AND resource_id = gone.resource",
                [[task for task, _key in dropped], [key for _task, key in dropped]],
            )
        if changed:
            cursor.execute(
                "UPDATE projects_assignment AS one SET units = new.units"
                " FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) AS new (task, resource, units)"
                " WHERE one.task_id = new.task AND one.resource_id = new.resource",
                [list(column) for column in zip(*changed, strict=True)],
            )
    if fresh:
        Assignment.objects.bulk_create(
            [
                Assignment(project_id=plan.project.pk, task_id=task, resource_id=key, units=units)
                for task, key, units in fresh
            ],
            batch_size=2000,
        )

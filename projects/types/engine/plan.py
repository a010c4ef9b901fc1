"""The tasks that a template makes: a summary for each phase, its tasks, a milestone for its gate, and all links.

What begins in a phase waits for the gate before it, so the plan itself has no path around a gate.
"""

from dataclasses import dataclass, field, replace

from .template import Task, Template, parse_after


@dataclass(frozen=True)
class PlannedTask:
    """A row of the plan in outline order. ``days`` None: a summary. ``not_before``: working days from project start."""

    key: str
    name: str
    parent: str = ""
    days: int | None = None
    not_before: int | None = None
    role: str = ""
    # (key, type, lag in working days)
    after: tuple[tuple[str, str, int], ...] = field(default_factory=tuple)
    gate_of: str = ""  # the phase whose gate this milestone is


def phase_key(key: str) -> str:
    return f"phase:{key}"


def gate_key(key: str) -> str:
    return f"gate:{key}"


def planned_tasks(template: Template, gate_name: str = "Gate: {name}") -> list[PlannedTask]:
    """All rows. The template has no ``problems``."""
    gates_before = _gates_before(template)
    last_execution = [phase.key for phase in template.phases if phase.kind == "execution"][-1]
    of_phase: dict[str, list[Task]] = {phase.key: [] for phase in template.phases}
    for task in template.tasks:
        of_phase[task.phase].append(task)
    rows: list[PlannedTask] = []
    loose: list[str] = []  # tasks of monitoring that nothing waits for: they end with execution
    gates: dict[str, PlannedTask] = {}
    for phase in template.phases:
        tasks = of_phase[phase.key]
        if phase.kind != "monitoring" or tasks:
            rows.append(PlannedTask(phase_key(phase.key), phase.name))
        # What somebody waits for to finish is finished before whatever comes last.
        waited_for = {key for task in tasks for key, kind, lag in parse_after(task.after) if kind == "FS" and lag >= 0}
        before = gates_before[phase.key]
        rows += [_task(task, before, {one.key for one in tasks}) for task in tasks]
        ends = [task.key for task in tasks if task.key not in waited_for]
        if phase.kind == "monitoring":
            loose = ends
            continue
        after = [(key, "FS", 0) for key in ends]
        if not ends and before:
            after = [(gate_key(before), "FS", 0)]
        gate = PlannedTask(
            gate_key(phase.key),
            gate_name.format(name=phase.name),
            parent=phase_key(phase.key),
            days=0,
            after=tuple(after),
            gate_of=phase.key,
        )
        gates[phase.key] = gate
        rows.append(gate)
    if loose:
        gate = gates[last_execution]
        rows[rows.index(gate)] = replace(gate, after=(*gate.after, *((key, "FS", 0) for key in loose)))
    return rows


def _gates_before(template: Template) -> dict[str, str]:
    """For each phase the one whose gate it waits for; '' for the first. Monitoring begins with execution."""
    before: dict[str, str] = {}
    last = ""
    for phase in template.phases:
        before[phase.key] = last
        if phase.kind != "monitoring":
            last = phase.key
    first = next((phase.key for phase in template.phases if phase.kind == "execution"), "")
    for phase in template.phases:
        if phase.kind == "monitoring":
            before[phase.key] = before.get(first, "")
    return before


def _task(task: Task, gate_before: str, same_phase: set[str]) -> PlannedTask:
    after = parse_after(task.after)
    # Only these hold its start back to that of a task which itself waits for the gate.
    inside = any(key in same_phase and kind in ("FS", "SS") and lag >= 0 for key, kind, lag in after)
    from_project = task.anchor == "project"
    if gate_before and (not inside or (task.offset and not from_project)):
        after.append((gate_key(gate_before), "FS", 0 if from_project else task.offset))
    not_before = task.offset if task.offset and (from_project or not gate_before) else None
    return PlannedTask(
        task.key,
        task.name.strip(),
        parent=phase_key(task.phase),
        days=task.days,
        not_before=not_before,
        role=task.role,
        after=tuple(after),
    )

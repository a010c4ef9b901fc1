"""The money of a project beyond its lines: where they stand in the plan, over which months they go."""

from projects.budget import verbs as money
from projects.budget.engine import scale
from projects.budget.phasing import phased

# Category of the line -> the task or summary it pays for.
PLACES = {
    "services": "Integrations",
    "licences": "Environments and pipelines",
    "material": "Build",
    "travel": "Rollout",
}


def place_lines(project, *, by) -> None:
    """Put lines on the plan: two go over the dates of their task, the hardware is paid in the first months of its."""
    tasks = {task.name: task for task in project.tasks.filter(name__in=PLACES.values(), project=project)}
    for line in project.budget_lines.select_related("task").order_by("number"):
        task = tasks.get(PLACES.get(line.category, ""))
        if task is None:
            continue
        money.change_line(line, by=by, task=task, spread="task")
        if line.category == "material":
            months = phased(project, [line]).lines[0].months
            # Bought early: the first half of the months carries all of it.
            early = dict(sorted(months.items())[: max(1, (len(months) + 1) // 2)])
            if any(early.values()):
                money.change_line(line, by=by, spread="months", months=scale(early, line.planned))
